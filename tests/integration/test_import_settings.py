"""Settings from GIAS: every row accounted for, the same file twice changes nothing."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.conf import settings

from apps.formats import gias
from apps.formats.problems import BrokenFile
from apps.imports.actions.establishments import load_links, load_settings
from apps.settings.models import Setting, SettingGroup, SettingIdentifier, SettingLink
from tests.gias_maker import extract

pytestmark = pytest.mark.django_db

REAL = settings.BASE_DIR.parent / "shared" / "data" / "gias"
needs_real = pytest.mark.skipif(not REAL.exists(), reason="the published files are not here")


def load(data: bytes):
    return load_settings(gias.read_establishments(io.BytesIO(data)))


@needs_real
def test_the_three_published_rows_are_read() -> None:
    path: Path = REAL / "edubasealldata_2025_header_plus_3_real_rows.csv"
    counts = load(path.read_bytes())
    assert (counts.rows, counts.added, counts.problems) == (3, 3, [])
    academy = Setting.objects.get(identifiers__value="143034")
    assert (academy.phase, academy.status, academy.opened_on.year) == ("primary", "open", 2016)
    assert academy.group and academy.group.kind == "trust"
    assert set(academy.identifiers.values_list("kind", flat=True)) == {"urn", "laestab", "ukprn"}
    assert Setting.objects.filter(status="closed").count() == 2


@needs_real
def test_every_row_of_the_published_links_is_accounted_for() -> None:
    path: Path = REAL / "links_edubasealldata20250422.csv"
    lines = path.read_bytes().count(b"\n") - 1
    counts = load_links(gias.read_links(io.BytesIO(path.read_bytes())))
    assert counts.problems == []
    assert abs(counts.rows - lines) <= 1
    assert counts.added == SettingLink.objects.count()
    again = load_links(gias.read_links(io.BytesIO(path.read_bytes())))
    assert (again.added, again.same) == (0, counts.rows)


def test_the_same_extract_twice_changes_nothing() -> None:
    data = extract(300)
    first, again = load(data), load(data)
    assert (first.added, again.added, again.changed, again.same) == (300, 0, 0, 300)
    assert SettingGroup.objects.exists()


def test_a_changed_row_changes_the_setting_and_dates_its_numbers() -> None:
    data = extract(3)
    load(data)
    changed = data.replace(b"Made Up 1", b"Renamed 1").replace(b",2001,", b",2999,")
    counts = load(changed)
    assert counts.changed >= 1
    renamed = Setting.objects.get(name__contains="Renamed 1")
    numbers = SettingIdentifier.objects.filter(setting=renamed, kind="laestab")
    assert numbers.count() == 2
    assert numbers.filter(ends_on=None).get().value.endswith("2999")


def test_a_file_in_which_every_row_has_changed_is_read_whole() -> None:
    data = extract(2100)
    load(data)
    assert load(data.replace(b"Made Up", b"Renamed")).changed == 2100


def test_a_link_joins_settings_whichever_came_first() -> None:
    links = (
        b"URN,LinkURN,LinkName,LinkType,LinkEstablishedDate\r\n"
        b"200000,200001,Made Up,Successor,01-09-2020\r\n"
    )
    load_links(gias.read_links(io.BytesIO(links)))
    load(extract(2))
    load_links(gias.read_links(io.BytesIO(links)))
    link = SettingLink.objects.get()
    assert link.setting and link.linked and link.kind == "successor"


def test_a_row_without_a_urn_is_a_problem_and_the_rest_is_loaded() -> None:
    counts = load(extract(5).replace(b"200003,", b"nonsense,"))
    assert (counts.added, len(counts.problems)) == (4, 1)
    assert "URN" in counts.problems[0].message


def test_another_file_is_refused_with_what_is_missing() -> None:
    with pytest.raises(BrokenFile, match="LA"):
        load(b"URN,Name\r\n1,2\r\n")
