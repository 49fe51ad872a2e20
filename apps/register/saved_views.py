"""A register as a person likes to see it, kept under a name: filters, order, columns."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.access.grants import Actor
from apps.common.exceptions import Invalid
from apps.common.text import printable
from apps.register import policy
from apps.register.models import SavedView

MOST = 20
LONGEST_NAME, LONGEST_QUERY = 60, 500


@transaction.atomic
def save_view(*, by: Actor, setting_id: UUID, name: str, query: str) -> SavedView:
    """Keep a view under a name, in place of the one that had it.

    Raises Invalid without a name, for one too long, and for one too many.
    """
    policy.check_can_see_register(by, setting_id)
    name = printable(name).strip()
    if not name or len(name) > LONGEST_NAME:
        words = f"Enter a name of {LONGEST_NAME} characters or fewer."
        raise Invalid(words, {"name": words})
    if len(query) > LONGEST_QUERY:
        raise Invalid("There is too much in this view to keep. Choose fewer filters.")
    own = SavedView.objects.filter(user_id=by.key, setting_id=setting_id)
    if own.exclude(name=name).count() >= MOST:
        raise Invalid(f"You have {MOST} views. Take one out first.")
    view, _ = SavedView.objects.update_or_create(
        user_id=by.key, setting_id=setting_id, name=name, defaults={"query": query}
    )
    return view


def drop_view(*, by: Actor, view_id: UUID) -> None:
    """Take one of one's own views out."""
    SavedView.objects.filter(pk=view_id, user_id=by.key).delete()
