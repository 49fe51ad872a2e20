"""The life of a handover, and the life of the work on it."""

from apps.common.states import Life
from apps.transitions.models import Delivery, Transition

S = Transition.State

# On the start date the record passes from any state that has a destination: an unread package
# strands nobody, an old setting blocks nobody (domain.md, Life of a handover).
LIFE: Life = {
    S.EXPECTED: frozenset({S.NAMED, S.WITHDRAWN}),
    S.NAMED: frozenset({S.SHARED, S.COMPLETED, S.REDIRECTED, S.WITHDRAWN}),
    S.SHARED: frozenset({S.RECEIVED, S.COMPLETED, S.REDIRECTED, S.WITHDRAWN}),
    S.RECEIVED: frozenset({S.SETTLING_IN, S.ACCEPTED, S.COMPLETED, S.REDIRECTED, S.WITHDRAWN}),
    S.SETTLING_IN: frozenset({S.ACCEPTED, S.COMPLETED, S.REDIRECTED, S.WITHDRAWN}),
    S.ACCEPTED: frozenset({S.COMPLETED, S.REDIRECTED, S.WITHDRAWN}),
    S.COMPLETED: frozenset(),
    S.REDIRECTED: frozenset(),
    S.WITHDRAWN: frozenset(),
}
ENDED = frozenset(state for state, following in LIFE.items() if not following)
# States in which a package has gone to the destination.
WITH_DESTINATION = frozenset({S.SHARED, S.RECEIVED, S.SETTLING_IN, S.ACCEPTED})

W = Delivery.State
# After so many a piece of work needs a person; passing the record is tried on all the same.
MOST_ATTEMPTS = 5
WORK: Life = {
    W.QUEUED: frozenset({W.CLAIMED}),
    W.CLAIMED: frozenset({W.DONE, W.QUEUED, W.DEAD}),
    W.DONE: frozenset(),
    W.DEAD: frozenset({W.QUEUED}),
}
