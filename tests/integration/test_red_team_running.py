"""What a red team found against the running service, each held by a test."""

from __future__ import annotations

import base64
import json
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client

from apps.access import actions as access
from apps.access.models import Invitation, Membership
from apps.accounts import unsent
from apps.accounts.devices import COOKIE
from apps.accounts.models import UnsentForm, User
from apps.audit.models import AccessEntry
from apps.common import clock
from apps.common.exceptions import Refused
from apps.learners import joining
from apps.learners.models import LearnerAccess
from apps.notifications.models import Notification
from apps.reviews.models import Kind, Progress, Review, Statement
from apps.rights import redaction
from apps.rights.models import Decision
from tests import factories as make
from tests.support.database import as_owner
from tests.support.named import NAME, Named, build

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def named() -> Named:
    return build()


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person, backend=BACKEND)
    return client


class TestDraftProgress:
    def test_is_read_by_nobody_who_may_not_review_not_even_in_the_database(
        self, named: Named
    ) -> None:
        with as_owner():
            review = Review.objects.filter(learner=named.robin, state="open").first()
            outcome = Statement.objects.filter(learner=named.robin, kind=Kind.NEED).first()
            assert review
            assert outcome
            said = Progress.objects.create(
                review=review, learner=named.robin, outcome=outcome, mark="some", note="Draft"
            )
        make.acting_as(named.senco)
        assert Progress.objects.filter(pk=said.pk).exists()
        for person in (named.parent, named.teacher, named.head, named.new_senco):
            make.acting_as(person)
            assert not Progress.objects.filter(pk=said.pk).exists()


class TestAnOfficerSaysWhy:
    @pytest.mark.parametrize("page", ["whereabouts", "hold"])
    def test_before_a_page_of_a_record_is_shown(self, named: Named, page: str) -> None:
        with as_owner():  # the area stands in for no destination here: it oversees, and no more
            LearnerAccess.objects.filter(reason="is coming").delete()
        officer = browser(make.staff("officer", named.school.local_area))
        address = f"/learners/{named.robin.id}/{page}/"
        asked = officer.get(address)
        assert 'name="purpose"' in asked.content.decode()
        assert str(named.robin) not in asked.content.decode()
        assert officer.post(address, {"purpose": "concern"}).status_code == 200
        with as_owner():
            purposes = AccessEntry.objects.exclude(purpose="").values_list("purpose", flat=True)
            assert set(purposes) == {"concern"}


class TestTwoPeople:
    def alias(self, named: Named, role: str = "senco") -> User:
        """Somebody who joins with a code of the SENCO's."""
        _, code = access.invite_staff(
            by=make.acting_as(named.senco), email="alias@school.example", name="Al Ias",
            role=role, setting=named.school,
        )  # fmt: skip
        with as_owner():
            found = access.find_invitation(code=code, email="alias@school.example")
            person = User.objects.create_user("alias@school.example", "Al Ias", "twelve-letters-1")
            joining.accept(invitation=found, user=person)
            return person

    def propose(self, named: Named) -> Decision:
        return redaction.propose(
            by=make.acting_as(named.senco), learner=named.robin, words=NAME,
            ground="another child", because="It names another child",
        ).decision  # fmt: skip

    def test_are_not_one_who_invited_the_other_for_the_occasion(self, named: Named) -> None:
        alias = self.alias(named)
        decision = self.propose(named)
        with pytest.raises(Refused, match="four weeks"):
            redaction.agree(by=make.acting_as(alias), decision_id=decision.id)

    def test_may_be_somebody_invited_long_ago(self, named: Named) -> None:
        alias = self.alias(named)
        with as_owner():
            month_ago = clock.now() - timedelta(days=29)
            Invitation.objects.filter(accepted_by=alias).update(accepted_at=month_ago)
        decision = self.propose(named)
        redaction.agree(by=make.acting_as(alias), decision_id=decision.id)

    def test_whose_role_ends_is_told_and_so_are_those_who_watch(self, named: Named) -> None:
        with as_owner():
            role = Membership.objects.select_related("user", "setting").get(user=named.head)
        access.end_membership(by=make.acting_as(named.senco), membership=role)
        with as_owner():
            told = Notification.objects.filter(kind="role ended")
            assert {n.recipient_id for n in told} == {
                named.head.id, named.school.local_area_id,
            }  # fmt: skip


