"""Django's entry for this app."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The app as Django knows it."""

    name = "apps.api"
    label = "api"
