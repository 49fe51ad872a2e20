"""Figures: for whom, exactly or with small numbers hidden, and what the hidden ones give away."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.access import openings
from apps.access.grants import THE_COUNTRY
from apps.accounts.models import User
from apps.common import clock
from apps.common.exceptions import NotVisible
from apps.framework import selectors as framework
from apps.learners.models import Learner
from apps.partnerships import figures
from apps.partnerships.figures import Figures
from apps.register.models import RegisterEntry
from apps.reviews.models import LearnerRecord, Review
from apps.settings import calendar
from apps.settings.models import Setting
from tests import factories as make
from tests.support.database import as_owner
from tests.support.sight import browser

pytestmark = pytest.mark.django_db

AREA = "communication-and-interaction"


def listed(setting: Setting, levels: dict[str, int], *, reviewed: int = 0) -> None:
    """So many learners of a setting at each level of one area, the first of them reviewed."""
    grid = framework.published()
    term = calendar.term_on(clock.today(), setting)
    with as_owner():
        for level, how_many in levels.items():
            for _ in range(how_many):
                learner = Learner.objects.create(
                    legal_given="A", known_given="A", name_key="a", date_of_birth=make.LONG_AGO
                )
                rank = grid.level(level).rank
                entry = RegisterEntry.objects.create(
                    learner=learner,
                    setting=setting,
                    framework=grid.version,
                    levels={AREA: {"level": level, "rank": rank}},
                    highest_rank=rank,
                    has_plan=True,
                    starts_on=clock.today(),
                )
                if reviewed > 0:
                    reviewed -= 1
                    _reviewed(entry, term.year, term.term.value)


def _reviewed(entry: RegisterEntry, year: int, term: str) -> None:
    Review.objects.create(
        record=LearnerRecord.objects.create(learner=entry.learner, started_on=entry.starts_on),
        learner=entry.learner,
        setting=entry.setting,
        framework=entry.framework,
        kind="termly",
        state="signed off",
        number=1,
        year=year,
        term=term,
        opened_at=clock.now(),
        signed_off_at=clock.now(),
        sha256="0" * 64,
    )


@pytest.fixture(autouse=True)
def _register_is_not_asked() -> Any:
    """These rows are figures alone: no enrolment stands behind them."""
    with as_owner(), connection.cursor() as cursor:
        for table in ("register_registerentry", "reviews_learnerrecord", "reviews_review"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield


def seen(person: User, place: Any = THE_COUNTRY) -> Figures:
    return figures.of_place(make.acting_as(person), getattr(place, "id", place))


def row(found: Figures) -> dict[str, int | None]:
    return {level: n for (area, level), n in found.levels.items() if area == AREA and n != 0}


@pytest.fixture
def school() -> Setting:
    return make.setting(make.local_area(), group=make.setting_group())


def test_whoever_may_open_the_learners_gets_every_number(school: Setting) -> None:
    listed(school, {"mild": 7, "moderate": 3}, reviewed=2)
    for person in (
        make.staff("senco", school),
        make.staff("head", school),
        make.staff("inclusion", school),
    ):
        found = seen(person, school)
        assert row(found) == {"mild": 7, "moderate": 3}
        assert (found.whole.on_register, found.whole.reviewed, found.whole.waiting) == (10, 2, 8)
        assert not found.hides
    assert row(seen(make.staff("officer", school.local_area), school.local_area))["moderate"] == 3


@pytest.mark.parametrize("role", ["governor", "board", "analyst", "trust-lead", "area-senco"])
def test_whoever_may_not_gets_no_number_under_five_nor_its_complement(
    school: Setting, role: str
) -> None:
    listed(school, {"mild": 12, "moderate": 3, "intensive": 8}, reviewed=20)
    place = {"governor": school, "trust-lead": school.group}.get(role, school.local_area)
    found = seen(make.staff(role, place), place)
    assert row(found) == {"mild": 12, "moderate": None, "intensive": None}
    assert (found.whole.on_register, found.whole.reviewed, found.whole.waiting) == (23, None, None)


def test_fewer_than_five_in_all_show_nothing(school: Setting) -> None:
    listed(school, {"mild": 4})
    found = seen(make.staff("governor", school), school)
    assert set(found.levels.values()) == {None}
    assert found.whole.on_register is None
    page = browser(make.staff("governor", school)).get("/figures/").content.decode()
    assert "Small numbers are hidden" in page


def test_a_small_setting_is_not_the_total_minus_the_rest(school: Setting) -> None:
    area = school.local_area
    large, middle, small = school, make.setting(area), make.setting(area)
    for place, how_many in ((large, 20), (middle, 9), (small, 2)):
        listed(place, {"mild": how_many})
    found = seen(make.staff("board", area), area)
    numbers = {part.name: part.on_register for part in found.parts}
    assert found.whole.on_register == 31
    assert (numbers[str(large)], numbers[str(middle)], numbers[str(small)]) == (20, None, None)
    hidden = next(part for part in found.parts if part.name == str(middle))
    assert (hidden.reviewed, hidden.waiting) == (None, None)


def test_what_one_may_read_protects_nobody_else(school: Setting) -> None:
    """Whoever reads an opened setting could take its numbers from the trust's."""
    other = make.setting(school.local_area, group=school.group)
    listed(school, {"mild": 9, "moderate": 9})
    listed(other, {"mild": 9, "moderate": 2})
    lead = make.staff("trust-lead", school.group)
    assert row(seen(lead, school.group)) == {"mild": 18, "moderate": 11}
    senco = make.acting_as(make.staff("senco", school))
    openings.open_records(by=senco, setting=school, to_id=school.group_id, why="Assessments")
    assert row(seen(lead, school.group)) == {"mild": None, "moderate": None}


