"""Joining with an account elsewhere, showing again who one is, and for whom one came."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount

from apps.access import actions
from apps.access.models import Membership
from apps.accounts.models import User
from tests import factories as make
from tests.support.openid import (
    AGAIN,
    Browser,
    OpenIDProvider,
    address_left_for,
    configure,
    only_there,
    sign_in,
    with_password,
)

pytestmark = pytest.mark.django_db


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
        client = Browser()
        sent = {"code": code, "email": "new@school.test", "provider": "school"}
        answer = client.through(
            provider, client.post("/join/", sent), sub="nia", email="other@x.test"
        )
        assert answer["Location"] == "/home/"
        person = User.objects.get(email="new@school.test")
        assert not person.has_usable_password()
        assert Membership.objects.filter(user=person, role="teacher").exists()
        assert client.signed_in
        assert sign_in(provider, sub="nia").signed_in

    def test_without_a_code_nobody_leaves(self, provider: OpenIDProvider) -> None:
        sent = {"code": "AAAA-BBBB-CCCC", "email": "new@school.test", "provider": "school"}
        page = Browser().post("/join/", sent).content.decode()
        assert "Check the code and the e-mail address that it was given for" in page
        assert 'value="AAAA-BBBB-CCCC"' in page

    def test_a_code_is_used_once(self, provider: OpenIDProvider, code: str) -> None:
        sent = {"code": code, "email": "new@school.test", "provider": "school"}
        first, second = Browser(), Browser()
        leaves = [c.post("/join/", sent) for c in (first, second)]
        first.through(provider, leaves[0], sub="nia")
        second.through(provider, leaves[1], sub="eve")
        assert "That code works no longer" in second.said
        assert not SocialAccount.objects.filter(uid__endswith=" eve").exists()

    def test_an_account_that_is_connected_joins_nobody_else(
        self, provider: OpenIDProvider, connected: User, code: str
    ) -> None:
        sent = {"code": code, "email": "new@school.test", "provider": "school"}
        client = Browser()
        client.through(provider, client.post("/join/", sent), sub="pat")
        page = client.said
        assert "connected with another person here" in page
        assert f'value="{code}"' in page  # nothing typed is lost
        assert not User.objects.filter(email="new@school.test").exists()

    def test_who_has_an_account_signs_in_first(self, provider: OpenIDProvider, code: str) -> None:
        User.objects.create_user("new@school.test", "Nia New", make.PASSWORD)
        sent = {"code": code, "email": "new@school.test", "provider": "school"}
        client = Browser()
        client.through(provider, client.post("/join/", sent), sub="nia")
        assert "You have an account here already" in client.said
        assert not SocialAccount.objects.exists()


class TestShowingAgain:
    """What matters most asks again; whoever has no password here shows it at their provider."""

    @pytest.fixture
    def client(self, provider: OpenIDProvider, connected: User, settings: Any) -> Browser:
        settings.SECOND_FACTOR_REQUIRED = False
        only_there(connected)
        return sign_in(provider)

    def invites(self, client: Browser):
        sent = {"name": "A B", "email": "ab@school.test", "role": "teacher"}
        return client.post("/people/", sent)

    def test_is_asked_for_and_what_was_sent_goes_on(
        self, provider: OpenIDProvider, client: Browser
    ) -> None:
        asked = self.invites(client)
        assert asked["Location"] == f"{AGAIN}?next=%2Fpeople%2F"
        page = client.post(AGAIN, {"next": "/people/"})
        wanted = parse_qs(urlsplit(address_left_for(page)).query)
        assert (wanted["prompt"], wanted["max_age"]) == (["login"], ["0"])
        back = client.through(provider, page, sub="pat")
        assert "A B is invited" in client.get(back["Location"]).content.decode()

    @pytest.mark.parametrize("how", ["no auth time", "old auth time"])
    def test_needs_the_providers_word_that_it_asked_again(
        self, provider: OpenIDProvider, client: Browser, how: str
    ) -> None:
        provider.spoil(how)
        client.through(provider, client.post(AGAIN, {"next": "/people/"}), sub="pat")
        assert "did not say that you signed in again just now" in client.said
        assert self.invites(client)["Location"].startswith(AGAIN)

    def test_is_not_shown_by_somebody_else(self, provider: OpenIDProvider, client: Browser) -> None:
        client.through(provider, client.post(AGAIN, {"next": "/people/"}), sub="eve")
        assert "signed in somebody else" in client.said
        assert self.invites(client)["Location"].startswith(AGAIN)

    def test_comes_before_a_second_step_is_set_up(self, client: Browser, settings: Any) -> None:
        settings.SECOND_FACTOR_REQUIRED = True
        asked = client.get("/second-step/totp/activate/")
        assert asked["Location"].startswith(AGAIN)
        assert client.get(asked["Location"]).status_code == 200

    def test_comes_before_a_password_is_set(
        self, provider: OpenIDProvider, client: Browser, connected: User
    ) -> None:
        assert client.get("/password/")["Location"] == "/password/set/"
        asked = client.get("/password/set/")
        assert asked["Location"].startswith(AGAIN)
        client.through(provider, client.post(AGAIN, {"next": "/password/set/"}), sub="pat")
        assert "Set a password" in client.said
        new = "seven green harbour lamps"
        client.post("/password/set/", {"password1": new, "password2": new})
        connected.refresh_from_db()
        assert connected.check_password(new)

    def test_is_for_those_who_are_connected_there(self, provider: OpenIDProvider) -> None:
        client = with_password(make.user())
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

    def came_from(self, provider: OpenIDProvider, **organisation: Any) -> Browser:
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
        assert "says that you come from Elsewhere School. You have no role there" in client.said
        assert not Membership.objects.filter(user=connected, setting=elsewhere).exists()

    def test_a_role_that_has_ended_is_none(self, dfe: OpenIDProvider, of_two) -> None:
        Membership.objects.filter(setting=of_two).update(ends_on=make.LONG_AGO.replace(year=2021))
        client = self.came_from(dfe, name="Ridge", urn=of_two.identifiers.get().value)
        assert "organisation" not in client.session

    @pytest.mark.parametrize("words", ["", "not json", "[]", '"x"', '{"urn": {"a": 1}}', "null"])
    def test_anything_else_is_passed_over(self, dfe: OpenIDProvider, of_two, words: str) -> None:
        client = sign_in(dfe, organisation=words)
        assert client.signed_in
        assert client.get("/home/").status_code == 200
