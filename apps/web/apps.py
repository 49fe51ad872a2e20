"""Django's entry for this app."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """The app as Django knows it."""

    name = "apps.web"
    label = "web"

    def ready(self) -> None:
        """Connect what follows a sign-in."""
        from apps.web import sign_in  # noqa: F401
