"""Django's entry for this app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """The app as Django knows it."""

    name = "apps.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Connect what happens when somebody sets up a second factor."""
        from apps.accounts import second_factor  # noqa: F401
