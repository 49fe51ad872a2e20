"""Django's entry for this app."""

from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    """The app as Django knows it."""

    name = "apps.reviews"
    label = "reviews"

    def ready(self) -> None:
        """Say which long work the worker does for reviews."""
        from apps.reviews import long_work

        long_work.register()