def test_a_second_setting_of_a_learner_counts_them_no_second_time(school: Setting) -> None:
    listed(school, {"mild": 6})
    with as_owner():
        RegisterEntry.objects.update(also_here=True)
    assert seen(make.staff("head", school), school).whole.on_register == 0


def test_the_institute_gets_the_country_by_local_area(school: Setting) -> None:
    elsewhere = make.setting(make.local_area())
    listed(school, {"mild": 8})
    listed(elsewhere, {"mild": 7})
    found = seen(make.staff("institute-editor"))
    parts = {part.name: part.on_register for part in found.parts}
    assert parts[str(school.local_area)] == 8
    assert parts[str(elsewhere.local_area)] == 7
    assert found.whole.on_register == 15


@pytest.mark.parametrize(
    "role", ["teacher", "support-staff", "specialist", "virtual-head", "social-worker"]
)
def test_a_role_without_figures_gets_none(school: Setting, role: str) -> None:
    place = school.local_area if role in {"virtual-head", "social-worker"} else school
    person = make.staff(role, place)
    for wanted in (school, school.local_area, school.group, THE_COUNTRY):
        with pytest.raises(NotVisible):
            seen(person, wanted)


@pytest.mark.parametrize(
    ("role", "at"),
    [
        ("governor", "school"),
        ("senco", "school"),
        ("trust-lead", "group"),
        ("analyst", "area"),
        ("officer", "area"),
        ("institute-editor", ""),
        ("administrator", ""),
        ("teacher", "school"),
    ],
)
def test_the_database_gives_figures_of_ones_own_place_alone(
    school: Setting, role: str, at: str
) -> None:
    """Raw SQL as the app's role: the neighbour's figures, the area's, the country's, no place's."""
    listed(school, {"mild": 9})
    own = {"school": school, "group": school.group, "area": school.local_area}.get(at)
    make.acting_as(make.staff(role, own))
    scopes = {
        "school": school.id,
        "group": school.group_id,
        "area": school.local_area_id,
        "": THE_COUNTRY,
        "neighbour": make.setting(school.local_area).id,
        "nothing": None,
    }
    told = set()
    with connection.cursor() as cursor:
        for name, scope in scopes.items():
            cursor.execute("SELECT count(*) FROM partnerships_figures(%s, 2026, 'autumn')", [scope])
            if cursor.fetchone()[0]:
                told.add(name)
    assert told == (set() if role in {"administrator", "teacher"} else {at})


def test_nobody_gets_any_without_a_context(school: Setting) -> None:
    with connection.cursor() as cursor:
        for scope in (school.id, THE_COUNTRY):
            cursor.execute("SELECT count(*) FROM partnerships_figures(%s, 2026, 'autumn')", [scope])
            assert cursor.fetchone() == (0,)


