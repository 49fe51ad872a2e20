"""What an operator does at the command line before anybody can sign in."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from apps.access.models import Membership
from tests.support.database import as_owner

pytestmark = pytest.mark.django_db

COMMAND = "apps.access.management.commands.make_administrator.getpass"


def make(monkeypatch, *typed: str) -> None:
    answers = iter(typed)
    monkeypatch.setattr(COMMAND, lambda prompt: next(answers))
    call_command("make_administrator", "Kit@service.test", "--name", "Kit Rowe")


def test_the_first_administrator_can_sign_in(monkeypatch) -> None:
    make(monkeypatch, "a quiet green harbour", "a quiet green harbour")
    with as_owner():
        assert Membership.objects.get().role == "administrator"
    client = Client()
    sent = {"login": "kit@service.test", "password": "a quiet green harbour"}
    assert client.post("/sign-in/", sent).status_code == 302
    assert client.get("/organisations/").status_code == 200


@pytest.mark.parametrize(
    ("typed", "says"),
    [(("short", "short"), "short"), (("a quiet green harbour", "another one"), "differ")],
)
def test_a_password_that_will_not_do_is_refused(monkeypatch, typed, says) -> None:
    with pytest.raises(CommandError, match=says):
        make(monkeypatch, *typed)


def test_the_same_address_twice_is_refused(monkeypatch) -> None:
    make(monkeypatch, "a quiet green harbour", "a quiet green harbour")
    with pytest.raises(CommandError, match="here already"):
        make(monkeypatch, "a quiet green harbour", "a quiet green harbour")
