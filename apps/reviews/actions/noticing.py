"""Noticing: a teacher or parent says what they see, and the SENCO says what comes of it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from apps.access.grants import Actor
from apps.audit import record as audit
from apps.common import clock
from apps.common.exceptions import Invalid, InvalidTransition
from apps.common.states import check_can_become
from apps.learners import policy as learners_policy
from apps.learners.models import Learner
from apps.learners.selectors import keeper
from apps.notifications.actions import tell
from apps.reviews import noticing as reading
from apps.reviews import policy
from apps.reviews.models import Noticing, Review
from apps.reviews.states import NOTICING
from apps.settings.models import Setting

State = Noticing.State
THANKS = "Thank you for noticing."
SETTLED = "Something has come of this already."


@transaction.atomic
def notice(
    *, by: Actor, learner: Learner, seen: str, tried: str = "", family_knows: str = ""
) -> Noticing:
    """Keep what somebody noticed, and tell the SENCO. Nobody needs to be on a register for it.

    Raises Invalid without what was seen, and without what the family knows where staff notice;
    InvalidTransition where no setting looks at it.
    """
    policy.check_can_notice(by, learner.id)
    member = policy.family_member_of(by, learner.id)
    wrong = {}
    if not seen.strip():
        wrong["seen"] = "Enter what you see, in your own words."
    if member is None and family_knows not in Noticing.FamilyKnows.values:
        wrong["family_knows"] = "Choose whether the family knows."
    if wrong:
        raise Invalid("Nothing was sent yet.", wrong)
    found = Noticing(
        learner=learner,
        setting=_where(learner),
        voice=Noticing.Voice.FAMILY if member else Noticing.Voice.STAFF,
        author_id=by.key,
        author_name=by.name,
        seen=seen.strip(),
        tried=tried.strip(),
        family_knows="" if member else family_knows,
        noticed_at=clock.now(),
    )
    found.save(force_insert=True)
    _note(by, "noticed", found)
    tell(
        recipients=[found.setting_id],
        learner_id=learner.id,
        kind="noticed",
        text=f"{learner}: {by.name} has noticed something.",
        link=f"/noticing/{found.id}/",
        key=f"noticed:{found.id}",
    )
    return found


def _where(learner: Learner) -> Setting:
    """The setting that looks at it: who holds the record, or where the learner is."""
    setting = keeper(learner.id)
    if setting is None:
        raise InvalidTransition(
            "No nursery, school or college looks at this now. Say what you think instead: whoever "
            "keeps the record reads it."
        )
    return setting


@transaction.atomic
def support_in_class(
    *, by: Actor, noticing_id: UUID, support: str, look_again_on: date | None
) -> Noticing:
    """The class does something about it, and it is looked at again on a day. As often as needed."""
    found = _locked(by, noticing_id, State.CLASS_SUPPORT)
    wrong = {}
    if not support.strip():
        wrong["support"] = "Enter what the class does now."
    if look_again_on is None or look_again_on <= clock.today():
        wrong["look_again_on"] = "Enter a day that is still to come."
    if wrong or look_again_on is None:
        raise Invalid("Nothing has changed yet.", wrong)
    found.support, found.look_again_on = support.strip(), look_again_on
    answer = (
        f"{THANKS} In class we now do this: {found.support} "
        f"We look at it again on {look_again_on:%-d %B %Y}."
    )
    return _settle(by, found, State.CLASS_SUPPORT, answer)


@transaction.atomic
def close(*, by: Actor, noticing_id: UUID, reason: str, answer: str) -> Noticing:
    """Nothing more comes of it; says why, and in kind words to whoever noticed."""
    found = _locked(by, noticing_id, State.CLOSED)
    wrong = {
        name: sentence
        for name, value, sentence in (
            ("reason", reason, "Enter why, for the setting's own notes."),
            ("answer", answer, "Enter what you tell whoever noticed."),
        )
        if not value.strip()
    }
    if wrong:
        raise Invalid("Nothing has changed yet.", wrong)
    found.reason = reason.strip()
    return _settle(by, found, State.CLOSED, f"{THANKS} {answer.strip()}")


def end_in_entry(*, by: Actor, review: Review) -> None:
    """The learner is on the register: so ends all that waits of what was noticed at the setting."""
    rows = Noticing.objects.select_for_update(of=("self",)).filter(
        learner_id=review.learner_id,
        setting=review.setting,
        state__in=[State.OPEN, State.CLASS_SUPPORT],
    )
    for found in rows.select_related("learner"):
        found.review = review
        answer = (
            f"{THANKS} {found.learner.known_given} is on the register of additional needs now, so "
            "that help comes with a plan. The full record follows soon."
        )
        _settle(by, found, State.ENTRY, answer)


def end_in_move(*, by: Actor, learner: Learner) -> None:
    """The record has passed on: so ends all that waits of what was noticed at the setting before.

    The worker passes it, for both sides. What is still seen is noticed anew where the learner is.
    """
    rows = Noticing.objects.select_for_update(of=("self",)).filter(
        learner=learner, state__in=[State.OPEN, State.CLASS_SUPPORT]
    )
    for found in rows.select_related("learner"):
        found.reason = "Moved on."
        answer = (
            f"{THANKS} {learner.known_given} has moved on, so nothing more comes of it here. "
            "If you still see it, please tell whoever is with them now."
        )
        _settle(by, found, State.CLOSED, answer)


def _locked(by: Actor, noticing_id: UUID, then: str) -> Noticing:
    found = reading.get(by, noticing_id)
    policy.check_can_keep_register(by, found.setting_id)
    learners_policy.check_can_hold(by, found.learner_id)
    rows = Noticing.objects.select_for_update(of=("self",)).select_related("learner")
    locked = rows.get(pk=found.pk)
    check_can_become(NOTICING, locked.state, then, SETTLED)
    return locked


def _settle(by: Actor, found: Noticing, then: str, answer: str) -> Noticing:
    found.state, found.answer = then, answer
    found.settled_at, found.settled_by = clock.now(), by.name
    found.save()
    _note(by, f"noticing: {then}", found)
    family = found.voice == Noticing.Voice.FAMILY
    tell(
        recipients=[found.author_id],
        learner_id=found.learner_id,
        kind="noticing answered",
        text="Something has come of what you noticed.",
        link=f"/family/{found.learner_id}/" if family else "/classes/noticed/",
        key=f"noticing:{found.id}:{found.settled_at.isoformat()}",
    )
    return found


def _note(by: Actor, action: str, found: Noticing) -> None:
    audit.event(
        by=by,
        action=action,
        subject_kind="noticing",
        subject_id=found.id,
        learner_id=found.learner_id,
    )
