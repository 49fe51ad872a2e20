"""The chain of seals: who could change the log without being found out? Nobody, with this.

Every row of the three logs is sealed within seconds: a SHA-256 over the seal before it, its number
and all its words. Each run of sealing ends in a checkpoint, signed (Ed25519) with a key that only
the worker has and written where whoever keeps the logs of the processes keeps them. Verifying
computes all of it again, here and not in the database, whose functions someone may have changed.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

log = logging.getLogger("learner_record.checkpoints")

AT_ONCE = 5_000
# How a checkpoint is signed, and the chain made. Another way gets another name, and both verify.
ALGORITHM = "Ed25519 over SHA-256"
START = hashlib.sha256(b"").digest()

# What a seal covers of a row, in order; as text, in words that no setting of a connection changes.
_TIME = """to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
WORDS = {
    "event": (
        "audit_event",
        f"id::text, {_TIME}, actor_id::text, actor_name, role, organisation_id::text, action,"
        " subject_kind, subject_id::text, learner_id::text, detail::text",
    ),
    "access": (
        "audit_accessentry",
        f"id::text, {_TIME}, actor_id::text, actor_name, role, organisation_id::text,"
        " organisation_name, kind, what, purpose, learner_id::text, learner_ids::text",
    ),
    "change": (
        "audit_change",
        f"id::text, {_TIME}, actor_id::text, actor_kind, database_role, table_name, row_id,"
        " learner_id::text, old_values::text, new_values::text",
    ),
}


@dataclass(frozen=True)
class Checkpoint:
    """How far the chain had come: the last seal's number and digest, and our signature on them."""

    number: int
    digest: bytes
    made_at: datetime
    signature: bytes = b""
    algorithm: str = ALGORITHM

    def message(self) -> bytes:
        """The words that are signed; those of the first releases named no algorithm."""
        words = [str(self.number), self.digest.hex(), self.made_at.isoformat()]
        return " ".join([self.algorithm, *words] if self.algorithm else words).encode()

    def is_signed_by(self, keys: Keys) -> bool:
        """Whether the signature is on these words, by a key that signed checkpoints then."""
        if self.algorithm not in {"", ALGORITHM}:
            return False
        return any(
            self._is_signed_with(key) for key, last in keys if last is None or self.number <= last
        )

    def _is_signed_with(self, key: Ed25519PublicKey) -> bool:
        try:
            key.verify(self.signature, self.message())
        except InvalidSignature:
            return False
        return True

    def as_line(self) -> str:
        """One line of JSON, to keep elsewhere."""
        return json.dumps(
            {
                "number": self.number,
                "digest": self.digest.hex(),
                "made_at": self.made_at.isoformat(),
                "algorithm": self.algorithm,
                "signature": self.signature.hex(),
            }
        )

    @classmethod
    def from_line(cls, line: str) -> Checkpoint:
        """Read it back, also from a log line of JSON. Raises ValueError for none of ours."""
        try:
            found = json.loads(line)
            if "message" in found:
                found = json.loads(found["message"])
            return cls(
                int(found["number"]),
                bytes.fromhex(found["digest"]),
                datetime.fromisoformat(found["made_at"]),
                bytes.fromhex(found["signature"]),
                str(found.get("algorithm", "")),
            )
        except (KeyError, TypeError, ValueError) as wrong:
            raise ValueError(f"This is not a line of a checkpoint: {line[:80]!r}") from wrong


def signing_key() -> Ed25519PrivateKey:
    """The key of this deployment: 32 bytes, in hexadecimal in the settings.

    Raises ImproperlyConfigured where there is none: the worker's alone, and whoever verifies.
    """
    if not settings.AUDIT_SIGNING_KEY:
        raise ImproperlyConfigured("Set the environment variable AUDIT_SIGNING_KEY.")
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(settings.AUDIT_SIGNING_KEY))


