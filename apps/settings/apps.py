"""Django's entry for this app."""

from django.apps import AppConfig


class SettingsConfig(AppConfig):
    """Education settings; the label keeps it apart from Django's own settings."""

    name = "apps.settings"
    label = "education_settings"
