"""Settings for the tests: the same, with quick passwords and static files as they lie.

A connection logs in as the owner and starts in the app's role. So row-level security is on, and a
factory can step aside to the owner inside the same transaction (`tests.support.database`).
"""

from __future__ import annotations

import os
from pathlib import Path

from tests.support import servers

if "LEARNER_RECORD_STATE" not in os.environ:
    os.environ["LEARNER_RECORD_STATE"] = str(servers.free_folder())

from config.settings import *  # noqa: F403
from config.settings import CACHES, DATABASE_ROLES, DATABASES, REST_FRAMEWORK, STATE, STORAGES

# Each of the runner's workers has a database, a queue and cache keys of its own; a server or
# Celery worker that a test starts shares those of the test.
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
DATABASES["owner"]["NAME"] = os.environ.get("LEARNER_RECORD_TEST_DATABASE", f"test_{WORKER}")
APP_LOGIN = DATABASES["default"]
DATABASES["default"] = {
    **DATABASES["owner"],
    "OPTIONS": {**APP_LOGIN["OPTIONS"], "options": f"-c role={DATABASE_ROLES['app']}"},
}
CELERY_TASK_DEFAULT_QUEUE = f"test_{WORKER}"
CACHES["default"]["KEY_PREFIX"] = f"test_{WORKER}"

DOCUMENTS_FOLDER = STATE / f"documents_{WORKER}"
CLOCK_MAY_SHIFT = True
# Signing in has tests of its own; the others are signed in as far as their subject needs.
SECOND_FACTOR_REQUIRED = False
ACCOUNT_RATE_LIMITS = False
REST_FRAMEWORK = {**REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": {"client": None}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Whatever the finders find, collected or not.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
# A worker that a test starts sends where the test can look.
EMAIL_BACKEND = os.environ.get(
    "TEST_EMAIL_BACKEND", "django.core.mail.backends.locmem.EmailBackend"
)
EMAIL_FILE_PATH = Path(os.environ.get("TEST_MAIL", ""))
SMS_BACKEND = "tests.support.mail.KeptSms"
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = False
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True
