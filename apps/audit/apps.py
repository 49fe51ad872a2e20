"""Django's entry for this app."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The app as Django knows it."""

    name = "apps.audit"
    label = "audit"