def hidden(cells: list[int]) -> list[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT partnerships_hidden(%s)", [cells])
        return list(cursor.fetchone()[0])


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.one_of(st.integers(0, 6), st.integers(0, 12)), min_size=1, max_size=7))
def test_no_hidden_number_is_the_only_one_that_it_could_be(cells: list[int]) -> None:
    """Whoever knows the total, what is shown, and when a nought is hidden, knows no more."""
    marks = hidden(cells)
    assert all(mark for cell, mark in zip(cells, marks, strict=True) if 0 < cell < 5)
    many, total = sum(marks), sum(cells)
    if many == 0 or total < 5:
        return  # nothing is hidden, or the total is hidden with everything
    assert many >= 2
    left = sum(cell for cell, mark in zip(cells, marks, strict=True) if mark)
    # A nought is hidden last: any other that is shown says that none is among the hidden ones.
    lowest = 1 if any(c and not m for c, m in zip(cells, marks, strict=True)) else 0
    possible = [
        guess
        for guess in product(range(lowest, left + 1), repeat=min(many, 2))
        if sum(guess) <= left - lowest * (many - len(guess)) and (many > 2 or sum(guess) == left)
    ]
    assert len({guess[0] for guess in possible}) > 1
    assert left >= 5


@pytest.mark.parametrize("many", range(5, 8))
def test_a_line_of_ones_looks_like_one_with_a_two_and_a_nought(many: int) -> None:
    assert hidden([1] * many) == hidden([2, *[1] * (many - 2), 0]) == [True] * many


Place = tuple[int, int]  # on the register, of them reviewed


def fitting(found: Figures, parts: list[Any]) -> list[list[Place]]:
    """Every way in which the places could be, as far as the page tells."""
    total, reviewed = found.whole.on_register or 0, found.whole.reviewed
    ways: list[tuple[int, list[Place]]] = [(total, [])]
    for part in parts:
        ns = range(total + 1) if part.on_register is None else [part.on_register]
        ways = [
            (left - n, [*done, (n, r)])
            for left, done in ways
            for n in ns
            if n <= left
            for r in (range(n + 1) if part.reviewed is None else [part.reviewed])
            if r <= n
        ]
    sums = [(done, sum(r for _, r in done)) for left, done in ways if left == 0]
    if reviewed is None:  # hidden, since it or the rest is under five
        return [d for d, r in sums if 0 < r < 5 or 0 < total - r < 5]
    return [d for d, r in sums if r == reviewed]


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.integers(0, 7).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))),
        min_size=2,
        max_size=3,
    )
)
def test_no_small_number_of_a_place_is_the_only_one_that_it_could_be(places: list[Place]) -> None:
    with transaction.atomic():
        area = make.local_area()
        settings_ = [make.setting(area) for _ in places]
        for setting, (on_register, reviewed) in zip(settings_, places, strict=True):
            listed(setting, {"mild": on_register}, reviewed=reviewed)
        found = seen(make.staff("board", area), area)
        transaction.set_rollback(True)
    by_name = {part.name: part for part in found.parts}
    parts = [by_name[str(setting)] for setting in settings_]
    for part, (n, r) in zip(parts, places, strict=True):
        told = [part.on_register, part.reviewed, part.waiting]
        assert all(number not in {1, 2, 3, 4} for number in told)
        assert all(number in {None, true} for number, true in zip(told, (n, r, n - r), strict=True))
    if found.whole.on_register is None:
        return
    ways = fitting(found, parts)
    for i, (n, r) in enumerate(places):
        for small, read in (
            (n, lambda p: p[0]),
            (r, lambda p: p[1]),
            (n - r, lambda p: p[0] - p[1]),
        ):
            if 0 < small < 5:
                assert len({read(way[i]) for way in ways}) > 1


def test_figures_are_as_many_queries_for_one_setting_as_for_many(school: Setting) -> None:
    board = make.staff("board", school.local_area)
    client = browser(board)
    client.get("/figures/")
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured, transaction.atomic():
            assert client.get("/figures/").status_code == 200
        counts.append(len(captured))
        for _ in range(4):
            listed(make.setting(school.local_area), {"mild": 5})
    assert counts[0] == counts[1]
