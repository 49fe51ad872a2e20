"""What may stop being so before it is sent. The app whose kind it is says how to tell."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

from apps.access.grants import Actor
from apps.notifications.models import Notification

# Of a reader and the learner it is about, if any: whether they are still to be told.
Still = Callable[[Actor, UUID | None], bool]
_asked: dict[str, Still] = {}


def register(kinds: Iterable[str], still: Still) -> None:
    """Have these kinds asked after before they are sent; for the `ready` of the app."""
    _asked.update(dict.fromkeys(kinds, still))


def so(told: Notification, reader: Actor) -> bool:
    """Whether it is still so for this reader; a kind that nobody asks after is."""
    still = _asked.get(told.kind)
    return still is None or still(reader, told.learner_id)
