"""What was sealed cannot change unseen (goal R6): each kind of tampering, by each who might."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection, transaction

from apps.access import grants
from apps.audit import record, seals
from apps.audit.models import Change
from tests import factories as make
from tests.support.database import as_owner

pytestmark = pytest.mark.django_db

SEALED = 12


def sql(statement: str, *values: object) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def kept(caplog: pytest.LogCaptureFixture) -> Iterator[list[seals.Checkpoint]]:
    """Twelve rows, sealed in three goes; the checkpoints as whoever keeps the logs has them."""
    caplog.set_level("INFO", logger="learner_record.checkpoints")
    seals.seal_waiting()
    caplog.clear()
    somebody = grants.operator()
    for part in range(3):
        for n in range(4):
            record.event(by=somebody, action=f"did {part}{n}", subject_kind="x", subject_id=None)
        seals.seal_waiting()
    return [seals.Checkpoint.from_line(line) for line in caplog.messages]


def verify(kept: list[seals.Checkpoint] | None = None) -> int:
    with as_owner():
        return seals.verify(connection, kept or [])


def entry(place: int) -> Any:
    """The key of the sealed row at a place from the end, 1 the last."""
    with as_owner():
        (found,) = sql(
            "SELECT entry_id FROM audit_seal ORDER BY number DESC LIMIT 1 OFFSET %s", place - 1
        )
    return found[0]


def number(place: int) -> int:
    """The number of the seal at a place from the end."""
    with as_owner():
        return int(sql("SELECT max(number) FROM audit_seal")[0][0]) - place + 1


def alter() -> None:
    sql("UPDATE audit_event SET actor_name = 'Somebody else' WHERE id = %s", entry(6))


def alter_the_time() -> None:
    sql("UPDATE audit_event SET at = at - interval '1 day' WHERE id = %s", entry(6))


def delete() -> None:
    sql("DELETE FROM audit_event WHERE id = %s", entry(6))


def delete_with_its_seal() -> None:
    sql("DELETE FROM audit_seal WHERE entry_id = %s", entry(6))
    sql("DELETE FROM audit_event WHERE action = 'did 12'")


def delete_and_close_the_gap() -> None:
    sixth = number(6)
    sql("DELETE FROM audit_event WHERE id = %s", entry(6))
    sql("DELETE FROM audit_seal WHERE number = %s", sixth)
    sql("UPDATE audit_seal SET number = -number WHERE number > %s", sixth)
    sql("UPDATE audit_seal SET number = -number - 1 WHERE number < 0")


def reorder() -> None:
    fifth, sixth = number(5), number(6)
    sql("UPDATE audit_seal SET number = -1 WHERE number = %s", fifth)
    sql("UPDATE audit_seal SET number = %s WHERE number = %s", fifth, sixth)
    sql("UPDATE audit_seal SET number = %s WHERE number = -1", sixth)


def cut_off_the_end() -> None:
    last = number(1)
    sql("DELETE FROM audit_event WHERE id = ANY(%s)", [entry(1), entry(2)])
    sql("DELETE FROM audit_checkpoint WHERE number > %s", last - 2)
    sql("DELETE FROM audit_seal WHERE number > %s", last - 2)


def make_the_chain_anew() -> None:
    """Alter a row, then seal it and all that follow again, with the database's own functions."""
    alter()
    sql("INSERT INTO audit_pending (log, entry_id) SELECT log, entry_id FROM audit_seal")
    sql("DELETE FROM audit_seal")
    sql("SELECT audit_seal_waiting(100000)")


def make_the_chain_and_its_checkpoints_anew() -> None:
    make_the_chain_anew()
    sql("DELETE FROM audit_checkpoint")


def change_a_seal() -> None:
    sql("UPDATE audit_seal SET digest = sha256('x') WHERE number = %s", number(6))


def slip_in_a_row() -> None:
    sql("ALTER TABLE audit_event DISABLE TRIGGER audit_event_queued")
    sql(
        "INSERT INTO audit_event (at, actor_name, role, action, subject_kind, detail)"
        " VALUES (now(), 'Somebody else', '', 'did it', 'x', '{}')"
    )


def forge_a_checkpoint() -> None:
    sql("UPDATE audit_checkpoint SET signature = sha256('x')")


TAMPERING: dict[Callable[[], None], str] = {
    alter: r"was changed \(seal {sixth}: event",
    alter_the_time: r"was changed \(seal {sixth}: event",
    delete: r"The row is gone \(seal {sixth}: event",
    delete_with_its_seal: r"Seal {sixth} is missing",
    delete_and_close_the_gap: r"was changed \(seal {sixth}: event",
    reorder: r"was changed \(seal {sixth}: event",
    cut_off_the_end: r"The end was cut off: seals {last_but_one} to {last} are missing",
    make_the_chain_anew: r"was made anew up to its checkpoint \(seal \d+: event",
    make_the_chain_and_its_checkpoints_anew: r"was made anew up to its checkpoint",
    change_a_seal: r"was changed \(seal {sixth}: event",
    slip_in_a_row: r"A row was never sealed and does not wait to be \(event",
    forge_a_checkpoint: r"The checkpoint at seal \d+ is not signed with our key",
}


def kind(tampering: Callable[[], None]) -> str:
    return tampering.__name__


def test_what_nobody_touched_is_as_it_was_sealed(kept: list[seals.Checkpoint]) -> None:
    assert len(kept) == 3
    assert verify(kept) == number(1) >= SEALED


