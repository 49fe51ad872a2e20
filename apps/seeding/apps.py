"""Django's entry for this app."""

from django.apps import AppConfig


class SeedingConfig(AppConfig):
    """The app as Django knows it."""

    name = "apps.seeding"
    label = "seeding"
