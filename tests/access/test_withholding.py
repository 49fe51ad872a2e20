"""Withholding whereabouts: who may, from whom, whose words wait, and that only a person ends it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from apps.access import grants, rls
from apps.accounts.models import User
from apps.common import clock
from apps.common.exceptions import Invalid, InvalidTransition, NotVisible, Refused
from apps.learners import actions as learners
from apps.learners import family, policy, whereabouts
from apps.learners.models import FamilyMember, Learner, WithheldReader, WithheldWhereabouts
from apps.notifications.actions import tell
from apps.notifications.models import Notification
from apps.reviews import whereabouts as reviews
from apps.reviews.actions.places import refresh_register
from apps.reviews.models import Contribution, Statement
from apps.transitions.actions import planning
from apps.transitions.models import Transition
from apps.transitions.states import ENDED
from tests import factories as make
from tests.support.database import as_owner
from tests.support.families import member_of, withhold

pytestmark = pytest.mark.django_db

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class TestWords:
    @pytest.mark.parametrize(
        "text",
        [
            "Settles with help from the office at Merrowfield",
            "Reads with MERROWFIELD’s librarian",
            "Trusts Mr Ray",
            "Works best with Quillon",
        ],
    )
    def test_a_statement_that_names_a_place_or_a_person_waits_until_it_was_read(
        self, world: dict[str, Any], robin: Learner, other: User, text: str
    ) -> None:
        with as_owner():
            type(world["school"]).objects.filter(pk=world["school"].id).update(
                name="Merrowfield Primary School"
            )
            User.objects.filter(pk=world["people"]["teacher"].id).update(name="Ada Quillon")
            named = Statement.objects.create(
                record=robin.record, learner=robin, kind="strength", text=text, introduced_no=1
            )
        row = withhold(world, robin)
        senco = make.acting_as(world["people"]["senco"])
        assert named.id in {s.id for s in reviews.naming_places(senco, robin.id)}
        assert text not in self.read_by(other, robin)
        assert "Sings." in self.read_by(other, robin)
        senco = make.acting_as(world["people"]["senco"])
        whereabouts.accept_words(by=senco, row=row, statement_id=named.id)
        assert text in self.read_by(other, robin)

    @pytest.mark.parametrize(
        ("name", "gives_away", "tells_nothing"),
        [
            ("Park Hill Primary School", "Walks from Park  Hill alone", "Likes the park"),
            ("The New School", "Enjoys New School assemblies", "Liked the school choir"),
        ],
    )
    def test_a_name_of_common_words_is_found_by_two_that_stand_together(
        self, world: dict[str, Any], robin: Learner, name: str, gives_away: str, tells_nothing: str
    ) -> None:
        with as_owner():
            type(world["school"]).objects.filter(pk=world["school"].id).update(name=name)
            for text in (gives_away, tells_nothing):
                Statement.objects.create(
                    record=robin.record, learner=robin, kind="strength", text=text, introduced_no=1
                )
        withhold(world, robin)
        senco = make.acting_as(world["people"]["senco"])
        found = {s.text for s in reviews.naming_places(senco, robin.id)}
        assert gives_away in found
        assert tells_nothing not in found

    def test_a_place_that_is_only_planned_is_a_place_and_words_are_looked_at_anew(
        self, world: dict[str, Any], robin: Learner, other: User
    ) -> None:
        text = "Is curious about Quarrendon"
        with as_owner():
            named = Statement.objects.create(
                record=robin.record, learner=robin, kind="strength", text=text, introduced_no=1
            )
        row = withhold(world, robin)
        assert text in self.read_by(other, robin)
        senco = make.acting_as(world["people"]["senco"])
        whereabouts.accept_words(by=senco, row=row, statement_id=named.id)
        new = make.setting(world["area"], name="Quarrendon High School")
        move = Transition.objects.exclude(state__in=ENDED).get(learner=robin)
        planning.name_destination(by=senco, transition_id=move.id, to_setting=new)
        assert text not in self.read_by(other, robin)
        senco = make.acting_as(world["people"]["senco"])
        assert named.id in {s.id for s in reviews.naming_places(senco, robin.id)}

    def read_by(self, person: User, robin: Learner) -> str:
        make.acting_as(person)
        return " ".join(s.text for s in reviews.without_places(robin.id))

    def test_what_is_for_staff_only_stays_so(
        self, world: dict[str, Any], robin: Learner, other: User
    ) -> None:
        with as_owner():
            Statement.objects.create(
                record=robin.record,
                learner=robin,
                kind="support",
                text="For staff",
                audience="staff",
                audience_reason="Worries",
                introduced_no=1,
            )
        withhold(world, robin)
        assert "For staff" not in self.read_by(other, robin)

    def test_a_stranger_reads_none_of_it(self, world: dict[str, Any], robin: Learner) -> None:
        for who in ("neighbour", "stranger", "outsider"):
            make.acting_as(world["people"][who])
            assert reviews.without_places(robin.id) == []
            assert reviews.reviewed_on(robin.id) == []
            assert reviews.naming_places(make.acting_as(world["people"][who]), robin.id) == []

    def test_no_adult_of_the_family_asks_which_words_give_it_away(
        self, world: dict[str, Any], robin: Learner, other: User
    ) -> None:
        withhold(world, robin)
        make.acting_as(other)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM reviews_naming_places(%s)", [robin.id])
            assert cursor.fetchone() == (0,)


class TestTheirOwnWords:
    def test_what_they_say_reaches_the_review_and_the_holder_and_tells_them_nothing(
        self, world: dict[str, Any], robin: Learner, other: User
    ) -> None:
        withhold(world, robin)
        client = Client()
        client.force_login(other, backend=BACKEND)
        assert client.post(f"/family/{robin.id}/say/", {"harder": "Mornings"}).status_code == 302
        assert "Mornings" in client.get(f"/family/{robin.id}/").content.decode()
        with as_owner():
            said = Contribution.objects.get(harder="Mornings")
            assert str(said.review_id) == str(world["kwargs"]["review_id"])
            told = Notification.objects.get(key=f"contribution:{said.id}:{world['school'].id}")
            assert told.recipient_id == world["school"].id

    def test_nobody_hands_in_what_another_said(
        self, world: dict[str, Any], robin: Learner, other: User
    ) -> None:
        withhold(world, robin)
        make.acting_as(other)
        said = Contribution(
            learner=robin,
            voice="family",
            author=other,
            author_name="O",
            family_member=member_of(other),
            harder="H",
            said_at=clock.now(),
        )
        make.acting_as(other)
        said.save(force_insert=True)
        for who in ("stranger", "neighbour", "parent"):
            make.acting_as(world["people"][who])
            with connection.cursor() as cursor:
                cursor.execute("SELECT reviews_hand_in(%s, 'x')", [said.id])
        with as_owner():
            said.refresh_from_db()
            assert said.review_id is None


class TestWho:
    @pytest.mark.parametrize("who", ["senco", "head", "officer"])
    def test_the_setting_and_the_area_withhold_true_at_once(
        self, world: dict[str, Any], robin: Learner, other: User, who: str
    ) -> None:
        withhold(world, robin, who)
        assert not policy.knows_where(make.acting_as(other), robin.id)
        assert policy.knows_where(make.acting_as(world["people"]["parent"]), robin.id)

    @pytest.mark.parametrize(
        ("who", "refusal"),
        [
            ("teacher", Refused),
            ("parent", Refused),
            ("neighbour", NotVisible),
            ("outsider", NotVisible),
            ("administrator", NotVisible),
            ("stranger", NotVisible),
        ],
    )
    def test_nobody_else_does(
        self, world: dict[str, Any], robin: Learner, who: str, refusal: type[Exception]
    ) -> None:
        with pytest.raises(refusal):
            withhold(world, robin, who)

    def test_nor_does_the_database_let_them(self, world: dict[str, Any], robin: Learner) -> None:
        said = {"learner": robin, "reason": "x", "set_by": "x", "starts_on": clock.today()}
        for who in ("teacher", "neighbour", "parent"):
            by = make.acting_as(world["people"][who])
            with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
                WithheldWhereabouts.objects.bulk_create(
                    [WithheldWhereabouts(set_by_id=by.key, may_know=[], **said)]
                )
        for who in ("teacher", "senco", "officer"):
            by = make.acting_as(world["people"][who])
            with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
                WithheldReader.objects.bulk_create(
                    [
                        WithheldReader(
                            learner=robin,
                            reader_id=world["people"]["teacher"].id,
                            reader="x",
                            reason="x",
                            review_on=clock.today(),
                            withheld_by_id=by.key,
                            withheld_at=clock.now(),
                        )
                    ]
                )

    def test_the_young_person_always_knows(self, world: dict[str, Any], robin: Learner) -> None:
        own = make.parent(robin)
        with as_owner():
            FamilyMember.objects.filter(user=own).update(relation="self")
        withhold(world, robin)
        assert policy.knows_where(make.acting_as(own), robin.id)

    def test_whoever_joins_while_it_runs_does_not_know(
        self, world: dict[str, Any], robin: Learner
    ) -> None:
        withhold(world, robin)
        uncle = make.user("Uncle")
        senco = make.acting_as(world["people"]["senco"])
        values = {"name": "Uncle", "relation": "other"}
        member = family.add_family_member(by=senco, learner=robin, values=values)
        family.open_to_family(by=senco, member=member, user_id=uncle.id)
        assert not policy.knows_where(make.acting_as(uncle), robin.id)

    def test_it_says_why_and_names_only_this_family(
        self, world: dict[str, Any], robin: Learner
    ) -> None:
        senco = make.acting_as(world["people"]["senco"])
        with pytest.raises(Invalid):
            whereabouts.withhold_where(by=senco, learner=robin, reason=" ")
        stranger = member_of(world["people"]["stranger"])
        senco = make.acting_as(world["people"]["senco"])
        with pytest.raises(Invalid, match="Nothing is withheld"):
            whereabouts.withhold_where(by=senco, learner=robin, reason="R", may_know=[stranger.id])

    def test_only_a_person_ends_it_and_says_why(
        self, world: dict[str, Any], robin: Learner, other: User
    ) -> None:
        row = withhold(world, robin)
        senco = make.acting_as(world["people"]["senco"])
        with pytest.raises(InvalidTransition):
            withhold(world, robin)
        with pytest.raises(Invalid):
            whereabouts.show_where_again(by=senco, row=row, why="")
        whereabouts.show_where_again(by=senco, row=row, why="The order was lifted")
        assert policy.knows_where(make.acting_as(other), robin.id)

    def test_who_may_know_can_change(
        self, world: dict[str, Any], robin: Learner, other: User
    ) -> None:
        row = withhold(world, robin)
        senco = make.acting_as(world["people"]["senco"])
        whereabouts.change_who_knows(by=senco, row=row, may_know=[member_of(other).id])
        assert policy.knows_where(make.acting_as(other), robin.id)
        assert not policy.knows_where(make.acting_as(world["people"]["parent"]), robin.id)


def test_it_stays_when_the_record_passes_and_the_new_holder_keeps_it(
    world: dict[str, Any], robin: Learner, other: User
) -> None:
    withhold(world, robin)
    with rls.acting(grants.worker(world["school"].id, world["other"].id)) as worker:
        learners.pass_record(
            by=worker, learner=robin, to=world["other"], on=clock.today(), year_group=7
        )
        refresh_register(by=worker, learner=robin)
    new = make.acting_as(world["people"]["neighbour"])
    row = whereabouts.withheld_from_family(new, robin.id)
    assert row is not None
    assert not policy.knows_where(make.acting_as(other), robin.id)
    new = make.acting_as(world["people"]["neighbour"])
    whereabouts.change_who_knows(by=new, row=row, may_know=[member_of(other).id])
    assert policy.knows_where(make.acting_as(other), robin.id)


def test_messages_told_before_are_taken_from_those_who_may_not_know(
    world: dict[str, Any], robin: Learner, other: User
) -> None:
    knows = world["people"]["parent"]
    tell(
        recipients=[other.id, knows.id],
        learner_id=robin.id,
        kind="record passed",
        text="A school now holds the record.",
        link="/",
        key="told-before",
    )
    withhold(world, robin)
    with as_owner():
        left = Notification.objects.filter(key__startswith="told-before")
        assert {n.recipient_id for n in left} == {knows.id}
