"""A person's first page after signing in, and what they were told, which stands on it."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from apps.access.grants import Actor
from apps.access.permissions import Permission
from apps.notifications.models import Notification
from apps.post.selectors import unread

MESSAGES = 10
# Where a person goes first, by what they may do; the first that fits.
_FIRST = [
    (Permission.KEEP_REGISTER, "home"),
    (Permission.OVERSEE_AREA, "area"),
    (Permission.SEE_REGISTER, "register"),
    (Permission.CONTRIBUTE, "my-classes"),
    (Permission.TAKE_REFERRALS, "referred"),
    (Permission.SEE_LOOKED_AFTER, "looked-after"),
    (Permission.MANAGE_SERVICE, "organisations"),
    (Permission.EDIT_FRAMEWORK, "institute"),
    (Permission.SEE_FIGURES, "figures"),
]


def page_of(actor: Actor) -> str:
    """The name of their first page."""
    for permission, name in _FIRST:
        if actor.may(permission):
            return name
    return "framework" if actor.places else "family"


def told_on(page: str, actor: Actor, organisations: Iterable[UUID] = ()) -> list[Notification]:
    """What stands on this page of what they were told, newest first; no query where it is nothing.

    A person's own messages are on their first page; an organisation's, on the page of its work.
    """
    mine = [actor.key] if page_of(actor) == page else []
    recipients = [*mine, *organisations]
    return list(unread(actor, recipients)[:MESSAGES]) if recipients else []
