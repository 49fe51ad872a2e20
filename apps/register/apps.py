"""Django's entry for this app."""

from django.apps import AppConfig


class RegisterConfig(AppConfig):
    """The app as Django knows it."""

    name = "apps.register"
    label = "register"
