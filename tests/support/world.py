"""A world in which somebody of every kind looks at the same learner."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from apps.access import actions as access
from apps.access import openings
from apps.access.models import Membership
from apps.accounts.models import User
from apps.audit import record
from apps.common import clock
from apps.documents import actions as documents
from apps.imports.actions import staging
from apps.learners import areas, referrals
from apps.learners.models import Learner
from apps.reviews import links
from apps.reviews.actions import asking, meetings, term
from apps.reviews.actions.entry import Evidence, put_on_register
from apps.reviews.actions.noticing import notice
from apps.reviews.asking import Person
from apps.reviews.models import Acknowledgement, Review, Statement
from apps.rights import actions as exports
from apps.rights import redaction
from apps.transitions.actions import planning
from tests import factories as make
from tests.support.database import as_owner


def everyone_else(world: dict[str, Any]) -> dict[str, User]:
    """Those of the table of who sees what whom the first matrix has no column for.

    The learner is looked after by a third authority and referred to a specialist; the school has
    opened its records to its trust and to its local area.
    """
    school, area, trust = world["school"], world["area"], world["trust"]
    robin = Learner.objects.get(pk=world["kwargs"]["learner_id"])
    today, day = clock.today(), timedelta(days=1)
    authority = make.local_area()
    senco = make.acting_as(world["people"]["senco"])
    areas.note_looked_after(by=senco, learner=robin, authority=authority)
    openings.open_records(by=senco, setting=school, to_id=area.id, why="Assessments")
    left = make.staff("specialist", school)
    for_left = left.memberships.get()
    referrals.refer(by=senco, learner=robin, deployment_id=for_left.id, why="Hearing")
    left.memberships.update(ends_on=today)
    both = make.staff("governor", school)
    Membership.objects.create(
        user=both, role="teacher", setting=world["other"], starts_on=make.LONG_AGO
    )
    return {
        "specialist": world["specialist"],
        "specialist without this learner": make.staff("specialist", school),
        "specialist who left yesterday": left,
        "virtual head": make.staff("virtual-head", authority),
        "social worker": make.staff("social-worker", authority),
        "officer of the authority": make.staff("officer", authority),
        "virtual head of the area": make.staff("virtual-head", area),
        "trust lead": make.staff("trust-lead", trust),
        "lead of another trust": make.staff("trust-lead", make.setting_group()),
        "area SENCO": make.staff("area-senco", area),
        "early-years teacher": make.staff("early-years-teacher", area),
        "area SENCO of the authority": make.staff("area-senco", authority),
        "analyst": make.staff("analyst", area),
        "board member": make.staff("board", area),
        "institute editor": make.staff("institute-editor"),
        "acting SENCO": make.staff("senco", school, starts_on=today - day, ends_on=today + day),
        "assistant SENCO": make.staff("assistant-senco", school, ends_on=today + day),
        "former SENCO": make.staff("senco", school, ends_on=today),
        "SENCO to be": make.staff("senco", school, starts_on=today + day),
        "governor who teaches elsewhere": both,
    }


def build() -> dict[str, Any]:
    """A learner with an open review, a past one and a shared move, and everyone around them."""
    area = make.local_area()
    trust = make.setting_group()
    school, other = make.setting(area, group=trust), make.setting(area)
    senco = make.staff("senco", school)
    robin = make.learner(school, year_group=6)
    people = {
        "anyone": None,
        "senco": senco,
        "neighbour": make.staff("senco", other),
        "teacher": make.staff("teacher", school, whole_setting=True),
        "head": make.staff("head", school),
        "governor": make.staff("governor", school),
        "parent": make.parent(robin),
        "stranger": make.parent(make.learner(other)),
        "officer": make.staff("officer", area),
        "outsider": make.staff("officer", make.local_area()),
        "administrator": make.staff("administrator"),
    }
    by = make.acting_as(senco)
    review = put_on_register(
        by=by,
        learner=robin,
        setting=school,
        area="communication-and-interaction",
        level="mild",
        evidence=Evidence("Watches others", "class", clock.today(), "Mr Ray"),
    )
    move = planning.expect(
        by=by,
        learner=robin,
        kind="phase",
        starts_on=clock.today() + timedelta(days=100),
        year_group=7,
    )
    double = make.learner(school, year_group=6)
    staged = staging.stage(by=by, setting=school, file_name="list.csv", data=b"UPN\n")
    with as_owner():
        strength = Statement.objects.create(
            record=review.record, learner=robin, kind="strength", text="Sings.", introduced_no=1
        )
        support = Statement.objects.create(
            record=review.record, learner=robin, kind="support", text="Drums.", introduced_no=1
        )
        disagreement = Acknowledgement.objects.create(
            review=review,
            learner=robin,
            family_member=robin.family.get(),
            agrees=False,
            says="Not quite",
            said_at=clock.now(),
            reply_due_on=clock.today(),
        )
    first = Review.objects.get(learner=robin, state="open")
    invited, _ = access.invite_staff(
        by=by, email="new@example.test", name="New", role="teacher", setting=school
    )
    by_link, _ = asking.ask(
        by=by,
        review_id=first.id,
        people=[
            Person("specialist", "Kit Lowe", email="kit@example.test"),
            Person("teacher", "The teacher", user_id=people["teacher"].id),
        ],
        due_on=clock.today() + timedelta(days=7),
    )
    export = exports.ask(
        by=by, learner=robin, holder_id=school.id, copy_for="A parent", identity="Known to us"
    )
    system = make.api_client(school, scopes=["learners:read"])[0]
    specialist = make.staff("specialist", school)
    by = make.acting_as(senco)
    deployment = specialist.memberships.get()
    referral = referrals.refer(by=by, learner=robin, deployment_id=deployment.id, why="Speech")
    opening = openings.open_records(by=by, setting=school, to_id=trust.id, why="Assessments")
    proposed = redaction.propose(
        by=by, learner=robin, words="Watches", ground="rectification", because="It was another"
    )
    paper = documents.add(
        by=by,
        learner=robin,
        title="A report",
        file_name="report.txt",
        data=f"{robin} sings.".encode(),
    )
    noticed = notice(
        by=make.acting_as(people["teacher"]),
        learner=robin,
        seen="Covers both ears when the bell rings",
        family_knows="not yet",
    )
    time = clock.now() + timedelta(days=3)
    by = make.acting_as(senco)
    meeting = meetings.offer(
        by=by, learner=robin, invited=[robin.family.get().id], times=[time], how="phone"
    )
    meetings.choose_time(by=by, meeting_id=meeting.id, starts_at=time, said_by="Alex")
    job = term.have_term_opened(by=make.acting_as(senco), setting=school)
    record.opened(by=make.acting_as(people["teacher"]), learner_id=robin.id, what="profile")
    return {
        "area": area,
        "school": school,
        "other": other,
        "trust": trust,
        "specialist": specialist,
        "people": people,
        "kwargs": {
            "year_group": 6,
            "learner_id": robin.id,
            "other_id": double.id,
            "export_id": export.id,
            "document_id": paper.id,
            "decision_id": proposed.decision_id,
            "invitation_id": invited.id,
            "reader_id": people["teacher"].id,
            "review_id": first.id,
            "transition_id": move.id,
            "statement_id": strength.id,
            "subject_id": support.id,
            "rule": "frequency",
            "support_id": support.id,
            "ask_id": by_link.id,
            "token": links.token_of(by_link),
            "acknowledgement_id": disagreement.id,
            "setting_id": school.id,
            "local_area_id": area.id,
            "setting_group_id": trust.id,
            "referral_id": referral.id,
            "opening_id": opening.id,
            "job_id": job.id,
            "noticing_id": noticed.id,
            "meeting_id": meeting.id,
            "member_id": robin.family.get().id,
            "membership_id": senco.memberships.get().id,
            "contribution_id": strength.id,
            "number": 1,
            "area": "cognition-and-learning",
            "level": "mild",
            "kind": "strength",
            "step": "share",
            "code": "visual-support",
            "import_id": staged.id,
            "pk": 1,
            "uidb36": "1",
            "key": "a-b",
            "change_id": strength.id,
            "provider_id": "school",
            "connection_id": 1,
            "client_id": system.user_id,
            "user_id": people["teacher"].id,
        },
        "signed": review.id,
    }
