"""Everyone else in the table of who sees what: a stranger's answers, save those listed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client

from apps.accounts.models import User
from tests.access.test_matrix import MATRIX, POSTED, WHO, address
from tests.access.test_walls import (
    BACKEND,
    PAGES,
    learners,
    log_against_pages,
    signed_in,
    visit,
    without_policies,
    without_row_security,
)
from tests.support.papers import text_of
from tests.support.world import everyone_else

pytestmark = pytest.mark.django_db

__all__ = ["learners", "without_policies"]  # fixtures

ROWS = {**MATRIX, **{f"POST {name}": row for name, row in POSTED.items()}}

# What a teacher of the learner gets, whoever reads the record gets: pages of the learner's own.
PAGES_OF_IT = """
    record who-has-looked withhold-reader past-review copies looked-after-by specialists places
    plan-move reply review review-unchanged review-level review-add review-edit review-progress
    review-sign-off review-edit-new review-point compare-reviews move profile family-access
    family-order who-decides whereabouts note-slip redact legal-hold adoption death earlier
    profile-paper voices documents document withdraw-document
    review-views review-document
    meetings-of meeting meeting-calendar about-learner family-of
"""
# What only those may who add to the record.
ADDS = ("write-down", "pictures", "support-check", "notice")
FORMS_OF_IT = """
    interim show-reader places-step review-drop review-still-true review-order review-adopt
    review-rest-universal move-step end-referral ask-first answer-first evidence-paper exams-paper
"""
RECORD = [*PAGES_OF_IT.split(), *(f"POST {name}" for name in FORMS_OF_IT.split())]
READS = {name: int(ROWS[name].split()[WHO.index("teacher")]) for name in RECORD}
READS |= dict.fromkeys(ADDS, 403)
# Who works at the setting learns that it has people, and may not end or invite them.
WORKS_HERE = {
    "POST cancel-invitation": 403, "POST end-role": 403, "POST end-opening": 403,
    "reset-second-step": 403, "end-role": 403,
}  # fmt: skip
SENCO = {name: int(row.split()[WHO.index("senco")]) for name, row in ROWS.items()}
FIGURES = {"figures": 200}
NO_CHILD = {"family": 200}  # the stranger has a child elsewhere, whose page opens instead
# Who reads two records of a setting may compare them.
OPENED = {**FIGURES, "opened-register": 200, "join-records": 403}

OTHERS: dict[str, dict[str, int]] = {
    "specialist": {
        **READS, **dict.fromkeys(ADDS, 200), **WORKS_HERE, "referred": 200, "notice-who": 200,
        "noticed": 200,
    },
    "specialist without this learner": {
        **WORKS_HERE, "referred": 200, "notice-who": 200, "noticed": 200,
    },
    "specialist who left yesterday": {},
    "virtual head": {**READS, "looked-after": 200},
    "social worker": {**READS, "looked-after": 200},
    # As any officer elsewhere: their own area's pages, and nothing of this learner's.
    "officer of the authority": {
        "area": 200, "area-moves": 200, "area-residents": 200, "area-duplicates": 200,
        "moves": 200, "moves-year": 200, **FIGURES,
        "decisions": 200, "keeping": 200, "keeping-schedule": 200,
    },
    "virtual head of the area": {"looked-after": 200},
    "trust lead": {**READS, **OPENED},
    "lead of another trust": FIGURES,
    "area SENCO": {**READS, **OPENED},
    "early-years teacher": {**READS, **OPENED},
    "area SENCO of the authority": FIGURES,
    "analyst": FIGURES,
    "board member": FIGURES,
    # They work for the service, whose people an administrator manages.
    "institute editor": {**FIGURES, "institute": 200, "reset-second-step": 403},
    "acting SENCO": SENCO,
    "assistant SENCO": {**SENCO, "people": 404, "openings": 404, **WORKS_HERE},
    "former SENCO": {},
    "SENCO to be": {},
    "governor who teaches elsewhere": {
        **FIGURES, **WORKS_HERE, "my-classes": 200, "class-round": 200, "support-checks": 200,
        "notice-who": 200, "noticed": 200,
    },
}  # fmt: skip
READERS = [who for who, differs in OTHERS.items() if differs.get("record") == 200]
STRANGERS = [who for who in OTHERS if who not in READERS]


@pytest.fixture
def others(world: dict[str, Any]) -> dict[str, User]:
    people = everyone_else(world)
    world["people"].update(people)
    return people


def test_everyone_else_has_a_row(others: dict[str, User]) -> None:
    assert set(others) == set(OTHERS)


@pytest.mark.parametrize("who", OTHERS)
def test_every_answer_is_a_strangers_save_those_listed(
    who: str, world: dict[str, Any], others: dict[str, User]
) -> None:
    column, client, wrong = WHO.index("stranger"), Client(), {}
    differs = {**NO_CHILD, **OTHERS[who]}
    for name, row in ROWS.items():
        client.force_login(others[who], backend=BACKEND)
        page = name.removeprefix("POST ")
        world["kwargs"]["step"] = "plan-ended" if page == "places-step" else "share"
        send = client.post if name.startswith("POST") else client.get
        with transaction.atomic():
            got = send(address(page, world)).status_code
            transaction.set_rollback(True)
        if got != differs.get(name, int(row.split()[column])):
            wrong[name] = got
    assert wrong == {}


@pytest.mark.parametrize("who", STRANGERS)
@pytest.mark.usefixtures("others")
def test_the_first_wall_alone_shows_them_nothing(
    who: str, world: dict[str, Any], learners: dict[UUID, str]
) -> None:
    with without_row_security():
        assert pages_that_name(world, who, learners) == ([], True)


@pytest.mark.parametrize("who", STRANGERS)
@pytest.mark.usefixtures("others", "without_policies")
def test_the_second_wall_alone_shows_them_nothing(
    who: str, world: dict[str, Any], learners: dict[UUID, str]
) -> None:
    assert pages_that_name(world, who, learners) == ([], True)


def pages_that_name(
    world: dict[str, Any], who: str, learners: dict[UUID, str]
) -> tuple[list[str], bool]:
    """The pages that name the learner, and whether any page answered at all."""
    client, robin = signed_in(world, who), world["kwargs"]["learner_id"]
    answers = {name: visit(client, world, name) for name in PAGES}
    shown = {name: a for name, a in answers.items() if a.status_code == 200}
    named = [name for name, a in shown.items() if learners[robin] in text_of(a)]
    return named, bool(shown)


@pytest.mark.parametrize("who", READERS)
@pytest.mark.usefixtures("others")
def test_the_learners_in_a_page_are_those_in_its_log(
    who: str,
    world: dict[str, Any],
    learners: dict[UUID, str],
    record_property: Callable[[str, object], None],
) -> None:
    wrong, shown = log_against_pages(signed_in(world, who), world, learners)
    record_property("learners shown and logged", shown)
    assert not wrong
    assert shown
