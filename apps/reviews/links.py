"""The links by which people without an account answer: made from a key, kept as digests alone.

A link can be written again for a reminder by whoever has the service's key, and by nobody who reads
the database.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC

from django.utils.crypto import salted_hmac

from apps.reviews.models import Ask


def token_of(ask: Ask) -> str:
    """What the link ends with; asked anew, it is another."""
    moment = ask.asked_at.astimezone(UTC).isoformat()
    signed = salted_hmac("apps.reviews.links", f"{ask.id}:{moment}", algorithm="sha256")
    return base64.urlsafe_b64encode(signed.digest()).decode().rstrip("=")


def path_of(ask: Ask) -> str:
    """The path of the page on which they answer."""
    return f"/say/{token_of(ask)}/"


def digest_of(token: str) -> str:
    """What is kept of a link."""
    return hashlib.sha256(token.encode()).hexdigest()
