"""What every answer carries, whoever asks."""

from __future__ import annotations

import gzip
import subprocess
import sys
from typing import Any

import pytest
from django.test import Client

from tests import factories as make
from tests.integration.platform.test_commands import CHECKOUT, PRODUCTION

pytestmark = pytest.mark.django_db

PAGES = ["/", "/sign-in/", "/framework/", "/home/", "/register/", "/nowhere/", "/api/v1/learners/"]


@pytest.fixture
def senco(client: Client) -> Client:
    person = make.staff("senco", make.setting(make.local_area()))
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.mark.parametrize("address", PAGES)
def test_every_answer_says_what_a_browser_may_do_with_it(senco: Client, address: str) -> None:
    headers = senco.get(address).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert "charset=utf-8" in headers["Content-Type"] or "json" in headers["Content-Type"]


def test_no_other_site_may_read_an_answer(senco: Client) -> None:
    answer = senco.get("/home/", headers={"Origin": "https://elsewhere.example"})
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_form_from_elsewhere_is_refused() -> None:
    person = make.staff("senco", make.setting(make.local_area()))
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert strict.post("/reviews/open/").status_code == 403


def test_trace_is_answered_by_nobody(senco: Client) -> None:
    assert senco.generic("TRACE", "/home/").status_code == 405


def test_the_api_refuses_plain_http_and_a_page_is_sent_on(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    refused = Client().get("/api/v1/learners/")
    assert (refused.status_code, refused.json()["code"]) == (403, "not-secure")
    assert Client().post("/api/token/").status_code == 403
    assert Client().get("/framework/")["Location"] == "https://testserver/framework/"
    assert Client().get("/api/v1/learners/", secure=True).status_code == 401


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("SESSION_COOKIE_NAME", "__Host-session"),
        ("CSRF_COOKIE_NAME", "__Host-csrftoken"),
        ("SESSION_COOKIE_SECURE", True),
        ("SESSION_COOKIE_HTTPONLY", True),
        ("CSRF_COOKIE_HTTPONLY", True),
        ("SECURE_HSTS_SECONDS", 31_536_000),
        ("SECURE_SSL_REDIRECT", True),
        ("DEBUG", False),
        ("SECOND_FACTOR_REQUIRED", True),
        ("CLOCK_MAY_SHIFT", False),
    ],
)
def test_production_cannot_be_looser(setting: str, value: Any) -> None:
    asked = f"from django.conf import settings; print(repr(settings.{setting}))"
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", asked],
        env={**PRODUCTION, "DJANGO_SETTINGS_MODULE": "config.settings"},
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == repr(value)


def test_an_address_that_only_takes_what_is_sent_says_so_on_a_page(senco: Client) -> None:
    answer = senco.get("/reviews/open/")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert "Nothing was sent" in answer.content.decode()


def test_pages_come_compressed(senco: Client) -> None:
    answer = senco.get("/register/", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.content) * 3 < len(gzip.decompress(answer.content))
