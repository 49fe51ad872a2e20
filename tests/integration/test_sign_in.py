"""Signing in: a second factor for staff, guessing that slows, sessions that end."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import struct
import time

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client

from apps.accounts.models import KnownDevice
from apps.notifications.models import Notification
from apps.web.templatetags.govuk import browser
from tests import factories as make
from tests.support.database import as_owner

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def as_in_production(settings):
    settings.SECOND_FACTOR_REQUIRED = True


@pytest.fixture
def senco():
    return make.staff("senco", make.setting())


def code_of(secret: str, at: float | None = None) -> str:
    """The code that an authenticator app shows (RFC 6238)."""
    counter = struct.pack(">Q", int((at or time.time()) // 30))
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    start = digest[-1] & 15
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def sign_in(person, client: Client | None = None) -> Client:
    client = client or Client()
    client.post("/sign-in/", {"login": person.email, "password": make.PASSWORD})
    return client


def set_up_app(client: Client) -> str:
    client.post("/sign-in/again/", {"password": make.PASSWORD})
    page = client.get("/second-step/totp/activate/").content.decode()
    found = re.search(r'class="lr-code">(\w+)<', page)
    assert found
    sent = client.post("/second-step/totp/activate/", {"code": code_of(found[1])})
    assert sent.status_code == 302
    return found[1]


class TestStaff:
    def test_see_nothing_before_they_have_set_up_a_second_factor(self, senco) -> None:
        client = sign_in(senco)
        answer = client.get("/register/")
        assert (answer.status_code, answer["Location"]) == (302, "/second-step/?needed=1")
        set_up_app(client)
        assert client.get("/register/").status_code == 200

    def test_sign_in_with_password_and_code(self, senco) -> None:
        secret = set_up_app(sign_in(senco))
        client = sign_in(senco)
        assert client.get("/register/")["Location"].startswith("/sign-in/")
        wrong = client.post("/second-step/authenticate/", {"code": "000000"})
        assert b"That code is not right" in wrong.content
        cache.clear()  # a code is taken once, and this one was, when the app was set up
        client.post("/second-step/authenticate/", {"code": code_of(secret)})
        assert client.get("/register/").status_code == 200

    def test_sign_in_with_a_code_on_paper_once(self, senco) -> None:
        first = sign_in(senco)
        set_up_app(first)
        page = first.get("/second-step/recovery-codes/").content.decode()
        paper = re.findall(r'class="lr-code">(\w+)<', page)
        assert len(paper) == 10
        client = sign_in(senco)
        client.post("/second-step/authenticate/", {"code": paper[0]})
        assert client.get("/register/").status_code == 200
        again = sign_in(senco)
        again.post("/second-step/authenticate/", {"code": paper[0]})
        assert again.get("/register/").status_code == 302

    def test_the_secret_is_not_kept_as_it_is(self, senco) -> None:
        secret = set_up_app(sign_in(senco))
        kept = Authenticator.objects.get(user=senco, type="totp").data
        assert secret not in str(kept)

    def test_an_open_session_of_a_disabled_account_is_over(self, senco) -> None:
        client = sign_in(senco)
        set_up_app(client)
        senco.is_active = False
        senco.save()
        assert client.get("/register/")["Location"].startswith("/sign-in/")


class TestTheDemosSwitch:
    @pytest.fixture(autouse=True)
    def in_the_demo(self, as_in_production, settings):
        settings.SECOND_FACTOR_REQUIRED = False
        yield
        cache.clear()

    def test_asks_staff_and_stops_asking(self, senco) -> None:
        client = sign_in(senco)
        for ask, expected in (("1", 302), ("0", 200)):
            said = Client().post("/demo/second-step/", {"ask": ask}, follow=True)
            assert b"Only in the demo" in said.content
            assert client.get("/register/").status_code == expected

    def test_is_nowhere_else(self, settings) -> None:
        settings.DEMO = False
        assert Client().post("/demo/second-step/", {"ask": "1"}).status_code == 404
        assert b"Only in the demo" not in Client().get("/sign-in/").content

    def test_takes_nothing_away_where_it_is_always_asked(self, senco, settings) -> None:
        settings.SECOND_FACTOR_REQUIRED = True
        assert Client().post("/demo/second-step/", {"ask": "0"}).status_code == 404
        assert sign_in(senco).get("/register/").status_code == 302


def test_a_parent_sees_their_own_child_with_a_password(senco) -> None:
    parent = make.parent(make.learner(make.setting()))
    assert sign_in(parent).get("/family/", follow=True).status_code == 200


class TestSessions:
    def test_an_idle_one_ends_and_says_so(self, senco, settings) -> None:
        settings.SECOND_FACTOR_REQUIRED = False
        client = sign_in(senco)
        assert client.get("/register/").status_code == 200
        session = client.session
        session["seen"] -= settings.SESSION_IDLE_SECONDS + 1
        session.save()
        answer = client.get("/register/", follow=True)
        assert answer.redirect_chain[0][0].startswith("/sign-in/")
        assert b"You were signed out because nothing happened" in answer.content

    def test_an_old_one_ends_however_busy(self, senco, settings) -> None:
        settings.SECOND_FACTOR_REQUIRED = False
        client = sign_in(senco)
        client.get("/register/")
        session = client.session
        session["began"] -= settings.SESSION_COOKIE_AGE + 1
        session.save()
        assert client.get("/register/").status_code == 302

    def test_browsers_are_named_as_people_know_them(self) -> None:
        edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
        edge += "Chrome/140.0.0.0 Safari/537.36 Edg/140.0"
        assert browser(edge) == "Edge on Windows"
        assert browser("") == "A browser that does not say what it is"

    def test_their_owner_sees_and_ends_the_others(self, senco) -> None:
        here, there = sign_in(senco), sign_in(senco)
        assert here.get("/signed-in/").content.count(b"127.0.0.1") == 2
        here.post("/signed-in/")
        assert there.get("/second-step/").status_code == 302
        assert here.get("/second-step/").status_code == 200

    def test_a_new_browser_is_told_of_and_a_known_one_is_not(self, senco) -> None:
        first = sign_in(senco)
        first.post("/sign-out/")
        sign_in(senco, first)
        with as_owner():
            assert not Notification.objects.filter(kind="new device").exists()
            sign_in(senco)
        with as_owner():
            assert Notification.objects.get(kind="new device").recipient_id == senco.id
        assert KnownDevice.objects.filter(user=senco).count() == 2


class TestGuessing:
    def test_slows_down_for_the_account_and_then_goes_on(self, senco, settings) -> None:
        settings.ACCOUNT_RATE_LIMITS = {"login_failed": "5/m/key"}
        client = Client()
        for _ in range(5):
            client.post("/sign-in/", {"login": senco.email, "password": "a-wrong-password"})
        slowed = client.post("/sign-in/", {"login": senco.email, "password": make.PASSWORD})
        assert b"Too many" in slowed.content
        cache.clear()  # the minute passes
        assert sign_in(senco).get("/second-step/").status_code == 200

    def test_slows_down_for_one_time_codes(self, settings) -> None:
        settings.ACCOUNT_RATE_LIMITS = {"join": "3/m/ip"}
        sent = {"code": "AAAA-AAAA-AAAA", "email": "a@example.test", "password": "x" * 14}
        answers = [Client().post("/join/", sent).status_code for _ in range(4)]
        assert answers == [200, 200, 200, 429]

    def test_says_the_same_of_a_known_and_an_unknown_address(self, senco) -> None:
        said = [
            re.sub(r'value="[^"]*"', "", Client().post("/sign-in/", sent).content.decode())
            for sent in (
                {"login": senco.email, "password": "a-wrong-password"},
                {"login": "nobody@example.test", "password": "a-wrong-password"},
            )
        ]
        assert said[0] == said[1]
