"""Reading a Common Transfer File: one learner after another, whatever year's version it is.

No schema was at hand (standards.md, 3): elements are found by name, blocks that we do not know are
passed over, and what is read but not kept is said. Anything that XML could do beyond carrying
data is refused: a DOCTYPE, entities, the network.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from lxml import etree

from apps.common.identifiers import parse_uln, parse_upn
from apps.common.terms import academic_year_label, academic_year_of, year_group_label, year_group_of
from apps.formats.problems import BrokenFile
from apps.formats.pupils import (
    MOST_CHARACTERS,
    MOST_ROWS,
    PupilRow,
    check_row,
    check_size,
    mark_twins,
    read_sex,
)
from apps.formats.values import read_date, read_year_group, read_yes_no

PARTS = {("Header", "CTfile"), ("Pupil", "CTFpupilData")}
# What no tag of a CTF reaches; looked for before anything is parsed.
_LONG_TAG = re.compile(rb"<[^<>]{20000}")
CODES = {"N", "E", "K"}
LEGACY_CODES = {"S": "a statement", "A": "School Action", "P": "School Action Plus"}
NOT_KEPT = {
    "Address": "addresses",
    "Attendance": "attendance",
    "StageAssessments": "assessments",
    "SchoolHistory": "earlier schools",
    "Admissions": "admissions",
    "SuppInfo": "supplementary information",
}
RELATIONS = {
    "MOT": "mother",
    "FAT": "father",
    "PAM": "mother",
    "PAF": "father",
    "STM": "step-parent",
    "STF": "step-parent",
    "GPA": "grandparent",
    "FOP": "foster carer",
    "CAR": "guardian",
    "GUA": "guardian",
}


@dataclass(frozen=True, slots=True)
class Header:
    """Who made the file, when and for which year; `academic_year` is the year it starts in."""

    version: str
    made_on: date | None
    source: str
    academic_year: int | None


@dataclass
class Transfer:
    """A file as read: its header, its learners, and what it holds that is not brought in."""

    header: Header
    rows: list[PupilRow] = field(default_factory=list)
    not_kept: Counter[str] = field(default_factory=Counter)

    @property
    def notes(self) -> list[str]:
        """What is not brought in, as sentences."""
        return [
            f"Not brought in: {what} ({n} learner{'' if n == 1 else 's'})"
            for what, n in sorted(self.not_kept.items())
        ]


def looks_like_xml(data: bytes) -> bool:
    """Whether the first sign of a file is that of XML, in any encoding."""
    return data[:200].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")[:1] == b"<"


def read(data: bytes, *, today: date) -> Transfer:
    """The learners of a CTF. Raises BrokenFile, saying what is wrong with the file.

    Year groups are moved on to the academic year of `today` when the file is from an earlier one.
    """
    check_size(len(data))
    if _LONG_TAG.search(data):
        raise BrokenFile("This is XML, but not a Common Transfer File.")
    transfer = Transfer(Header("", None, "", None))
    try:
        for element in _parts(data):
            if _name(element) == "Header":
                transfer.header = _header(element)
            else:
                if len(transfer.rows) == MOST_ROWS:
                    raise BrokenFile(f"This file has more than {MOST_ROWS:,} learners.")
                transfer.rows.append(_pupil(element, len(transfer.rows) + 1, transfer, today))
            _forget(element)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise BrokenFile(
            f"This file is not complete XML: it cannot be read from line {line}, column {column}. "
            "Export it again."
        ) from None
    if not transfer.rows:
        raise BrokenFile("This CTF has no pupils in it.")
    mark_twins(transfer.rows)
    return transfer


def _parts(data: bytes) -> Iterator[Any]:
    """The header and each pupil, as they end; a DOCTYPE or another root ends it at once."""
    events = etree.iterparse(
        io.BytesIO(data),
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    root = None
    for event, element in events:
        if root is None:
            root = element
            if root.getroottree().docinfo.doctype:
                raise BrokenFile("This file declares a document type, which a CTF never does.")
            if _name(root) != "CTfile":
                raise BrokenFile("This is XML, but not a Common Transfer File.")
        if event == "end" and (_name(element), _name(element.getparent())) in PARTS:
            yield element


def _forget(element: Any) -> None:
    """Free what was read, so that a large file needs little memory."""
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]


def _name(element: Any | None) -> str:
    if element is None or not isinstance(element.tag, str):
        return ""
    return etree.QName(element).localname


def _child(element: Any, *path: str) -> Any | None:
    for name in path:
        element = next((c for c in element if _name(c) == name), None)
        if element is None:
            return None
    return element


def _text(element: Any | None, *path: str) -> str:
    """The text at the end of a path of names, without spaces around it; empty if absent."""
    found = _child(element, *path) if element is not None else None
    return " ".join((found.text or "").split()) if found is not None else ""


def _all(element: Any | None, name: str) -> list[Any]:
    return [c for c in element if _name(c) == name] if element is not None else []


def _header(element: Any) -> Header:
    made = _text(element, "DateTime")[:10]
    school = _child(element, "SourceSchool")
    try:
        made_on = date.fromisoformat(made)
    except ValueError:
        made_on = None
    name = _text(school, "SchoolName") or f"{_text(school, 'LEA')}{_text(school, 'Estab')}"
    return Header(
        version=_text(element, "CTFversion"),
        made_on=made_on,
        source=name[:100],
        academic_year=_academic_year(_text(school, "AcademicYear"), made_on),
    )


def _academic_year(text: str, made_on: date | None) -> int | None:
    """The year it starts in. Some write that, others the year it ends in: the date tells.

    A year before that of the date can only be the first: last year's leavers, sent in September.
    """
    said = int(text) if text.isdigit() else None
    if made_on is None:
        return said
    return said if said and said < academic_year_of(made_on) else academic_year_of(made_on)


# Where each value stands, the column that it fills and how it is read.
SIMPLE: tuple[tuple[tuple[str, ...], str, Callable[[str], Any]], ...] = (
    (("UPN",), "UPN", parse_upn),
    (("UniqueLearnerNumber",), "ULN", parse_uln),
    (("Surname",), "Legal surname", str),
    (("Forename",), "Legal forename", str),
    (("DOB",), "Date of birth", read_date),
    (("BasicDetails", "FormerUPN"), "Former UPN", parse_upn),
    (("BasicDetails", "PreferredSurname"), "Preferred surname", str),
    (("BasicDetails", "PreferredForename"), "Preferred forename", str),
    (("BasicDetails", "NCyearActual"), "Year group", read_year_group),
    (("BasicDetails", "Ethnicity"), "Ethnicity", str),
)
ESSENTIAL = {"UPN", "Date of birth"}  # wrong, they keep the learner out; others are left out
NEEDED = {"Legal surname": "Surname", "Legal forename": "Forename", "Date of birth": "DOB"}


def _pupil(element: Any, number: int, transfer: Transfer, today: date) -> PupilRow:
    row = PupilRow(number)
    for path, column, read_value in SIMPLE:
        text = _text(element, *path)
        if len(text) > MOST_CHARACTERS:
            row.refuse(column, text[:40], f"{column} is far too long.")
        elif text:
            _take(row, column, text, read_value)
    for column, name in NEEDED.items():
        if column not in row.values and not row.broken:
            row.refuse(column, "", f"{name} is missing. Fill it in where the file was made.")
    _names(element, row)
    _sex(element, row)
    _year_group(row, transfer.header, today)
    _facts(element, row)
    row.values["SEN history"] = _sen_history(element, row, transfer.header.made_on or today)
    row.values["Contacts"] = [_contact(c) for c in _all(_child(element, "Contacts"), "Contact")]
    transfer.not_kept.update({NOT_KEPT[n] for c in element if (n := _name(c)) in NOT_KEPT})
    check_row(row)
    return row


def _take(row: PupilRow, column: str, text: str, read_value: Callable[[str], Any]) -> None:
    try:
        row.values[column] = read_value(text)
    except ValueError as error:
        if column in ESSENTIAL:
            row.refuse(column, text, str(error))
        else:
            row.warn(column, text, f"{error} Left out.")


def _names(element: Any, row: PupilRow) -> None:
    """Middle names belong to the legal given names, and not to the name everyone uses."""
    forename, middle = (
        row.values.get("Legal forename"),
        _text(element, "BasicDetails", "MiddleNames"),
    )
    if forename and middle:
        row.values.setdefault("Preferred forename", forename)
        row.values["Legal forename"] = f"{forename} {middle}"[:150]


def _sex(element: Any, row: PupilRow) -> None:
    """*Sex* in newer files, *Gender* in older ones."""
    text = _text(element, "Sex") or _text(element, "Gender")
    if not text:
        return
    try:
        row.values["Sex"] = read_sex(text)
    except ValueError:
        row.warn("Sex", text, f"{text!r} is neither F nor M: brought in as not recorded.")


def _year_group(row: PupilRow, header: Header, today: date) -> None:
    """The year group now: the file's, moved on by the years since; else the one for the age."""
    born, now = row.values.get("Date of birth"), academic_year_of(today)
    year = row.values.get("Year group")
    if year is None and born:
        row.values["Year group"] = year = year_group_of(born, today)
        row.warn(
            "Year group",
            "",
            f"The file names no year group: {year_group_label(year)}, by date of birth.",
        )
    elif year is not None and header.academic_year is not None and header.academic_year < now:
        row.values["Year group"] = year + now - header.academic_year
        row.warn(
            "Year group",
            str(year),
            f"{year_group_label(year)} in {academic_year_label(header.academic_year)}, "
            f"so {year_group_label(row.values['Year group'])} now.",
        )