class TestGuessing:
    def test_holds_nobody_out_of_the_browser_that_they_use(self, settings) -> None:
        settings.ACCOUNT_RATE_LIMITS = {"login_failed": "5/m/key"}
        cache.clear()
        person = make.staff("officer", make.local_area())
        right = {"login": person.email, "password": make.PASSWORD}
        own = Client()
        assert own.post("/sign-in/", right).status_code == 302
        assert own.cookies[COOKIE]
        own.post("/sign-out/")
        stranger = Client(REMOTE_ADDR="127.0.0.9")
        for _ in range(6):
            stranger.post("/sign-in/", {**right, "password": "wrong"})
        refused = Client(REMOTE_ADDR="127.0.0.8").post("/sign-in/", right)
        assert refused.status_code == 200
        assert own.post("/sign-in/", right).status_code == 302
        cache.clear()


@pytest.fixture
def system() -> Client:
    return Client(headers={"Authorization": make.api_client(make.setting())[1]})


class TestOddInput:
    def test_a_cursor_that_is_none_of_ours_is_a_problem_and_no_error(self, system: Client) -> None:
        for position in ("zzz", "\0"):
            cursor = base64.b64encode(f"p={position}".encode()).decode()
            answer = system.get("/api/v1/reviews/", {"cursor": cursor})
            assert (answer.status_code, answer.json()["code"]) == (404, "not-found")

    def test_nor_is_json_that_is_nested_too_deep_or_a_version_that_is_too_long(
        self, system: Client
    ) -> None:
        deep = "[" * 100_000
        answer = system.post("/api/v1/register/", deep, content_type="application/json")
        assert answer.status_code == 400
        assert answer["Content-Type"] == "application/problem+json"

    def test_an_address_that_is_none_is_a_problem_for_every_method(self) -> None:
        strict = Client(enforce_csrf_checks=True)
        for method in ("GET", "POST", "PUT", "DELETE"):
            answer = strict.generic(method, "/api/v1/reviews/1/progress/")
            assert (answer.status_code, answer.json()["code"]) == (404, "not-found")

    def test_another_grant_is_refused(self) -> None:
        grant = "urn:ietf:params:oauth:grant-type:device_code"
        answer = Client().post("/api/token/", {"grant_type": grant, "client_id": "x"})
        assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")

    @pytest.mark.parametrize(
        "sent",
        [
            "[" * 100_000,
            json.dumps({"page": "/x/\u0000", "fields": {"a": ["b"]}}),
            json.dumps({"page": "/x/\ud800", "fields": {"a": ["b"]}}),
        ],
    )
    def test_words_that_no_page_sends_are_refused(self, sent: str) -> None:
        person = make.staff("senco", make.setting())
        answer = browser(person).post("/unsent/", sent, content_type="application/json")
        assert answer.status_code == 400


class TestWordsThatWereNotSent:
    def test_are_kept_of_fifty_pages_and_never_a_secret(self) -> None:
        person = make.staff("senco", make.setting())
        make.acting_as(person)
        for n in range(53):
            unsent.keep(
                user_id=person.id,
                page=f"/{n}/",
                fields={"words": ["a\0b"], "password1": ["x"], "code": ["y"]},
            )
        forms = UnsentForm.objects.filter(user_id=person.id)
        assert forms.count() == unsent.MOST_PAGES
        assert forms.get(page="/52/").fields == {"words": ["ab"]}
        assert not forms.filter(page="/0/").exists()


def test_a_refused_form_of_a_stranger_gives_no_password_back_and_is_not_kept() -> None:
    sent = {"code": "K7QM-4TRB-X2HD", "email": "a@b.example", "password": "quite-a-secret-1"}
    answer = Client().post("/join/", sent)
    assert "quite-a-secret-1" not in answer.content.decode()
    assert answer["Cache-Control"] == "no-store"


def test_a_form_without_our_sign_is_refused_in_our_words() -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/sign-in/", {"login": "x", "password": "y"})
    assert answer.status_code == 403
    assert "open for too long" in answer.content.decode()
