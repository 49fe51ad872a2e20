"""A Common Transfer File is read whatever year's version it is; a trap is refused at once."""

from __future__ import annotations

import resource
import time
from datetime import date

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from apps.formats import ctf, pupils
from apps.formats.problems import BrokenFile
from tests.ctf_maker import CONTACT, NEEDS, SEN, Ctf, Pupil

TODAY = date(2026, 11, 24)
REAL = settings.BASE_DIR.parent / "shared" / "data" / "ctf"


def read(data: bytes) -> ctf.Transfer:
    return ctf.read(data, today=TODAY)


def one(**values) -> pupils.PupilRow:
    (row,) = read(Ctf([Pupil(**values)]).data()).rows
    return row


def warnings(row: pupils.PupilRow) -> str:
    return " ".join(p.message for p in row.problems if p.severity == "warning")


def test_a_plain_file_is_read() -> None:
    row = one()
    assert {k: v for k, v in row.values.items() if v} == {
        "UPN": "B801200005001",
        "Legal surname": "Exampleson",
        "Legal forename": "Robin",
        "Date of birth": date(2016, 3, 14),
        "Year group": 5,
        "Sex": "F",
    }
    assert row.problems == []


@pytest.mark.skipif(not REAL.exists(), reason="the sample file is not here")
def test_the_sample_file_is_read() -> None:
    (path,) = REAL.glob("*.xml")
    transfer = read(path.read_bytes())
    (row,) = transfer.rows
    assert not row.broken
    assert (row.values["Year group"], row.values["Legal forename"]) == (7, "Robin Test")
    assert [h["code"] for h in row.values["SEN history"]] == ["K", "E"]
    assert row.values["SEN history"][-1]["needs"] == ["SLCN", "ASD"]
    assert transfer.notes == [
        "Not brought in: addresses (1 learner)",
        "Not brought in: earlier schools (1 learner)",
    ]


@pytest.mark.parametrize(
    ("element", "sex"),
    [("<Sex>M</Sex>", "M"), ("<Gender>F</Gender>", "F"), ("", None), ("<Gender>U</Gender>", None)],
)
def test_sex_is_read_from_new_and_old_files(element: str, sex: str | None) -> None:
    row = one(sex=element)
    assert row.values.get("Sex") == sex
    assert not row.broken


@pytest.mark.parametrize(
    ("made", "year", "starts"),
    [
        ("2026-07-10T09:00:00", "2025", 2025),  # the year it starts in
        ("2026-07-10T09:00:00", "2026", 2025),  # the year it ends in
        ("2026-09-10T09:00:00", "2025", 2025),  # last year's leavers, sent in September
        ("2026-09-10T09:00:00", "2026", 2026),
        ("2026-09-10T09:00:00", "", 2026),
        ("nonsense", "2024", 2024),
    ],
)
def test_both_conventions_of_the_academic_year_are_read(made: str, year: str, starts: int) -> None:
    transfer = read(Ctf(made=made, year=year).data())
    assert transfer.header.academic_year == starts
    assert transfer.rows[0].values["Year group"] == 5 + 2026 - starts


def test_a_year_group_moved_on_is_said() -> None:
    row = read(Ctf(made="2026-07-10T09:00:00").data()).rows[0]
    assert "Year 5 in 2025/26, so Year 6 now." in warnings(row)


@pytest.mark.parametrize("details", ["", "<NCyearActual>X</NCyearActual>"])
def test_without_a_year_group_the_birth_date_gives_it(details: str) -> None:
    row = one(details=details)
    assert row.values["Year group"] == 6
    assert "by date of birth" in warnings(row)


def test_a_temporary_number_and_a_former_one_are_read() -> None:
    row = one(upn="F20136142500A", details="<FormerUPN>B801200005001</FormerUPN>")
    assert (row.values["UPN"], row.values["Former UPN"]) == ("F20136142500A", "B801200005001")


def test_a_wrong_number_keeps_the_learner_out_and_a_wrong_former_one_does_not() -> None:
    assert one(upn="B801200005002").broken
    row = one(details="<FormerUPN>B801200005002</FormerUPN>")
    assert not row.broken
    assert "Left out" in warnings(row)


@pytest.mark.parametrize("where", ["inside", "beside"])
def test_codes_and_needs_are_dated_history(where: str) -> None:
    places = {"inside": "", "beside": "", where: NEEDS}
    row = one(blocks=SEN.format(**places))
    assert row.values["SEN history"] == [
        {"code": "K", "needs": [], "from": "2021-09-06", "to": "2024-01-15"},
        {"code": "E", "needs": ["SLCN", "ASD"], "from": "2024-01-15", "to": None},
    ]


@pytest.mark.parametrize("code", ["S", "A", "P"])
def test_codes_of_before_2014_are_history_never_today(code: str) -> None:
    sen = f"<SEN><StartDate>2012-09-03</StartDate><SENprovision>{code}</SENprovision></SEN>"
    row = one(blocks=f"<SENhistory>{sen}</SENhistory>")
    assert [(h["code"], h["to"]) for h in row.values["SEN history"]] == [(code, "2026-11-10")]
    assert "Note today's code" in warnings(row)


