"""Django's entry for this app."""

from django.apps import AppConfig


class PartnershipsConfig(AppConfig):
    """The app as Django knows it."""

    name = "apps.partnerships"
    label = "partnerships"
