"""Django's entry for this app."""

from django.apps import AppConfig


class RightsConfig(AppConfig):
    """The app as Django knows it."""

    name = "apps.rights"
    label = "rights"
