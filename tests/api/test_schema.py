"""The API describes itself truly: as OpenAPI, and on a page for people."""

from __future__ import annotations

import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from apps.api.docs import PROBLEMS, operations
from apps.api.errors import STATUS, VersionNeeded
from apps.common.exceptions import PurposeNeeded

pytestmark = pytest.mark.django_db


def test_the_schema_is_valid_and_open_to_anyone() -> None:
    validate_schema(SchemaGenerator().get_schema(request=None, public=True))
    assert Client().get("/api/v1/schema/").status_code == 200


def test_every_operation_says_what_it_does_and_which_scope_it_needs() -> None:
    every = [o for resource in operations().values() for o in resource]
    assert len(every) > 25
    assert [o.name for o in every if not (o.text and o.scope)] == []
    assert len({o.name for o in every}) == len(every)


def test_the_page_shows_every_operation() -> None:
    page = Client().get("/api/v1/docs/").content.decode()
    for resource in operations().values():
        for operation in resource:
            assert f'id="{operation.name}"' in page


def test_every_problem_is_explained() -> None:
    codes = {kind.code for kind in (*STATUS, PurposeNeeded)} | {VersionNeeded.default_code}
    assert codes <= PROBLEMS.keys()
