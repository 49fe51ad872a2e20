"""Django's settings, read from top to bottom.

Two ways to run. With DATABASE_URL and BROKER_URL set, those servers are used and nothing is
assumed (docs/running.md). With neither, this is the demo: servers from wheels, see
`config/embedded.py`.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path
from typing import Any

import csp.constants
from django.core.exceptions import ImproperlyConfigured

from config import embedded, env, logs

BASE_DIR = Path(__file__).resolve().parent.parent

# --- Where we run -------------------------------------------------------------------------------

EMBEDDED = not os.environ.get("DATABASE_URL")
if (not os.environ.get("BROKER_URL")) != EMBEDDED:
    raise ImproperlyConfigured("Set DATABASE_URL and BROKER_URL together, or neither for the demo.")
DEMO = EMBEDDED
DEBUG = False
# The demo and the tests may shift today's date by a row that every process reads.
CLOCK_MAY_SHIFT = DEMO

STATE = embedded.state_folder()


def _demo_secret() -> str:
    """A secret made once for this checkout, so that a restart signs nobody out."""
    path = STATE / "secret"
    if not path.exists():
        STATE.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_text(secrets.token_urlsafe(50))
        path.chmod(0o600)
    return path.read_text()


SECRET_KEY = _demo_secret() if DEMO else env.text("SECRET_KEY")
SECRET_KEY_FALLBACKS = [k for k in os.environ.get("SECRET_KEY_FALLBACKS", "").split(",") if k]
# Signs how far the audit's chain has come; 32 bytes in hexadecimal, kept from the database. The
# worker's alone, which does not start without it, and whoever verifies: the web server has none.
if DEMO:
    AUDIT_SIGNING_KEY = hashlib.sha256(f"audit {SECRET_KEY}".encode()).hexdigest()
elif "AUDIT_SIGNING_KEY" in os.environ:
    AUDIT_SIGNING_KEY = env.key("AUDIT_SIGNING_KEY")
else:
    AUDIT_SIGNING_KEY = ""
AUDIT_FORMER_KEYS = env.former_keys("AUDIT_FORMER_KEYS")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", ["localhost", "127.0.0.1"] if DEMO else [])
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", [])

# --- Apps, each above those that follow it (see .importlinter) ----------------------------------

INSTALLED_APPS = [
    "apps.web",
    "apps.api",
    "apps.seeding",
    "apps.rights",
    "apps.imports",
    "apps.lives",
    "apps.partnerships",
    "apps.transitions",
    "apps.reviews",
    "apps.register",
    "apps.documents",
    "apps.post",
    "apps.framework",
    "apps.learners",
    "apps.access",
    "apps.settings",
    "apps.notifications",
    "apps.jobs",
    "apps.accounts",
    "apps.audit",
    "apps.common",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.usersessions",
    "anymail",
    "csp",
    "oauth2_provider",
    "rest_framework",
    "drf_spectacular",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # of random length, so that it tells no secret
    "csp.middleware.CSPMiddleware",
    "apps.web.middleware.PageHeadersMiddleware",
    "apps.access.middleware.RequestTransactionMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "apps.accounts.middleware.SessionLimitsMiddleware",
    "apps.access.middleware.ContextMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "apps.web.guards.GuardMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "apps.web.context.page",
            ],
        },
    }
]

# --- Database: the app's role only. The owner is for provision_database, migrate and seeding ----

if EMBEDDED:
    _postgres = embedded.Postgres(STATE)
    _app_database = _postgres.settings(embedded.APP)
    _owner_database = _postgres.settings(embedded.OWNER)
else:
    _app_database = env.database(env.text("DATABASE_URL"))
    _owner_url = os.environ.get("OWNER_DATABASE_URL")
    _owner_database = env.database(_owner_url) if _owner_url else {}

# A statement is planned once for each connection and not for each page: with row-level security the
# planning costs more than the reading. A pool that cannot keep prepared statements turns it off.
_prepared: dict[str, Any] = (
    {"server_side_binding": True, "prepare_threshold": 2}
    if env.flag("PREPARED_STATEMENTS", True)
    else {}
)
DATABASES: dict[str, Any] = {
    "default": {
        **_app_database,
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": _prepared,
    },
}
# Tables belong to the owner; only provisioning, migrations and seeding connect as it.
if _owner_database:
    DATABASES["owner"] = _owner_database
DATABASE_ROLES = {
    "owner": _owner_database.get("USER") or embedded.OWNER,
    "app": _app_database["USER"],
    "audit": "learner_record_audit",
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Broker and cache: Valkey. The broker is a doorbell, PostgreSQL holds the truth -------------

_valkey = embedded.Valkey(STATE)
CELERY_BROKER_URL = _valkey.broker_url if EMBEDDED else env.text("BROKER_URL")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = "Europe/London"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Celery would write in its own way: its lines are to look like the others.
CELERY_WORKER_HIJACK_ROOT_LOGGER = DEMO
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": _valkey.cache_url
        if EMBEDDED
        else os.environ.get("CACHE_URL", CELERY_BROKER_URL),
    }
}

# --- Documents: files about learners, outside the web root -------------------------------------

DOCUMENTS_FOLDER = Path(str(STATE / "documents") if DEMO else env.text("DOCUMENTS_FOLDER"))
# Where clamd listens: a path or host:port. Not set, files are not looked at for viruses.
CLAMD_SOCKET = os.environ.get("CLAMD_SOCKET", "")

# --- People -------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "apps.accounts.passwords.OwnWordsValidator"},
]
ACCOUNT_FORMS = {"reset_password": "apps.web.account.forgotten.ForgottenForm"}
ACCOUNT_ADAPTER = "apps.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_SESSION_REMEMBER = False
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/home/"
ACCOUNT_REAUTHENTICATION_REQUIRED = True
# Slower and slower for whoever guesses, by address and by account; counted in the shared cache.
ACCOUNT_RATE_LIMITS: dict[str, str] | bool = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/m/key,20/h/key",
    "reset_password": "20/m/ip,5/m/key",
    "reset_password_from_key": "20/m/ip",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
    "join": "10/m/ip",
    "answer_by_link": "20/m/ip",
}
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("TRUSTED_PROXIES", "0"))
# Everyone who sees more than their own child shows a second factor; in the demo by a switch.
SECOND_FACTOR_REQUIRED = not DEMO or os.environ.get("SECOND_FACTOR") == "1"
MFA_ADAPTER = "apps.accounts.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Learner Record"
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEMO  # http://localhost
# Other people's sign-in: proves who somebody is, makes no account and gives no role.
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {
    "openid_connect": {"APPS": env.openid_providers(insecure=DEMO)}
}
SOCIALACCOUNT_ADAPTER = "apps.web.account.came_back.ProviderAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
# Read from the cache, kept in the database: no query for a page, and ending one is true at once.
# In the session and never in a cookie, which names nobody to the next user of a browser.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
# Ended after an hour without a page, and in any case after a working day.
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_IDLE_SECONDS = 60 * 60
SESSION_COOKIE_SECURE = not DEMO
CSRF_COOKIE_SECURE = not DEMO
# The prefix has browsers refuse the cookie from any other host and over plain HTTP.
SESSION_COOKIE_NAME = "session" if DEMO else "__Host-session"
CSRF_COOKIE_NAME = "csrftoken" if DEMO else "__Host-csrftoken"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "apps.web.guards.csrf_failed"
SESSION_COOKIE_SAMESITE = "Lax"

# --- What leaves by e-mail and SMS (apps.post): sent by the worker alone ------------------------

# Where people reach the service: a link in a message is made from this and from no request.
SERVICE_ADDRESS = env.service_address(ALLOWED_HOSTS, demo=DEMO)
# To files in the demo; by a provider that django-anymail knows, with ANYMAIL_… as it names its
# settings; or by SMTP.
EMAIL_BACKEND = env.email_backend(demo=DEMO)
EMAIL_FILE_PATH = STATE / "mail"
ANYMAIL = env.under("ANYMAIL_")
EMAIL_HOST = os.environ.get("SMTP_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("SMTP_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("SMTP_PASSWORD", "")
EMAIL_USE_TLS = env.flag("SMTP_STARTTLS", False)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get("EMAIL_FROM", "no-reply@learner-record.example")
# A class as apps.post.sms describes it; without one no text messages are offered.
SMS_BACKEND = "apps.post.sms.ConsoleBackend" if DEMO else os.environ.get("SMS_BACKEND", "")

# --- Web ----------------------------------------------------------------------------------------

SECURE_SSL_REDIRECT = not DEMO
# A page is sent on to HTTPS. The API refuses: a token has been sent in the clear by then, and
# whoever wrote the client should notice (`apps.web.middleware`).
SECURE_REDIRECT_EXEMPT = [r"^api/"]
SECURE_HSTS_SECONDS = 0 if DEMO else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = not DEMO
SECURE_HSTS_PRELOAD = not DEMO
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [csp.constants.SELF],
        "base-uri": [csp.constants.NONE],
        "form-action": [csp.constants.SELF],
        "frame-ancestors": [csp.constants.NONE],
        "object-src": [csp.constants.NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "build" / "collected"
STATICFILES_DIRS = [
    path for path in (BASE_DIR / "static", BASE_DIR / "build" / "static") if path.exists()
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_I18N = True
USE_TZ = True
DATE_FORMAT = "j F Y"

# --- API ----------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["apps.api.authentication.ClientAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["apps.api.authentication.ScopePermission"],
    "DEFAULT_THROTTLE_CLASSES": ["apps.api.throttling.ClientThrottle"],
    "DEFAULT_THROTTLE_RATES": {"client": "600/min"},
    "DEFAULT_PAGINATION_CLASS": "apps.api.pagination.KeyPagination",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "apps.api.errors.problem_details",
    "PAGE_SIZE": 50,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Learner Record API",
    "DESCRIPTION": "Settings, the National Framework, registers, Learner Records and handovers.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "apps.api.schema.with_problems",
    ],
    "ENUM_NAME_OVERRIDES": {
        "SettingKind": "apps.settings.models.Setting.Kind",
        "IdentifierKind": "apps.settings.models.SettingIdentifier.Kind",
        "EnrolmentKind": "apps.learners.models.Enrolment.Kind",
        "ReviewKind": "apps.reviews.models.Review.Kind",
        "ReviewState": "apps.reviews.models.Review.State",
        "StatementKind": "apps.reviews.models.Kind",
        "MoveKind": "apps.transitions.models.Transition.Kind",
        "MoveState": "apps.transitions.models.Transition.State",
        "SettlingInKind": "apps.transitions.models.SettlingIn.Kind",
    },
}
OAUTH2_PROVIDER_APPLICATION_MODEL = "oauth2_provider.Application"
OAUTH2_PROVIDER = {
    "SCOPES_BACKEND_CLASS": "apps.api.scopes.ClientScopes",
    "SCOPES": {
        "settings:read": "Read the list of schools, nurseries, colleges and local areas",
        "framework:read": "Read the National Framework and toolkit",
        "learners:read": "Read learners at the organisations named here",
        "records:read": "Read registers, Learner Records and reviews",
        "records:write": "Open, edit and sign off reviews",
        "transitions:read": "Read handovers",
        "transitions:write": "Act on handovers",
    },
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    # The security practice of RFC 9700: a token in no address, kept only as a digest.
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
}

# --- Limits that are policy, not code -----------------------------------------------------------

# School days from entry to the first, full review (domain.md, Review).
FIRST_REVIEW_SCHOOL_DAYS = 30
# How long an invitation's code can be used.
INVITATION_DAYS = 14

LOGGING = logs.lines(as_json=not DEMO)
