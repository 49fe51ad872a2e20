"""A pupil list as CSV: documented columns, with the names that exports give them."""

from __future__ import annotations

from apps.common.identifiers import parse_nhs_number, parse_uln, parse_upn
from apps.formats import tables
from apps.formats.pupils import PupilRow, read_sex
from apps.formats.tables import Column
from apps.formats.values import read_date, read_year_group, read_yes_no


def _provision(text: str) -> str:
    plain = text.strip().upper()
    words = {"SEN SUPPORT": "K", "EHCP": "E", "EHC PLAN": "E", "NONE": "N", "NO SEN": "N"}
    code = words.get(plain, plain[:1])
    if code not in {"N", "K", "E"}:
        raise ValueError(f"{text.strip()!r} is not one of N, K or E.")
    return code


COLUMNS = (
    Column(
        "UPN",
        "Unique pupil number; empty if there is none yet",
        ("unique pupil number",),
        read=parse_upn,
    ),
    Column(
        "Legal forename",
        "Given names in law",
        ("forename", "first name", "given name", "legal first name", "forenames"),
        required=True,
    ),
    Column(
        "Legal surname",
        "Family name in law",
        ("surname", "last name", "family name", "legal family name"),
        required=True,
    ),
    Column(
        "Preferred forename",
        "Given name that everyone uses",
        ("known as", "chosen name", "preferred first name", "preferred name"),
    ),
    Column(
        "Preferred surname",
        "Family name that everyone uses",
        ("preferred last name", "chosen surname"),
    ),
    Column(
        "Date of birth",
        "Like 14/03/2015",
        ("dob", "birth date", "date of birth (dd/mm/yyyy)"),
        required=True,
        read=read_date,
    ),
    Column(
        "Year group",
        "Like 6, R or N2",
        ("year", "nc year", "ncy", "yr", "ncyearactual", "national curriculum year"),
        required=True,
        read=read_year_group,
    ),
    Column(
        "Class", "Class or form", ("form", "reg", "registration group", "reg group", "tutor group")
    ),
    Column("Sex", "F or M", ("gender", "legal sex"), read=read_sex),
    Column("Former UPN", "A UPN from before", ("formerupn", "previous upn"), read=parse_upn),
    Column("ULN", "Unique learner number", ("unique learner number",), read=parse_uln),
    Column("NHS number", "Ten digits", ("nhs", "nhs no"), read=parse_nhs_number),
    Column(
        "SEN provision",
        "N, K or E: noted, and puts nobody on the register",
        ("sen status", "sen", "sen code"),
        read=_provision,
    ),
    Column(
        "SEN need",
        "Primary type of need, like SLCN",
        ("sen need type", "primary need", "sen type", "primary sen type"),
    ),
    Column("Ethnicity", "Census code: four letters, like WBRI", ("ethnicity code", "ethnic code")),
    Column(
        "Free school meals",
        "Yes or no",
        ("fsm", "fsm eligible", "eligible for free meals"),
        read=read_yes_no,
    ),
    Column(
        "EAL",
        "English as an additional language: yes or no",
        ("english as an additional language",),
        read=read_yes_no,
    ),
    Column("First language", "", ("language", "home language")),
    Column(
        "Start date",
        "First day at the setting",
        ("entry date", "date of entry", "admission date", "date of admission"),
        read=read_date,
    ),
)


def template() -> str:
    """An empty file with every column, for people to fill in."""
    return tables.template(COLUMNS)


def read(data: bytes) -> list[PupilRow]:
    """The rows of a pupil list, in order, each with its problems. Raises BrokenFile."""
    return tables.read(data, COLUMNS)
