"""One learner of a file, whatever the file's form; the limits and checks that every form shares."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from apps.common.identifiers import upn_warning
from apps.formats.problems import BrokenFile, RowProblem

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 20_000
MOST_CHARACTERS = 500
EARLIEST_BIRTH = 1990
SEX = {"F", "M"}
# Each name, and how many characters a record keeps of it.
NAMES = {
    "Legal forename": 150,
    "Legal surname": 100,
    "Preferred forename": 100,
    "Preferred surname": 100,
}
LANGUAGE = 60


@dataclass
class PupilRow:
    """One learner of a file: values by the column names of `pupil_list`, and what is wrong.

    A CTF has more than a list can hold: *SEN history* (dated codes with their need types) and
    *Contacts*, both as plain lists of text values.
    """

    number: int
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[RowProblem] = field(default_factory=list)

    @property
    def broken(self) -> bool:
        """Whether an error keeps this row out."""
        return any(p.severity == "error" for p in self.problems)

    def refuse(self, column: str, value: str, message: str) -> None:
        """Something keeps this row out."""
        self.problems.append(RowProblem(self.number, column, value, message))

    def warn(self, column: str, value: str, message: str) -> None:
        """Something to look at; the row comes in all the same."""
        self.problems.append(RowProblem(self.number, column, value, message, "warning"))


def check_size(size: int) -> None:
    """Refuse a file that is far too large before it is read. Raises BrokenFile."""
    if size > MOST_BYTES:
        raise BrokenFile(
            "This file is over 20 MB. A list of pupils is far smaller: is it another file?"
        )
    if not size:
        raise BrokenFile("This file is empty.")


def _in_no_name(sign: str) -> bool:
    """Whether a sign is in nobody's name: mark-up, formulas, signs that do not show.

    The joiners of Persian and of Indian scripts do not show, and belong to names.
    """
    return sign in '<>=@|{}[]\\^~$%#*!?";+`&' or (
        unicodedata.category(sign) in {"Cc", "Cf", "Co", "Cs"} and sign not in "\u200c\u200d"
    )


def odd_sign(name: str) -> str:
    """A sign in a name that nobody's name has, in quotation marks where it shows; else nothing."""
    found = next((sign for sign in name if _in_no_name(sign)), None)
    if found is None:
        return ""
    return f"“{found}”" if found.isprintable() else "a sign that does not show"


def read_sex(text: str) -> str:
    """F or M, as the census records it. Raises ValueError."""
    letter = text.strip()[:1].upper()
    if letter in SEX:
        return letter
    raise ValueError(f"{text.strip()!r} is neither F nor M. Leave it empty if it is not recorded.")


def check_row(row: PupilRow) -> None:
    """What is odd about the values of a row as a whole; what need not be there is left out."""
    for column, most in NAMES.items():
        name = str(row.values.get(column, ""))
        if len(name) > most:
            row.refuse(column, name[:40], f"{column} is over {most} characters long. Shorten it.")
        if sign := odd_sign(name):
            row.refuse(column, name, f"There is {sign} in this name. Check how it is spelt.")
    _check_known_name(row)
    _check_facts(row)
    upn, born = row.values.get("UPN"), row.values.get("Date of birth")
    if upn and (warning := upn_warning(upn)):
        row.warn("UPN", upn, warning)
    if isinstance(born, date) and born.year < EARLIEST_BIRTH:
        row.refuse("Date of birth", str(born), f"Born in {born.year}? Check the date of birth.")


def _check_known_name(row: PupilRow) -> None:
    """Without a preferred forename the legal one is the name that everyone uses."""
    most, legal = NAMES["Preferred forename"], row.values.get("Legal forename", "")
    if "Preferred forename" not in row.values and most < len(legal) <= NAMES["Legal forename"]:
        row.refuse(
            "Preferred forename",
            "",
            f"The legal forename is over {most} characters long. Give the name that everyone uses.",
        )


def _check_facts(row: PupilRow) -> None:
    """A fact that only figures need keeps nobody out: what cannot be kept is left out."""
    ethnicity = row.values.get("Ethnicity", "")
    if re.fullmatch(r"[A-Z]{4}|[a-z]{4}", ethnicity):
        row.values["Ethnicity"] = ethnicity.upper()
    elif row.values.pop("Ethnicity", ""):
        row.warn(
            "Ethnicity",
            ethnicity[:40],
            f"{ethnicity[:40]!r} is not a code of the census: four letters, like WBRI. Left out.",
        )
    language = row.values.get("First language", "")
    if len(language) > LANGUAGE:
        del row.values["First language"]
        row.warn(
            "First language",
            language[:40],
            f"First language is over {LANGUAGE} characters long. Left out.",
        )


def mark_twins(rows: Iterable[PupilRow]) -> None:
    """One UPN twice in a file is a problem of both rows."""
    seen: dict[str, PupilRow] = {}
    for row in rows:
        upn = row.values.get("UPN")
        if not upn:
            continue
        if upn in seen:
            for one, other in ((row, seen[upn]), (seen[upn], row)):
                message = f"UPN {upn} is also in row {other.number}. It can be one learner's only."
                one.refuse("UPN", upn, message)
        seen.setdefault(upn, row)
