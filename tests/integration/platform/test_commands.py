"""What an operator does at the command line before anybody can sign in."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from apps.access.models import Membership
from config.embedded import CHECKOUT
from tests.support.database import as_owner

pytestmark = pytest.mark.django_db

PRODUCTION = {
    **{k: v for k, v in os.environ.items() if not k.startswith("DJANGO_")},
    "DOCUMENTS_FOLDER": "/var/lib/documents",
    "DATABASE_URL": "postgresql://app:secret@database/learner_record",
    "BROKER_URL": "redis://queue",
    "SECRET_KEY": secrets.token_urlsafe(60),
    "AUDIT_SIGNING_KEY": secrets.token_hex(32),
    "ALLOWED_HOSTS": "records.example",
}
COMMAND = "apps.access.management.commands.make_administrator.getpass"


def make(monkeypatch, *typed: str) -> None:
    answers = iter(typed)
    monkeypatch.setattr(COMMAND, lambda prompt: next(answers))
    call_command("make_administrator", "Kit@service.test", "--name", "Kit Rowe")


def test_the_settings_of_production_have_nothing_to_warn_of() -> None:
    checked = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=CHECKOUT,
        env=PRODUCTION,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr


def without_the_audits_key() -> dict[str, str]:
    return {k: v for k, v in PRODUCTION.items() if k != "AUDIT_SIGNING_KEY"}


def test_the_web_server_needs_no_key_of_the_audit() -> None:
    checked = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=CHECKOUT,
        env=without_the_audits_key(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr


def test_a_worker_without_it_does_not_start_and_says_why() -> None:
    command = [str(Path(sys.executable).with_name("celery")), "-A", "config", "worker"]
    ended = subprocess.run(
        [*command, "--pool", "solo"],
        cwd=CHECKOUT,
        env=without_the_audits_key(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode != 0
    assert "Set the environment variable AUDIT_SIGNING_KEY." in ended.stderr


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
