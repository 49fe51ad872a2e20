"""The API under random requests that its own schema makes (goal R14).

For each kind of client and each operation: no server error, no answer that the schema does not
allow, and nothing of the learner for whoever has no right. `CASES` chooses the long form.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance

from config.wsgi import application
from tests import factories as make
from tests.access.test_api_matrix import READS
from tests.support.world import build

pytestmark = pytest.mark.django_db

CASES = int(os.environ.get("CASES", "4"))
SCHEMA = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(request=None, public=True))
SCHEMA.app = application
OPERATIONS = {
    f"{found.ok().method.upper()} {found.ok().path}": found.ok()
    for found in SCHEMA.get_all_operations()
    if isinstance(found, Ok)
}
LONG = 10
BROKEN = 500
REFUSED = {400, 401, 404, 405, 406, 415}
STRANGERS = {"nobody", "neighbour", "framework only"}
CLIENTS = ["nobody", "own", "reader", "neighbour", "area", "framework only"]


@pytest.fixture
def world() -> dict[str, Any]:
    return build()


@pytest.fixture
def headers(world: dict[str, Any]) -> dict[str, dict[str, str]]:
    """What each kind of client sends to say who it is."""
    school = world["school"]
    tokens = {
        "nobody": "",
        "own": make.api_client(school)[1],
        "reader": make.api_client(school, scopes=READS)[1],
        "neighbour": make.api_client(world["other"])[1],
        "area": make.api_client(world["area"])[1],
        "framework only": make.api_client(school, scopes=["framework:read"])[1],
    }
    return {who: {"Authorization": token} if token else {} for who, token in tokens.items()}


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """The requests run in the test's transaction, as those of Django's own client do."""
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


def test_there_are_operations() -> None:
    assert len(OPERATIONS) > 25


@pytest.mark.parametrize("who", CLIENTS)
def test_no_server_error_no_broken_schema_no_hole(
    who: str,
    world: dict[str, Any],
    headers: dict[str, dict[str, str]],
    record_property: Callable[[str, object], None],
) -> None:
    keys = [str(v) for k, v in world["kwargs"].items() if k.endswith("_id")]
    name = world["people"]["parent"].family_of.get().learner.known_family
    wrong: list[str] = []
    asked: Counter[int] = Counter()
    for operation in OPERATIONS.values():
        try:
            fuzz(operation, who, headers[who], keys, name, asked)
        except (Exception, FailureGroup) as error:
            wrong.append(f"{operation.method} {operation.path}: {error}")
    record_property("requests", asked.total())
    record_property("server errors", sum(n for status, n in asked.items() if status >= BROKEN))
    assert not wrong, "\n\n".join(wrong)


def fuzz(
    operation: Any, who: str, sent: dict[str, str], keys: list[str], name: str, asked: Counter[int]
) -> None:
    """Ask one operation in many ways; raises at the first wrong answer."""

    @settings(
        max_examples=CASES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), key=st.sampled_from(keys), real=st.booleans())
    def ask(case: Any, key: str, real: bool) -> None:
        if real:  # a key that there is, as often as one that there is not
            case.path_parameters |= {p: key for p in case.path_parameters if p.endswith("_id")}
        with transaction.atomic():
            answer = case.call(headers={"Accept-Encoding": "identity", **sent})
            transaction.set_rollback(True)
        asked[answer.status_code] += 1
        # That the schema allows a value does not make it true: a UPN has its check letter.
        case.validate_response(answer, excluded_checks=[positive_data_acceptance])
        if who in STRANGERS:
            assert name not in answer.text
        if who == "nobody":
            assert answer.status_code in REFUSED

    ask()