def _facts(element: Any, row: PupilRow) -> None:
    for spoken in _all(_child(element, "BasicDetails", "Languages"), "Type"):
        if _text(spoken, "LanguageType") in {"F", ""}:
            row.values["First language"] = _text(spoken, "Language")[:60]
    care = _text(element, "LookedAfter", "InCare")
    if _yes(care):
        row.values["Looked after by"] = _text(element, "LookedAfter", "CareAuthority")[:3]
    meals = _all(_child(element, "FSMhistory"), "FSMinstance")
    if meals:
        row.values["Free school meals"] = any(not _text(m, "FSMendDate") for m in meals)


def _yes(text: str) -> bool:
    try:
        return read_yes_no(text)
    except ValueError:
        return False


def _sen_history(element: Any, row: PupilRow, made_on: date) -> list[dict[str, Any]]:
    """Dated codes, oldest first: code, need types by rank, from, to (None for today's).

    Codes of before 2014 end with the next one or with the file: they are history, never today's.
    """
    codes = _codes(element, row)
    starts = sorted(codes)
    needs = _needs(element)
    result = []
    for start, end in zip(starts, [*starts[1:], None], strict=False):
        code = codes[start]
        if end is None and code in LEGACY_CODES:
            row.warn(
                "SEN provision",
                code,
                f"{code} ({LEGACY_CODES[code]}) is kept as history. Note today's code.",
            )
            end = made_on  # noqa: PLW2901
        if end is None or end > start:
            types = [] if end else needs
            spell = {"code": code, "needs": types, "from": str(start), "to": end and str(end)}
            result.append(spell)
    return result


