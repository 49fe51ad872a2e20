"""Every role and every URL has an expected answer. A new URL without a row fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import get_resolver

from tests.access.test_api_matrix import api_names

pytestmark = pytest.mark.django_db

WHO = [
    "anyone",
    "senco",
    "neighbour",
    "teacher",
    "head",
    "governor",
    "parent",
    "stranger",
    "officer",
    "outsider",
    "administrator",
]

# What each may expect, in the order of WHO: 200 a page, 302 sent on (a stranger to sign in),
# 400 asked for more, 403 may read but not do that, 404 not there for them, 405 not this way.
# The API is for connected systems: their matrix is beside this one. A person gets nothing.
API = dict.fromkeys(api_names(), "401 " * 11)

MATRIX: dict[str, str] = {
    **API,
    "api-docs": "200 " * 11,
    "api-schema": "200 " * 11,
    "api-token": "405 " * 11,
    "api-token-revoke": "405 " * 11,
    "start": "200 302 302 302 302 302 302 302 302 302 302",
    "about": "200 " * 11,
    "privacy": "200 " * 11,
    "accessibility": "200 " * 11,
    "framework": "200 " * 11,
    "framework-version": "200 " * 11,
    "box": "200 " * 11,
    "toolkit": "200 " * 11,
    "guide": "200 " * 11,
    "join": "200 " * 11,
    "home": "302 200 200 302 302 302 302 302 302 302 302",
    "choose-organisation": "302 405 405 405 405 405 405 405 405 405 405",
    "choose-messages": "302 200 200 200 200 200 200 200 200 200 200",
    "put-away": "302 405 405 405 405 405 405 405 405 405 405",
    "register": "302 200 200 404 200 404 404 404 404 404 404",
    "register-selected": "302 405 405 405 405 405 405 405 405 405 405",
    "register-view": "302 405 405 405 405 405 405 405 405 405 405",
    "register-turnover": "302 200 200 404 200 404 404 404 404 404 404",
    "register-census": "302 200 200 404 200 404 404 404 404 404 404",
    "provision": "302 200 200 404 200 404 404 404 404 404 404",
    "add-to-register": "302 200 200 404 404 404 404 404 404 404 404",
    "brought-over": "302 200 200 404 404 404 404 404 404 404 404",
    "brought-over-template": "302 200 200 404 404 404 404 404 404 404 404",
    "entry": "302 200 404 404 404 404 404 404 404 404 404",
    "record": "302 200 404 200 200 404 302 404 200 404 404",
    "profile-paper": "302 200 404 200 200 404 200 404 200 404 404",
    "evidence-paper": "302 405 405 405 405 405 405 405 405 405 405",
    "exams-paper": "302 405 405 405 405 405 405 405 405 405 405",
    "class-papers": "302 200 200 200 200 200 200 200 200 200 200",
    "cover-paper": "302 200 200 200 200 200 200 200 200 200 200",
    "documents": "302 200 404 200 200 404 200 404 200 404 404",
    "document": "302 200 404 200 200 404 200 404 200 404 404",
    "withdraw-document": "302 200 404 403 403 404 403 404 403 404 404",
    "who-has-looked": "302 200 404 200 200 404 302 404 200 404 404",
    "death": "302 200 404 403 403 404 403 404 403 404 404",
    "closed-record": "302 404 404 404 404 404 404 404 200 404 404",
    "closed-records": "302 " + "200 " * 10,
    "adoption": "302 200 404 403 403 404 403 404 403 404 404",
    "duplicates": "302 200 200 404 404 404 404 404 404 404 404",
    "area-duplicates": "302 404 404 404 404 404 404 404 200 200 404",
    "join-records": "302 200 404 403 403 404 404 404 404 404 404",
    "earlier": "302 200 404 200 200 404 200 404 200 404 404",
    "held-before": "302 200 200 404 200 404 404 404 404 404 404",
    "held-record": "302 404 404 404 404 404 404 404 404 404 404",
    "copies": "302 200 404 403 403 404 403 404 403 404 404",
    "note-slip": "302 200 404 403 403 404 403 404 403 404 404",
    "redact": "302 200 404 403 403 404 403 404 403 404 404",
    "keeping": "302 200 200 404 200 404 404 404 200 200 404",
    "keeping-schedule": "302 403 403 404 200 404 404 404 200 200 404",
    "legal-hold": "302 403 404 403 200 404 403 404 200 404 404",
    "decisions": "302 200 200 404 200 404 404 404 200 200 404",
    "decision": "302 200 404 404 200 404 404 404 404 404 404",
    "take-copy": "302 405 405 405 405 405 405 405 405 405 405",
    "unsent-form": "302 405 405 405 405 405 405 405 405 405 405",
    "withhold-reader": "302 403 404 403 200 404 403 404 403 404 404",
    "show-reader": "302 405 405 405 405 405 405 405 405 405 405",
    "readings": "302 404 404 404 200 404 404 404 404 404 404",
    "past-review": "302 200 404 200 200 404 200 404 200 404 404",
    "voices": "302 200 404 200 200 404 200 404 200 404 404",
    "compare-reviews": "302 200 404 200 200 404 200 404 200 404 404",
    "interim": "302 405 405 405 405 405 405 405 405 405 405",
    "family-of": "302 200 404 403 403 404 403 404 403 404 404",
    "looked-after-by": "302 200 404 403 403 404 403 404 403 404 404",
    "about-learner": "302 200 404 403 403 404 403 404 403 404 404",
    "add-learner": "302 200 200 404 404 404 404 404 404 404 404",
    "specialists": "302 200 404 403 403 404 403 404 403 404 404",
    "end-referral": "302 405 405 405 405 405 405 405 405 405 405",
    "family-access": "302 200 404 403 403 404 403 404 403 404 404",
    "family-order": "302 200 404 403 403 404 403 404 403 404 404",
    "who-decides": "302 200 404 403 403 404 403 404 403 404 404",
    "whereabouts": "302 200 404 403 200 404 403 404 200 404 404",
    "ask-first": "302 405 405 405 405 405 405 405 405 405 405",
    "answer-first": "302 405 405 405 405 405 405 405 405 405 405",
    "places": "302 200 404 403 403 404 403 404 403 404 404",
    "places-step": "302 405 405 405 405 405 405 405 405 405 405",
    "plan-move": "302 200 404 403 403 404 403 404 403 404 404",
    "reply": "302 200 404 403 403 404 403 404 403 404 404",
    "reviews": "302 200 200 404 404 404 404 404 404 404 404",
    "open-term": "302 405 405 405 405 405 405 405 405 405 405",
    "job": "302 200 404 404 404 404 404 404 404 404 404",
    "review": "302 200 404 403 403 404 403 404 403 404 404",
    "review-unchanged": "302 200 404 403 403 404 403 404 403 404 404",
    "review-level": "302 200 404 403 403 404 403 404 403 404 404",
    "review-add": "302 200 404 403 403 404 403 404 403 404 404",
    "review-edit": "302 200 404 403 403 404 403 404 403 404 404",
    "review-edit-new": "302 404 404 403 403 404 403 404 403 404 404",
    "review-drop": "302 405 405 405 405 405 405 405 405 405 405",
    "review-still-true": "302 405 405 405 405 405 405 405 405 405 405",
    "review-order": "302 405 405 405 405 405 405 405 405 405 405",
    "review-adopt": "302 405 405 405 405 405 405 405 405 405 405",
    "review-rest-universal": "302 405 405 405 405 405 405 405 405 405 405",
    "phrases": "302 200 200 404 404 404 404 404 404 404 404",
    "review-progress": "302 200 404 403 403 404 403 404 403 404 404",
    "review-point": "302 200 404 403 403 404 403 404 403 404 404",
    "review-sign-off": "302 200 404 403 403 404 403 404 403 404 404",
    "meetings-of": "302 200 404 403 403 404 403 404 403 404 404",
    "meeting": "302 200 404 403 403 404 403 404 403 404 404",
    "meeting-calendar": "302 200 404 200 200 404 200 404 200 404 404",
    "family-meeting": "302 404 404 404 404 404 200 404 404 404 404",
    "noticings": "302 200 200 404 404 404 404 404 404 404 404",
    "noticing": "302 200 404 404 404 404 404 404 404 404 404",
    "notice-who": "302 200 200 200 404 404 404 404 404 404 404",
    "noticed": "302 200 200 200 404 404 404 404 404 404 404",
    "notice": "302 200 404 200 403 404 404 404 403 404 404",
    "notice-child": "302 404 404 404 404 404 200 404 404 404 404",
    "moves": "302 200 200 404 404 404 404 404 200 200 404",
    "moves-year": "302 200 200 404 404 404 404 404 200 200 404",
    "move": "302 200 404 200 200 404 302 404 200 404 404",
    "take-package": "302 404 404 404 404 404 404 404 404 404 404",
    "move-step": "302 405 405 405 405 405 405 405 405 405 405",
    "my-classes": "302 200 200 200 404 404 404 404 404 404 404",
    "class-round": "302 200 200 200 404 404 404 404 404 404 404",
    "asking": "302 200 200 404 404 404 404 404 404 404 404",
    "review-document": "302 200 404 403 403 404 403 404 403 404 404",
    "review-views": "302 200 404 403 403 404 403 404 403 404 404",
    "withdraw-ask": "302 405 405 405 405 405 405 405 405 405 405",
    "write-down": "302 200 404 200 403 404 403 404 403 404 404",
    "pictures": "302 200 404 200 403 404 403 404 403 404 404",
    "answer-by-link": "200 " * 11,
    "support-checks": "302 200 200 200 404 404 404 404 404 404 404",
    "support-check": "302 200 404 200 403 404 403 404 403 404 404",
    "referred": "302 404 404 404 404 404 404 404 404 404 404",
    "profile": "302 200 404 200 200 404 302 404 302 404 404",
    "family": "302 200 200 200 200 200 302 302 200 200 200",
    "family-messages": "302 200 200 200 200 200 200 200 200 200 200",
    "my-child": "302 404 404 404 404 404 200 404 404 404 404",
    "say": "302 404 404 404 404 404 200 404 404 404 404",
    "who-reads": "302 404 404 404 404 404 404 404 404 404 404",
    "family-looked": "302 404 404 404 404 404 200 404 404 404 404",
    "acknowledge": "302 404 404 404 404 404 200 404 404 404 404",
    "area": "302 404 404 404 404 404 404 404 200 200 404",
    "area-moves": "302 404 404 404 404 404 404 404 200 200 404",
    "area-residents": "302 404 404 404 404 404 404 404 200 200 404",
    "area-register": "302 404 404 404 404 404 404 404 200 404 404",
    "figures": "302 200 200 404 200 200 404 404 200 200 404",
    "opened-register": "302 404 404 404 404 404 404 404 404 404 404",
    "looked-after": "302 404 404 404 404 404 404 404 404 404 404",
    "institute": "302 404 404 404 404 404 404 404 404 404 404",
    "people": "302 200 200 404 200 404 404 404 404 404 302",
    "cancel-invitation": "302 405 405 405 405 405 405 405 405 405 405",
    "emergency": "302 404 404 404 404 404 404 404 404 404 302",
    "end-role": "302 200 404 403 200 403 404 404 404 404 200",
    "accounts": "302 404 404 404 404 404 404 404 404 404 200",
    "account": "302 404 404 404 404 404 404 404 404 404 200",
    "close-account": "302 405 405 405 405 405 405 405 405 405 405",
    "open-account": "302 405 405 405 405 405 405 405 405 405 405",
    "reset-second-step": "302 200 404 403 200 403 404 404 404 404 200",
    "systems": "302 404 404 404 404 404 404 404 404 404 200",
    "connect-system": "302 404 404 404 404 404 404 404 404 404 200",
    "system": "302 404 404 404 404 404 404 404 404 404 200",
    "renew-secret": "302 405 405 405 405 405 405 405 405 405 405",
    "end-system": "302 405 405 405 405 405 405 405 405 405 405",
    "organisations": "302 404 404 404 404 404 404 404 404 404 200",
    "organisation": "302 404 404 404 404 404 404 404 404 404 200",
    "area-people": "302 404 404 404 404 404 404 404 404 404 200",
    "group-people": "302 404 404 404 404 404 404 404 404 404 200",
    "service-people": "302 404 404 404 404 404 404 404 404 404 200",
    "openings": "302 200 200 404 200 404 404 404 404 404 404",
    "end-opening": "302 405 405 405 405 405 405 405 405 405 405",
    "succeed-setting": "302 405 405 405 405 405 405 405 405 405 405",
    "imports": "302 200 200 404 404 404 404 404 404 404 404",
    "import-template": "302 200 200 200 200 200 200 200 200 200 200",
    "import": "302 200 404 404 404 404 404 404 404 404 404",
    "import-commit": "302 405 405 405 405 405 405 405 405 405 405",
    "mfa_index": "302 200 200 200 200 200 200 200 200 200 200",
    "mfa_authenticate": "302 " * 11,
    "mfa_reauthenticate": "302 " * 11,
    "mfa_activate_totp": "302 " * 11,
    "mfa_deactivate_totp": "302 404 404 404 404 404 404 404 404 404 404",
    "mfa_view_recovery_codes": "302 404 404 404 404 404 404 404 404 404 404",
    "mfa_generate_recovery_codes": "302 " * 11,
    "mfa_download_recovery_codes": "302 404 404 404 404 404 404 404 404 404 404",
    "mfa_list_webauthn": "302 200 200 200 200 200 200 200 200 200 200",
    "mfa_add_webauthn": "302 " * 11,
    "mfa_reauthenticate_webauthn": "302 " * 11,
    "mfa_remove_webauthn": "302 " * 11,
    "mfa_edit_webauthn": "302 " * 11,
    "mfa_login_webauthn": "302 " * 11,
    "usersessions_list": "302 200 200 200 200 200 200 200 200 200 200",
    "demo-second-step": "405 " * 11,
    "sign-in-with": "405 " * 11,
    "openid_connect_callback": "404 " * 11,
    "connect-provider": "302 405 405 405 405 405 405 405 405 405 405",
    "again-with": "302 404 404 404 404 404 404 404 404 404 404",
    "end-connection": "302 405 405 405 405 405 405 405 405 405 405",
    "account_login": "200 302 302 302 302 302 302 302 302 302 302",
    "account_logout": "302 200 200 200 200 200 200 200 200 200 200",
    "account_signup": "200 302 302 302 302 302 302 302 302 302 302",
    "account_inactive": "200 " * 11,
    "account_reauthenticate": "302 200 200 200 200 200 200 200 200 200 200",
    "account_change_password": "302 200 200 200 200 200 200 200 200 200 200",
    "account_set_password": "302 " * 11,
    "account_reset_password": "200 " * 11,
    "account_reset_password_done": "200 " * 11,
    "account_reset_password_from_key": "200 " * 11,
    "account_reset_password_from_key_done": "200 " * 11,
}


def url_names() -> dict[str, Any]:
    """Every named URL of the project."""
    return {k: v for k, v in get_resolver().reverse_dict.items() if isinstance(k, str)}


def test_every_url_has_a_row() -> None:
    assert set(url_names()) == set(MATRIX)


def address(name: str, world: dict[str, Any]) -> str:
    possibilities = url_names()[name][0]
    template, params = possibilities[0]
    values = {p: world["kwargs"][p] for p in params}
    if name in {"framework-version", "box", "api-framework"}:
        values["number"] = "0.1"
    if name == "acknowledge":
        values["review_id"] = world["signed"]
    return "/" + template % values


# What a form sent with nothing in it answers, where a page takes nothing but forms.
POSTED = {
    "register-selected": "302 404 404 404 404 404 404 404 404 404 404",
    "register-view": "302 400 400 404 400 404 404 404 404 404 404",
    "evidence-paper": "302 200 404 403 403 404 403 404 200 404 404",
    "exams-paper": "302 200 404 403 403 404 403 404 200 404 404",
    "renew-secret": "302 404 404 404 404 404 404 404 404 404 302",
    "end-system": "302 404 404 404 404 404 404 404 404 404 302",
    "close-account": "302 404 404 404 404 404 404 404 404 404 302",
    "open-account": "302 404 404 404 404 404 404 404 404 404 302",
    "sign-in-with": "404 302 302 302 302 302 302 302 302 302 302",
    "connect-provider": "302 404 404 404 404 404 404 404 404 404 404",
    "end-connection": "302 404 404 404 404 404 404 404 404 404 404",
    "choose-organisation": "302 404 404 404 404 404 404 404 404 404 404",
    "put-away": "302 302 302 302 302 302 302 302 302 302 302",
    "withdraw-ask": "302 302 404 404 404 404 404 404 404 404 404",
    "interim": "302 302 404 403 403 404 403 404 403 404 404",
    "ask-first": "302 404 404 404 404 404 404 404 404 404 404",
    "answer-first": "302 404 404 404 404 404 404 404 404 404 404",
    "take-copy": "302 302 404 404 404 404 404 404 404 404 404",
    "unsent-form": "302 400 400 400 400 400 400 400 400 400 400",
    "show-reader": "302 403 404 403 400 404 403 404 403 404 404",
    "places-step": "302 404 404 403 403 404 403 404 403 404 404",
    "open-term": "302 302 302 404 404 404 404 404 404 404 404",
    "review-drop": "302 404 404 403 403 404 403 404 403 404 404",
    "review-still-true": "302 302 404 403 403 404 403 404 403 404 404",
    "review-order": "302 404 404 403 403 404 403 404 403 404 404",
    "review-adopt": "302 404 404 403 403 404 403 404 403 404 404",
    "review-rest-universal": "302 302 404 403 403 404 403 404 403 404 404",
    "move-step": "302 409 404 403 403 404 403 404 403 404 404",
    "cancel-invitation": "302 302 404 403 302 403 404 404 404 404 302",
    "end-role": "302 302 404 403 302 403 404 404 404 404 302",
    "succeed-setting": "302 404 404 404 404 404 404 404 404 404 409",
    "end-referral": "302 302 404 403 403 404 403 404 403 404 404",
    "end-opening": "302 302 404 403 302 403 404 404 404 404 404",
    "import-commit": "302 409 404 404 404 404 404 404 404 404 404",
    # The last: a stranger's session begins with it, and the test undoes each.
    "demo-second-step": "302 " * 11,
}


# Pages that say first what their form does.
ASK_FIRST = {"end-role"}


def test_every_page_that_takes_only_forms_has_a_row() -> None:
    only_forms = {n for n, row in MATRIX.items() if "405" in row.split()}
    assert {n for n in only_forms if not n.startswith("api-")} == set(POSTED) - ASK_FIRST


@pytest.mark.parametrize("who", WHO)
def test_every_form_answers_as_expected(who: str, world: dict[str, Any]) -> None:
    client, person, wrong = Client(), world["people"][who], []
    for name, row in POSTED.items():
        if person:
            client.force_login(
                person, backend="allauth.account.auth_backends.AuthenticationBackend"
            )
        step = "plan-ended" if name == "places-step" else "share"
        world["kwargs"]["step"] = step
        with transaction.atomic():
            got = client.post(address(name, world)).status_code
            transaction.set_rollback(True)
        if got != int(row.split()[WHO.index(who)]):
            wrong.append(f"{name}: {got}")
    assert not wrong


@pytest.mark.parametrize("who", WHO)
def test_every_answer_is_the_expected_one(
    who: str, world: dict[str, Any], record_property: Callable[[str, object], None]
) -> None:
    client = Client()
    person = world["people"][who]
    wrong = []
    for name, row in MATRIX.items():
        if person:
            client.force_login(
                person, backend="allauth.account.auth_backends.AuthenticationBackend"
            )
        expected = int(row.split()[WHO.index(who)])
        got = client.get(address(name, world)).status_code
        if got != expected:
            wrong.append(f"{name}: {got}, not {expected}")
    record_property("answers", len(MATRIX))
    assert not wrong
