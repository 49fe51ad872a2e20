"""Django's entry for this app."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """The app as Django knows it."""

    name = "apps.access"
    label = "access"