def _codes(element: Any, row: PupilRow) -> dict[date, str]:
    """First day → code of SEN provision; what cannot be read is left out with a warning."""
    codes: dict[date, str] = {}
    for sen in _all(_child(element, "SENhistory"), "SEN"):
        code, start = _text(sen, "SENprovision").upper()[:1], _text(sen, "StartDate")
        if code not in CODES | LEGACY_CODES.keys():
            row.warn("SEN provision", code, f"{code!r} is no code of SEN provision. Left out.")
            continue
        try:
            codes[read_date(start)] = code
        except ValueError as error:
            row.warn("SEN provision", start, f"{error} Left out.")
    return codes


def _needs(element: Any) -> list[str]:
    """The types of need now, by rank; inside the history or beside it."""
    needs = _child(element, "SENhistory", "SENneeds")
    ranked = []
    for need in _all(_child(element, "SENneeds") if needs is None else needs, "SENneed"):
        rank, kind = _text(need, "SENtypeRank"), _text(need, "SENtype")
        if kind and not _text(need, "NeedEndDate"):
            ranked.append((int(rank) if rank.isdigit() else 99, kind[:20]))
    return [kind for _, kind in sorted(ranked)]


def _contact(contact: Any) -> dict[str, Any]:
    parts = (_text(contact, n) for n in ("Title", "Forename", "MiddleNames", "Surname"))
    phones = _all(_child(contact, "Phones"), "Phone")
    relation = _text(contact, "Relationship").upper()
    return {
        "name": " ".join(p for p in parts if p)[:200],
        "relation": RELATIONS.get(relation, "other"),
        "responsible": _yes(_text(contact, "Responsibility")),
        "email": _text(contact, "Email")[:254],
        "telephone": next((t for p in phones if (t := _text(p, "PhoneNo"))), "")[:30],
    }
