"""Reading the environment: every value is checked, and what is wrong or missing is named."""

from __future__ import annotations

import os
import re
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str | None = None) -> str:
    """The variable as text; without a default it has to be set.

    Raises ImproperlyConfigured naming the variable.
    """
    value = os.environ.get(name, default)
    if value is None or value == "":
        raise ImproperlyConfigured(f"Set the environment variable {name}.")
    return value


def flag(name: str, default: bool) -> bool:
    """The variable as yes or no: "1" or "0", nothing else."""
    value = os.environ.get(name, "1" if default else "0")
    if value not in {"0", "1"}:
        raise ImproperlyConfigured(f"{name} is {value!r}: it can be 1 or 0.")
    return value == "1"


def key(name: str) -> str:
    """The variable as 32 bytes in hexadecimal."""
    value = text(name)
    if not re.fullmatch(r"[0-9a-fA-F]{64}", value):
        raise ImproperlyConfigured(
            f"{name} is 32 bytes in hexadecimal, 64 digits: `openssl rand -hex 32` makes one."
        )
    return value


def former_keys(name: str) -> dict[str, int]:
    """The variable as keys that were in use before: `key:last`, separated by commas.

    A public key in hexadecimal, and the number of the last checkpoint that it signed.
    """
    found = {}
    for part in words(name, []):
        wanted = re.fullmatch(r"([0-9a-fA-F]{64}):(\d+)", part)
        if not wanted:
            raise ImproperlyConfigured(
                f"{name} has {part!r}: a public key of 64 hexadecimal digits, a colon, and the "
                "number of the last checkpoint that it signed."
            )
        found[wanted[1]] = int(wanted[2])
    return found


def words(name: str, default: list[str]) -> list[str]:
    """The variable as a list separated by commas."""
    value = os.environ.get(name)
    return default if value is None else [part.strip() for part in value.split(",") if part.strip()]


def under(prefix: str) -> dict[str, str]:
    """Every variable whose name begins so, by the rest of its name."""
    return {n.removeprefix(prefix): v for n, v in os.environ.items() if n.startswith(prefix)}


def service_address(hosts: list[str], *, demo: bool) -> str:
    """Where people reach the service: SERVICE_ADDRESS, or the first of the hosts."""
    if demo:
        return f"http://localhost:{os.environ.get('PORT', '8000')}"
    return text("SERVICE_ADDRESS", f"https://{next(iter(hosts), 'localhost')}").rstrip("/")


def email_backend(*, demo: bool) -> str:
    """The class by which Django sends, from EMAIL_PROVIDER."""
    if demo:
        return "django.core.mail.backends.filebased.EmailBackend"
    provider = os.environ.get("EMAIL_PROVIDER", "")
    if not re.fullmatch(r"[a-z0-9_]*", provider):
        raise ImproperlyConfigured(
            f"EMAIL_PROVIDER is {provider!r}: as django-anymail names it, such as postmark."
        )
    return f"anymail.backends.{provider}.EmailBackend" if provider else _SMTP


_SMTP = "django.core.mail.backends.smtp.EmailBackend"


def openid_providers(*, insecure: bool) -> list[dict[str, Any]]:
    """The OpenID providers named in OPENID_PROVIDERS, as django-allauth wants them.

    Plain HTTP is for tests (`insecure`). Raises ImproperlyConfigured naming the variable.
    """
    found = [_openid_provider(key, insecure) for key in words("OPENID_PROVIDERS", [])]
    for part in ("provider_id", "issuer"):
        values = [provider[part] for provider in found]
        if len(set(values)) < len(values):
            raise ImproperlyConfigured(f"OPENID_PROVIDERS has two with the same {part}.")
    return found


def _openid_provider(key: str, insecure: bool) -> dict[str, Any]:
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,29}", key):
        raise ImproperlyConfigured(
            f"OPENID_PROVIDERS names {key!r}: small letters, digits and hyphens, such as dfe."
        )
    prefix = f"OPENID_{key.upper().replace('-', '_')}"
    issuer = text(f"{prefix}_ISSUER")
    parts = urlsplit(issuer)
    safe = parts.scheme == "https" or insecure
    if not (safe and parts.hostname) or parts.query or parts.fragment or "{" in issuer:
        raise ImproperlyConfigured(
            f"{prefix}_ISSUER is {issuer!r}: the https:// address by which its tokens name it."
        )
    scope = words(f"{prefix}_SCOPES", ["openid", "email"])
    if "openid" not in scope:
        raise ImproperlyConfigured(f"{prefix}_SCOPES needs openid among its words.")
    return {
        "provider_id": key,
        "issuer": issuer,
        "name": text(f"{prefix}_NAME"),
        "client_id": text(f"{prefix}_CLIENT_ID"),
        "secret": text(f"{prefix}_CLIENT_SECRET"),
        "settings": {
            "server_url": issuer,
            "scope": scope,
            "second_factor": words(f"{prefix}_SECOND_FACTOR", []),
            "organisation": flag(f"{prefix}_ORGANISATION", default=False),
        },
    }


def database(url: str) -> dict[str, Any]:
    """Django's settings for a `postgresql://user:password@host:port/name` address."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise ImproperlyConfigured(
            "A database address looks like postgresql://user:password@host:5432/name."
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.strip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
    }
