"""Django's entry for this app."""

from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    """The app as Django knows it."""

    name = "apps.reviews"
    label = "reviews"

    def ready(self) -> None:
        """Say which long work the worker does for reviews, and whether somebody is still asked."""
        from apps.post import still
        from apps.reviews import asking, long_work

        long_work.register()
        still.register(("views asked for", "views asked for soon"), asking.still_asked)
