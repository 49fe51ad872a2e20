"""The life of a review."""

from apps.common.states import Life
from apps.reviews.models import Review

LIFE: Life = {
    Review.State.OPEN: frozenset({Review.State.SIGNED_OFF, Review.State.LAPSED}),
    Review.State.SIGNED_OFF: frozenset(),
    Review.State.LAPSED: frozenset(),
}
