"""How long what is kept is kept: the schedule, what a holder changes in it, and legal holds."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from uuid import UUID

import yaml
from django.db import transaction

from apps.access.grants import Actor
from apps.audit import record
from apps.common import clock
from apps.common.exceptions import Invalid, InvalidTransition, NotVisible
from apps.learners.models import Learner
from apps.rights import policy
from apps.rights.models import LegalHold, RetentionChange

DATA = Path(__file__).parent / "data" / "retention.yaml"


@dataclass(frozen=True)
class Rule:
    """One class of the schedule, as `data/retention.yaml` explains."""

    code: str
    title: str
    what: str
    keeps: str
    basis: str
    source: str
    years: int = 0
    least: int = 0
    most: int = 0
    longer: dict[str, int] = field(default_factory=dict)

    @property
    def in_words(self) -> str:
        """How long, in a sentence."""
        return f"{self.keeps.format(years=self.years)}."


@cache
def schedule() -> tuple[Rule, ...]:
    """The schedule, as everyone has it who changed nothing."""
    read = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    return tuple(Rule(code=code, **values) for code, values in read.items())


def rule(code: str) -> Rule:
    """One class of the schedule."""
    return next(r for r in schedule() if r.code == code)


def schedule_of(actor: Actor, organisation_id: UUID) -> tuple[list[Rule], RetentionChange | None]:
    """The schedule of a holder, and the change that it made."""
    policy.check_keeps_at(actor, organisation_id)
    changes = RetentionChange.objects.filter(organisation_id=organisation_id)
    newest = changes.select_related("made_by").order_by("-made_at").first()
    rules = [
        replace(r, years=newest.years) if newest and r.code == "record" else r for r in schedule()
    ]
    return rules, newest


@transaction.atomic
def change_schedule(*, by: Actor, organisation_id: UUID, years: int, reason: str) -> None:
    """Keep records of this holder for so many years from birth, and say why.

    Raises Refused to whoever leads neither setting nor area, Invalid outside the bounds.
    """
    policy.check_can_change_schedule(by, organisation_id)
    kept = rule("record")
    wrong = {}
    if not kept.least <= years <= kept.most:
        wrong["years"] = f"Enter a number from {kept.least} to {kept.most}"
    if not reason.strip():
        wrong["reason"] = "Enter why, and where that is written down"
    if wrong:
        raise Invalid("The schedule is as it was.", wrong)
    change = RetentionChange.objects.create(
        organisation_id=organisation_id,
        years=years,
        reason=reason.strip(),
        made_by_id=by.user_id,  # type: ignore[misc]
        made_at=clock.now(),
    )
    record.event(
        by=by,
        action="retention changed",
        subject_kind="retention",
        subject_id=change.id,
        detail={"years": years, "organisation": organisation_id},
    )


@transaction.atomic
def place_hold(*, by: Actor, learner: Learner, reason: str, look_again_on: date) -> LegalHold:
    """Let nothing of this learner be deleted until a person ends the hold.

    Raises NotVisible or Refused by policy, Invalid without a reason or with a date that has passed,
    InvalidTransition when there is a hold already.
    """
    policy.check_can_hold_back(by, learner.id)
    wrong = {}
    if not reason.strip():
        wrong["reason"] = "Enter why nothing may be deleted"
    if look_again_on <= clock.today():
        wrong["look_again_on"] = "Enter a day that is still to come"
    if wrong:
        raise Invalid("There is no hold yet.", wrong)
    if LegalHold.objects.filter(learner=learner, ended_at=None).exists():
        raise InvalidTransition("There is a legal hold already.")
    hold = LegalHold.objects.create(
        learner=learner,
        reason=reason.strip(),
        look_again_on=look_again_on,
        placed_by_id=by.user_id,  # type: ignore[misc]
        placed_at=clock.now(),
    )
    _log(by, hold, "legal hold placed")
    return hold


@transaction.atomic
def end_hold(*, by: Actor, hold_id: UUID, because: str) -> LegalHold:
    """End a legal hold, and say why. Raises NotVisible, Refused, Invalid, InvalidTransition."""
    hold = LegalHold.objects.filter(pk=hold_id).select_related("learner").first()
    if hold is None:
        raise NotVisible
    policy.check_can_hold_back(by, hold.learner_id)
    if not because.strip():
        raise Invalid("The hold goes on.", {"because": "Enter why it is not needed any more"})
    ended = LegalHold.objects.filter(pk=hold_id, ended_at=None).update(
        ended_by_id=by.user_id, ended_at=clock.now(), ended_because=because.strip()
    )
    if not ended:
        raise InvalidTransition("This hold was ended already.")
    _log(by, hold, "legal hold ended")
    return hold


def _log(by: Actor, hold: LegalHold, action: str) -> None:
    record.event(
        by=by,
        action=action,
        subject_kind="legal hold",
        subject_id=hold.id,
        learner_id=hold.learner_id,
    )