# A public key, and the last checkpoint that it may have signed; None for the one in use.
Keys = list[tuple[Ed25519PublicKey, int | None]]


def keys() -> Keys:
    """The key in use and those before it (`AUDIT_FORMER_KEYS`)."""
    former = settings.AUDIT_FORMER_KEYS.items()
    return [
        (signing_key().public_key(), None),
        *((Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)), last) for key, last in former),
    ]


def seal_waiting() -> int:
    """Seal every row that waits, sign how far that came, and give the last seal's number (or 0)."""
    last = 0
    while found := _seal_some():
        last = found
    return last


def _seal_some() -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT number, digest FROM audit_seal_waiting(%s)", [AT_ONCE])
        row = cursor.fetchone()
        if row is None:
            return 0
        made = Checkpoint(row[0], bytes(row[1]), timezone.now())
        key = signing_key()
        signed = Checkpoint(made.number, made.digest, made.made_at, key.sign(made.message()))
        cursor.execute(
            "SELECT audit_append_checkpoint(%s, %s, %s, %s, %s, %s)",
            [
                signed.number,
                signed.digest,
                signed.made_at,
                signed.algorithm,
                key.public_key().public_bytes_raw(),
                signed.signature,
            ],
        )
    log.info(signed.as_line())
    return signed.number


def verify(using: BaseDatabaseWrapper, kept: Iterable[Checkpoint] = ()) -> int:
    """Compute the chain again and give how many rows it seals.

    `using` is a connection as the owner of the tables; `kept` are checkpoints kept elsewhere, which
    show that nothing was cut off the end. Raises Broken naming the first row that is not as it was
    sealed.
    """
    elsewhere = list(kept)
    ours = keys()
    for checkpoint in elsewhere:
        if not checkpoint.is_signed_by(ours):
            raise Broken(f"The kept checkpoint {checkpoint.number} is not signed with our key.")
    with using.cursor() as cursor:
        _emptied_by_disposals(cursor)
        last = _walk(cursor, ours, {c.number: c.digest for c in elsewhere})
        _all_sealed(cursor)
    return last


