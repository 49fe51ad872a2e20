"""A setting has a successor, as when a school becomes an academy: everything passes, with no gap.

One act for all learners of the setting, in a fixed number of statements: a school of 1,400 passes
within one request. GIAS proposes it (`settings.selectors.successions`), an administrator confirms.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Greatest

from apps.access import grants, rls
from apps.access.grants import Actor
from apps.access.models import Membership
from apps.access.policy import check_is_administrator
from apps.audit import record as audit
from apps.common import clock
from apps.common.exceptions import Invalid, InvalidTransition
from apps.learners import referrals
from apps.learners.actions import ALSO
from apps.learners.models import Enrolment, Learner, LearnerAccess, RecordHolder, TeachingGroup
from apps.notifications.models import Notification
from apps.register.models import RegisterEntry
from apps.reviews.meetings import TO_COME
from apps.reviews.models import Meeting, Noticing, Review
from apps.settings.models import Setting, TermDate
from apps.transitions.models import Transition
from apps.transitions.states import ENDED

STAYS = (Learner.Closed.OPEN, Learner.Closed.DIED)
BECAME = "the setting has a successor"


@transaction.atomic
def succeed(*, by: Actor, old: Setting, new: Setting) -> int:
    """Pass enrolments, records, register entries, groups, moves and roles; how many learners.

    Whoever had a role at the old setting has it at the new one, at their very next request.
    Connected systems are not passed: another body answers for the data, so it connects its own.
    Raises Invalid before the successor's opening date, InvalidTransition for one that has closed.
    """
    check_is_administrator(by)
    today = clock.today()
    if old.id == new.id:
        raise Invalid("A setting cannot be its own successor.")
    if new.status == Setting.Status.CLOSED:
        raise InvalidTransition(f"{new} has closed, so nothing can pass to it.")
    if new.opened_on and new.opened_on > today:
        raise Invalid(f"{new} opens on {new.opened_on:%-d %B %Y}. Confirm this on that day.")
    both = (old.id, new.id)
    with rls.acting(grants.worker(*both)):
        holders = _others_who_hold(old)
    with rls.acting(grants.worker(*both, *holders)):
        with connection.cursor() as cursor:
            cursor.execute("SELECT transitions_to_successor(%s, %s)", both)
        passed = _pass_learners(old, new, today)
        _pass_organisation(old, new)
        referrals.pass_on(deployments=_pass_roles(old, new, today))
    rls.set_context(by)
    audit.event(
        by=by,
        action="setting succeeded",
        subject_kind="setting",
        subject_id=old.id,
        detail={"successor": new.id, "learners": passed},
    )
    return passed


def _others_who_hold(old: Setting) -> set[UUID]:
    """Who holds the records of those who are at the setting as a second one: theirs to write."""
    whose = Enrolment.objects.filter(setting=old, ends_on=None).values("learner_id")
    rows = RecordHolder.objects.filter(learner_id__in=whose, ends_on=None).exclude(setting=old)
    return {key for row in rows.values_list("setting_id", "local_area_id") for key in row if key}


def _pass_learners(old: Setting, new: Setting, today: date) -> int:
    """Dated facts end today at the old setting and begin today at the new one."""
    now_on = Q(ends_on=None) | Q(ends_on__gt=today)
    enrolments = list(Enrolment.objects.filter(now_on, setting=old))
    whose = [e.learner_id for e in enrolments]
    # Somebody who was at both already is at one, and needs no right of a second setting there.
    mains = [e.learner_id for e in enrolments if e.kind == Enrolment.Kind.MAIN]
    LearnerAccess.objects.filter(
        learner_id__in=mains, grantee_id=new.id, reason=ALSO, ends_on=None
    ).update(ends_on=today)
    _end(Enrolment.objects.filter(now_on, setting=new, learner_id__in=whose), today)
    _end(Enrolment.objects.filter(now_on, setting=old), today)
    Enrolment.objects.bulk_create(
        [
            Enrolment(
                learner_id=e.learner_id,
                setting=new,
                kind=e.kind,
                year_group=e.year_group,
                class_name=e.class_name,
                starts_on=max(today, e.starts_on),
                ends_on=e.ends_on,
            )
            for e in enrolments
        ],
        batch_size=1000,
    )
    # Not those joined to another record: nobody sees them, and they are read through that one.
    held = list(
        RecordHolder.objects.filter(setting=old, ends_on=None, learner__closed_because__in=STAYS)
    )
    Transition.objects.filter(learner_id__in=[h.learner_id for h in held], to_setting=new).exclude(
        state__in=ENDED
    ).update(state=Transition.State.WITHDRAWN, end_reason=BECAME, version=F("version") + 1)
    _end(RecordHolder.objects.filter(setting=old, ends_on=None), today)
    RecordHolder.objects.bulk_create(
        [
            RecordHolder(
                learner_id=h.learner_id,
                setting=new,
                reason=RecordHolder.Reason.SUCCESSOR,
                starts_on=today,
            )
            for h in held
        ],
        batch_size=1000,
    )
    _pass_entries(old, new, today)
    Review.objects.filter(setting=old, state=Review.State.OPEN).update(
        setting=new, version=F("version") + 1
    )
    Meeting.objects.filter(setting=old, state__in=TO_COME).update(setting=new)
    waits = [Noticing.State.OPEN, Noticing.State.CLASS_SUPPORT]
    Noticing.objects.filter(setting=old, state__in=waits).update(setting=new)
    return len(whose)


def _pass_entries(old: Setting, new: Setting, today: date) -> None:
    entries = list(RegisterEntry.objects.filter(setting=old, ends_on=None))
    whose = [e.learner_id for e in entries]
    for rows in (
        RegisterEntry.objects.filter(setting=new, ends_on=None, learner_id__in=whose),
        RegisterEntry.objects.filter(setting=old, ends_on=None),
    ):
        rows.update(ends_on=Greatest("starts_on", today), leaving_reason=BECAME)
    RegisterEntry.objects.bulk_create(
        [
            RegisterEntry(
                learner_id=e.learner_id,
                setting=new,
                starts_on=today,
                framework_id=e.framework_id,
                levels=e.levels,
                highest_rank=e.highest_rank,
                has_plan=e.has_plan,
                brought_over=e.brought_over,
                also_here=e.also_here,
            )
            for e in entries
        ],
        batch_size=1000,
    )


def _end(rows, today: date) -> None:  # type: ignore[no-untyped-def]
    """End dated facts; one that began today, or later, never held for a day there."""
    rows.filter(starts_on__gte=today).delete()
    rows.update(ends_on=today)


def _pass_organisation(old: Setting, new: Setting) -> None:
    """What is the setting's and no learner's: groups, its own term dates, unread messages.

    And, of `apps.rights`, what waits for its people to decide and how long it keeps records.
    """
    TeachingGroup.objects.filter(setting=old).update(setting=new)
    TermDate.objects.filter(setting=old).update(setting=new)
    Notification.objects.filter(recipient_id=old.id, read_at=None).update(recipient_id=new.id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT rights_to_successor(%s, %s)", [old.id, new.id])


def _pass_roles(old: Setting, new: Setting, today: date) -> dict[UUID, UUID]:
    """Everyone's role, from today there; which membership follows which."""
    now_on = Q(ends_on=None) | Q(ends_on__gt=today)
    roles = list(Membership.objects.filter(now_on, setting=old))
    _end(Membership.objects.filter(now_on, setting=old), today)
    rows = Membership.objects.filter(now_on, setting=new)
    there = {(m.user_id, m.role): m for m in rows}
    new_ones = {
        (m.user_id, m.role): Membership(
            user_id=m.user_id,
            role=m.role,
            setting=new,
            group_ids=m.group_ids,
            whole_setting=m.whole_setting,
            starts_on=max(today, m.starts_on),
            ends_on=m.ends_on,
        )
        for m in roles
        if (m.user_id, m.role) not in there
    }
    Membership.objects.bulk_create(new_ones.values(), batch_size=1000)
    following = {**there, **new_ones}
    return {m.id: following[m.user_id, m.role].id for m in roles}
