"""Django's entry for this app."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """The app as Django knows it."""

    name = "apps.documents"
    label = "documents"
