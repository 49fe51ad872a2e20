"""The Django project: settings, URLs, Celery, and the servers that a demo or test run starts."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
