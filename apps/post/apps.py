"""Django's entry for this app."""

from django.apps import AppConfig


class PostConfig(AppConfig):
    """The app as Django knows it."""

    name = "apps.post"
    label = "post"