@pytest.mark.parametrize("tampering", TAMPERING, ids=kind)
def test_an_owner_who_takes_the_triggers_away_is_found_out(
    kept: list[seals.Checkpoint], tampering: Callable[[], None]
) -> None:
    expected = TAMPERING[tampering].format(sixth=number(6), last_but_one=number(2), last=number(1))
    with as_owner():
        for table in ("event", "accessentry", "change", "seal", "checkpoint"):
            sql(f"ALTER TABLE audit_{table} DISABLE TRIGGER audit_{table}_append_only")
        tampering()
    with pytest.raises(seals.Broken, match=expected):
        verify(kept)


# An owner may take a trigger away, as the last of these does: that is found out, above.
@pytest.mark.parametrize(
    ("who", "tampering"),
    [("app", t) for t in TAMPERING] + [("owner", t) for t in TAMPERING if t is not slip_in_a_row],
    ids=lambda value: value if isinstance(value, str) else kind(value),
)
def test_nobody_tampers_with_the_triggers_in_place(
    kept: list[seals.Checkpoint], who: str, tampering: Callable[[], None]
) -> None:
    with (
        pytest.raises(DatabaseError, match=r"permission denied|never changed|must be owner"),
        transaction.atomic(),
    ):
        if who == "owner":
            with as_owner():
                tampering()
        else:
            tampering()
    assert verify(kept) >= SEALED


def test_a_checkpoint_of_another_key_is_refused(kept: list[seals.Checkpoint]) -> None:
    forged = seals.Checkpoint(kept[0].number, kept[0].digest, kept[0].made_at, bytes(64))
    with pytest.raises(seals.Broken, match="not signed with our key"):
        verify([forged])


def public_key(hexadecimal: str) -> str:
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(hexadecimal)).public_key()
    return key.public_bytes_raw().hex()


class TestKeysAndAlgorithms:
    """What was sealed yesterday is verified tomorrow, whatever signs then."""

    def test_a_checkpoint_names_its_algorithm(self, kept: list[seals.Checkpoint]) -> None:
        assert {c.algorithm for c in kept} == {"Ed25519 over SHA-256"}
        assert '"algorithm": "Ed25519 over SHA-256"' in kept[0].as_line()

    def test_one_of_the_first_releases_names_none_and_is_verified(
        self, kept: list[seals.Checkpoint]
    ) -> None:
        old = replace(kept[0], algorithm="")
        old = replace(old, signature=seals.signing_key().sign(old.message()))
        line = json.loads(old.as_line())
        del line["algorithm"]
        assert verify([seals.Checkpoint.from_line(json.dumps(line))]) >= SEALED

    def test_the_name_of_an_algorithm_cannot_be_taken_away(
        self, kept: list[seals.Checkpoint]
    ) -> None:
        for name in ("", "another"):
            with pytest.raises(seals.Broken, match="not signed with our key"):
                verify([replace(kept[0], algorithm=name)])

    def test_a_line_of_the_log_as_json_is_read(self, kept: list[seals.Checkpoint]) -> None:
        line = json.dumps({"logger": "learner_record.checkpoints", "message": kept[0].as_line()})
        assert seals.Checkpoint.from_line(line) == kept[0]

    def test_a_key_that_was_replaced_still_verifies_what_it_signed(
        self, kept: list[seals.Checkpoint], settings: Any
    ) -> None:
        former = public_key(settings.AUDIT_SIGNING_KEY)
        settings.AUDIT_SIGNING_KEY = "ab" * 32
        with pytest.raises(seals.Broken, match="not signed with our key"):
            verify(kept)
        settings.AUDIT_FORMER_KEYS = {former: kept[-1].number}
        record.event(by=grants.operator(), action="later", subject_kind="x", subject_id=None)
        seals.seal_waiting()
        assert verify(kept) > SEALED

    def test_a_key_that_was_replaced_signs_nothing_new(
        self, kept: list[seals.Checkpoint], settings: Any
    ) -> None:
        former = public_key(settings.AUDIT_SIGNING_KEY)
        settings.AUDIT_SIGNING_KEY = "ab" * 32
        settings.AUDIT_FORMER_KEYS = {former: kept[0].number}
        with pytest.raises(seals.Broken, match=f"The kept checkpoint {kept[1].number} is not"):
            verify(kept)

    def test_a_process_without_the_key_signs_nothing(self, settings: Any) -> None:
        settings.AUDIT_SIGNING_KEY = ""
        with pytest.raises(ImproperlyConfigured, match="AUDIT_SIGNING_KEY"):
            seals.signing_key()


def test_a_change_by_raw_sql_leaves_what_was_there_before() -> None:
    robin = make.learner(make.setting(make.local_area()))
    with as_owner():
        sql("UPDATE learners_learner SET known_given = 'Zebedee' WHERE id = %s", robin.id)
        change = Change.objects.latest("id")
    assert change.table_name == "learners_learner"
    assert change.learner_id == robin.id
    assert change.new_values == {"known_given": "Zebedee"}
    assert list(change.old_values) == ["known_given"]


def test_a_secret_is_never_copied_into_the_history() -> None:
    make.staff("senco", make.setting(make.local_area()))
    with as_owner():
        before = Change.objects.count()
        sql("UPDATE accounts_user SET password = 'x'")
        assert Change.objects.count() == before
