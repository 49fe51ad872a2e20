"""Making a paper that leaves: it is made at once, and what others were told is kept."""

from __future__ import annotations

import hashlib
from typing import Any

from django.db import transaction

from apps.access.grants import Actor
from apps.audit import record
from apps.common import clock
from apps.formats import pdf
from apps.learners.selectors import Sight
from apps.reviews import evidence, policy
from apps.reviews.models import PaperSent
from apps.reviews.papers import day


@transaction.atomic
def evidence_pack(*, by: Actor, seen: Sight, redacted: list[str]) -> bytes:
    """Two cycles of assess, plan, do, review as PDF. Raises as `check_can_send_papers`."""
    policy.check_can_send_papers(by, seen.learner.id)
    return _make(by, seen, PaperSent.Kind.EVIDENCE, evidence.cycles(by, seen, redacted))


@transaction.atomic
def way_of_working(*, by: Actor, seen: Sight) -> bytes:
    """The normal way of working as PDF. Raises as `check_can_send_papers`."""
    policy.check_can_send_papers(by, seen.learner.id)
    return _make(by, seen, PaperSent.Kind.EXAMS, evidence.way_of_working(by, seen))


def _make(by: Actor, seen: Sight, kind: PaperSent.Kind, values: dict[str, Any]) -> bytes:
    at = clock.now()
    foot = f"From {by.organisation_name}. Made on {day(at)} by the {by.role}."
    made = pdf.make(kind.value, {**values, "foot": foot}, made_at=at)
    sent = PaperSent.objects.create(
        learner=seen.learner,
        kind=kind,
        made_at=at,
        made_by_id=by.key,
        role=by.role,
        organisation=by.organisation_name,
        sha256=hashlib.sha256(made).hexdigest(),
    )
    record.event(
        by=by,
        action="paper made for others",
        subject_kind="paper",
        subject_id=sent.id,
        learner_id=seen.learner.id,
        detail={"kind": kind.value, "sha256": sent.sha256},
    )
    return made
