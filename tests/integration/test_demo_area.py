"""The demo area: every state of a move, every life that does not fit, records that verify."""

from __future__ import annotations

import hashlib

from django.core.management import call_command

from apps.access import grants
from apps.access.permissions import Right
from apps.accounts.models import User
from apps.common import clock
from apps.common.identifiers import parse_upn
from apps.common.terms import year_group_of
from apps.learners.areas import OVERSIGHT
from apps.learners.models import (
    Decision,
    EHCPlan,
    Enrolment,
    FamilyMember,
    Learner,
    LearnerAccess,
    RecordHolder,
    WithheldWhereabouts,
)
from apps.lives.duplicates import compare
from apps.lives.models import Closure
from apps.register.models import RegisterEntry
from apps.reviews.models import Review, Statement
from apps.rights.models import Decision as OfTwo
from apps.rights.models import Disposal, LegalHold, Redaction, Tombstone
from apps.seeding.others import PEOPLE as OTHERS
from apps.settings.models import Setting
from apps.transitions.models import Package, Transition
from apps.transitions.package import verify
from tests.support.database import as_owner

LEARNERS = 1600
READ = Right.READ


def test_the_area_is_made_whole(fresh_database: str) -> None:
    call_command("seed_area", learners=LEARNERS, verbosity=0)
    with as_owner():
        moves_are_in_every_state()
        lives_that_do_not_fit_are_there()
        everyone_else_has_somebody_to_see()
        families_that_do_not_fit_are_there()
        words_are_redacted_and_records_due()
        lives_that_end_a_record_are_there()
        records_verify_and_differ()
        numbers_are_well_formed_and_nobody_s()
        shares_are_near_the_published_ones()


def moves_are_in_every_state() -> None:
    there = set(Transition.objects.values_list("state", flat=True))
    assert there == set(Transition.State.values)
    gone = Transition.objects.get(state="completed")
    held = RecordHolder.objects.get(learner=gone.learner, ends_on=None)
    assert held.setting_id == gone.to_setting_id
    assert held.starts_on < clock.today()
    assert all(verify(p) for p in Package.objects.all())


def lives_that_do_not_fit_are_there() -> None:
    kinds = set(Enrolment.objects.values_list("kind", flat=True))
    assert kinds == {"main", "subsidiary", "guest"}
    areas = RegisterEntry.objects.filter(ends_on=None).exclude(local_area=None)
    assert areas.count() == 3
    assert Learner.objects.exclude(looked_after_by=None).exists()
    assert Learner.objects.filter(birth_date_certainty="assigned").exists()
    assert Learner.objects.filter(upn=None, record__isnull=False).exists()
    assert Learner.objects.filter(upn__endswith="A").exists()
    assert Learner.objects.filter(known_given="Kit", legal_given="Weiting").exists()
    assert FamilyMember.objects.filter(may_see=False).exclude(why_not="").exists()
    assert FamilyMember.objects.filter(relation="self", may_see=True).exists()
    assert RegisterEntry.objects.filter(has_plan=True, highest_rank=0, ends_on=None).exists()
    twins = Learner.objects.filter(known_family="Okonjo").values_list("date_of_birth", flat=True)
    assert len(twins) == 2 and len(set(twins)) == 1
    otto = Enrolment.objects.get(learner__known_given="Otto", learner__known_family="Lindqvist")
    assert otto.year_group != year_group_of(otto.learner.date_of_birth, clock.today())


def everyone_else_has_somebody_to_see() -> None:
    """Each of them through a right of their own; whose role has not begun, through none."""
    granted = set(LearnerAccess.objects.filter(ends_on=None).values_list("grantee_id", flat=True))
    sees = {}
    for person in OTHERS:
        user = User.objects.get(email=person.email)
        actor = grants.person(user.id, user.name, clock_may_shift=True)
        sees[person.email.split("@")[0], person.role] = bool(granted & set(actor.reaching(READ)))
    assert {who for who, found in sees.items() if not found} == {
        ("next", "senco"),
        ("governor", "governor"),
        ("analyst", "analyst"),
        ("board", "board"),
        ("editor", "institute-editor"),
    }
    juno = Learner.objects.get(known_given="Juno", known_family="Harte")
    overseen = juno.access.filter(reason=OVERSIGHT, ends_on=None)
    assert overseen.count() == 2