def add_months() -> None:
    """Make the partitions of the logs for this month and the two that follow."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_add_months((now() + interval '2 months')::date)")


class Broken(Exception):
    """The log is not what was sealed; the message names the first row that is not."""


def _walk(cursor: Any, ours: Keys, kept: dict[int, bytes]) -> int:
    number, digest = 0, START
    furthest = max([*kept, _furthest_checkpoint(cursor)])  # asked first: sealing goes on meanwhile
    for seals in _in_parts(cursor):
        words = _words_of(cursor, seals)
        emptied = _emptied(cursor, seals)
        signed = _checkpoints(cursor, ours, seals[0][0], seals[-1][0])
        for found, kind, entry_id, sealed in seals:
            number += 1
            if found != number:
                raise Broken(f"Seal {number} is missing; the next is {found}.")
            where = f"seal {number}: {kind} {entry_id}"
            if entry_id not in words:
                raise Broken(f"The row is gone ({where}).")
            digest = hashlib.sha256(
                digest + _netstrings([str(number), kind]) + _netstrings(words[entry_id])
            ).digest()
            if entry_id in emptied:
                # What it said is gone, by law; that it was there is what the next seal is over.
                digest = bytes(sealed)
            if digest != bytes(sealed):
                raise Broken(f"The row or its seal was changed ({where}).")
            if any(c.get(number, digest) != digest for c in (signed, kept)):
                raise Broken(f"The chain was made anew up to its checkpoint ({where}).")
    if furthest > number:
        raise Broken(f"The end was cut off: seals {number + 1} to {furthest} are missing.")
    return number


def _in_parts(cursor: Any) -> Iterator[list[tuple[int, str, str, bytes]]]:
    after = 0
    while True:
        cursor.execute(
            "SELECT number, log, entry_id::text, digest FROM audit_seal"
            " WHERE number > %s ORDER BY number LIMIT %s",
            [after, AT_ONCE],
        )
        seals = cursor.fetchall()
        if not seals:
            return
        yield seals
        after = seals[-1][0]


def _words_of(cursor: Any, seals: list[tuple[int, str, str, bytes]]) -> dict[str, list[str | None]]:
    words: dict[str, list[str | None]] = {}
    for kind, (table, columns) in WORDS.items():
        ids = [entry_id for _, of_kind, entry_id, _ in seals if of_kind == kind]
        cursor.execute(f"SELECT {columns} FROM {table} WHERE id = ANY(%s::uuid[])", [ids])
        words |= {row[0]: list(row) for row in cursor.fetchall()}
    return words


def _emptied(cursor: Any, seals: list[tuple[int, str, str, bytes]]) -> set[str]:
    """Which of these rows a disposal emptied: each has no words left."""
    cursor.execute(
        "SELECT e.entry_id::text FROM audit_emptied e WHERE e.entry_id = ANY(%s::uuid[])"
        " AND NOT EXISTS (SELECT FROM audit_event v WHERE v.id = e.entry_id AND v.detail <> '{}')"
        " AND NOT EXISTS (SELECT FROM audit_change c"
        "                 WHERE c.id = e.entry_id AND c.old_values <> '{}')",
        [[entry_id for _, _, entry_id, _ in seals]],
    )
    return {row[0] for row in cursor.fetchall()}


def _emptied_by_disposals(cursor: Any) -> None:
    """Each row that is said to be emptied is among those that a sealed event counted."""
    cursor.execute(
        "SELECT e.event_id::text, v.detail ->> 'digest',"
        " array_agg(e.entry_id::text ORDER BY e.entry_id)"
        " FROM audit_emptied e LEFT JOIN audit_event v ON v.id = e.event_id"
        " AND v.action = 'record deleted' GROUP BY 1, 2"
    )
    for event_id, counted, entries in cursor.fetchall():
        if hashlib.sha256(",".join(entries).encode()).hexdigest() != counted:
            raise Broken(f"Rows were emptied that no disposal emptied (event {event_id}).")


def _netstrings(fields: Iterable[str | None]) -> bytes:
    """Each value with its length in bytes before it: no two rows have the same words."""
    encoded = (None if field is None else field.encode() for field in fields)
    return b"".join(b"-," if e is None else b"%d:%s," % (len(e), e) for e in encoded)


def _checkpoints(cursor: Any, ours: Keys, first: int, last: int) -> dict[int, bytes]:
    cursor.execute(
        "SELECT number, digest, made_at, signature, algorithm FROM audit_checkpoint"
        " WHERE number BETWEEN %s AND %s",
        [first, last],
    )
    found = [Checkpoint(n, bytes(d), at, bytes(s), a) for n, d, at, s, a in cursor.fetchall()]
    for checkpoint in found:
        if not checkpoint.is_signed_by(ours):
            raise Broken(f"The checkpoint at seal {checkpoint.number} is not signed with our key.")
    return {checkpoint.number: checkpoint.digest for checkpoint in found}


def _furthest_checkpoint(cursor: Any) -> int:
    cursor.execute("SELECT coalesce(max(number), 0) FROM audit_checkpoint")
    return int(cursor.fetchone()[0])


def _all_sealed(cursor: Any) -> None:
    """Every row is sealed or waits to be: one that does neither came in past the queue."""
    for kind, (table, _) in WORDS.items():
        cursor.execute(
            f"SELECT l.id FROM {table} l WHERE NOT EXISTS"
            " (SELECT FROM audit_seal s WHERE s.entry_id = l.id) AND NOT EXISTS"
            " (SELECT FROM audit_pending p WHERE p.entry_id = l.id) ORDER BY l.id LIMIT 1"
        )
        if row := cursor.fetchone():
            raise Broken(f"A row was never sealed and does not wait to be ({kind} {row[0]}).")
