"""Django's entry for this app."""

from django.apps import AppConfig


class LearnersConfig(AppConfig):
    """The app as Django knows it."""

    name = "apps.learners"
    label = "learners"
