"""Meetings: times are offered, the family chooses one, and what was agreed is kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.access import grants, rls
from apps.access.grants import Actor
from apps.audit import record as audit
from apps.common import clock
from apps.common.exceptions import Invalid, InvalidTransition
from apps.common.states import check_can_become
from apps.learners import access_rows
from apps.learners.models import Enrolment, FamilyMember, Learner, RecordHolder
from apps.notifications.actions import tell
from apps.reviews import meetings as reading
from apps.reviews import policy
from apps.reviews.models import Meeting, Review
from apps.reviews.states import MEETING

State = Meeting.State
OVER = "This meeting is over, or was called off."
MOST_TIMES = 6
# The hours in which somebody may be reminded: a telephone lies beside a bed.
WAKING = range(8, 20)


@transaction.atomic
def offer(
    *,
    by: Actor,
    learner: Learner,
    invited: Iterable[UUID],
    times: Iterable[datetime],
    how: str,
    minutes: int = 30,
    where: str = "",
    who: str = "",
    interpreter: str = "",
) -> Meeting:
    """Offer the family some times for a conversation, about the open review if there is one.

    Raises Invalid without a time to come or somebody of the family to invite.
    """
    policy.check_can_review(by, learner.id)
    chosen, offered = sorted(set(invited)), sorted(set(times))
    known = {m.id for m in reading.invitable(by, learner.id)}
    wrong = {}
    if not chosen or set(chosen) - known:
        wrong["invited"] = "Choose who of the family is invited."
    if not offered or len(offered) > MOST_TIMES or offered[0] <= clock.now():
        wrong["times"] = f"Enter up to {MOST_TIMES} times that are still to come."
    if how not in Meeting.How.values:
        wrong["how"] = "Choose how you meet."
    if wrong:
        raise Invalid("Nothing was offered yet.", wrong)
    setting_id, local_area_id = _holder(learner)
    meeting = Meeting(
        learner=learner,
        review=Review.objects.filter(learner=learner, state=Review.State.OPEN).first(),
        setting_id=setting_id,
        local_area_id=local_area_id,
        invited=chosen,
        times=offered,
        minutes=minutes,
        how=how,
        where=where.strip(),
        who=who.strip(),
        interpreter=interpreter.strip(),
        offered_at=clock.now(),
        offered_by_id=by.person_id,
        offered_by_name=by.name,
    )
    meeting.save(force_insert=True)
    _note(by, "meeting offered", meeting)
    _tell_family(by, meeting, "meeting offered", "You are asked to choose a time to talk.")
    return meeting


def _holder(learner: Learner) -> tuple[UUID | None, UUID | None]:
    """The setting or local area that holds the record; before there is one, the main setting."""
    holder = RecordHolder.objects.filter(learner=learner, ends_on=None).first()
    if holder:
        return holder.setting_id, holder.local_area_id
    return Enrolment.objects.get(learner=learner, kind="main", ends_on=None).setting_id, None


@transaction.atomic
def choose_time(*, by: Actor, meeting_id: UUID, starts_at: datetime, said_by: str = "") -> Meeting:
    """The family chooses one of the times, or staff note what they said by phone (`said_by`).

    Raises Invalid for any other time, or one that is past.
    """
    meeting, family = _locked(by, meeting_id, State.BOOKED)
    if starts_at not in meeting.times or starts_at <= clock.now():
        raise Invalid("No time is chosen yet.", {"time": "Choose one of the times."})
    meeting.state, meeting.starts_at = State.BOOKED, starts_at
    meeting.chosen_by = by.name if family else said_by.strip() or by.name
    meeting.save(update_fields=["state", "starts_at", "chosen_by"])
    _note(by, "meeting booked", meeting)
    if family:
        _tell_holder(meeting, f"{meeting.learner}: the family has chosen a time to talk.")
    _tell_family(by, meeting, "meeting booked", "A time to talk is booked.")
    return meeting


@transaction.atomic
def decline(*, by: Actor, meeting_id: UUID, because: str) -> Meeting:
    """The family would rather not, or at none of these times; says why or what would suit."""
    meeting, family = _locked(by, meeting_id, State.DECLINED)
    _check_says(because, "because", "Enter what would suit better, or why not.")
    meeting.state, meeting.why_not = State.DECLINED, because.strip()
    meeting.save(update_fields=["state", "why_not"])
    _note(by, "meeting declined", meeting)
    if family:
        _tell_holder(meeting, f"{meeting.learner}: none of the times to talk suits the family.")
    return meeting


@transaction.atomic
def call_off(*, by: Actor, meeting_id: UUID, why: str) -> Meeting:
    """The setting calls it off, and those invited are told."""
    meeting, _ = _locked(by, meeting_id, State.CALLED_OFF, staff=True)
    _check_says(why, "why", "Enter why, for those invited.")
    meeting.state, meeting.why_not = State.CALLED_OFF, why.strip()
    meeting.save(update_fields=["state", "why_not"])
    _note(by, "meeting called off", meeting)
    _tell_family(by, meeting, "meeting called off", "The time to talk is called off.")
    return meeting


@transaction.atomic
def note_held(*, by: Actor, meeting_id: UUID, held_on: date | None, agreed: str) -> Meeting:
    """It was held; what was agreed is there for those invited to read."""
    meeting, _ = _locked(by, meeting_id, State.HELD, staff=True)
    wrong = {}
    if held_on is None or held_on > clock.today():
        wrong["held_on"] = "Enter the day: today or earlier."
    if not agreed.strip():
        wrong["agreed"] = "Enter what was agreed."
    if wrong:
        raise Invalid("Nothing was kept yet.", wrong)
    meeting.state, meeting.held_on, meeting.agreed = State.HELD, held_on, agreed.strip()
    meeting.save(update_fields=["state", "held_on", "agreed"])
    _note(by, "meeting held", meeting)
    _tell_family(by, meeting, "meeting held", "You can read what was agreed when you talked.")
    return meeting


def call_off_all(*, by: Actor, learner: Learner, why: str) -> None:
    """Whoever keeps the record changes: what was to come is called off, and those invited told.

    The caller has asked the policy, and acts for both sides. Of a time that is past nobody is told.
    """
    to_come = Meeting.objects.filter(learner=learner, state__in=reading.TO_COME)
    for meeting in to_come.select_for_update():
        ahead = meeting.is_ahead
        meeting.state, meeting.why_not = State.CALLED_OFF, why
        meeting.save(update_fields=["state", "why_not"])
        _note(by, "meeting called off", meeting)
        if ahead:
            _tell_invited(meeting, "meeting called off", "The time to talk is called off.")


def remind(*, waking: range = WAKING) -> int:
    """Remind everyone of what is booked for tomorrow, once, in waking hours; how many meetings."""
    with rls.acting(grants.worker()):
        if timezone.localtime(clock.now()).hour not in waking:
            return 0
        due = list(reading.tomorrow())
    for meeting in due:
        with rls.acting(grants.worker(meeting.holder_id)) as by:
            _tell_family(by, meeting, "meeting tomorrow", "Tomorrow you have a time to talk.")
    return len(due)


def _locked(by: Actor, meeting_id: UUID, then: str, *, staff: bool = False) -> tuple[Meeting, bool]:
    """The meeting, and whether it is the family that acts."""
    found = reading.get(by, meeting_id, family=False)
    family = not staff and not policy.can_review(by, found.learner_id)
    if family:
        found = reading.get(by, meeting_id, family=True)
        policy.check_is_family(by, found.learner_id)
    else:
        policy.check_can_review(by, found.learner_id)
    locked = Meeting.objects.select_for_update(of=("self",)).select_related("learner")
    # The database lets a family lock none that is over.
    meeting = locked.filter(pk=found.pk).first()
    if meeting is None or meeting.learner.closed_because:
        raise InvalidTransition(OVER)
    check_can_become(MEETING, meeting.state, then, OVER)
    return meeting, family


def _check_says(text: str, field: str, sentence: str) -> None:
    if not text.strip():
        raise Invalid("Nothing has changed yet.", {field: sentence})


def _tell_family(by: Actor, meeting: Meeting, kind: str, text: str) -> None:
    """Those invited; who they are, another of the family may not know."""
    with rls.in_place_of(by, grants.worker(meeting.holder_id)):
        _tell_invited(meeting, kind, text)


def _tell_invited(meeting: Meeting, kind: str, text: str) -> None:
    """Those invited who have joined, and may know where the learner is, as a meeting says."""
    members = FamilyMember.objects.filter(id__in=meeting.invited, may_see=True)
    readers = access_rows.family_readers(meeting.learner_id, who_know_where=True)
    tell(
        recipients=members.filter(user_id__in=readers).values_list("user_id", flat=True),
        learner_id=meeting.learner_id,
        kind=kind,
        text=text,
        link=f"/family/meetings/{meeting.id}/",
        key=f"{kind}:{meeting.id}:{meeting.starts_at}",
    )


def _tell_holder(meeting: Meeting, text: str) -> None:
    tell(
        recipients=[meeting.holder_id],
        learner_id=meeting.learner_id,
        kind="meeting answered",
        text=text,
        link=f"/meetings/{meeting.id}/",
        key=f"{meeting.state}:{meeting.id}:{meeting.starts_at}",
    )


def _note(by: Actor, action: str, meeting: Meeting) -> None:
    audit.event(
        by=by,
        action=action,
        subject_kind="meeting",
        subject_id=meeting.id,
        learner_id=meeting.learner_id,
    )
