"""What somebody said and wants to be asked about before others of the family are shown it."""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError, transaction

from apps.access.grants import Actor
from apps.audit import record as audit
from apps.common import clock
from apps.common.exceptions import InvalidTransition, NotVisible
from apps.learners import policy as learners_policy
from apps.notifications.actions import tell
from apps.reviews import policy
from apps.reviews.models import AskedFirst, Contribution


@transaction.atomic
def ask_first(*, by: Actor, contribution_id: UUID) -> AskedFirst:
    """Ask whoever said it whether others may be shown it; they answer on their own page.

    Raises NotVisible, Refused; InvalidTransition where nobody asked to be asked, or it was done.
    """
    said = Contribution.objects.filter(pk=contribution_id).first()
    if said is None:
        learners_policy.visible_to(by)
        raise NotVisible
    policy.check_can_review(by, said.learner_id)
    if not said.ask_me_first or said.author_id is None:
        raise InvalidTransition("Nobody asked to be asked about this first.")
    asked = AskedFirst(
        contribution=said,
        learner_id=said.learner_id,
        author_id=said.author_id,
        asked_by=by.name,
        asked_at=clock.now(),
    )
    try:
        with transaction.atomic():
            asked.save(force_insert=True)
    except IntegrityError:
        raise InvalidTransition("They were asked about this already.") from None
    _note(by, "asked before showing", asked)
    tell(
        recipients=[said.author_id],
        learner_id=said.learner_id,
        kind="asked first",
        text="The setting asks whether others may be shown what you wrote.",
        link=f"/family/{said.learner_id}/",
        key=f"asked-first:{asked.id}",
    )
    return asked


@transaction.atomic
def answer_first(*, by: Actor, contribution_id: UUID, may_show: bool) -> AskedFirst:
    """Whoever said it says whether it may be shown; they can say otherwise later.

    Raises NotVisible to anybody else.
    """
    asked = (
        AskedFirst.objects.select_for_update()
        .filter(contribution_id=contribution_id, author_id=by.key)
        .first()
    )
    if asked is None:
        learners_policy.visible_to(by)
        raise NotVisible
    learners_policy.check_can_contribute(by, asked.learner_id)
    asked.may_show, asked.answered_at = may_show, clock.now()
    asked.save(update_fields=["may_show", "answered_at"])
    _note(by, "answered before showing", asked, may_show=may_show)
    return asked


def _note(by: Actor, action: str, asked: AskedFirst, **detail: object) -> None:
    audit.event(
        by=by,
        action=action,
        subject_kind="contribution",
        subject_id=asked.contribution_id,
        learner_id=asked.learner_id,
        detail=detail,
    )
