"""Reading what GIAS publishes: the "all data" extract of settings, and the links between them.

Columns go by header name, so that the yearly drift does no harm; the encoding is cp1252 as
published, or UTF-8 with a mark; dates come as dd-mm-yyyy or dd/mm/yyyy (standards.md, 2.1).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from apps.common.identifiers import InvalidIdentifier, parse_urn
from apps.formats.problems import BrokenFile, RowProblem
from apps.formats.values import read_date

ESSENTIAL = (
    "URN",
    "LA (code)",
    "LA (name)",
    "EstablishmentName",
    "TypeOfEstablishment (code)",
    "EstablishmentStatus (code)",
)
LINK_COLUMNS = ("URN", "LinkURN", "LinkName", "LinkType", "LinkEstablishedDate")


@dataclass(frozen=True, slots=True)
class Establishment:
    """One row of the extract, as far as a register of settings needs it."""

    row: int
    urn: str
    la_code: str
    la_name: str
    number: str
    name: str
    type_code: str
    type_name: str
    group_code: str
    status_code: str
    opened_on: date | None
    closed_on: date | None
    phase_code: str
    low_age: int | None
    high_age: int | None
    roll: int | None
    ukprn: str
    trust_uid: str
    trust_name: str
    federation_uid: str
    federation_name: str
    address: str
    postcode: str
    telephone: str
    website: str
    region: str
    gss_code: str


@dataclass(frozen=True, slots=True)
class Link:
    """One row of the links file; `kind` is what its many types come down to."""

    row: int
    urn: str
    link_urn: str
    name: str
    type: str
    kind: str  # "predecessor", "successor", "sixth-form" or "other"
    established_on: date | None


def read_establishments(stream: BinaryIO) -> Iterator[Establishment | RowProblem]:
    """Every row, as an establishment or as the problem that keeps it out. Raises BrokenFile."""
    rows = _reader(stream, ESSENTIAL)
    for number, cells in rows:
        try:
            yield _establishment(number, cells)
        except ValueError as error:
            yield RowProblem(number, "", cells.get("URN", ""), str(error))


def read_links(stream: BinaryIO) -> Iterator[Link | RowProblem]:
    """Every row of the links file; a type that we do not know is kept as *other*."""
    for number, cells in _reader(stream, LINK_COLUMNS):
        try:
            yield Link(
                row=number,
                urn=parse_urn(cells["URN"]),
                link_urn=parse_urn(cells["LinkURN"]),
                name=cells["LinkName"].strip(),
                type=cells["LinkType"].strip(),
                kind=link_kind(cells["LinkType"]),
                established_on=_date(cells["LinkEstablishedDate"]),
            )
        except (InvalidIdentifier, ValueError) as error:
            yield RowProblem(number, "", cells.get("URN", ""), str(error))


def link_kind(text: str) -> str:
    """What a link's type says of the linked setting: it came before, after, or something else."""
    plain = text.strip().lower()
    if plain.startswith("predecessor"):
        return "predecessor"
    if plain.startswith("successor") or plain == "result of amalgamation":
        return "successor"
    return "sixth-form" if plain.startswith("sixth form") else "other"


def _reader(stream: BinaryIO, essential: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    head = stream.read(3)
    encoding = "utf-8-sig" if head == b"\xef\xbb\xbf" else "cp1252"
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding=encoding, errors="replace", newline="")
    try:
        lines = csv.DictReader(text)
        missing = [c for c in essential if c not in (lines.fieldnames or [])]
        if missing:
            raise BrokenFile(f"This is not a GIAS file: it has no column for {', '.join(missing)}.")
        for number, cells in enumerate(lines, start=2):
            yield number, {k: v or "" for k, v in cells.items() if isinstance(k, str)}
    except csv.Error as error:
        raise BrokenFile(f"This file cannot be read as CSV: {error}.") from None
    finally:
        text.detach()


def _establishment(number: int, c: dict[str, str]) -> Establishment:
    def text(name: str) -> str:
        return c.get(name, "").strip()

    if not text("EstablishmentName"):
        raise ValueError("This row has no name.")
    parts = ("Street", "Locality", "Address3", "Town", "County (name)")
    return Establishment(
        row=number,
        urn=parse_urn(text("URN")),
        la_code=text("LA (code)"),
        la_name=text("LA (name)"),
        number=text("EstablishmentNumber"),
        name=text("EstablishmentName"),
        type_code=text("TypeOfEstablishment (code)"),
        type_name=text("TypeOfEstablishment (name)"),
        group_code=text("EstablishmentTypeGroup (code)"),
        status_code=text("EstablishmentStatus (code)"),
        opened_on=_date(text("OpenDate")),
        closed_on=_date(text("CloseDate")),
        phase_code=text("PhaseOfEducation (code)"),
        low_age=_number(text("StatutoryLowAge")),
        high_age=_number(text("StatutoryHighAge")),
        roll=_number(text("NumberOfPupils")),
        ukprn=text("UKPRN"),
        trust_uid=text("Trusts (code)"),
        trust_name=text("Trusts (name)"),
        federation_uid=text("Federations (code)"),
        federation_name=text("Federations (name)"),
        address=", ".join(part for name in parts if (part := text(name))),
        postcode=text("Postcode"),
        telephone=text("TelephoneNum"),
        website=text("SchoolWebsite"),
        region=text("GOR (name)"),
        gss_code=text("GSSLACode (name)"),
    )


def _date(text: str) -> date | None:
    return read_date(text) if text.strip() else None


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() else None
