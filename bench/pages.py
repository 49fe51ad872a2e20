"""Pages asked for inside this process, through the whole stack: middleware, RLS, access log."""

from __future__ import annotations

import time
from typing import Any
from wsgiref.util import setup_testing_defaults

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


class Visitor:
    """Somebody who is signed in; asks for a page as a web server would."""

    def __init__(self, application: Any, user: Any) -> None:
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        self.application = application
        self.cookie = "; ".join(f"{m.key}={m.value}" for m in client.cookies.values())

    def get(self, path: str) -> bytes:
        """The body of a page. Raises AssertionError unless it is one."""
        environ: dict[str, Any] = {"HTTP_COOKIE": self.cookie, "QUERY_STRING": ""}
        setup_testing_defaults(environ)
        environ.update({"PATH_INFO": path, "HTTP_HOST": "localhost"})
        status: list[str] = []
        response = self.application(environ, lambda s, h, e=None: status.append(s))
        body = b"".join(response)
        response.close()
        assert status[0].startswith("200"), (path, status)
        return body

    def timed(self, path: str, times: int) -> list[float]:
        """Milliseconds of each of so many visits."""
        result = []
        for _ in range(times):
            started = time.perf_counter()
            self.get(path)
            result.append((time.perf_counter() - started) * 1000)
        return result

    def sql(self, path: str) -> list[str]:
        """What a visit asks the database, in order, BEGIN and COMMIT apart."""
        self.get(path)
        with CaptureQueriesContext(connection) as captured:
            self.get(path)
        every = [q["sql"].rstrip("; \n") for q in captured]
        return [sql for sql in every if sql not in {"BEGIN", "COMMIT"}]
