"""Django's entry for this app."""

from django.apps import AppConfig


class LivesConfig(AppConfig):
    """The app as Django knows it."""

    name = "apps.lives"
    label = "lives"
