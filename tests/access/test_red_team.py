"""What somebody tried who had never seen the code, and got: each now refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from apps.access import actions as access
from apps.access.models import Invitation, Membership
from apps.accounts.models import User
from apps.audit import record
from apps.audit.models import AccessEntry, Event
from apps.common import clock
from apps.common.exceptions import Invalid, NotVisible, Refused
from apps.learners import family, readings
from apps.learners.models import FamilyMember, Learner
from apps.notifications.models import Notification
from apps.transitions.actions import planning, receiving
from apps.transitions.models import Query, Transition
from tests import factories as make
from tests.support.database import as_owner

pytestmark = pytest.mark.django_db

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def browser(person: User | None) -> Client:
    client = Client(raise_request_exception=False)
    if person:
        client.force_login(person, backend=BACKEND)
    return client


def sql(statement: str, *values: object) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


class TestRoles:
    def test_an_administrator_invites_nobody_where_others_do(self, world: dict[str, Any]) -> None:
        admin = make.acting_as(world["people"]["administrator"])
        with pytest.raises(Refused, match="invite its own staff"):
            access.invite_staff(
                by=admin, email="x@example.test", name="X", role="senco", setting=world["school"]
            )

    def test_nobody_invites_themselves(self, world: dict[str, Any]) -> None:
        senco = world["people"]["senco"]
        with pytest.raises(Invalid, match="to themselves"):
            access.invite_staff(
                by=make.acting_as(senco),
                email=senco.email.upper(),
                name="Me",
                role="safeguarding-lead",
                setting=world["school"],
            )

    def test_nor_takes_up_what_they_gave_under_another_address(self, world: dict[str, Any]) -> None:
        senco = world["people"]["senco"]
        invitation, _ = access.invite_staff(
            by=make.acting_as(senco),
            email="alias@example.test",
            name="Me",
            role="safeguarding-lead",
            setting=world["school"],
        )
        with pytest.raises(Invalid, match="gave yourself"):
            access.accept_staff(invitation=invitation, user=senco)

    def test_those_who_manage_people_are_told_of_each_new_role(self, world: dict[str, Any]) -> None:
        code = self.invite(world, "new@elsewhere.test")
        browser(None).post(
            "/join/", {"code": code, "email": "new@elsewhere.test", "password": make.PASSWORD}
        )
        with as_owner():
            told = Notification.objects.filter(kind="new role")
            assert world["people"]["head"].id in {n.recipient_id for n in told}

    def test_a_role_with_a_last_day_can_end_before_it(self, world: dict[str, Any]) -> None:
        person = make.staff("assistant-senco", world["school"])
        person.memberships.update(ends_on=clock.today() + timedelta(days=200))
        head = make.acting_as(world["people"]["head"])
        access.end_membership(by=head, membership=person.memberships.get())
        assert Membership.objects.get(user=person).ends_on == clock.today()

    def test_ending_a_role_ends_the_persons_other_codes(self, world: dict[str, Any]) -> None:
        person = make.staff("teacher", world["school"])
        code = self.invite(world, person.email)
        head = make.acting_as(world["people"]["head"])
        access.end_membership(by=head, membership=person.memberships.get())
        with pytest.raises(Invalid):
            access.find_invitation(code=code, email=person.email)

    def invite(self, world: dict[str, Any], email: str) -> str:
        _, code = access.invite_staff(
            by=make.acting_as(world["people"]["senco"]),
            email=email,
            name="New",
            role="head",
            setting=world["school"],
        )
        return code

    def test_a_code_of_somebody_who_gives_roles_no_more_is_none(
        self, world: dict[str, Any]
    ) -> None:
        code = self.invite(world, "new@elsewhere.test")
        world["people"]["senco"].memberships.update(ends_on=clock.today())
        page = browser(None).post(
            "/join/", {"code": code, "email": "new@elsewhere.test", "password": make.PASSWORD}
        )
        assert "cannot give this role any more" in page.content.decode()
        assert not Membership.objects.filter(user__email="new@elsewhere.test").exists()

    def test_of_a_settings_first_the_local_area_is_told(self, world: dict[str, Any]) -> None:
        empty = make.setting(world["area"])
        _, code = access.invite_staff(
            by=make.acting_as(world["people"]["administrator"]),
            email="first@elsewhere.test",
            name="First",
            role="senco",
            setting=empty,
        )
        browser(None).post(
            "/join/", {"code": code, "email": "first@elsewhere.test", "password": make.PASSWORD}
        )
        with as_owner():
            told = Notification.objects.get(kind="new role")
        assert told.recipient_id == world["area"].id


class TestJoining:
    @pytest.fixture
    def code(self, world: dict[str, Any]) -> str:
        return TestRoles().invite(world, world["people"]["teacher"].email)

    def test_somebody_with_an_account_signs_in_the_usual_way(
        self, world: dict[str, Any], code: str
    ) -> None:
        teacher, stranger = world["people"]["teacher"], browser(None)
        sent = {"code": code, "email": teacher.email, "password": make.PASSWORD}
        assert stranger.post("/join/", sent)["Location"] == "/sign-in/?next=/join/"
        assert "_auth_user_id" not in stranger.session
        assert browser(teacher).post("/join/", {"code": code}).status_code == 302
        assert Membership.objects.filter(user=teacher, role="head").exists()

    def test_a_code_is_for_its_address_alone(self, world: dict[str, Any], code: str) -> None:
        page = browser(world["people"]["neighbour"]).post("/join/", {"code": code})
        assert "the e-mail address that it was given for" in page.content.decode()

    @pytest.mark.parametrize("password", [make.PASSWORD, "a-wrong-but-long-password"])
    def test_without_a_code_it_tells_nothing_of_an_account(
        self, world: dict[str, Any], password: str
    ) -> None:
        said = []
        for email in (world["people"]["teacher"].email, "nobody@example.test"):
            sent = {"code": "AAAA-BBBB-CCCC", "email": email, "password": password}
            page = browser(None).post("/join/", sent).content.decode()
            said.append(page.replace(email, "").split("<main")[1].split("csrfmiddleware")[0])
        assert said[0] == said[1]

    def test_wrong_addresses_are_counted(self, world: dict[str, Any], code: str) -> None:
        for _ in range(2):
            sent = {"code": code, "email": "x@example.test", "password": make.PASSWORD}
            browser(None).post("/join/", sent)
        with as_owner():
            found = Invitation.objects.get(code_digest=access.code_digest(code))
            assert found.attempts == 2


class TestFamilies:
    def test_a_closed_door_has_no_code(self, world: dict[str, Any]) -> None:
        robin = Learner.objects.get(pk=world["kwargs"]["learner_id"])
        senco = make.acting_as(world["people"]["senco"])
        values = {"name": "A", "relation": "father", "email": "a@example.test"}
        member = family.add_family_member(by=senco, learner=robin, values=values)
        _, code = access.invite_family(
            by=senco,
            email=member.email,
            name="A",
            setting=world["school"],
            family_member_id=member.id,
            learner_id=robin.id,
        )
        family.close_to_family(by=senco, member=member, why="A court order")
        with pytest.raises(Invalid):
            access.find_invitation(code=code, email=member.email)
        with pytest.raises(Invalid, match="was ended"):
            family.open_to_family(by=senco, member=member, user_id=make.user().id)
        again = family.admit_family_member(by=senco, learner=robin, values=values)
        assert (again.id, again.why_not) == (member.id, "")

    def test_a_file_opens_no_closed_door(self, world: dict[str, Any]) -> None:
        robin = Learner.objects.get(pk=world["kwargs"]["learner_id"])
        senco = make.acting_as(world["people"]["senco"])
        member = robin.family.get()
        with as_owner():
            FamilyMember.objects.update(email="a@example.test")
        family.close_to_family(by=senco, member=member, why="A court order")
        values = {"name": "Another name", "relation": "other", "email": "a@example.test"}
        family.add_family_member(by=senco, learner=robin, values=values)
        member.refresh_from_db()
        assert member.why_not == "A court order"

    @pytest.mark.parametrize("step", ["ask", "name", "settle", "end"])
    def test_a_parent_reads_no_handover_by_a_wrong_form(
        self, world: dict[str, Any], step: str
    ) -> None:
        address = f"/moves/{world['kwargs']['transition_id']}/{step}/"
        assert browser(world["people"]["parent"]).post(address, {}).status_code == 403

    def test_a_young_person_says_what_their_parents_may_see(self) -> None:
        college = make.setting(make.local_area())
        sol = make.learner(college, year_group=12)
        person, mother = make.parent(sol), make.parent(sol)
        with as_owner():
            FamilyMember.objects.filter(user=person).update(relation="self")
        sent = {"harder": "Words of my own.", "not_my_parents": "on"}
        assert browser(person).post(f"/family/{sol.id}/say/", sent).status_code == 302
        shown = browser(mother).get(f"/family/{sol.id}/").content.decode()
        assert "Words of my own." not in shown

    def test_the_database_gives_a_parent_no_other_adults_address_and_no_package(
        self, world: dict[str, Any]
    ) -> None:
        robin = Learner.objects.get(pk=world["kwargs"]["learner_id"])
        make.parent(robin)
        make.acting_as(world["people"]["parent"])
        assert sql("SELECT count(*) FROM learners_familymember") == [(1,)]
        for table in ("package", "query", "dayone", "settlingin"):
            assert sql(f"SELECT count(*) FROM transitions_{table}") == [(0,)]
        assert sql("UPDATE transitions_transition SET reason = 'x' RETURNING id") == []

    def test_nor_lets_them_speak_as_another(self, world: dict[str, Any]) -> None:
        robin = world["kwargs"]["learner_id"]
        make.acting_as(world["people"]["parent"])
        with pytest.raises(DatabaseError), transaction.atomic():
            sql(
                "INSERT INTO reviews_contribution (learner_id, voice, author_name, going_well,"
                " harder, would_help, said_at, others_may_see, not_my_parents, ask_me_first)"
                " VALUES (%s, 'teacher', 'Mr Ray', 'x', '', '', now(), false, false, false)",
                robin,
            )


class TestTheLog:
    def test_a_reader_writes_no_purpose_of_their_own(self, world: dict[str, Any]) -> None:
        robin = world["kwargs"]["learner_id"]
        senco = world["people"]["senco"]
        for purpose in ("At the family's request", "x" * 400):
            answer = browser(senco).post(f"/learners/{robin}/", {"purpose": purpose})
            assert answer.status_code == 200
        with as_owner():
            mine = AccessEntry.objects.filter(learner_id=robin, actor_id=senco.id)
            assert {entry.purpose for entry in mine} == {""}

    def test_a_parent_who_teaches_elsewhere_reads_as_family(self, world: dict[str, Any]) -> None:
        robin = world["kwargs"]["learner_id"]
        parent = world["people"]["parent"]
        Membership.objects.create(
            user=parent, role="teacher", setting=world["other"], starts_on=make.LONG_AGO
        )
        browser(parent).get(f"/family/{robin}/")
        with as_owner():
            entry = AccessEntry.objects.filter(actor_id=parent.id).latest("id")
        assert (entry.role, entry.organisation_name) == ("Family", "")

    def test_nobody_withholds_their_own_reading(self, world: dict[str, Any]) -> None:
        robin = world["kwargs"]["learner_id"]
        head = make.acting_as(world["people"]["head"])
        record.opened(by=head, learner_id=robin, what="record")
        with pytest.raises(Invalid, match="their own reading"):
            readings.withhold(
                by=head,
                learner_id=robin,
                reader_id=head.key,
                reason="A reason",
                review_on=clock.today() + timedelta(days=9),
            )

    @pytest.mark.parametrize("length", [30, 420])
    def test_trying_numbers_in_an_emergency_is_kept(
        self, world: dict[str, Any], length: int
    ) -> None:
        with as_owner():
            Learner.objects.filter(pk=world["kwargs"]["learner_id"]).update(upn="H801200001001")
        admin = browser(world["people"]["administrator"])
        for upn, status in (("X801200001002", 200), ("H801200001001", 302)):
            asked = admin.post("/emergency/", {"upn": upn, "reason": "r" * length})
            if "again" in asked.get("Location", ""):
                asked = admin.post(asked["Location"], {"password": make.PASSWORD})
            assert asked.status_code == status
        with as_owner():
            done = Event.objects.filter(action__endswith="in an emergency")
            assert done.count() == 2

    def test_an_officer_says_why_on_the_page_of_a_move(self, world: dict[str, Any]) -> None:
        address = f"/moves/{world['kwargs']['transition_id']}/"
        page = browser(world["people"]["officer"]).get(address).content.decode()
        assert "Why do you need to read this record?" in page


class TestMoves:
    @pytest.fixture
    def move(self, world: dict[str, Any]) -> Transition:
        by = make.acting_as(world["people"]["senco"])
        return planning.name_destination(
            by=by, transition_id=world["kwargs"]["transition_id"], to_setting=world["other"]
        )

    def test_a_destination_that_is_no_more_forgets_the_name(
        self, world: dict[str, Any], move: Transition
    ) -> None:
        with as_owner():
            Notification.objects.create(
                recipient_id=world["other"].id,
                learner_id=move.learner_id,
                kind="record shared",
                text="Robin is coming to you",
                link="/",
                key="x",
                created_at=clock.now(),
            )
        by = make.acting_as(world["people"]["senco"])
        planning.withdraw(by=by, transition_id=move.id, why="Stays")
        with as_owner():
            assert not Notification.objects.filter(recipient_id=world["other"].id).exists()

    def test_a_question_is_answered_once_and_by_the_other_side(
        self, world: dict[str, Any], move: Transition
    ) -> None:
        by = make.acting_as(world["people"]["senco"])
        query = receiving.ask(by=by, transition_id=move.id, question="When?")
        with pytest.raises(Refused, match="other setting answers"):
            receiving.answer(by=by, query_id=query.id, text="Now.")
        assert Query.objects.get(pk=query.id).answered_at is None


@pytest.mark.parametrize(
    "query",
    [
        "year=--5",
        "year=²",
        "area=communication__exact&level=x",
        "area=rank__gt&level=",
        "area=x__isnull&level=1",
        "area=exact&level=contains",
        "after=%00",
        "sort=id",
    ],
)
def test_an_odd_filter_is_no_crash_and_no_query_of_ones_own(
    world: dict[str, Any], query: str
) -> None:
    answer = browser(world["people"]["senco"]).get(f"/register/?{query}")
    assert answer.status_code in {200, 400}


def test_names_are_in_no_cookie(world: dict[str, Any]) -> None:
    learner = Learner.objects.filter(pk=world["kwargs"]["learner_id"])
    with as_owner():
        name = learner.get().known_family
    senco = browser(world["people"]["senco"])
    senco.post(f"/learners/{world['kwargs']['learner_id']}/family/", {"name": name})
    assert "messages" not in senco.cookies


def test_a_stranger_is_still_a_stranger(world: dict[str, Any]) -> None:
    neighbour = make.acting_as(world["people"]["neighbour"])
    with pytest.raises(NotVisible):
        readings.of_learner(neighbour, world["kwargs"]["learner_id"])
