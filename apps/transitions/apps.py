"""Django's entry for this app."""

from django.apps import AppConfig


class TransitionsConfig(AppConfig):
    """The app as Django knows it."""

    name = "apps.transitions"
    label = "transitions"
