"""Half-done work is never lost: what was begun in a review that lapsed goes into the next one."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, TextField, When
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from apps.reviews.models import Contribution, DraftChange, Kind, Progress, Review, Statement


def carry_over(*, learners: list[UUID]) -> None:
    """Drafts, progress and views of lapsed reviews go into the review that was just opened.

    A few statements, however many learners. Drafts and progress begun elsewhere stay with whoever
    began them; what people said travels.
    """
    opened = Review.objects.filter(
        learner_id=OuterRef("learner_id"), state=Review.State.OPEN, learner_id__in=learners
    )
    into = Subquery(opened.values("id")[:1])
    here = opened.filter(
        Q(setting_id=OuterRef("setting_id"))
        | Q(setting=None, local_area_id=OuterRef("local_area_id"))
    )
    lapsed = Review.objects.filter(
        Exists(here), pk=OuterRef("review_id"), state=Review.State.LAPSED
    )
    # The new review has a version of its own: nobody is late in it for what was saved in the old.
    _drafts(lapsed, learners).update(review_id=into, version=1)
    _progress(lapsed, learners).update(review_id=into, version=1)
    said = Contribution.objects.filter(learner_id__in=learners)
    said.filter(Exists(lapsed)).update(review_id=into)
    later = opened.filter(opened_at__gt=OuterRef("said_at"))
    said.filter(Exists(later), review=None).update(review_id=into)


def _drafts(lapsed: QuerySet[Review], learners: list[UUID]) -> QuerySet[DraftChange]:
    """The newest draft for each statement in force, and for each area that has no need yet.

    An older one for the same place stays in its review, and so does one for which a draft is in the
    open review already.
    """
    need = Q(values__kind=Kind.NEED, statement=None)
    judged = Statement.objects.filter(
        learner_id=OuterRef("learner_id"),
        kind=Kind.NEED,
        withdrawn_no=None,
        area__code=OuterRef("area"),
    )
    drafts = DraftChange.objects.filter(learner_id__in=learners).annotate(area=KT("values__area"))
    place = Case(
        When(statement__isnull=False, then=Cast("statement_id", TextField())),
        When(need, then=F("area")),
        default=Cast("pk", TextField()),  # new, and in nobody's place
    )
    newest = (
        drafts.filter(Q(statement=None) | Q(statement__withdrawn_no=None))
        .filter(~need | ~Exists(judged))
        .filter(Exists(lapsed) | Q(review__state=Review.State.OPEN))
        .annotate(place=place)
        .order_by("learner_id", "place", "-review__state", "-made_at", "-id")  # the open one first
        .distinct("learner_id", "place")
    )
    return DraftChange.objects.filter(
        pk__in=[draft.pk for draft in newest], review__state=Review.State.LAPSED
    )


def _progress(lapsed: QuerySet[Review], learners: list[UUID]) -> QuerySet[Progress]:
    """How far outcomes in force got, where nothing was said of them in a later review."""
    later = Progress.objects.filter(
        outcome_id=OuterRef("outcome_id"), review__opened_at__gt=OuterRef("review__opened_at")
    )
    return Progress.objects.filter(
        Exists(lapsed), ~Exists(later), learner_id__in=learners, outcome__withdrawn_no=None
    )
