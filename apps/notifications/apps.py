"""Django's entry for this app."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """The app as Django knows it."""

    name = "apps.notifications"
    label = "notifications"
