"""Words typed and not yet sent: no crash, expiry or conflict loses them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from apps.accounts.models import UnsentForm
from apps.common import clock
from apps.common.exceptions import Invalid

KEPT = timedelta(days=14)
MOST_CHARACTERS = 100_000
LONGEST_ADDRESS = 300
# Never kept: what guards a form, and secrets.
LEFT_OUT = {"csrfmiddlewaretoken", "password"}


def keep(*, user_id: UUID, page: str, fields: dict[str, Any]) -> None:
    """Keep what is in a page's form now, in place of what was kept before.

    `fields` maps a name to its values. Raises Invalid for what no page of ours sends.
    """
    kept = {
        name: [str(value) for value in values]
        for name, values in fields.items()
        if isinstance(values, list) and name not in LEFT_OUT
    }
    size = sum(len(name) + sum(map(len, values)) for name, values in kept.items())
    if not page.startswith("/") or len(page) > LONGEST_ADDRESS or size > MOST_CHARACTERS:
        raise Invalid("This cannot be kept.")
    UnsentForm.objects.filter(user_id=user_id, saved_at__lt=clock.now() - KEPT).delete()
    UnsentForm.objects.update_or_create(
        user_id=user_id, page=page, defaults={"fields": kept, "saved_at": clock.now()}
    )


def kept(*, user_id: UUID, page: str) -> UnsentForm | None:
    """What this person typed there and did not send, unless it is too old."""
    since = clock.now() - KEPT
    return UnsentForm.objects.filter(user_id=user_id, page=page, saved_at__gt=since).first()


def forget(*, user_id: UUID, page: str) -> None:
    """It was sent, or is not wanted."""
    UnsentForm.objects.filter(user_id=user_id, page=page).delete()
