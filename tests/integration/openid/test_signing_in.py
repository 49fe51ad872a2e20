"""Connecting an identity at a provider, and signing in with it."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount, SocialApp
from django.db import DatabaseError, transaction

from apps.accounts.models import KnownDevice, User
from apps.audit.models import Event
from apps.notifications.models import Notification
from tests import factories as make
from tests.integration.test_sign_in import set_up_app
from tests.support.database import as_owner
from tests.support.openid import (
    AGAIN,
    CONNECT,
    START,
    Browser,
    OpenIDProvider,
    configure,
    only_there,
    sign_in,
    with_password,
)

pytestmark = pytest.mark.django_db


def test_the_application_can_make_no_provider_in_a_table() -> None:
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        SocialApp.objects.create(provider="openid_connect", client_id="x", name="X")


class TestConnecting:
    @pytest.fixture(autouse=True)
    def one_step(self, as_in_production: None, settings: Any) -> None:
        settings.SECOND_FACTOR_REQUIRED = False

    def test_a_signed_in_person_connects_their_account_and_signs_in_with_it(
        self, provider: OpenIDProvider, senco: User
    ) -> None:
        client = with_password(senco)
        asked = client.post(CONNECT)
        assert asked["Location"].startswith("/sign-in/again/")
        leaves = client.post("/sign-in/again/?next=" + CONNECT, {"password": make.PASSWORD})
        answer = client.through(provider, leaves, sub="pat", email="pat@school.test")
        assert (
            "You can sign in with School account" in client.get(answer["Location"]).content.decode()
        )
        kept = SocialAccount.objects.get(user=senco)
        assert kept.uid == f"{provider.issuer} pat"
        assert kept.extra_data == {"email": "pat@school.test"}
        assert sign_in(provider).signed_in
        with as_owner():
            assert Notification.objects.filter(recipient_id=senco.id, kind="identity").exists()
            assert Event.objects.filter(action="identity connected", subject_id=senco.id).exists()

    def test_an_account_is_one_persons(self, provider: OpenIDProvider, connected: User) -> None:
        other = make.staff("senco", make.setting())
        client = with_password(other)
        client.post("/sign-in/again/", {"password": make.PASSWORD})
        client.through(provider, client.post(CONNECT), sub="pat")
        assert "connected with another person here" in client.said
        assert SocialAccount.objects.get().user == connected

    def test_whoever_left_is_the_one_for_whom_it_is_connected(
        self, provider: OpenIDProvider, senco: User
    ) -> None:
        client = with_password(senco)
        client.post("/sign-in/again/", {"password": make.PASSWORD})
        leaves = client.post(CONNECT)
        client.post("/sign-out/")
        with_password(make.user(), client)
        client.through(provider, leaves, sub="pat")
        assert not SocialAccount.objects.exists()

    def test_its_owner_ends_it(self, connected: User) -> None:
        client = with_password(connected)
        client.post("/sign-in/again/", {"password": make.PASSWORD})
        end = f"/sign-in/connections/{SocialAccount.objects.get().pk}/end/"
        assert client.post(end)["Location"] == "/second-step/"
        assert not SocialAccount.objects.exists()

    def test_nobody_ends_another_persons(self, connected: User) -> None:
        client = with_password(make.user())
        client.post("/sign-in/again/", {"password": make.PASSWORD})
        end = f"/sign-in/connections/{SocialAccount.objects.get().pk}/end/"
        assert client.post(end).status_code == 404
        assert SocialAccount.objects.exists()

    def test_the_only_way_in_stays(self, provider: OpenIDProvider, connected: User) -> None:
        only_there(connected)
        client = sign_in(provider)
        client.through(provider, client.post(AGAIN), sub="pat")
        end = client.post(f"/sign-in/connections/{SocialAccount.objects.get().pk}/end/")
        assert end.status_code == 409
        assert "your only way to sign in" in end.content.decode()


class TestSigningIn:
    def test_leads_to_the_page_that_was_asked_for(
        self, provider: OpenIDProvider, connected: User, settings: Any
    ) -> None:
        settings.SECOND_FACTOR_REQUIRED = False
        client = Browser()
        answer = client.through(provider, client.post(START, {"next": "/register/"}), sub="pat")
        assert answer["Location"] == "/register/"

    def test_leads_nowhere_else(self, provider: OpenIDProvider, connected: User) -> None:
        client = Browser()
        leaves = client.post(START, {"next": "https://elsewhere.example/"})
        assert client.through(provider, leaves, sub="pat")["Location"] == "/home/"

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
        set_up_app(with_password(connected))
        client = sign_in(provider)
        assert client.last["Location"] == "/second-step/authenticate/"
        assert "token" not in client.session["account_login"]["signal_kwargs"]["sociallogin"]
        assert not client.signed_in

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
        assert not client.signed_in
        assert "This account is closed" in client.said

    def test_no_provider_means_no_page(self, settings: Any) -> None:
        configure(settings)
        assert Browser().post(START).status_code == 404
        assert Browser().get(START + "back/?code=a&state=b").status_code == 404

    def test_a_row_in_a_table_makes_no_provider(
        self, settings: Any, provider: OpenIDProvider
    ) -> None:
        configure(settings)
        with as_owner():
            SocialApp.objects.create(
                provider="openid_connect",
                provider_id="school",
                client_id="x",
                name="X",
                settings={"server_url": provider.issuer},
            )
        assert Browser().post(START).status_code == 404


class TestStrangers:
    def test_who_is_connected_with_nobody_gets_a_page_that_helps(
        self, provider: OpenIDProvider
    ) -> None:
        client = sign_in(provider, sub="stranger", email="stranger@elsewhere.test")
        assert "not connected with anyone here yet" in client.said
        assert not client.signed_in
        assert not User.objects.filter(email="stranger@elsewhere.test").exists()

    def test_somebody_elses_address_opens_nothing(
        self, provider: OpenIDProvider, senco: User
    ) -> None:
        client = sign_in(provider, sub="stranger", email=senco.email, email_verified="true")
        assert not client.signed_in
        assert not SocialAccount.objects.exists()

    def test_another_issuers_name_for_somebody_opens_nothing(
        self, provider: OpenIDProvider, senco: User
    ) -> None:
        SocialAccount.objects.create(user=senco, provider="school", uid="https://old.example pat")
        assert not sign_in(provider).signed_in
