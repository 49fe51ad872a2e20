"""Accounts: closed by an administrator, true at once; a lost second step, reset by who may."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client

from apps.access import accounts, selectors
from apps.access.models import Membership
from apps.access.permissions import Permission
from apps.accounts.models import User
from apps.audit.models import Event
from apps.common.exceptions import Refused
from apps.notifications.models import Notification
from tests import factories as make
from tests.integration.test_sign_in import code_of, set_up_app, sign_in
from tests.support.database import as_owner
from tests.support.mail import send_due

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return make.setting()


@pytest.fixture
def teacher(school) -> User:
    return make.staff("teacher", school, name="Tess Lane")


@pytest.fixture
def administrator() -> Client:
    return stepped_up(make.staff("administrator", name="Ada Min"))


def stepped_up(person: User) -> Client:
    client = sign_in(person)
    client.post("/sign-in/again/", {"password": make.PASSWORD})
    return client


def events(action: str) -> list[Event]:
    with as_owner():
        return list(Event.objects.filter(action=action).order_by("id"))


def told(person: User) -> list[str]:
    with as_owner():
        found = Notification.objects.filter(recipient_id=person.id)
        return list(found.values_list("text", flat=True))


class TestClosing:
    def test_is_true_at_the_next_request(self, administrator: Client, teacher: User) -> None:
        theirs = sign_in(teacher)
        assert theirs.get("/home/", follow=True).status_code == 200
        sent = administrator.post(f"/accounts/{teacher.id}/close/", {"why": "Has left"})
        assert sent.status_code == 302
        assert theirs.get("/home/")["Location"].startswith("/sign-in/")
        assert not UserSession.objects.filter(user=teacher).exists()
        send_due()
        assert [m.to for m in mail.outbox] == [[teacher.email]]
        assert "_auth_user_id" not in sign_in(teacher).session
        assert [e.detail for e in events("account closed")] == [{"why": "Has left"}]
        assert any("An administrator closed your account" in text for text in told(teacher))

    def test_asks_again_who_one_is(self, teacher: User) -> None:
        client = sign_in(make.staff("administrator"))
        asked = client.post(f"/accounts/{teacher.id}/close/", {"why": "Has left"})
        assert asked["Location"].startswith("/sign-in/again/")
        teacher.refresh_from_db()
        assert teacher.is_active

    def test_needs_a_reason_and_says_so_beside_the_field(
        self, administrator: Client, teacher: User
    ) -> None:
        page = administrator.post(f"/accounts/{teacher.id}/close/", {"why": " "}).content.decode()
        assert "Why do you close this account? Enter an answer." in page
        teacher.refresh_from_db()
        assert teacher.is_active

    def test_is_undone_and_the_roles_work_again(self, administrator: Client, teacher: User) -> None:
        administrator.post(f"/accounts/{teacher.id}/close/", {"why": "By mistake"})
        administrator.post(f"/accounts/{teacher.id}/open/")
        assert sign_in(teacher).get("/home/", follow=True).status_code == 200
        assert "Your account is open again." in told(teacher)
        assert len(events("account opened")) == 1

    def test_twice_is_the_wrong_state(self, administrator: Client, teacher: User) -> None:
        assert administrator.post(f"/accounts/{teacher.id}/open/").status_code == 409
        for expected in (302, 409):
            sent = administrator.post(f"/accounts/{teacher.id}/close/", {"why": "Has left"})
            assert sent.status_code == expected

    def test_of_ones_own_is_refused(self) -> None:
        person = make.staff("administrator")
        client = stepped_up(person)
        sent = client.post(f"/accounts/{person.id}/close/", {"why": "Holiday"})
        assert sent.status_code == 403
        assert "closes or opens their own" in sent.content.decode()

    def test_is_not_there_for_a_senco(self, school, teacher: User) -> None:
        client = stepped_up(make.staff("senco", school))
        assert client.get(f"/accounts/{teacher.id}/").status_code == 404
        assert client.post(f"/accounts/{teacher.id}/close/", {"why": "x"}).status_code == 404

    def test_a_closed_account_invites_nobody_and_looks_after_nobody(self, school) -> None:
        senco = make.staff("senco", school)
        assert selectors.who_may(Permission.MANAGE_PEOPLE, school.id) == [senco.id]
        senco.is_active = False
        senco.save()
        assert selectors.who_may(Permission.MANAGE_PEOPLE, school.id) == []


class TestFinding:
    def test_is_by_address_or_name_and_in_no_address(
        self, administrator: Client, teacher: User
    ) -> None:
        for words in (teacher.email.upper(), "tess"):
            page = administrator.post("/accounts/", {"words": words}).content.decode()
            assert teacher.email in page
        assert teacher.email not in administrator.get("/accounts/?words=tess").content.decode()

    def test_says_where_nobody_fits(self, administrator: Client) -> None:
        page = administrator.post("/accounts/", {"words": "zzzz"}).content.decode()
        assert "No account fits that" in page


class TestLostSecondStep:
    @pytest.fixture(autouse=True)
    def in_production(self, settings: Any) -> None:
        settings.SECOND_FACTOR_REQUIRED = True

    @pytest.fixture
    def secret(self, teacher: User) -> str:
        return set_up_app(sign_in(teacher))

    def manager(self, role: str, school) -> tuple[User, Client]:
        person = make.staff(role, school, name=f"The {role}")
        client = sign_in(person)
        set_up_app(client)
        return person, client

    def reset(self, client: Client, person: User, checked: str = "In person"):
        return client.post(f"/people/{person.id}/second-step/", {"checked": checked})

    def test_is_reset_by_whoever_manages_people_there(
        self, school, teacher: User, secret: str
    ) -> None:
        head, _ = self.manager("head", school)
        senco, client = self.manager("senco", school)
        assert self.reset(client, teacher)["Location"] == "/people/"
        assert not Authenticator.objects.filter(user=teacher).exists()
        again = sign_in(teacher)
        assert again.get("/register/")["Location"] == "/second-step/?needed=1"
        (event,) = events("second step reset")
        assert (event.actor_id, event.detail) == (senco.id, {"checked": "In person"})
        assert any("reset the second step of Tess Lane" in text for text in told(head))
        assert any("reset your second step" in text for text in told(teacher))
        assert not any("reset the second step" in text for text in told(senco))

    def test_ends_the_sessions(self, school, teacher: User) -> None:
        theirs = sign_in(teacher)
        set_up_app(theirs)
        _, client = self.manager("head", school)
        self.reset(client, teacher)
        assert theirs.get("/home/")["Location"].startswith("/sign-in/")

    def test_of_somebody_who_has_none_is_the_wrong_state(self, school, teacher: User) -> None:
        theirs = sign_in(teacher)
        _, client = self.manager("head", school)
        assert self.reset(client, teacher).status_code == 409
        assert "_auth_user_id" in theirs.session

    def test_is_never_ones_own(self, school) -> None:
        senco, client = self.manager("senco", school)
        assert self.reset(client, senco).status_code == 403
        assert Authenticator.objects.filter(user=senco).exists()

    def test_says_how_it_was_checked(self, school, teacher: User, secret: str) -> None:
        _, client = self.manager("senco", school)
        page = self.reset(client, teacher, checked="").content.decode()
        assert "How did you check that it is them? Enter an answer." in page
        assert Authenticator.objects.filter(user=teacher).exists()

    def test_of_somebody_with_another_role_elsewhere_is_an_administrators(
        self, school, teacher: User, secret: str
    ) -> None:
        Membership.objects.create(
            user=teacher, role="officer", local_area=school.local_area, starts_on=make.LONG_AGO
        )
        _, client = self.manager("senco", school)
        assert self.reset(client, teacher).status_code == 403
        _, administrator = self.manager("administrator", None)
        assert self.reset(administrator, teacher)["Location"] == f"/accounts/{teacher.id}/"

    def test_is_not_there_for_the_neighbours(self, teacher: User, secret: str) -> None:
        _, client = self.manager("senco", make.setting())
        assert self.reset(client, teacher).status_code == 404
        assert Authenticator.objects.filter(user=teacher).exists()

    def test_a_new_password_by_e_mail_keeps_the_second_step(
        self, teacher: User, secret: str
    ) -> None:
        client = Client()
        client.post("/password/forgotten/", {"email": teacher.email})
        send_due()
        link = re.search(r"/password/new/\S+", mail.outbox[0].body)
        assert link
        form = client.get(link[0], follow=True).redirect_chain[-1][0]
        new = "seven green harbour lamps"
        client.post(form, {"password1": new, "password2": new})
        client.post("/sign-in/", {"login": teacher.email, "password": new})
        assert "_auth_user_id" not in client.session
        assert Authenticator.objects.filter(user=teacher, type="totp").exists()


def test_the_action_itself_refuses_ones_own(school) -> None:
    senco = make.staff("senco", school)
    with pytest.raises(Refused, match="their own second step"):
        accounts.reset_second_step(by=make.acting_as(senco), user=senco, checked="Mirror")


class TestTheLog:
    """Every way in and out is kept, and nothing that was typed."""

    def test_keeps_signing_in_and_out(self, teacher: User) -> None:
        client = sign_in(teacher)
        gone = client.post("/sign-out/")
        assert gone["Clear-Site-Data"] == '"cache", "storage"'
        (came,) = events("signed in")
        assert (came.actor_id, came.detail["how"]) == (teacher.id, ["password"])
        assert came.detail["from"] == "127.0.0.1"
        assert [e.actor_id for e in events("signed out")] == [teacher.id]

    def test_keeps_a_wrong_password_and_whose(self, teacher: User) -> None:
        wrong = "a-wrong-password-of-theirs"
        Client().post("/sign-in/", {"login": teacher.email, "password": wrong})
        Client().post("/sign-in/", {"login": "nobody@example.test", "password": wrong})
        known, unknown = events("sign-in not done")
        assert (known.subject_id, unknown.subject_id) == (teacher.id, None)
        assert known.actor_id is None
        assert wrong not in str([known.detail, unknown.detail])
        assert "nobody@example.test" not in str(unknown.detail)

    def test_keeps_a_wrong_code(self, teacher: User, settings: Any) -> None:
        settings.SECOND_FACTOR_REQUIRED = True
        secret = set_up_app(sign_in(teacher))
        client = sign_in(teacher)
        wrong = "000000" if code_of(secret) != "000000" else "111111"
        client.post("/second-step/authenticate/", {"code": wrong})
        (event,) = events("second step not shown")
        assert (event.subject_id, event.detail["why"]) == (teacher.id, "totp")
        assert wrong not in str(event.detail)

    def test_keeps_a_wrong_password_when_asked_again(self, teacher: User) -> None:
        client = sign_in(teacher)
        client.post("/sign-in/again/", {"password": "not-this-one-either"})
        assert [e.subject_id for e in events("sign-in not done")] == [teacher.id]


class TestOurOwnWords:
    @pytest.mark.parametrize(
        "password",
        ["LearnerRecord2026!", "Senco-School-2026", "sch00lSENCO!!!!", "my-school-register"],
    )
    def test_make_no_password(self, password: str) -> None:
        with pytest.raises(ValidationError, match="words that anyone would try here"):
            validate_password(password)

    @pytest.mark.parametrize(
        "password", ["a quiet green harbour", "school of orange whales", "correct-horse-battery"]
    )
    def test_do_not_spoil_a_good_one(self, password: str) -> None:
        validate_password(password)
