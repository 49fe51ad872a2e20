"""A family member's access: suspended, ended, opened again; orders; several adults and children."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from apps.access import actions as access
from apps.accounts.models import UnsentForm, User
from apps.audit.models import Event
from apps.common import clock
from apps.common.exceptions import Invalid, InvalidTransition, NotVisible, Refused
from apps.learners import deciding, family
from apps.learners.due import family_tasks
from apps.learners.models import Enrolment, FamilyMember, Learner
from apps.notifications.models import Notification
from tests import factories as make
from tests.integration.test_deciding import on
from tests.support.database import as_owner
from tests.support.records import listed, passes
from tests.support.world import build

pytestmark = pytest.mark.django_db

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
TOMORROW = timedelta(days=1)


@pytest.fixture
def world() -> dict[str, Any]:
    return build()


@pytest.fixture
def robin(world: dict[str, Any]) -> Learner:
    return Learner.objects.get(pk=world["kwargs"]["learner_id"])


@pytest.fixture
def parent(world: dict[str, Any]) -> User:
    return world["people"]["parent"]


def by(world: dict[str, Any], who: str = "senco") -> Any:
    return make.acting_as(world["people"][who])


def member_of(person: User) -> FamilyMember:
    with as_owner():
        return FamilyMember.objects.select_related("learner").get(user=person)


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person, backend=BACKEND)
    return client


def suspend(world: dict[str, Any], person: User, **changed: Any) -> FamilyMember:
    member = member_of(person)
    values = {"why": "A worry", "look_again_on": clock.today() + TOMORROW, **changed}
    family.suspend_family(by=by(world), member=member, **values)
    return member


def code_of(world: dict[str, Any], member: FamilyMember, email: str) -> str:
    _, code = access.invite_family(
        by=by(world),
        email=email,
        name=member.name,
        setting=world["school"],
        family_member_id=member.id,
        learner_id=member.learner_id,
    )
    return code


class TestACode:
    def invited(self, world: dict[str, Any], learner: Learner, person: User) -> str:
        values = {"name": person.name, "relation": "father", "email": person.email}
        member = family.add_family_member(by=by(world), learner=learner, values=values)
        return code_of(world, member, person.email)

    def test_given_before_the_child_moved_opens_the_record_where_it_is_now(
        self, world: dict[str, Any]
    ) -> None:
        school, new, father = world["school"], make.setting(), make.user("Al Aske")
        listed(world["people"]["senco"], child := make.learner(school), school)
        code = self.invited(world, child, father)
        passes(child, school, new)
        assert browser(father).post("/join/", {"code": code}).status_code == 302
        assert browser(father).get(f"/family/{child.id}/").status_code == 200

    def test_for_a_child_whom_nobody_has_says_whom_to_ask(self, world: dict[str, Any]) -> None:
        father, child = make.user("Al Aske"), make.learner(world["school"])
        code = self.invited(world, child, father)
        with as_owner():
            Enrolment.objects.filter(learner=child).update(ends_on=clock.today())
        page = browser(father).post("/join/", {"code": code})
        assert "Ask the setting where the child is now for a new code." in page.content.decode()
        assert access.find_invitation(code=code, email=father.email)


class TestClosing:
    def test_suspending_is_true_at_the_very_next_request(
        self, world: dict[str, Any], robin: Learner, parent: User
    ) -> None:
        client = browser(parent)
        assert client.get(f"/family/{robin.id}/").status_code == 200
        suspend(world, parent)
        assert client.get(f"/family/{robin.id}/").status_code == 404
        assert str(robin) not in client.get("/family/").content.decode()

    def test_words_not_sent_codes_and_messages_go_with_it(
        self, world: dict[str, Any], robin: Learner, parent: User
    ) -> None:
        member = member_of(parent)
        code = code_of(world, member, "a@example.test")
        with as_owner():
            UnsentForm.objects.create(
                user=parent,
                page=f"/family/{robin.id}/say/",
                fields={"harder": ["x"]},
                saved_at=timezone.now(),
            )
            Notification.objects.create(
                recipient_id=parent.id,
                learner_id=robin.id,
                kind="record updated",
                text="T",
                key="k",
                created_at=timezone.now(),
            )
        suspend(world, parent)
        with pytest.raises(Invalid):
            access.find_invitation(code=code, email="a@example.test")
        with as_owner():
            assert not UnsentForm.objects.exists()
            assert not Notification.objects.filter(recipient_id=parent.id).exists()

    def test_nothing_opens_by_itself_on_the_day_to_look_again(
        self, world: dict[str, Any], robin: Learner, parent: User
    ) -> None:
        suspend(world, parent)
        with on(clock.today() + 2 * TOMORROW):
            tasks = family_tasks(by(world), world["school"].id)
            assert [(t.kind, t.learner.id) for t in tasks] == [("suspended", robin.id)]
            make.acting_as(parent)
            assert not Learner.objects.filter(pk=robin.id).exists()

    def test_opening_again_needs_a_reason_and_is_true_at_once(
        self, world: dict[str, Any], robin: Learner, parent: User
    ) -> None:
        member = suspend(world, parent)
        with pytest.raises(Invalid):
            family.restore_family(by=by(world), member=member, why=" ")
        family.restore_family(by=by(world), member=member, why="The worry was looked into")
        assert browser(parent).get(f"/family/{robin.id}/").status_code == 200
        with pytest.raises(InvalidTransition):
            family.restore_family(by=by(world), member=member, why="Again")
        with as_owner():
            done = Event.objects.filter(subject_id=member.id).order_by("id")
            assert [(e.action, e.detail["why"]) for e in done] == [
                ("access of family member suspended", "A worry"),
                ("record opened again to family member", "The worry was looked into"),
            ]

    @pytest.mark.parametrize("wrong", [{"why": " "}, {"look_again_on": None}])
    def test_suspending_says_why_and_when_to_look_again(
        self, world: dict[str, Any], parent: User, wrong: dict[str, Any]
    ) -> None:
        if "look_again_on" in wrong:
            wrong = {"look_again_on": clock.today()}
        with pytest.raises(Invalid) as refused:
            suspend(world, parent, **wrong)
        assert set(refused.value.fields) == set(wrong)

    def test_what_was_ended_is_not_suspended(self, world: dict[str, Any], parent: User) -> None:
        member = member_of(parent)
        family.close_to_family(by=by(world), member=member, why="A court order")
        with pytest.raises(InvalidTransition):
            suspend(world, parent)

    def test_only_whoever_keeps_the_record_does_any_of_it(
        self, world: dict[str, Any], parent: User
    ) -> None:
        member = member_of(parent)
        for who, refusal in (
            ("teacher", Refused),
            ("head", Refused),
            ("parent", Refused),
            ("neighbour", NotVisible),
            ("outsider", NotVisible),
        ):
            for act in (
                lambda a: family.suspend_family(
                    by=a, member=member, why="W", look_again_on=clock.today() + TOMORROW
                ),
                lambda a: family.close_to_family(by=a, member=member, why="W"),
                lambda a: family.restore_family(by=a, member=member, why="W"),
                lambda a: family.note_order(
                    by=a, member=member, kind="other", seen="S", starts=None, ends=None
                ),
            ):
                with pytest.raises(refusal):
                    act(by(world, who))

    def test_the_database_keeps_a_suspension_honest(
        self, world: dict[str, Any], parent: User
    ) -> None:
        by(world)
        with pytest.raises(DatabaseError, match="suspended_says_why"), transaction.atomic():
            FamilyMember.objects.filter(user=parent).update(look_again_on=clock.today())


class TestSeveral:
    def test_two_adults_have_different_access(
        self, world: dict[str, Any], robin: Learner, parent: User
    ) -> None:
        other = make.parent(robin)
        suspend(world, other)
        assert browser(parent).get(f"/family/{robin.id}/").status_code == 200
        assert browser(other).get(f"/family/{robin.id}/").status_code == 404

    def test_one_adult_of_two_children_signs_in_once_and_is_closed_out_of_one(
        self, world: dict[str, Any], robin: Learner, parent: User
    ) -> None:
        sister = make.learner(world["school"], known_given="Wren")
        senco = by(world)
        values = {"name": "Alex", "relation": "mother", "email": parent.email}
        member = family.admit_family_member(by=senco, learner=sister, values=values)
        family.open_to_family(by=senco, member=member, user_id=parent.id)
        client = browser(parent)
        both = client.get("/family/").content.decode()
        assert "Wren" in both and str(robin) in both
        family.close_to_family(by=by(world), member=member, why="An order about Wren")
        assert client.get(f"/family/{sister.id}/").status_code == 404
        assert client.get(f"/family/{robin.id}/").status_code == 200


class TestOrders:
    def note(self, world: dict[str, Any], person: User, **changed: Any) -> FamilyMember:
        member = member_of(person)
        values = {
            "kind": "arrangements",
            "seen": "Sealed copy, shown by the mother",
            "starts": clock.today(),
            "ends": clock.today() + timedelta(days=7),
            **changed,
        }
        family.note_order(by=by(world), member=member, **values)
        return member

    def test_an_order_that_ends_is_a_task_and_changes_nothing(
        self, world: dict[str, Any], robin: Learner, parent: User
    ) -> None:
        self.note(world, parent)
        tasks = family_tasks(by(world), world["school"].id)
        assert [(t.kind, t.member) for t in tasks] == [("order", member_of(parent))]
        assert browser(parent).get(f"/family/{robin.id}/").status_code == 200
        home = browser(world["people"]["senco"]).get("/home/").content.decode()
        assert "look again at the order about Alex Exampleson" in home

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"kind": "decree"}, "order_kind"),
            ({"seen": " "}, "order_seen"),
            ({"ends": clock.today()}, "order_to"),
        ],
    )
    def test_it_says_what_was_seen_with_dates_the_right_way_round(
        self, world: dict[str, Any], parent: User, wrong: dict[str, Any], field: str
    ) -> None:
        with pytest.raises(Invalid) as refused:
            self.note(world, parent, **wrong)
        assert set(refused.value.fields) == {field}

    def test_inviting_while_an_order_is_on_file_asks_who_it_is_again(
        self, world: dict[str, Any], robin: Learner, parent: User
    ) -> None:
        self.note(world, parent)
        client = browser(world["people"]["senco"])
        sent = {"name": "B", "relation": "father", "email": "b@example.test", "basis": "Known"}
        answer = client.post(f"/learners/{robin.id}/family/", sent)
        assert "/sign-in/again/" in answer.headers["Location"]
        with as_owner():
            assert not FamilyMember.objects.filter(name="B").exists()


class TestPages:
    def test_the_page_says_for_each_adult_since_when_why_and_what_comes_next(
        self, world: dict[str, Any], robin: Learner, parent: User
    ) -> None:
        suspend(world, parent, why="Worry of 3 March")
        page = browser(world["people"]["senco"]).get(f"/learners/{robin.id}/family/")
        text = page.content.decode()
        assert "Suspended" in text and "Worry of 3 March" in text
        assert "Nothing opens by itself" in text

    def test_an_error_is_beside_its_field_and_nothing_typed_is_lost(
        self, world: dict[str, Any], robin: Learner, parent: User
    ) -> None:
        member = member_of(parent)
        page = f"/learners/{robin.id}/family/{member.id}/"
        client = browser(world["people"]["senco"])
        text = client.post(page, {"what": "suspend", "why": "Long words"}).content.decode()
        assert "Enter the day on which you will look again." in text
        assert "Long words" in text
        text = client.post(page, {"what": "end", "why": ""}).content.decode()
        assert "Enter the reason" in text

    def test_a_young_person_answers_on_their_own_page_in_one_step(
        self, world: dict[str, Any], parent: User
    ) -> None:
        born = clock.today().replace(year=clock.today().year - 17, day=1)
        sol = make.learner(world["school"], year_group=12, date_of_birth=born)
        own, mother = make.parent(sol), make.parent(sol)
        with as_owner():
            FamilyMember.objects.filter(user=own).update(relation="self", name="Sol")
        page = f"/family/{sol.id}/who-reads/"
        assert "Stop my family reading it" in browser(own).get(page).content.decode()
        assert browser(mother).get(f"/family/{sol.id}/").status_code == 200
        assert browser(mother).get(page).status_code == 404
        assert browser(own).post(page, {"answer": "not"}).status_code == 302
        assert browser(mother).get(f"/family/{sol.id}/").status_code == 404

    def test_a_parent_who_only_reads_cannot_add(self, world: dict[str, Any]) -> None:
        born = clock.today().replace(year=clock.today().year - 17, day=1)
        sol = make.learner(world["school"], year_group=12, date_of_birth=born)
        mother = make.parent(sol)
        with as_owner():
            FamilyMember.objects.update(joined_on=make.LONG_AGO, access_from=make.LONG_AGO)
        by(world)
        deciding.lay_rights(Learner.objects.get(pk=sol.id))
        text = browser(mother).get(f"/family/{sol.id}/").content.decode()
        assert "old enough to decide" in text and "Say what you think" not in text
        assert browser(mother).get(f"/family/{sol.id}/say/").status_code == 403
        assert browser(mother).post(f"/family/{sol.id}/say/", {"harder": "x"}).status_code == 403

    def test_the_holder_writes_down_an_answer_and_keeps_what_was_typed_on_an_error(
        self, world: dict[str, Any], robin: Learner
    ) -> None:
        page = f"/learners/{robin.id}/who-decides/"
        client = browser(world["people"]["senco"])
        text = client.post(page, {"answer": "capacity", "assessed_how": "Kept words"})
        assert "Enter who decided, and their role" in text.content.decode()
        assert "Kept words" in text.content.decode()
        assert client.post(page, {"answer": "asked"}).status_code == 302
        assert "Asked, not answered yet" in client.get(page).content.decode()

    def test_whereabouts_are_withheld_and_shown_again_on_one_page(
        self, world: dict[str, Any], robin: Learner
    ) -> None:
        page = f"/learners/{robin.id}/whereabouts/"
        client = browser(world["people"]["senco"])
        text = client.post(page, {"step": "begin", "reason": ""}).content.decode()
        assert "Why? Enter an answer." in text
        assert client.post(page, {"step": "begin", "reason": "A refuge"}).status_code == 302
        assert "whereabouts are withheld" in client.get(page).content.decode()
        assert client.post(page, {"step": "nonsense"}).status_code == 404
        answer = client.post(page, {"step": "end", "why": "Over"})
        assert "/sign-in/again/" in answer.headers["Location"]


class TestTasks:
    def test_asking_who_decides_is_a_task_from_year_10_until_they_were_asked_this_year(
        self, world: dict[str, Any]
    ) -> None:
        today = clock.today()
        born = today.replace(year=today.year - 15, day=1)
        sol = make.learner(world["school"], year_group=10, date_of_birth=born)
        listed(world["people"]["senco"], sol, world["school"])
        make.parent(sol)
        young = make.learner(world["school"], year_group=5)
        listed(world["people"]["senco"], young, world["school"])
        tasks = family_tasks(by(world), world["school"].id)
        assert [(t.kind, t.learner) for t in tasks] == [("ask", sol)]
        home = browser(world["people"]["senco"]).get("/home/").content.decode()
        assert "Ask 1 young person" in home
        with as_owner():
            review = sol.reviews.get(state="open")
        page = browser(world["people"]["senco"]).get(f"/reviews/{review.id}/").content.decode()
        assert "It holds up nothing" in page
        deciding.ask(by=by(world), learner=sol)
        assert family_tasks(by(world), world["school"].id) == []

    def test_a_neighbour_has_none_of_them(self, world: dict[str, Any], parent: User) -> None:
        suspend(world, parent)
        with on(clock.today() + 2 * TOMORROW):
            assert family_tasks(by(world, "neighbour"), world["school"].id) == []
