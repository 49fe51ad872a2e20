"""The lives of a review, of what somebody noticed, and of a meeting."""

from apps.common.states import Life
from apps.reviews.models import Meeting, Noticing, Review

LIFE: Life = {
    Review.State.OPEN: frozenset({Review.State.SIGNED_OFF, Review.State.LAPSED}),
    Review.State.SIGNED_OFF: frozenset(),
    Review.State.LAPSED: frozenset(),
}

_NEXT = frozenset({Noticing.State.CLASS_SUPPORT, Noticing.State.ENTRY, Noticing.State.CLOSED})

# Support in class is looked at again, and may go on.
NOTICING: Life = {
    Noticing.State.OPEN: _NEXT,
    Noticing.State.CLASS_SUPPORT: _NEXT,
    Noticing.State.ENTRY: frozenset(),
    Noticing.State.CLOSED: frozenset(),
}

_FROM_HERE = frozenset(
    {Meeting.State.BOOKED, Meeting.State.DECLINED, Meeting.State.CALLED_OFF, Meeting.State.HELD}
)

# Another of the times offered can be chosen while it is booked.
MEETING: Life = {
    Meeting.State.OFFERED: _FROM_HERE,
    Meeting.State.BOOKED: _FROM_HERE,
    Meeting.State.HELD: frozenset(),
    Meeting.State.DECLINED: frozenset(),
    Meeting.State.CALLED_OFF: frozenset(),
}
