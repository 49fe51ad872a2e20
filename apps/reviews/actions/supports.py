"""Support checks: whether a support in force happens, one tap by an adult who gives it; and the
line in their weekly digest while nobody has.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.access.grants import Actor
from apps.audit import record as audit
from apps.common import clock
from apps.common.exceptions import Invalid, NotVisible
from apps.learners.models import Learner
from apps.notifications.actions import tell
from apps.post.choices import DIGEST_AT
from apps.reviews import checks, policy
from apps.reviews.models import Kind, Statement, SupportCheck
from apps.settings import calendar
from apps.settings.models import Setting

# So long before the weekly digest goes: what is told then is still true when it is read.
BEFORE_DIGEST = timedelta(minutes=90)


@transaction.atomic
def check_support(*, by: Actor, statement_id: UUID, answer: str, why: str = "") -> SupportCheck:
    """Say whether a support in force happens this half term; a later answer replaces an earlier.

    Raises NotVisible where it is no support in force that the actor reads, Refused to a family,
    Invalid where it does not happen as planned and nobody says why.
    """
    support = in_force(by=by, statement_id=statement_id)
    if answer not in SupportCheck.Answer.values:
        raise Invalid("Choose an answer.", {"answer": "Choose whether it happens."})
    why = why.strip() if answer != SupportCheck.Answer.AS_PLANNED else ""
    if answer != SupportCheck.Answer.AS_PLANNED and not why:
        raise Invalid("Say why.", {"why": "Say why, so that somebody can put it right."})
    half = checks.half_terms([support.learner_id])[support.learner_id]
    check, _ = SupportCheck.objects.update_or_create(
        statement=support,
        **half.key,
        defaults={
            "learner_id": support.learner_id,
            "answer": answer,
            "why": why,
            "author_id": by.person_id,
            "author_name": by.name,
            "said_at": clock.now(),
        },
    )
    audit.event(
        by=by,
        action="support checked",
        subject_kind="statement",
        subject_id=support.id,
        learner_id=support.learner_id,
        detail={"answer": answer},
    )
    return check


def check_unless_said(
    *, by: Actor, learner: Learner, answers: Mapping[Statement, tuple[str, str]]
) -> None:
    """Check these supports where nobody has this half term: each with an answer and why.

    The caller has asked the policy.
    """
    if not answers:
        return
    half = checks.half_terms([learner.id])[learner.id]
    SupportCheck.objects.bulk_create(
        [
            SupportCheck(
                statement=support,
                learner=learner,
                **half.key,
                answer=answer,
                why=why,
                author_id=by.person_id,
                author_name=by.name,
                said_at=clock.now(),
            )
            for support, (answer, why) in answers.items()
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def remind_to_check(*, by: Actor, setting: Setting) -> int:
    """Tell whoever gives supports that nobody checked this half term, with their weekly digest.

    At most once a week to each person, whatever they choose and wherever they work. Who could not
    be told before this week's digest finds it on their pages; it goes with the next one that they
    chose. How many people were told; safe to repeat.
    """
    policy.check_can_open_term(by, setting.id)
    now = timezone.localtime(clock.now())
    if not asked_at(now, setting):
        return 0
    year, week, _ = now.isocalendar()
    people = checks.who_has_to_check(by, setting)
    tell(
        recipients=people,
        learner_id=None,
        kind="supports to check",
        text="There is support to check: is it happening?",
        link="/classes/support/",
        key=f"supports to check:{year}-{week}",
    )
    return len(people)


def asked_at(now: datetime, setting: Setting) -> bool:
    """Whether a setting is reminded at this time, once two weeks of its half term are over.

    From shortly before the digest of a week that has a school day, though Monday be a holiday,
    until the last of its school days: so that an hour without a worker leaves nobody out.
    """
    today = now.date()
    monday = today - timedelta(days=today.weekday())
    digest = timezone.make_aware(datetime.combine(monday, DIGEST_AT))
    if now < digest - BEFORE_DIGEST:
        return False
    terms = calendar.terms_around(today, setting)
    rest = (today + timedelta(days=n) for n in range(7 - today.weekday()))
    coming = next((day for day in rest if calendar.is_school_day(day, terms)), None)
    return coming is not None and calendar.half_term_on(
        coming, setting
    ).starts_on <= checks.given_since(today)


def in_force(*, by: Actor, statement_id: UUID) -> Statement:
    """A support in force that this actor may check; raises NotVisible or Refused."""
    support = (
        policy.statements_visible(by, family=False)
        .filter(pk=statement_id, kind=Kind.SUPPORT, withdrawn_no=None)
        .select_related("learner")
        .first()
    )
    if support is None:
        raise NotVisible
    policy.check_can_check_support(by, support.learner_id)
    return support