def test_an_unknown_code_is_left_out_and_said() -> None:
    sen = "<SEN><StartDate>2024-09-03</StartDate><SENprovision>Q</SENprovision></SEN>"
    row = one(blocks=f"<SENhistory>{sen}</SENhistory>")
    assert row.values["SEN history"] == []
    assert "'Q'" in warnings(row)


def test_contacts_are_read() -> None:
    assert one(blocks=CONTACT).values["Contacts"] == [
        {
            "name": "Ms Alex Exampleson",
            "relation": "mother",
            "responsible": True,
            "email": "alex@example.test",
            "telephone": "07700900000",
        }
    ]


def test_supplementary_information_is_passed_over_at_every_level() -> None:
    extra = "<SuppInfo><Anything><UPN>nonsense</UPN><Pupil/></Anything></SuppInfo>"
    transfer = read(Ctf([Pupil(blocks=extra)], supplement=extra).data())
    assert [r.values["UPN"] for r in transfer.rows] == ["B801200005001"]
    assert transfer.notes == ["Not brought in: supplementary information (1 learner)"]


def test_facts_that_figures_need_are_read() -> None:
    row = one(
        details="<NCyearActual>5</NCyearActual><Ethnicity>WBRI</Ethnicity><Languages><Type>"
        "<LanguageType>F</LanguageType><Language>POL</Language></Type></Languages>",
        blocks="<FSMhistory><FSMinstance><FSMstartDate>2024-01-01</FSMstartDate></FSMinstance>"
        "</FSMhistory><LookedAfter><InCare>true</InCare><CareAuthority>886</CareAuthority>"
        "</LookedAfter>",
    )
    assert row.values["Free school meals"] is True
    assert (row.values["First language"], row.values["Looked after by"]) == ("POL", "886")


def test_an_ethnicity_that_is_no_code_is_left_out_and_said() -> None:
    row = one(details="<NCyearActual>5</NCyearActual><Ethnicity>White British</Ethnicity>")
    assert not row.broken and "Ethnicity" not in row.values
    assert [(p.column, p.severity) for p in row.problems] == [("Ethnicity", "warning")]


def test_a_name_too_long_to_keep_keeps_the_learner_out() -> None:
    (row,) = read(Ctf([Pupil(surname="x" * 101)]).data()).rows
    assert [(p.column, p.severity) for p in row.problems] == [("Legal surname", "error")]


def test_a_namespace_and_another_encoding_do_no_harm() -> None:
    data = Ctf([Pupil(forename="Zoë")]).data("utf-16")
    assert read(data).rows[0].values["Legal forename"] == "Zoë"
    named = Ctf().data().replace(b"<CTfile>", b'<CTfile xmlns="urn:ctf">')
    assert read(named).rows[0].values["UPN"] == "B801200005001"


def test_one_number_twice_keeps_both_out() -> None:
    rows = read(Ctf([Pupil(), Pupil(forename="Wren")]).data()).rows
    assert [r.broken for r in rows] == [True, True]
    assert "row 2" in rows[0].problems[0].message


BOMB = (
    '<!DOCTYPE CTfile [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)
EXTERNAL = '<!DOCTYPE CTfile [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
REMOTE = '<!DOCTYPE CTfile SYSTEM "http://127.0.0.1:9/ctf.dtd">'


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"<CTfile", "line 1"),
        (Ctf().data()[:-30], "not complete XML"),
        (b"<html><body/></html>", "not a Common Transfer File"),
        (Ctf([]).data(), "no pupils"),
        (Ctf([Pupil(forename="&c;")], head=BOMB).data(), "document type"),
        (Ctf([Pupil(forename="&x;")], head=EXTERNAL).data(), "document type"),
        (Ctf(head=REMOTE).data(), "document type"),
        (Ctf([Pupil(forename="&nbsp;")]).data(), "not complete XML"),
        (b"<CTfile>" + b"<a>" * 100_000, "cannot be read"),
        (b"<" + b"x" * 100 * 1024 * 1024, "20 MB"),
    ],
    ids=[
        "empty",
        "cut",
        "cut-late",
        "html",
        "nobody",
        "bomb",
        "external",
        "remote",
        "entity",
        "deep",
        "100MB",
    ],
)
def test_a_broken_file_or_a_trap_gets_a_clear_error_quickly(data: bytes, says: str) -> None:
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    with pytest.raises(BrokenFile, match=says):
        read(data)
    assert time.perf_counter() - started < 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


def test_many_learners_need_little_memory() -> None:
    blocks = SEN.format(inside=NEEDS, beside="") + CONTACT
    data = Ctf([Pupil(upn="", forename=f"Robin{n}", blocks=blocks) for n in range(5_000)]).data()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert len(read(data).rows) == 5_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        read(b"<CTfile>" + data)
    except BrokenFile as error:
        assert str(error)


TEXT = st.text(
    alphabet=st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"], exclude_characters="<>&"),
    max_size=40,
)


@given(TEXT, TEXT, TEXT, TEXT)
def test_any_values_give_a_row_that_says_what_is_wrong(upn, surname, born, year) -> None:
    row = one(upn=upn, surname=surname, born=born, details=f"<NCyearActual>{year}</NCyearActual>")
    assert row.broken or row.values["Legal surname"] == " ".join(surname.split())
    assert all(p.message for p in row.problems)
