"""Django's entry for this app."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """The app as Django knows it."""

    name = "apps.jobs"
    label = "jobs"
