"""No staff-only field is in any response to a family, and nothing at all in a stranger's (goal R4).

Every text of every classified field is replaced by a word of its own, and every response of every
role is searched for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.test import Client

from apps.common import clock
from apps.learners.models import FamilyMember, Learner
from apps.reviews.models import Acknowledgement, Contribution, DraftChange, Review, Statement
from apps.rights.classification import Classified, classification
from tests import factories as make
from tests.access.test_matrix import MATRIX, address
from tests.support.database import as_owner
from tests.support.papers import text_of

pytestmark = pytest.mark.django_db

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
PAGES = [name for name in MATRIX if not name.startswith(("api-", "account_", "mfa_"))]
STRANGERS = ["anyone", "neighbour", "governor", "stranger", "outsider", "administrator"]

# A word short enough for the smallest field that people write in.
SHORTEST = 12
# Texts whose form the database checks, or that are chosen and not written.
NOT_WRITTEN = {
    "learners.Learner": {"upn", "uln", "nhs_number", "sex", "ethnicity", "birth_date_certainty"},
    "transitions.Package": {"sha256", "manifest"},
    "reviews.Review": {"canonical", "sha256"},
    "documents.Document": {"withdrawn_because"},
    "reviews.Contribution": {"written_down_by"},
    "learners.CensusCode": {"code"},
    "learners.LearnerAccess": {"reason"},
    "register.RegisterEntry": {"levels"},
}


def written(model: type[models.Model], field: Any) -> bool:
    """Whether this is a text that people write."""
    return (
        isinstance(field, models.CharField | models.TextField)
        and not field.choices
        and (field.max_length or 10_000) >= SHORTEST
        and field.name not in NOT_WRITTEN.get(model._meta.label, set())
    )


def words(classified: Classified, names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    model = apps.get_model(classified.model)
    for name in names:
        if written(model, model._meta.get_field(name)):
            yield name, f"ZQ{abs(hash((classified.model, name))) % 10**8:08d}ZQ"


@pytest.fixture
def planted(world: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Words planted in every field of the learner's rows: group → word → model and field."""
    robin = Learner.objects.get(pk=world["kwargs"]["learner_id"])
    found: dict[str, dict[str, str]] = {"staff": {}, "family": {}}
    rows_narrower_than_their_field(robin, world["signed"], found["staff"])
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for classified in classification():
            model = apps.get_model(classified.model)
            column = "id" if model is Learner else "learner_id"
            table = model._meta.db_table
            has_learner = any(f.attname == "learner_id" for f in model._meta.concrete_fields)
            if (model is not Learner and not has_learner) or classified.model.startswith("audit."):
                continue
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            for group in ("staff", "family"):
                for name, word in words(classified, getattr(classified, group)):
                    keep = " AND audience = 'everyone'" if model is Statement else ""
                    keep = " AND author_name <> 'kept'" if model is Contribution else keep
                    keep = " AND says <> 'ZQOTHERSAYSZQ'" if model is Acknowledgement else keep
                    cursor.execute(
                        f'UPDATE {table} SET "{name}" = %s WHERE {column} = %s{keep}',
                        [word, robin.id],
                    )
                    if cursor.rowcount:
                        found[group][word] = f"{classified.model}.{name}"
    return found


def rows_narrower_than_their_field(robin: Learner, signed: UUID, staff: dict[str, str]) -> None:
    """A statement for staff only, drafts, and what others said and kept from this parent."""
    review = Review.objects.get(learner=robin, state="open")
    other = make.parent(robin)
    for number, row in enumerate(
        [
            Statement(
                record=robin.record,
                learner=robin,
                kind="support",
                text="ZQSTAFFTEXTZQ",
                details={"evidence": [{"seen": "ZQSTAFFSEENZQ"}]},
                audience="staff",
                audience_reason="ZQSTAFFWHYZQ",
                introduced_no=1,
            ),
            DraftChange(
                review=review,
                learner=robin,
                change="add",
                values={
                    "kind": "strength",
                    "text": "ZQDRAFTZQ",
                    "details": {},
                    "audience": "everyone",
                    "audience_reason": "",
                    "order": 0,
                },
                made_at=review.opened_at,
            ),
            Contribution(
                learner=robin,
                voice="family",
                author=other,
                author_name="kept",
                family_member=FamilyMember.objects.get(user=other),
                going_well="ZQOTHERPARENTZQ",
                said_at=review.opened_at,
            ),
            Acknowledgement(
                review=Review.objects.get(pk=signed),
                learner=robin,
                family_member=FamilyMember.objects.get(user=other),
                agrees=False,
                says="ZQOTHERSAYSZQ",
                reply_due_on=clock.today(),
                said_at=review.opened_at,
            ),
            Contribution(
                learner=robin,
                voice="learner",
                author_name="kept",
                going_well="ZQNOTMYPARENTSZQ",
                said_at=review.opened_at,
                not_my_parents=True,
            ),
        ]
    ):
        with as_owner():
            row.save(force_insert=True)
        staff[f"row {number}"] = type(row).__name__
    for word in (
        "ZQSTAFFTEXTZQ",
        "ZQSTAFFSEENZQ",
        "ZQSTAFFWHYZQ",
        "ZQDRAFTZQ",
        "ZQOTHERPARENTZQ",
        "ZQOTHERSAYSZQ",
        "ZQNOTMYPARENTSZQ",
    ):
        staff[word] = "a row kept from this parent"


def found_by(world: dict[str, Any], who: str, canaries: dict[str, str]) -> list[tuple[str, str]]:
    client = Client(raise_request_exception=False)
    if person := world["people"][who]:
        client.force_login(person, backend=BACKEND)
    found, answered = [], 0
    for name in PAGES:
        with transaction.atomic():
            answer = client.get(address(name, world))
            transaction.set_rollback(True)
        assert answer.status_code < 500, name
        answered += answer.status_code == 200
        text = text_of(answer)
        found += [(name, where) for word, where in canaries.items() if word in text]
    assert answered > 5
    return found


def test_a_parent_reads_no_staff_only_field(
    world: dict[str, Any], planted: Any, record_property: Callable[[str, object], None]
) -> None:
    record_property("words planted", len(planted["staff"]))
    assert len(planted["staff"]) > 20
    assert found_by(world, "parent", planted["staff"]) == []


def test_the_words_are_where_they_should_be(world: dict[str, Any], planted: Any) -> None:
    """The search would find them: the SENCO reads both groups, the parent their own."""
    assert {where for _, where in found_by(world, "senco", planted["staff"])}
    assert {where for _, where in found_by(world, "parent", planted["family"])}


@pytest.mark.parametrize("who", STRANGERS)
def test_a_stranger_reads_nothing_of_it(who: str, world: dict[str, Any], planted: Any) -> None:
    assert found_by(world, who, {**planted["staff"], **planted["family"]}) == []
