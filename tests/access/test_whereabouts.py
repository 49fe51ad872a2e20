"""Withheld whereabouts: no place, nobody who works there, no move, on no page and through no door.

A word of its own is planted in everything that could tell where the learner is. It is searched for
in every answer to an adult who may not know, with each wall alone, and in every row of theirs.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from apps.accounts.models import User
from apps.common import clock
from apps.common.exceptions import Invalid, InvalidTransition
from apps.learners.models import Learner
from apps.reviews.models import Contribution
from apps.rights import actions as rights
from tests import factories as make
from tests.access.test_matrix import MATRIX, POSTED, address
from tests.access.test_walls import without_row_security
from tests.support.database import as_owner
from tests.support.families import withhold
from tests.support.papers import text_of, texts_in

pytestmark = pytest.mark.django_db

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
PAGES = [name for name in MATRIX if not name.startswith(("api-", "account_", "mfa_"))]
# Where words are planted: table, column, and which of its rows.
PLANTED = {
    "ZQSETTINGZQ": "UPDATE education_settings_setting SET name = 'ZQSETTINGZQ ' || id",
    "ZQTOWNZQ": "UPDATE education_settings_setting SET address = '1 High Street, ZQTOWNZQ'",
    "ZQPOSTZQ": "UPDATE education_settings_setting SET postcode = 'ZQPOSTZQ'",
    "ZQAREAZQ": "UPDATE education_settings_localarea SET name = 'ZQAREAZQ ' || code",
    "ZQSTAFFZQ": "UPDATE accounts_user SET name = 'Al ZQSTAFFZQ' WHERE id IN"
    " (SELECT user_id FROM access_membership)",
    "ZQSIGNEDZQ": "UPDATE reviews_review SET signed_off_name = 'ZQSIGNEDZQ'",
    "ZQCANONZQ": "UPDATE reviews_review SET canonical ="
    """ '{"statements": [], "progress": [], "planted": "ZQCANONZQ"}' WHERE state = 'signed off'""",
    "ZQWHERE": 'UPDATE reviews_statement SET details = \'{"by_whom": "ZQWHERE",'
    ' "evidence": [{"what": "Sings", "where": "ZQWHERE", "by": "ZQWHERE"}]}\'',
    "ZQTEACHERZQ": "UPDATE reviews_contribution SET author_name = 'ZQTEACHERZQ'"
    " WHERE voice = 'teacher'",
    "ZQSAIDZQ": "UPDATE reviews_contribution SET going_well = 'ZQSAIDZQ' WHERE voice = 'teacher'",
    "ZQREPLYZQ": "UPDATE reviews_acknowledgement SET reply = 'ZQREPLYZQ', replied_at = now()",
    "ZQNOTEZQ": "UPDATE reviews_progress SET note = 'ZQNOTEZQ'",
    "ZQMOVEZQ": "UPDATE transitions_transition SET reason = 'ZQMOVEZQ'",
    "ZQREASONZQ": "UPDATE learners_withheldwhereabouts SET reason = 'ZQREASONZQ'",
    "ZQWHOZQ": "UPDATE learners_withheldwhereabouts SET set_by = 'ZQWHOZQ'",
}


@pytest.fixture
def withheld(world: dict[str, Any], robin: Learner, other: User) -> dict[str, Any]:
    """It is withheld from the other parent, and words are planted wherever a place could be."""
    teacher = make.acting_as(world["people"]["teacher"])
    Contribution.objects.bulk_create(
        [
            Contribution(
                learner=robin,
                voice="teacher",
                author_id=teacher.user_id,
                author_name="T",
                going_well="Well",
                said_at=clock.now(),
            )
        ]
    )
    withhold(world, robin)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for statement in PLANTED.values():
            table = statement.split()[1]
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(statement)
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    return world


def answers(person: User, world: dict[str, Any]) -> dict[str, str]:
    """Every answer to a person: pages, and what empty forms get, errors with them."""
    client = Client(raise_request_exception=False)
    client.force_login(person, backend=BACKEND)
    got = {}
    posted = [(name, client.post) for name in (*POSTED, "say", "acknowledge", "copies")]
    for name, send in [*((name, client.get) for name in PAGES), *posted]:
        with transaction.atomic():
            answer = send(address(name, world))
            transaction.set_rollback(True)
        assert answer.status_code < 500, name
        got[f"{send.__name__} {name}"] = f"{answer.headers} {text_of(answer)}"
    return got


def found_in(texts: dict[str, str], world: dict[str, Any]) -> list[tuple[str, str]]:
    words = [*PLANTED, str(world["school"].id), str(world["area"].id)]
    return [(name, word) for name, text in texts.items() for word in words if word in text]


def test_no_answer_to_an_adult_who_may_not_know_tells_where(
    withheld: dict[str, Any], robin: Learner, other: User
) -> None:
    texts = answers(other, withheld)
    assert "Sings" in texts["get my-child"]
    assert found_in(texts, withheld) == []


def test_the_first_wall_alone_tells_nothing_either(withheld: dict[str, Any], other: User) -> None:
    with without_row_security():
        assert found_in(answers(other, withheld), withheld) == []


def test_the_second_wall_alone_has_no_row_that_tells(
    withheld: dict[str, Any], robin: Learner, other: User
) -> None:
    """Every row of the learner's that the database gives this person, as text.

    But the learner's own row, which has the area where they live: no page of a family shows that.
    """
    make.acting_as(other)
    texts: dict[str, str] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public'"
            " AND column_name = 'learner_id' AND table_name <> 'access_invitation'"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT t::text FROM {table} t WHERE learner_id = %s", [robin.id])
            texts[table] = " ".join(row[0] for row in cursor.fetchall())
    assert {name for name, text in texts.items() if text} <= {
        "learners_familymember",
        "learners_learneraccess",
        "reviews_learnerrecord",
        "audit_accessentry",
        "audit_event",
    }
    assert found_in(texts, withheld) == []


def test_the_words_are_where_they_should_be(withheld: dict[str, Any], robin: Learner) -> None:
    """The search would find them: the parent who may know reads of places."""
    found = {
        word for _, word in found_in(answers(withheld["people"]["parent"], withheld), withheld)
    }
    assert {"ZQSETTINGZQ", "ZQREPLYZQ", "ZQTEACHERZQ", "ZQSAIDZQ", "ZQWHERE"} <= found
    assert not {"ZQREASONZQ", "ZQWHOZQ"} & found


def test_it_is_true_at_the_next_request_and_for_each_page_as_for_a_stranger(
    world: dict[str, Any], robin: Learner, other: User
) -> None:
    client = Client()
    client.force_login(other, backend=BACKEND)
    page, review = f"/family/{robin.id}/", f"/family/reviews/{world['signed']}/"
    assert client.get(review).status_code == 200
    assert str(world["school"]) in client.get(page).content.decode()
    withhold(world, robin)
    assert client.get(review).status_code == 404
    assert str(world["school"]) not in client.get(page).content.decode()


class TestCopies:
    def copy(self, world: dict[str, Any], robin: Learner, **values: Any) -> Any:
        return rights.ask(
            by=make.acting_as(world["people"]["senco"]),
            learner=robin,
            holder_id=world["school"].id,
            copy_for="A parent",
            identity="Known to us",
            **values,
        )

    def taken(self, world: dict[str, Any], export: Any) -> str:
        senco = make.acting_as(world["people"]["senco"])
        content = rights.take_out(by=senco, export=export)
        return " ".join(texts_in(content).values())

    def test_a_copy_for_somebody_who_may_not_know_tells_nothing(
        self, withheld: dict[str, Any], robin: Learner
    ) -> None:
        export = self.copy(withheld, robin, may_know_where=False)
        rights.work(export.id)
        text = self.taken(withheld, export)
        assert "Sings" in text
        assert robin.known_family in text
        assert found_in({"copy": text}, withheld) == []

    def test_whoever_makes_one_says_whether_they_may(
        self, world: dict[str, Any], robin: Learner
    ) -> None:
        withhold(world, robin)
        with pytest.raises(Invalid) as refused:
            self.copy(world, robin)
        assert set(refused.value.fields) == {"may_know_where"}
        export = self.copy(world, robin, may_know_where=True)
        rights.work(export.id)
        data = self.taken(world, export)
        assert json.dumps(str(world["school"])) in data

    def test_one_made_before_is_not_given_out_after(
        self, world: dict[str, Any], robin: Learner
    ) -> None:
        export = self.copy(world, robin)
        rights.work(export.id)
        withhold(world, robin)
        with pytest.raises(InvalidTransition, match="Ask for another"):
            self.taken(world, export)
