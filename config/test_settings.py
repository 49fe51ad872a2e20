"""Settings for the tests: the same, with quick passwords and static files as they lie.

The connection logs in as a role of the tests that starts every connection as the app's role. So
row-level security is on, and a factory can step aside to the owner inside the same transaction.
"""

from __future__ import annotations

import os

from config.embedded import state_folder

# Before the settings are read: the tests keep their data apart from the demo's.
os.environ.setdefault("LEARNER_RECORD_STATE", f"{state_folder()}-t")

from config.settings import *  # noqa: E402, F403
from config.settings import DATABASES, DEMO, STORAGES  # noqa: E402

CLOCK_MAY_SHIFT = True
if DEMO:
    DATABASES["default"]["USER"] = "learner_record_tests"
DATABASES["default"]["OPTIONS"] = {"options": "-c role=learner_record_app"}
DATABASES["default"]["CONN_MAX_AGE"] = 0
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = False
