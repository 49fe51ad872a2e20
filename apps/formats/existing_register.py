"""The list of learners with additional needs that a setting kept before, as CSV."""

from __future__ import annotations

import re

from apps.common.identifiers import parse_upn
from apps.formats import tables
from apps.formats.pupils import PupilRow
from apps.formats.tables import Column
from apps.formats.values import read_date

# Types of need of the School Census (SENtype).
NEED_TYPES = {
    "SPLD", "MLD", "SLD", "PMLD", "SEMH", "SLCN", "HI", "VI", "MSI", "PD", "ASD", "DS",
    "OTH", "NSA",
}  # fmt: skip


def _need_type(text: str) -> str:
    """The code at the start of "SLCN - Speech, language and communication"."""
    code = re.split(r"[^A-Za-z]", text.strip(), maxsplit=1)[0].upper()
    if code in NEED_TYPES:
        return code
    raise ValueError(
        f"{text.strip()[:40]!r} is not a type of need of the census, like SLCN. Use a code, or put "
        "the words in the column Need."
    )


def _in_lines(text: str) -> list[str]:
    """What stands in one cell, apart where a person put a new line or a semicolon."""
    return [part.strip(" -•\t") for part in re.split(r"[\r\n;]+", text) if part.strip(" -•\t")]


COLUMNS = (
    Column("UPN", "Unique pupil number, if you have it", ("unique pupil number",), read=parse_upn),
    Column(
        "Legal forename",
        "Given name",
        ("forename", "first name", "given name", "preferred forename", "known as"),
    ),
    Column("Legal surname", "Family name", ("surname", "last name", "family name")),
    Column(
        "Date of birth",
        "Like 14/03/2015; it tells two of one name apart",
        ("dob", "birth date"),
        read=read_date,
    ),
    Column(
        "Type of need",
        "A census code like SLCN: it suggests the area of need",
        ("sen need", "sen need type", "primary need", "sen type", "primary sen type", "need type"),
        read=_need_type,
    ),
    Column(
        "Need",
        "In words: what you see",
        ("description", "need description", "needs", "notes", "concern", "concerns", "difficulty"),
    ),
    Column(
        "Support",
        "What helps now; as many columns as you like, or several in one cell, line by line",
        ("provision", "intervention", "interventions", "supports", "strategy", "strategies"),
        read=_in_lines,
        repeats=True,
    ),
)


def template() -> str:
    """An empty file with every column, for people to fill in."""
    return tables.template(COLUMNS)


def read(data: bytes) -> list[PupilRow]:
    """The rows of an existing list, in order, each with its problems. Raises BrokenFile."""
    rows = tables.read(data, COLUMNS)
    for row in rows:
        if not (row.values.get("UPN") or _named(row)):
            row.refuse("UPN", "", "Give a UPN, or forename and surname, to say who this is.")
        row.values["Support"] = [words for cell in row.values.get("Support", []) for words in cell]
    return rows


def _named(row: PupilRow) -> bool:
    return bool(row.values.get("Legal forename") and row.values.get("Legal surname"))
