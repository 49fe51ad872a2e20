"""Django's entry for this app."""

from django.apps import AppConfig


class CommonConfig(AppConfig):
    """The app as Django knows it."""

    name = "apps.common"
    label = "common"
