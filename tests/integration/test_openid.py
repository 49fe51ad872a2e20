"""Signing in through an OpenID provider: a real one, in a process of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount, SocialApp
from django.test import Client

from apps.access import actions
from apps.access.models import Membership
from apps.accounts.models import KnownDevice, User
from apps.audit.models import Event
from apps.notifications.models import Notification
from tests import factories as make
from tests.integration.test_sign_in import set_up_app
from tests.integration.test_sign_in import sign_in as sign_in_with_password
from tests.support import openid
from tests.support.database import as_owner
from tests.support.openid import OpenIDProvider, address_left_for, go

pytestmark = pytest.mark.django_db

START = "/sign-in/with/school/"
CONNECT = "/sign-in/with/school/connect/"
AGAIN = "/sign-in/with/school/again/"


@pytest.fixture(scope="module")
def process() -> Iterator[OpenIDProvider]:
    with openid.running() as running:
        yield running


@pytest.fixture
def provider(process: OpenIDProvider, settings: Any) -> OpenIDProvider:
    process.spoil("")
    configure(settings, process.app())
    return process


@pytest.fixture(autouse=True)
def as_in_production(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = True


def configure(settings: Any, *apps: dict[str, Any]) -> None:
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": list(apps)}}


@pytest.fixture
def senco() -> User:
    return make.staff("senco", make.setting(), name="Pat Rowan")


@pytest.fixture
def connected(provider: OpenIDProvider, senco: User) -> User:
    """A SENCO whose account at the provider, `pat`, is connected."""
    SocialAccount.objects.create(user=senco, provider="school", uid=f"{provider.issuer} pat")
    return senco


def only_there(person: User) -> User:
    """They have no password here."""
    person.set_unusable_password()
    person.save()
    return person


def sign_in(provider: OpenIDProvider, sub: str = "pat", **typed: str) -> Client:
    client = Client()
    client.last = go(client, provider, client.post(START), sub=sub, **typed)  # type: ignore[attr-defined]
    return client


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def said(client: Client) -> str:
    """The page that they see after the last answer."""
    answer = client.last  # type: ignore[attr-defined]
    return (
        client.get(answer["Location"], follow=True) if answer.status_code == 302 else answer
    ).content.decode()


class TestConnecting:
    @pytest.fixture(autouse=True)
    def one_step(self, as_in_production: None, settings: Any) -> None:
        settings.SECOND_FACTOR_REQUIRED = False

    def test_a_signed_in_person_connects_their_account_and_signs_in_with_it(
        self, provider: OpenIDProvider, senco: User
    ) -> None:
        client = sign_in_with_password(senco)
        asked = client.post(CONNECT)
        assert asked["Location"].startswith("/sign-in/again/")
        leaves = client.post("/sign-in/again/?next=" + CONNECT, {"password": make.PASSWORD})
        answer = go(client, provider, leaves, sub="pat", email="pat@school.test")
        assert (
            "You can sign in with School account" in client.get(answer["Location"]).content.decode()
        )
        kept = SocialAccount.objects.get(user=senco)
        assert kept.uid == f"{provider.issuer} pat"
        assert kept.extra_data == {"email": "pat@school.test"}
        assert signed_in(sign_in(provider))
        with as_owner():
            assert Notification.objects.filter(recipient_id=senco.id, kind="identity").exists()
            assert Event.objects.filter(action="identity connected", subject_id=senco.id).exists()

    def test_an_account_is_one_persons(self, provider: OpenIDProvider, connected: User) -> None:
        other = make.staff("senco", make.setting())
        client = sign_in_with_password(other)
        client.post("/sign-in/again/", {"password": make.PASSWORD})
        client.last = go(client, provider, client.post(CONNECT), sub="pat")  # type: ignore[attr-defined]
        assert "connected with another person here" in said(client)
        assert SocialAccount.objects.get().user == connected

    def test_whoever_left_is_the_one_for_whom_it_is_connected(
        self, provider: OpenIDProvider, senco: User
    ) -> None:
        client = sign_in_with_password(senco)
        client.post("/sign-in/again/", {"password": make.PASSWORD})
        leaves = client.post(CONNECT)
        client.post("/sign-out/")
        sign_in_with_password(make.user(), client)
        go(client, provider, leaves, sub="pat")
        assert not SocialAccount.objects.exists()

    def test_its_owner_ends_it(self, connected: User) -> None:
        client = sign_in_with_password(connected)
        client.post("/sign-in/again/", {"password": make.PASSWORD})
        end = f"/sign-in/connections/{SocialAccount.objects.get().pk}/end/"
        assert client.post(end)["Location"] == "/second-step/"
        assert not SocialAccount.objects.exists()

    def test_nobody_ends_another_persons(self, connected: User) -> None:
        client = sign_in_with_password(make.user())
        client.post("/sign-in/again/", {"password": make.PASSWORD})
        end = f"/sign-in/connections/{SocialAccount.objects.get().pk}/end/"
        assert client.post(end).status_code == 404
        assert SocialAccount.objects.exists()

    def test_the_only_way_in_stays(self, provider: OpenIDProvider, connected: User) -> None:
        only_there(connected)
        client = sign_in(provider)
        go(client, provider, client.post(AGAIN), sub="pat")
        end = client.post(f"/sign-in/connections/{SocialAccount.objects.get().pk}/end/")
        assert end.status_code == 409
        assert "your only way to sign in" in end.content.decode()


class TestSigningIn:
    def test_leads_to_the_page_that_was_asked_for(
        self, provider: OpenIDProvider, connected: User, settings: Any
    ) -> None:
        settings.SECOND_FACTOR_REQUIRED = False
        client = Client()
        answer = go(client, provider, client.post(START, {"next": "/register/"}), sub="pat")
        assert answer["Location"] == "/register/"

    def test_leads_nowhere_else(self, provider: OpenIDProvider, connected: User) -> None:
        client = Client()
        leaves = client.post(START, {"next": "https://elsewhere.example/"})
        assert go(client, provider, leaves, sub="pat")["Location"] == "/home/"

    def test_is_logged_and_told_of_like_any_other(
        self, provider: OpenIDProvider, connected: User
    ) -> None:
        sign_in(provider)
        sign_in(provider)
        assert KnownDevice.objects.filter(user=connected).count() == 2
        with as_owner():
            assert Notification.objects.filter(kind="new device").count() == 1
            assert Event.objects.filter(action="signed in", actor_id=connected.id).count() == 2

    def test_asks_for_our_second_factor(self, provider: OpenIDProvider, connected: User) -> None:
        client = sign_in(provider, amr="mfa")
        assert client.get("/register/")["Location"] == "/second-step/?needed=1"

    def test_asks_for_the_code_of_whoever_has_one(
        self, provider: OpenIDProvider, connected: User
    ) -> None:
        set_up_app(sign_in_with_password(connected))
        client = sign_in(provider)
        assert client.last["Location"] == "/second-step/authenticate/"  # type: ignore[attr-defined]
        assert not signed_in(client)

    @pytest.mark.parametrize(
        ("typed", "counts"),
        [
            ({"amr": "pwd mfa"}, True),
            ({"amr": "pwd"}, False),
            ({}, False),
            ({"acr": "strong"}, True),
        ],
    )
    def test_takes_a_providers_word_for_it_where_configured(
        self,
        provider: OpenIDProvider,
        connected: User,
        settings: Any,
        typed: dict[str, str],
        counts: bool,
    ) -> None:
        configure(settings, provider.app(second_factor=["mfa", "strong"]))
        client = sign_in(provider, **typed)
        assert (client.get("/register/").status_code == 200) is counts

    def test_a_disabled_person_stays_out(self, provider: OpenIDProvider, connected: User) -> None:
        connected.is_active = False
        connected.save()
        client = sign_in(provider)
        assert not signed_in(client)
        assert "This account is closed" in said(client)

    def test_no_provider_means_no_page(self, settings: Any) -> None:
        configure(settings)
        assert Client().post(START).status_code == 404
        assert Client().get(START + "back/?code=a&state=b").status_code == 404

    def test_a_row_in_a_table_makes_no_provider(
        self, settings: Any, provider: OpenIDProvider
    ) -> None:
        configure(settings)
        SocialApp.objects.create(
            provider="openid_connect",
            provider_id="school",
            client_id="x",
            name="X",
            settings={"server_url": provider.issuer},
        )
        assert Client().post(START).status_code == 404


class TestStrangers:
    def test_who_is_connected_with_nobody_gets_a_page_that_helps(
        self, provider: OpenIDProvider
    ) -> None:
        client = sign_in(provider, sub="stranger", email="stranger@elsewhere.test")
        assert "not connected with anyone here yet" in said(client)
        assert not signed_in(client)
        assert not User.objects.filter(email="stranger@elsewhere.test").exists()

    def test_somebody_elses_address_opens_nothing(
        self, provider: OpenIDProvider, senco: User
    ) -> None:
        client = sign_in(provider, sub="stranger", email=senco.email, email_verified="true")
        assert not signed_in(client)
        assert not SocialAccount.objects.exists()

    def test_another_issuers_name_for_somebody_opens_nothing(
        self, provider: OpenIDProvider, senco: User
    ) -> None:
        SocialAccount.objects.create(user=senco, provider="school", uid="https://old.example pat")
        assert not signed_in(sign_in(provider))


SPOILT = [
    "issuer",
    "audience",
    "party",
    "expired",
    "nonce",
    "no nonce",
    "foreign key",
    "shared secret",
    "unsigned",
    "missing",
]


class TestFalseAnswers:
    @pytest.mark.parametrize("how", SPOILT)
    def test_open_nothing(self, provider: OpenIDProvider, connected: User, how: str) -> None:
        provider.spoil(how)
        client = sign_in(provider)
        assert not signed_in(client)
        assert "School account could not show who you are" in said(client)

    def test_the_same_answer_unspoilt_opens(
        self, provider: OpenIDProvider, connected: User
    ) -> None:
        assert signed_in(sign_in(provider))

    def test_an_answer_is_taken_once(self, provider: OpenIDProvider, connected: User) -> None:
        client = Client()
        back = urlsplit(provider.walk(address_left_for(client.post(START)), sub="pat"))
        answer = f"{back.path}?{back.query}"
        client.get(answer)
        assert signed_in(client)
        client.post("/sign-out/")
        client.get(answer)
        assert not signed_in(client)

    def test_an_answer_is_for_the_browser_that_asked(
        self, provider: OpenIDProvider, connected: User
    ) -> None:
        back = urlsplit(provider.walk(address_left_for(Client().post(START)), sub="pat"))
        victim = Client()
        victim.post(START)
        victim.get(f"{back.path}?{back.query}")
        assert not signed_in(victim)

    def test_a_code_from_another_sign_in_is_refused(
        self, provider: OpenIDProvider, connected: User
    ) -> None:
        stolen = parse_qs(
            urlsplit(provider.walk(address_left_for(Client().post(START)), sub="pat")).query
        )
        thief = Client()
        state = parse_qs(urlsplit(address_left_for(thief.post(START))).query)["state"][0]
        thief.get(f"{START}back/", {"code": stolen["code"][0], "state": state})
        assert not signed_in(thief)

    def test_another_issuer_in_its_own_description_is_refused(
        self, provider: OpenIDProvider
    ) -> None:
        provider.spoil("discovery")
        assert (
            "School account does not answer" in Client().post(START, follow=True).content.decode()
        )

    def test_nothing_is_taken_from_the_address(
        self, provider: OpenIDProvider, connected: User
    ) -> None:
        page = Client().post(f"{START}?scope=admin&auth_params=prompt%3Dnone&process=connect")
        asked = parse_qs(urlsplit(address_left_for(page)).query)
        assert set(asked["scope"][0].split()) == {"openid", "email"}
        assert "prompt" not in asked
        assert asked["code_challenge_method"] == ["S256"]
        assert len(asked["nonce"][0]) > 40

    def test_what_it_says_of_somebody_else_is_refused(
        self, provider: OpenIDProvider, connected: User, settings: Any
    ) -> None:
        configure(settings, provider.app(organisation=True, scope=["openid", "organisation"]))
        provider.spoil("somebody else")
        assert not signed_in(sign_in(provider))


class TestNoAnswer:
    def test_a_provider_that_is_down_leaves_the_other_ways(
        self, provider: OpenIDProvider, settings: Any
    ) -> None:
        app = provider.app()
        app["settings"]["server_url"] = "http://127.0.0.1:9"
        configure(settings, app)
        page = Client().post(START, {"next": "/register/"}, follow=True)
        assert "School account does not answer" in page.content.decode()
        assert "I have forgotten my password" in page.content.decode()

    def test_who_stops_there_can_go_on_here(self, provider: OpenIDProvider) -> None:
        client = Client()
        client.last = go(client, provider, client.post(START), stop="1")  # type: ignore[attr-defined]
        page = said(client)
        assert "You stopped before School account had signed you in" in page
        assert "Sign in with a passkey" in page

    def test_an_answer_to_nothing_is_refused(self, provider: OpenIDProvider) -> None:
        answer = Client().get(f"{START}back/", {"code": "x", "state": "y"})
        assert answer["Location"] == "/sign-in/"


class TestJoining:
    @pytest.fixture
    def code(self, senco: User) -> str:
        _, code = actions.invite_staff(
            by=make.acting_as(senco),
            email="new@school.test",
            name="Nia New",
            role="teacher",
            setting=senco.memberships.get().setting,
        )
        return code

    def test_a_code_and_an_account_elsewhere_make_an_account_without_a_password(
        self, provider: OpenIDProvider, code: str
    ) -> None:
        client = Client()
        sent = {"code": code, "email": "new@school.test", "provider": "school"}
        answer = go(client, provider, client.post("/join/", sent), sub="nia", email="other@x.test")
        assert answer["Location"] == "/home/"
        person = User.objects.get(email="new@school.test")
        assert not person.has_usable_password()
        assert Membership.objects.filter(user=person, role="teacher").exists()
        assert signed_in(client)
        assert signed_in(sign_in(provider, sub="nia"))

    def test_without_a_code_nobody_leaves(self, provider: OpenIDProvider) -> None:
        sent = {"code": "AAAA-BBBB-CCCC", "email": "new@school.test", "provider": "school"}
        page = Client().post("/join/", sent).content.decode()
        assert "Check the code and the e-mail address that it was given for" in page
        assert 'value="AAAA-BBBB-CCCC"' in page

    def test_a_code_is_used_once(self, provider: OpenIDProvider, code: str) -> None:
        sent = {"code": code, "email": "new@school.test", "provider": "school"}
        first, second = Client(), Client()
        leaves = [c.post("/join/", sent) for c in (first, second)]
        go(first, provider, leaves[0], sub="nia")
        second.last = go(second, provider, leaves[1], sub="eve")  # type: ignore[attr-defined]
        assert "That code works no longer" in said(second)
        assert not SocialAccount.objects.filter(uid__endswith=" eve").exists()

    def test_an_account_that_is_connected_joins_nobody_else(
        self, provider: OpenIDProvider, connected: User, code: str
    ) -> None:
        sent = {"code": code, "email": "new@school.test", "provider": "school"}
        client = Client()
        client.last = go(client, provider, client.post("/join/", sent), sub="pat")  # type: ignore[attr-defined]
        page = said(client)
        assert "connected with another person here" in page
        assert f'value="{code}"' in page  # nothing typed is lost
        assert not User.objects.filter(email="new@school.test").exists()

    def test_who_has_an_account_signs_in_first(self, provider: OpenIDProvider, code: str) -> None:
        User.objects.create_user("new@school.test", "Nia New", make.PASSWORD)
        sent = {"code": code, "email": "new@school.test", "provider": "school"}
        client = Client()
        client.last = go(client, provider, client.post("/join/", sent), sub="nia")  # type: ignore[attr-defined]
        assert "You have an account here already" in said(client)
        assert not SocialAccount.objects.exists()


class TestShowingAgain:
    """What matters most asks again; whoever has no password here shows it at their provider."""

    @pytest.fixture
    def client(self, provider: OpenIDProvider, connected: User, settings: Any) -> Client:
        settings.SECOND_FACTOR_REQUIRED = False
        only_there(connected)
        return sign_in(provider)

    def invites(self, client: Client):
        sent = {"name": "A B", "email": "ab@school.test", "role": "teacher"}
        return client.post("/people/", sent)

    def test_is_asked_for_and_what_was_sent_goes_on(
        self, provider: OpenIDProvider, client: Client
    ) -> None:
        asked = self.invites(client)
        assert asked["Location"] == f"{AGAIN}?next=%2Fpeople%2F"
        page = client.post(AGAIN, {"next": "/people/"})
        wanted = parse_qs(urlsplit(address_left_for(page)).query)
        assert (wanted["prompt"], wanted["max_age"]) == (["login"], ["0"])
        back = go(client, provider, page, sub="pat")
        assert "A B is invited" in client.get(back["Location"]).content.decode()

    @pytest.mark.parametrize("how", ["no auth time", "old auth time"])
    def test_needs_the_providers_word_that_it_asked_again(
        self, provider: OpenIDProvider, client: Client, how: str
    ) -> None:
        provider.spoil(how)
        client.last = go(client, provider, client.post(AGAIN, {"next": "/people/"}), sub="pat")  # type: ignore[attr-defined]
        assert "did not say that you signed in again just now" in said(client)
        assert self.invites(client)["Location"].startswith(AGAIN)

    def test_is_not_shown_by_somebody_else(self, provider: OpenIDProvider, client: Client) -> None:
        client.last = go(client, provider, client.post(AGAIN, {"next": "/people/"}), sub="eve")  # type: ignore[attr-defined]
        assert "signed in somebody else" in said(client)
        assert self.invites(client)["Location"].startswith(AGAIN)

    def test_comes_before_a_second_step_is_set_up(self, client: Client, settings: Any) -> None:
        settings.SECOND_FACTOR_REQUIRED = True
        asked = client.get("/second-step/totp/activate/")
        assert asked["Location"].startswith(AGAIN)
        assert client.get(asked["Location"]).status_code == 200

    def test_is_for_those_who_are_connected_there(self, provider: OpenIDProvider) -> None:
        client = sign_in_with_password(make.user())
        assert client.get(AGAIN).status_code == 404


class TestOrganisation:
    """DfE Sign-in says for which organisation somebody came: a JSON string."""

    @pytest.fixture
    def dfe(self, provider: OpenIDProvider, settings: Any) -> OpenIDProvider:
        settings.SECOND_FACTOR_REQUIRED = False
        configure(settings, provider.app(organisation=True, scope=["openid", "organisation"]))
        return provider

    @pytest.fixture
    def of_two(self, dfe: OpenIDProvider, connected: User):
        second = make.setting(name="Ridge School")
        Membership.objects.create(
            user=connected, role="head", setting=second, starts_on=make.LONG_AGO
        )
        return second

    def came_from(self, provider: OpenIDProvider, **organisation: Any) -> Client:
        return sign_in(provider, organisation=json.dumps(organisation))

    def test_chooses_among_the_places_where_one_works(self, dfe: OpenIDProvider, of_two) -> None:
        urn = of_two.identifiers.get().value
        client = self.came_from(dfe, name="Ridge School", urn=urn, category={"id": "001"})
        assert client.session["organisation"] == str(of_two.id)

    def test_by_ukprn_too(self, dfe: OpenIDProvider, of_two) -> None:
        of_two.identifiers.create(kind="ukprn", value="10012345", starts_on=make.LONG_AGO)
        client = self.came_from(dfe, name="Ridge", urn=None, ukprn="10012345")
        assert client.session["organisation"] == str(of_two.id)

    def test_a_local_authority_by_its_code(self, dfe: OpenIDProvider, connected: User) -> None:
        area = make.local_area(code="873")
        Membership.objects.create(
            user=connected, role="officer", local_area=area, starts_on=make.LONG_AGO
        )
        client = self.came_from(dfe, category={"id": "002"}, establishmentNumber="873")
        assert client.session["organisation"] == str(area.id)

    def test_gives_no_role_and_says_so(self, dfe: OpenIDProvider, of_two, connected: User) -> None:
        elsewhere = make.setting(name="Elsewhere School")
        urn = elsewhere.identifiers.get().value
        client = self.came_from(dfe, name="Elsewhere School", urn=urn)
        assert "organisation" not in client.session
        assert "says that you come from Elsewhere School. You have no role there" in said(client)
        assert not Membership.objects.filter(user=connected, setting=elsewhere).exists()

    def test_a_role_that_has_ended_is_none(self, dfe: OpenIDProvider, of_two) -> None:
        Membership.objects.filter(setting=of_two).update(ends_on=make.LONG_AGO.replace(year=2021))
        client = self.came_from(dfe, name="Ridge", urn=of_two.identifiers.get().value)
        assert "organisation" not in client.session

    @pytest.mark.parametrize("words", ["", "not json", "[]", '"x"', '{"urn": {"a": 1}}', "null"])
    def test_anything_else_is_passed_over(self, dfe: OpenIDProvider, of_two, words: str) -> None:
        client = sign_in(dfe, organisation=words)
        assert signed_in(client)
        assert client.get("/home/").status_code == 200
