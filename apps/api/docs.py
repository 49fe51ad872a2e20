"""The API described on a page: every operation, what it needs and what it answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from drf_spectacular.generators import SchemaGenerator

from apps.api.schema import scope_texts

PROBLEMS = {
    "not-authenticated": "401. The token is missing, wrong or has expired.",
    "permission-denied": "403. The token lacks the scope that this needs.",
    "refused": "403. You may see this, and may not do that.",
    "purpose-needed": "403. Say why you open this record, in the header Purpose.",
    "not-found": "404. It is not there, or not for you: the answer is the same.",
    "wrong-state": "409. Not possible in the state that it is in.",
    "stale": "412. Somebody saved since you read it. Read it again.",
    "version-needed": "428. Send If-Match with the ETag of what you read.",
    "invalid": "400. Some values are not acceptable; errors says which and why.",
}


@dataclass(frozen=True)
class Operation:
    """One operation as the page shows it."""

    name: str
    method: str
    path: str
    text: str
    scope: str
    parameters: list[tuple[str, str, str]]  # name, where, what
    sends: list[tuple[str, str, bool]]  # field, type, needed
    answers: list[tuple[str, str, bool]]


@lru_cache(maxsize=1)
def operations() -> dict[str, list[Operation]]:
    """Every operation by resource, from the schema."""
    generator = SchemaGenerator()  # type: ignore[no-untyped-call]
    schema = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    found: dict[str, list[Operation]] = {}
    for path, methods in schema["paths"].items():
        for method, o in methods.items():
            if "security" not in o or o["operationId"].startswith("v1_schema"):
                continue
            found.setdefault(o["tags"][0], []).append(_operation(schema, path, method, o))
    return found


def _operation(schema: dict[str, Any], path: str, method: str, o: dict[str, Any]) -> Operation:
    answers = [r for code, r in o["responses"].items() if code.startswith("2")]
    return Operation(
        name=o["operationId"],
        method=method.upper(),
        path=path,
        text=o.get("description", ""),
        scope=next((s for need in o["security"] for scopes in need.values() for s in scopes), ""),
        parameters=[
            (p["name"], p["in"], p.get("description", ""))
            for p in o.get("parameters", [])
            if p["in"] != "path"
        ],
        sends=list(_fields(schema, o.get("requestBody", {}))),
        answers=list(_fields(schema, answers[0] if answers else {})),
    )


def _fields(schema: dict[str, Any], holder: dict[str, Any]) -> Iterator[tuple[str, str, bool]]:
    content = holder.get("content", {}).get("application/json", {}).get("schema", {})
    kind = _resolved(schema, content)
    if "results" in kind.get("properties", {}):
        kind = _resolved(schema, kind["properties"]["results"]["items"])
    elif "items" in kind:
        kind = _resolved(schema, kind["items"])
    for name, about in kind.get("properties", {}).items():
        yield name, _type(schema, about), name in kind.get("required", [])


def _resolved(schema: dict[str, Any], about: dict[str, Any]) -> dict[str, Any]:
    for part in (about, *about.get("allOf", [])):
        if "$ref" in part:
            found: dict[str, Any] = schema["components"]["schemas"][part["$ref"].split("/")[-1]]
            return found
    return about


def _type(schema: dict[str, Any], about: dict[str, Any]) -> str:
    kind = _resolved(schema, about)
    if "enum" in kind:
        return ", ".join(str(v) for v in kind["enum"])
    if "items" in kind:
        return f"list of {_type(schema, kind['items'])}"
    if kind is not about:
        return ", ".join(kind.get("properties", {}))
    return str(kind.get("format") or kind.get("type") or "anything")


def page(request: HttpRequest) -> HttpResponse:
    """The page, for anyone."""
    context = {
        "resources": operations(),
        "scopes": scope_texts(),
        "problems": PROBLEMS,
    }
    return render(request, "public/api.html", context)
