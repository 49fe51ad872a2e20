"""Who left the register and is looked at again in the term that follows (domain.md, sign-off).

The entry that sign-off ended says so itself: nothing more has to be written, or kept true.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.access.grants import Actor
from apps.learners.policy import seen_by
from apps.register.actions import UNIVERSAL
from apps.register.models import RegisterEntry
from apps.reviews.models import Review
from apps.settings.calendar import CalendarTerm

# Nobody looked for a year: whoever asks again begins anew.
NO_LONGER = timedelta(days=365)


def left_before(actor: Actor, setting_id: UUID, term: CalendarTerm) -> QuerySet[RegisterEntry]:
    """Who left a register in a term before, until a review is opened or they are back on one.

    Of those whose record this setting holds now, the earliest first.
    """
    back = RegisterEntry.objects.filter(learner_id=OuterRef("learner_id"), ends_on=None)
    looked = Review.objects.filter(learner_id=OuterRef("learner_id")).filter(
        Q(state=Review.State.OPEN) | Q(opened_at__date__gt=OuterRef("ends_on"))
    )
    return (
        RegisterEntry.objects.filter(
            seen_by(actor, "learner_id"),
            ~Exists(back),
            ~Exists(looked),
            also_here=False,
            leaving_reason=UNIVERSAL,
            ends_on__lt=term.starts_on,
            ends_on__gte=term.starts_on - NO_LONGER,
            learner__closed_because="",
            learner__holders__setting_id=setting_id,
            learner__holders__ends_on=None,
        )
        .select_related("learner")
        .order_by("ends_on", "learner__name_key", "id")
    )
