"""Django's entry for this app."""

from django.apps import AppConfig


class FrameworkConfig(AppConfig):
    """The app as Django knows it."""

    name = "apps.framework"
    label = "framework"
