"""What an attacker found in a term's new pages, each mended: another destination, places that show,
rows of two learners, words that are not one's own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from apps.access import grants
from apps.common import clock
from apps.common.exceptions import Invalid, NotVisible
from apps.learners.models import FamilyMember, LearnerAccess
from apps.reviews import links
from apps.reviews.actions import asking, drafting, noticing, slips, voices
from apps.reviews.actions.written_down import write_down
from apps.reviews.asking import Person as Asked
from apps.reviews.models import Meeting, Review, Slip, Statement, StillTrue, SupportSeen
from apps.reviews.noticing import own
from apps.transitions.actions import cohort, planning
from apps.transitions.models import Transition
from tests import factories as make
from tests.support import records
from tests.support.database import as_owner
from tests.support.sight import browser
from tests.support.world import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> dict[str, Any]:
    return build()


def test_a_year_is_shared_with_the_place_that_was_typed_and_with_no_other() -> None:
    school = make.setting()
    senco = make.staff("senco", school)
    robin = make.learner(school, year_group=6)
    records.listed(senco, robin, school)
    wrong, right = (make.setting(school.local_area) for _ in range(2))
    by = make.acting_as(senco)
    day = clock.today().replace(year=clock.today().year + 1)
    planning.expect(
        by=by, learner=robin, kind="phase", starts_on=day, year_group=7, to_setting=wrong
    )
    (outcome,) = cohort.hand_over(
        by=by, destinations={robin.id: right}, starts_on=day, year_group=7
    )
    assert "Redirect it" in outcome.refused
    assert Transition.objects.get().state == "named"


def test_what_came_of_a_noticing_is_hidden_from_whom_whereabouts_are_withheld(world) -> None:
    robin, parent = world["kwargs"]["learner_id"], world["people"]["parent"]
    by = make.acting_as(parent)
    learner = by and Review.objects.get(pk=world["signed"]).learner
    noticing.notice(by=by, learner=learner, seen="Tired", tried="", family_knows="yes")
    assert own(by, robin).count() == 1
    with as_owner():
        LearnerAccess.objects.filter(learner_id=robin, grantee_id=parent.id).update(
            knows_where=False
        )
    by = make.acting_as(parent)
    assert not own(by, robin).exists()
    with transaction.atomic():
        from apps.reviews.models import Noticing

        assert not Noticing.objects.exists(), "nor through raw SQL"


def test_a_slip_and_a_still_true_are_of_one_learner(world) -> None:
    senco, other = world["people"]["senco"], world["kwargs"]["other_id"]
    make.acting_as(senco)
    statement = Statement.objects.get(pk=world["kwargs"]["statement_id"])
    with pytest.raises(DatabaseError), transaction.atomic():
        Slip.objects.create(
            learner_id=other, statement=statement, should_say="x", because="y",
            noted_by="z", noted_at=clock.now(),
        )  # fmt: skip
    with pytest.raises(DatabaseError), transaction.atomic():
        StillTrue.objects.create(
            review_id=world["kwargs"]["review_id"], learner_id=other, said_by="z",
            said_at=clock.now(),
        )  # fmt: skip


def test_an_invited_parent_changes_nothing_of_a_meeting_but_the_answer(world) -> None:
    parent = world["people"]["parent"]
    make.acting_as(parent)
    meeting = Meeting.objects.filter(state__in=["offered", "booked"]).first()
    assert meeting, "the world has a meeting to which the parent is invited"
    with pytest.raises(DatabaseError, match="chooses the time"), transaction.atomic():
        Meeting.objects.filter(pk=meeting.pk).update(state="declined", agreed="One to one all day")


def test_nobody_adds_how_a_support_works_to_words_of_somebody_else(world) -> None:
    for who in ("head", "parent", "teacher"):
        make.acting_as(world["people"][who])
        with pytest.raises(DatabaseError), transaction.atomic():
            SupportSeen.objects.create(
                contribution_id=world["kwargs"]["contribution_id"],
                learner_id=world["kwargs"]["learner_id"],
                statement_id=world["kwargs"]["support_id"],
                mark="works",
            )


def test_only_what_is_in_force_is_withdrawn(world) -> None:
    by = make.acting_as(world["people"]["senco"])
    with pytest.raises(NotVisible):
        drafting.save_change(by=by, review_id=world["kwargs"]["review_id"], change="withdraw")


def test_words_have_an_end(world) -> None:
    by = make.acting_as(world["people"]["teacher"])
    learner = Review.objects.get(pk=world["signed"]).learner
    with pytest.raises(Invalid) as refused:
        voices.contribute(by=by, learner=learner, harder="x" * 5000)
    assert "harder" in refused.value.fields


def test_a_slip_needs_a_reviewer(world) -> None:
    by = grants.person(world["people"]["neighbour"].id, "N", clock_may_shift=True)
    make.acting_as(world["people"]["neighbour"])
    with pytest.raises(NotVisible):
        slips.note_slip(
            by=by, statement_id=world["kwargs"]["statement_id"], should_say="x", because="y"
        )


def test_staff_do_not_answer_in_the_family_s_name(world) -> None:
    robin = Review.objects.get(pk=world["signed"]).learner
    with as_owner():
        gran = FamilyMember.objects.create(
            learner=robin, name="Jo", relation="grandparent", email="jo@example.test"
        )
    senco = world["people"]["senco"]
    (row,) = asking.ask(
        by=make.acting_as(senco),
        review_id=world["kwargs"]["review_id"],
        people=[Asked("family", "Jo", member_id=gran.id, email=gran.email)],
        due_on=clock.today() + timedelta(days=7),
    )
    client = browser(senco)
    views = client.get(f"/reviews/{world['kwargs']['review_id']}/views/").content.decode()
    assert links.path_of(row) not in views
    answer = client.post(links.path_of(row), {"going_well": "All is well"})
    assert answer.status_code == 403
    assert "Write down what they said" in answer.content.decode()
    assert Client().post(links.path_of(row), {"going_well": "Mine"}).status_code == 200


def test_who_wrote_it_down_is_hidden_with_where_the_learner_is(world) -> None:
    parent, robin = world["people"]["parent"], world["kwargs"]["learner_id"]
    make.acting_as(world["people"]["senco"])
    member = FamilyMember.objects.get(learner_id=robin, user=parent)
    write_down(
        by=make.acting_as(world["people"]["senco"]),
        learner=member.learner,
        member_id=member.id,
        came_by="paper",
        going_well="Sleeps well",
    )
    assert "Sleeps well" in browser(parent).get(f"/family/{robin}/").content.decode()
    with as_owner():
        LearnerAccess.objects.filter(learner_id=robin, grantee_id=parent.id).update(
            knows_where=False
        )
    page = browser(parent).get(f"/family/{robin}/").content.decode()
    assert world["people"]["senco"].name not in page
    assert "written down by" not in page


def test_why_somebody_declined_is_for_the_setting_alone(world) -> None:
    parent = world["people"]["parent"]
    make.acting_as(parent)
    meeting = Meeting.objects.filter(state__in=["offered", "booked"])[0]
    with as_owner():
        Meeting.objects.filter(pk=meeting.pk).update(
            state="declined", why_not="Not with him there", starts_at=None
        )
    page = browser(parent).get(f"/family/meetings/{meeting.pk}/").content.decode()
    assert "Not with him there" not in page
    page = browser(world["people"]["senco"]).get(f"/meetings/{meeting.pk}/").content.decode()
    assert "Not with him there" in page


def test_staff_who_are_parents_see_no_staff_only_support_of_their_child() -> None:
    school = make.setting()
    senco, teacher = make.staff("senco", school), make.staff("teacher", school)
    robin = make.learner(school)
    records.signed(senco, robin, school)
    with as_owner():
        FamilyMember.objects.create(
            learner=robin, user=teacher, name="T", relation="mother", may_see=True
        )
        LearnerAccess.objects.create(
            learner=robin, grantee_kind="user", grantee_id=teacher.id,
            access_right="contribute", reason="family", starts_on="2020-01-01",
        )  # fmt: skip
    page = browser(teacher).get("/classes/support/").content.decode()
    assert records.SUPPORTS[0] not in page
