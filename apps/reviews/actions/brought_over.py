"""An existing list becomes the register: brought over first, then a level for each learner.

Whoever was on the setting's own list is on the register at once, marked *brought over*; the SENCO
then chooses an area and a level for each, and the full records follow over the term.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from apps.access.grants import Actor
from apps.audit import record as audit
from apps.common import clock
from apps.common.exceptions import Invalid, InvalidTransition
from apps.learners.actions import start_record
from apps.learners.models import Enrolment, Learner
from apps.learners.policy import check_can_hold, held_by
from apps.register.models import BroughtOver
from apps.reviews import policy
from apps.reviews.actions.entry import Evidence, put_on_register
from apps.reviews.actions.places import refresh_register
from apps.reviews.models import LearnerRecord, Review
from apps.settings import calendar
from apps.settings.models import Setting

# The area of need that a census type of need points to (School Census, SENtype). A suggestion:
# DS, OTH and NSA point to none, and a person chooses.
SUGGESTED_AREA = {
    "SPLD": "cognition-and-learning",
    "MLD": "cognition-and-learning",
    "SLD": "cognition-and-learning",
    "PMLD": "cognition-and-learning",
    "SLCN": "communication-and-interaction",
    "ASD": "communication-and-interaction",
    "SEMH": "social-emotional-and-mental-health",
    "HI": "physical-and-sensory",
    "VI": "physical-and-sensory",
    "MSI": "physical-and-sensory",
    "PD": "physical-and-sensory",
}
# A full record is not asked for within these days of choosing a level.
LEAST_DAYS = 14
LONGEST_REASON = 100
Ended = BroughtOver.Ended


@transaction.atomic
def bring_over(
    *,
    by: Actor,
    learner: Learner,
    setting: Setting,
    brought_by: str,
    need: str = "",
    need_type: str = "",
    supports: Sequence[str] = (),
) -> BroughtOver | None:
    """Put a learner of an existing list on the register, level to be chosen.

    `brought_by` is who brought the list, for whom the worker does it.
    Returns None for one who is on the register already: their record says more than the list.
    """
    policy.check_can_keep_register(by, setting.id)
    check_can_hold(by, learner.id)
    if learner.entries.filter(setting=setting, ends_on=None).exists():
        return None
    today = clock.today()
    start_record(by=by, learner=learner, setting=setting, on=today)
    LearnerRecord.objects.get_or_create(learner=learner, defaults={"started_on": today})
    brought = BroughtOver(
        learner=learner,
        setting=setting,
        said={"need": need.strip(), "type": need_type, "supports": list(supports)},
        area=SUGGESTED_AREA.get(need_type, ""),
        brought_by=brought_by,
        brought_at=clock.now(),
        lapses_on=calendar.after_next_term(today, setting),
    )
    brought.save(force_insert=True)
    refresh_register(by=by, learner=learner)
    _note(by, brought, "brought over from a list")
    return brought


@transaction.atomic
def choose_level(
    *,
    by: Actor,
    brought: BroughtOver,
    area: str,
    level: str,
    what: str,
    supports: Sequence[str] = (),
) -> Review:
    """Choose the area and level of a learner who was brought over; their supports are in force now.

    The full record is due in the review weeks, spread by year group. Raises as `put_on_register`.
    """
    setting = _place(by, brought)
    _end(brought, Ended.ENTERED)
    today = clock.today()
    year_group = (
        Enrolment.objects.filter(learner=brought.learner, setting=setting, ends_on=None)
        .values_list("year_group", flat=True)
        .first()
    )
    return put_on_register(
        by=by,
        learner=brought.learner,
        setting=setting,
        area=area,
        level=level,
        evidence=Evidence(what=what, where="", when=today, by=by.name),
        supports=[words.strip() for words in supports if words.strip()],
        first_due_on=calendar.coming_review_due_on(
            today, setting, year_group or 0, least=LEAST_DAYS
        ),
    )


@transaction.atomic
def leave_off(*, by: Actor, brought: BroughtOver, why: str) -> None:
    """The list is out of date: the learner is not on the register, and says why. Raises Invalid."""
    _place(by, brought)
    why = why.strip()
    if not why or len(why) > LONGEST_REASON:
        say = f"Say why they are left off, in {LONGEST_REASON} characters or fewer."
        raise Invalid(f"They are still on the register. {say}", {"why": say})
    brought.why_left_off = why
    _end(brought, Ended.LEFT_OFF)
    refresh_register(by=by, learner=brought.learner, leaving_reason=brought.why_left_off)
    _note(by, brought, "left off the register")


def lapse_due(*, by: Actor) -> int:
    """End what nobody chose a level for in time; how many. For the worker of who holds the record.

    Whose list it was does not matter: the learner may have moved since. Nothing about a closed
    record changes.
    """
    rows = BroughtOver.objects.filter(
        held_by(by, "learner_id"),
        ended_on=None,
        lapses_on__lte=clock.today(),
        learner__closed_because="",
    )
    due = list(rows.select_related("learner"))
    for brought in due:
        with transaction.atomic():
            _end(brought, Ended.LAPSED)
            refresh_register(by=by, learner=brought.learner, leaving_reason=Ended.LAPSED.label)
            _note(by, brought, "brought over, and not completed in time")
    return len(due)


def _place(by: Actor, brought: BroughtOver) -> Setting:
    """The setting at which a level is chosen now: the one that holds the record."""
    check_can_hold(by, brought.learner_id)
    entry = (
        brought.learner.entries.filter(ends_on=None, also_here=False)
        .select_related("setting__local_area")
        .first()
    )
    if entry is None or entry.setting is None or brought.ended_on is not None:
        raise InvalidTransition(f"{brought.learner} does not wait for a level any more.")
    policy.check_can_keep_register(by, entry.setting.id)
    return entry.setting


def _end(brought: BroughtOver, ended: str) -> None:
    brought.ended = ended
    brought.ended_on = clock.today()
    brought.save(update_fields=["ended", "ended_on", "why_left_off"])


def _note(by: Actor, brought: BroughtOver, action: str) -> None:
    audit.event(
        by=by,
        action=action,
        subject_kind="brought over",
        subject_id=brought.id,
        learner_id=brought.learner_id,
    )
