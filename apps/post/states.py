"""The life of a message."""

from apps.common.states import Life
from apps.post.models import Message

State = Message.State

LIFE: Life = {
    State.QUEUED: frozenset({State.CLAIMED}),
    State.CLAIMED: frozenset({State.SENT, State.DROPPED, State.QUEUED, State.DEAD}),
    State.SENT: frozenset(),
    State.DROPPED: frozenset(),
    State.DEAD: frozenset(),
}
