"""Where joins and sealing meet families' rights, redaction and legal holds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from apps.common import clock
from apps.common.exceptions import InvalidTransition
from apps.learners import family, whereabouts
from apps.learners.models import Decision, FamilyMember, LearnerAccess
from apps.reviews.models import Review
from apps.rights import redaction
from tests import factories as make
from tests.support.database import as_owner
from tests.support.lives import browser, close, join, part

pytestmark = pytest.mark.django_db


class TestAJoinIsRefused:
    def test_where_somebody_barred_from_the_one_may_be_who_reads_the_other(self, senco, pair):
        kept, joined = pair
        make.parent(joined)
        with as_owner():
            FamilyMember.objects.create(
                learner=kept, name="Bob Fox", relation="father", why_not="Court order"
            )
        with pytest.raises(InvalidTransition, match="may be the same"):
            join(senco, kept, joined)

    def test_where_whereabouts_are_withheld_in_the_record_that_would_be_joined(self, senco, pair):
        kept, joined = pair
        by = make.acting_as(senco)
        for learner in pair:
            whereabouts.withhold_where(by=by, learner=learner, reason="Refuge")
        with pytest.raises(InvalidTransition, match="joining would tell"):
            join(senco, kept, joined)

    def test_where_the_young_person_has_decided_in_it(self, senco, pair):
        kept, joined = pair
        with as_owner():
            Decision.objects.create(
                learner=joined, answer="not", said_at=clock.now(), said_by="Robin",
                said_on=clock.today(), in_own_name=False,
            )  # fmt: skip
        with pytest.raises(InvalidTransition, match="decided"):
            join(senco, kept, joined)

    def test_while_a_redaction_waits(self, senco, pair):
        kept, joined = pair
        redaction.propose(
            by=make.acting_as(senco),
            learner=joined,
            words="Seen at Wren Park",
            ground="rectification",
            because="It was somebody else",
        )
        with pytest.raises(InvalidTransition, match="Settle that first"):
            join(senco, kept, joined)


def test_parting_gives_nothing_back_to_whose_access_ended_meanwhile(senco, pair):
    kept, joined = pair
    person = make.parent(joined)
    closure = join(senco, kept, joined)
    by = make.acting_as(senco)
    member = FamilyMember.objects.get(learner=kept, user=person)
    family.suspend_family(
        by=by, member=member, why="Concern", look_again_on=clock.today() + timedelta(days=9)
    )
    part(senco, closure)
    assert browser(person).get(f"/family/{joined.id}/").status_code == 404


def test_words_of_a_joined_record_are_redacted_through_the_one_that_goes_on(school, senco, pair):
    kept, joined = pair
    head = make.staff("head", school)
    join(senco, kept, joined)
    asked = redaction.propose(
        by=make.acting_as(senco),
        learner=kept,
        words="Seen at Wren Park",
        ground="court order",
        because="The order of 3 March",
    )
    redaction.agree(by=make.acting_as(head), decision_id=asked.decision_id)
    with as_owner():
        signed = Review.objects.get(learner=joined, number=1).canonical
    assert "Seen at" not in signed and "[redacted on" in signed


def test_a_right_passes_to_no_other_learner(senco, pair):
    kept, joined = pair
    close(senco, joined)
    make.acting_as(senco)
    with pytest.raises(DatabaseError, match="no other learner"), transaction.atomic():
        LearnerAccess.objects.filter(learner=kept).update(learner=joined)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
