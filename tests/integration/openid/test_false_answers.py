"""What a false or broken provider says opens nothing, and leaves the other ways."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache

from apps.accounts.models import User
from tests.support.openid import (
    START,
    Browser,
    OpenIDProvider,
    address_left_for,
    configure,
    sign_in,
)

pytestmark = pytest.mark.django_db


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
    "redirect",
]


class TestFalseAnswers:
    @pytest.mark.parametrize("how", SPOILT)
    def test_open_nothing(self, provider: OpenIDProvider, connected: User, how: str) -> None:
        provider.spoil(how)
        client = sign_in(provider)
        assert not client.signed_in
        assert "School account could not show who you are" in client.said

    def test_the_same_answer_unspoilt_opens(
        self, provider: OpenIDProvider, connected: User
    ) -> None:
        assert sign_in(provider).signed_in

    def test_an_answer_is_taken_once(self, provider: OpenIDProvider, connected: User) -> None:
        client = Browser()
        back = urlsplit(provider.walk(address_left_for(client.post(START)), sub="pat"))
        answer = f"{back.path}?{back.query}"
        client.get(answer)
        assert client.signed_in
        client.post("/sign-out/")
        client.get(answer)
        assert not client.signed_in

    def test_an_answer_is_for_the_browser_that_asked(
        self, provider: OpenIDProvider, connected: User
    ) -> None:
        back = urlsplit(provider.walk(address_left_for(Browser().post(START)), sub="pat"))
        victim = Browser()
        victim.post(START)
        victim.get(f"{back.path}?{back.query}")
        assert not victim.signed_in

    def test_a_code_from_another_sign_in_is_refused(
        self, provider: OpenIDProvider, connected: User
    ) -> None:
        stolen = parse_qs(
            urlsplit(provider.walk(address_left_for(Browser().post(START)), sub="pat")).query
        )
        thief = Browser()
        state = parse_qs(urlsplit(address_left_for(thief.post(START))).query)["state"][0]
        thief.get(f"{START}back/", {"code": stolen["code"][0], "state": state})
        assert not thief.signed_in

    def test_another_issuer_in_its_own_description_is_refused(
        self, provider: OpenIDProvider
    ) -> None:
        provider.spoil("discovery")
        assert (
            "School account does not answer" in Browser().post(START, follow=True).content.decode()
        )

    def test_nothing_is_taken_from_the_address(
        self, provider: OpenIDProvider, connected: User
    ) -> None:
        page = Browser().post(f"{START}?scope=admin&auth_params=prompt%3Dnone&process=connect")
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
        assert not sign_in(provider).signed_in


class TestNoAnswer:
    def test_a_provider_that_is_down_leaves_the_other_ways(
        self, provider: OpenIDProvider, settings: Any
    ) -> None:
        app = provider.app()
        app["settings"]["server_url"] = "http://127.0.0.1:9"
        configure(settings, app)
        page = Browser().post(START, {"next": "/register/"}, follow=True)
        assert "School account does not answer" in page.content.decode()
        assert "I have forgotten my password" in page.content.decode()

    def test_asking_it_too_often_slows_down(self, provider: OpenIDProvider, settings: Any) -> None:
        settings.ACCOUNT_RATE_LIMITS = {"login": "2/m/ip"}
        assert [Browser().post(START).status_code for _ in range(3)] == [200, 200, 429]
        cache.clear()

    def test_who_stops_there_can_go_on_here(self, provider: OpenIDProvider) -> None:
        client = Browser()
        client.through(provider, client.post(START), stop="1")
        page = client.said
        assert "You stopped before School account had signed you in" in page
        assert "Sign in with a passkey" in page

    def test_an_answer_to_nothing_is_refused(self, provider: OpenIDProvider) -> None:
        answer = Browser().get(f"{START}back/", {"code": "x", "state": "y"})
        assert answer["Location"] == "/sign-in/"