def lives_that_end_a_record_are_there() -> None:
    closed = {x.known_given: x.closed_because for x in Learner.objects.exclude(closed_because="")}
    assert closed == {"Wilf": "died", "Tamsin": "joined", "Jamie": "sealed"}
    assert Closure.objects.get(because="joined").into.known_family == "Ellery"
    kept = Learner.objects.get(known_family="Ellery")
    assert kept.entries.filter(ends_on=None).count() == 1
    castells = list(Learner.objects.filter(known_family="Castell"))
    assert compare(*castells).twins and not any(x.closed_because for x in castells)
    wren = Learner.objects.get(known_given="Wren", known_family="Albright")
    assert wren.reviews.get().changes.count() == 1


def families_that_do_not_fit_are_there() -> None:
    answers = Decision.objects.exclude(answer="asked")
    assert dict(answers.values_list("answer", "in_own_name")) == {
        "in part": True,
        "capacity": False,
    }
    today = clock.today()
    reads = LearnerAccess.objects.filter(reason="family", ends_on=None, access_right="read")
    assert reads.get().learner.known_given == "Maya"
    spoken_for = LearnerAccess.objects.get(
        reason="family", learner__known_given="Pia", ends_on__gt=today
    )
    assert spoken_for.ends_on == answers.get(answer="capacity").review_by
    assert FamilyMember.objects.filter(look_again_on__gt=today, order_to__gt=today).count() == 1
    withheld = WithheldWhereabouts.objects.get(ends_on=None)
    told = LearnerAccess.objects.filter(learner=withheld.learner, reason="family", starts_on=today)
    knowing = {row.because_id for row in told if row.knows_where and row.ends_on != today}
    assert knowing == set(withheld.may_know)


def words_are_redacted_and_records_due() -> None:
    assert Redaction.objects.exclude(done_at=None).get().words == ""
    assert OfTwo.objects.filter(kind="redaction", state="waiting").exists()
    assert set(Disposal.objects.values_list("state", flat=True)) == {"due", "proposed"}
    assert Tombstone.objects.get().why == "31 years from the date of birth"
    held = LegalHold.objects.get(ended_at=None)
    assert not Disposal.objects.filter(learner=held.learner).exists()


def records_verify_and_differ() -> None:
    for review in Review.objects.exclude(number=None)[:300]:
        assert hashlib.sha256(review.canonical.encode()).hexdigest() == review.sha256
    needs = Statement.objects.filter(kind="need", level__rank__gt=0)
    assert len(set(needs.values_list("text", flat=True))) >= 40
    said = list(Statement.objects.filter(kind="strength").values_list("learner_id", "text"))
    by_learner: dict[object, set[str]] = {}
    for learner, text in said:
        by_learner.setdefault(learner, set()).add(text)
    pictures = {frozenset(texts) for texts in by_learner.values()}
    assert len(pictures) > 100


def numbers_are_well_formed_and_nobody_s() -> None:
    for upn in Learner.objects.exclude(upn=None).values_list("upn", flat=True):
        assert parse_upn(upn) == upn
        assert upn[1:4] == "999"  # no local authority has it


def shares_are_near_the_published_ones() -> None:
    for setting in Setting.objects.filter(phase="primary", kind="school"):
        listed = setting.entries.filter(ends_on=None, also_here=False).count()
        assert 0.15 < listed / (setting.roll or 1) < 0.25
    listed = RegisterEntry.objects.filter(ends_on=None, also_here=False)
    plans = EHCPlan.objects.filter(ends_on=None).count()
    assert 0.1 < plans / listed.count() < 0.35
