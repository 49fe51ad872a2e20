"""Django's entry for this app."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """The app as Django knows it."""

    name = "apps.web"
    label = "web"
