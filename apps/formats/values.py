"""Reading single values as people and systems write them."""

from __future__ import annotations

import re
from datetime import date, datetime

_FORMS = (
    "%d/%m/%Y",
    "%d-%m-%Y",
    "%Y-%m-%d",
    "%d.%m.%Y",
    "%d %b %Y",
    "%d %B %Y",
    "%Y-%m-%dT%H:%M:%S",
)
_YEARS = {"R": 0, "REC": 0, "RECEPTION": 0, "N": -1, "N2": -1, "N1": -2, "E2": -3, "E1": -4}
_YES, _NO = {"y", "yes", "true", "t", "1"}, {"n", "no", "false", "f", "0"}


def read_date(text: str) -> date:
    """A date written the British or the ISO way; two-digit years are refused. Raises ValueError."""
    text = text.strip()
    if re.fullmatch(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2}", text):
        raise ValueError(f"{text!r} has a year of two digits. Write the year with four.")
    for form in _FORMS:
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    raise ValueError(f"{text!r} is not a date that we can read. Write it like 14/03/2015.")


def read_year_group(text: str) -> int:
    """A year group as MIS exports write it: "6", "Year 6", "Y6", "R", "N2". Raises ValueError."""
    plain = re.sub(r"^(YEAR|YR|Y|NC)\s*", "", text.strip().upper())
    if plain in _YEARS:
        return _YEARS[plain]
    if re.fullmatch(r"-?\d{1,2}", plain):
        return int(plain)
    raise ValueError(f"{text.strip()!r} is not a year group. Write it like 6, R or N2.")


def read_yes_no(text: str) -> bool:
    """Yes or no in the usual spellings. Raises ValueError."""
    plain = text.strip().lower()
    if plain in _YES:
        return True
    if plain in _NO:
        return False
    raise ValueError(f"{text.strip()!r} is neither yes nor no.")
