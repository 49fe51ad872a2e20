"""Words typed and not yet sent: no crash, expiry or conflict loses them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from django.db.models import Q

from apps.accounts.models import UnsentForm
from apps.common import clock
from apps.common.exceptions import Invalid
from apps.common.text import printable

KEPT = timedelta(days=14)
MOST_CHARACTERS = 100_000
LONGEST_ADDRESS = 300
MOST_PAGES = 50
# Never kept: what guards a form, and secrets. A name that begins so is one of them.
LEFT_OUT = ("csrfmiddlewaretoken", "password", "oldpassword", "code", "client_secret")


def keep(*, user_id: UUID, page: str, fields: dict[str, Any]) -> None:
    """Keep what is in a page's form now, in place of what was kept before.

    `fields` maps a name to its values. Raises Invalid for what no page of ours sends.
    """
    kept = printable(
        {
            name: [str(value) for value in values]
            for name, values in fields.items()
            if isinstance(values, list) and not name.startswith(LEFT_OUT)
        }
    )
    size = sum(len(name) + sum(map(len, values)) for name, values in kept.items())
    of_ours = page.startswith("/") and len(page) <= LONGEST_ADDRESS and page == printable(page)
    if not of_ours or size > MOST_CHARACTERS:
        raise Invalid("This cannot be kept.")
    UnsentForm.objects.filter(user_id=user_id, saved_at__lt=clock.now() - KEPT).delete()
    UnsentForm.objects.update_or_create(
        user_id=user_id, page=page, defaults={"fields": kept, "saved_at": clock.now()}
    )
    newest = UnsentForm.objects.filter(user_id=user_id).order_by("-saved_at", "-id")
    UnsentForm.objects.filter(pk__in=newest.values("pk")[MOST_PAGES:]).delete()


def kept(*, user_id: UUID, page: str) -> UnsentForm | None:
    """What this person typed there and did not send, unless it is too old."""
    since = clock.now() - KEPT
    return UnsentForm.objects.filter(user_id=user_id, page=page, saved_at__gt=since).first()


def kept_under(*, user_id: UUID, path: str) -> list[UnsentForm]:
    """What this person typed on pages whose address begins so and did not send, oldest first."""
    since = clock.now() - KEPT
    rows = UnsentForm.objects.filter(user_id=user_id, page__startswith=path, saved_at__gt=since)
    return list(rows.order_by("saved_at"))


def forget_under(*, user_id: UUID, path: str) -> None:
    """Forget what this person typed on any page whose address begins so."""
    UnsentForm.objects.filter(user_id=user_id, page__startswith=path).delete()


def forget(*, user_id: UUID, page: str) -> None:
    """It is not wanted."""
    UnsentForm.objects.filter(user_id=user_id, page=page).delete()


def sent(*, user_id: UUID, path: str, values: Mapping[str, Any]) -> None:
    """A form was sent to `path` with `values`: what was kept of it is not needed any more.

    Of several forms that are sent there, it is the one whose own field is among the values.
    """
    there = Q(page=path) | Q(page__startswith=f"{path}?")
    for form in UnsentForm.objects.filter(there, user_id=user_id):
        apart = parse_qsl(form.page.partition("?")[2], keep_blank_values=True)
        if all(values.get(name) == value for name, value in apart):
            form.delete()
