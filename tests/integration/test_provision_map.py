"""The provision map: who gets what, what it comes to, and the gaps; and its print for governors."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from apps.common import clock
from apps.common.exceptions import NotVisible
from apps.framework import selectors as framework
from apps.partnerships import provision as governors
from apps.reviews import provision
from apps.reviews.actions.supports import check_support
from apps.reviews.models import Progress, Review, Statement
from apps.settings import calendar
from apps.settings.models import Setting
from tests import factories as make
from tests.integration.test_query_counts import LIST, listed, queries
from tests.support.database import as_owner

pytestmark = pytest.mark.django_db

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
TALKING = "communication-and-interaction"
GROUP = {"how_often": "3 times a week", "minutes": 20, "group_size": 4, "by_whom": "Mrs Day"}


@pytest.fixture
def school() -> Setting:
    return make.setting()


@pytest.fixture
def senco(school: Setting) -> Any:
    return make.staff("senco", school)


def says(learner: Any, kind: str, text: str, details: Any = None, area: str = TALKING) -> Statement:
    """A statement in force since the entry."""
    with as_owner():
        return Statement.objects.create(
            record=learner.record,
            learner=learner,
            kind=kind,
            area=framework.published().area(area) if area else None,
            text=text,
            details=details or {},
            introduced_no=1,
        )


def marked(outcome: Statement, mark: str) -> None:
    """How far an outcome got at the last review."""
    review = Review.objects.get(learner=outcome.learner_id, number=1)
    with as_owner():
        Progress.objects.create(
            review=review, learner_id=outcome.learner_id, outcome=outcome, mark=mark, note="Seen"
        )


def checked(senco: Any, support: Statement, answer: str, why: str = "") -> None:
    """What was said this half term of whether a support happens."""
    by = make.acting_as(senco)
    check_support(by=by, statement_id=support.id, answer=answer, why=why)


def of(senco: Any, school: Setting) -> provision.Provision:
    return provision.of_setting(make.acting_as(senco), school.id, framework.published())


def page(person: Any, query: str = "") -> str:
    client = Client()
    client.force_login(person, backend=BACKEND)
    response = client.get(f"/provision/{query}")
    assert response.status_code == 200
    return response.content.decode()


def test_a_line_adds_up_learners_minutes_cost_and_outcomes(school, senco) -> None:
    one, two = listed(school, senco), listed(school, senco)
    says(one, "support", "Language group", {**GROUP, "cost": 300})
    says(two, "support", "language  GROUP.", GROUP)
    marked(says(one, "outcome", "Follow two parts"), "achieved")
    marked(says(two, "outcome", "Tell a story"), "some")
    marked(says(two, "outcome", "Ask for help"), "not known")
    (line,) = of(senco, school).lines("type")
    assert (line.label, line.learners) == ("Language group", 2)
    assert (line.minutes, line.adult_minutes, line.untimed) == (120, 30, 0)
    assert (line.cost, line.achieved, line.outcomes) == (300, 1, 2)


def test_an_outcome_counts_for_supports_of_its_area(school, senco) -> None:
    robin = listed(school, senco)
    says(robin, "support", "Language group", GROUP)
    says(robin, "support", "Pencil grip", {"how_often": "daily"}, area="physical-and-sensory")
    marked(says(robin, "outcome", "Follow two parts"), "achieved")
    lines = {line.key: line for line in of(senco, school).lines("area")}
    assert lines[TALKING].achieved == 1
    assert lines["physical-and-sensory"].outcomes == 0
    assert lines["physical-and-sensory"].untimed == 1


def test_what_ended_and_whom_another_keeps_are_not_on_the_map(school, senco) -> None:
    robin, other = listed(school, senco), make.setting()
    listed(other, make.staff("senco", other))
    support = says(robin, "support", "Language group", GROUP)
    with as_owner():
        Statement.objects.filter(pk=support.pk).update(withdrawn_no=2)
    found = of(senco, school)
    assert [w.id for w in found.everyone] == [robin.id]
    assert found.supports == []
    with pytest.raises(NotVisible):
        of(senco, other)


def test_the_gaps_are_needs_above_mild_without_support_and_supports_without_outcome(
    school, senco
) -> None:
    robin = listed(school, senco)
    with as_owner():
        robin.entries.update(levels={TALKING: {"level": "moderate", "rank": 2}})
    (need,) = of(senco, school).needs_without_support()
    assert need.words == "Communication and interaction: moderate, and no support"
    says(robin, "support", "Language group", GROUP)
    found = of(senco, school)
    assert found.needs_without_support() == []
    assert [gap.words for gap in found.supports_without_outcome()] == ["Language group"]
    says(robin, "outcome", "Follow two parts")
    assert of(senco, school).supports_without_outcome() == []


def test_a_mild_need_and_a_support_for_no_one_area_leave_no_gap(school, senco) -> None:
    robin = listed(school, senco)
    assert of(senco, school).needs_without_support() == []
    with as_owner():
        robin.entries.update(levels={TALKING: {"level": "moderate", "rank": 2}})
    says(robin, "support", "Key adult", {}, area="")
    assert of(senco, school).needs_without_support() == []


def test_a_line_says_how_many_were_checked_and_what_was_said(school, senco) -> None:
    said = [("as planned", ""), ("partly", "Mrs Day was away."), ("not", "No room."), None]
    for answer in said:
        support = says(listed(school, senco), "support", "Language group", GROUP)
        if answer:
            checked(senco, support, *answer)
    (line,) = of(senco, school).lines("adult")
    assert line.checks == provision.Checks(as_planned=1, partly=1, not_happening=1, supports=4)
    assert (line.checks.said, line.checks.unsaid) == (3, 1)
    shown = page(senco)
    assert "1&nbsp;as planned, 1&nbsp;partly, 1&nbsp;not" in shown
    assert "1 support said not to be happening" in shown
    assert "Language group: No room." in shown
    assert "Nobody has checked 1 of 4 supports this half term." in shown


def test_what_was_said_in_an_earlier_half_term_counts_no_more(school, senco) -> None:
    checked(senco, says(listed(school, senco), "support", "Language group", GROUP), "not", "Away")
    half, by = calendar.half_term_on(clock.today(), school), make.acting_as(senco)
    with clock.shifted((half.ends_on - clock.today()).days + 30):
        found = provision.of_setting(by, school.id, framework.published())
    assert found.total.checks == provision.Checks(0, 0, 0, supports=1)
    assert found.not_happening() == []


def test_filters_are_in_the_address_and_name_nobody(school, senco) -> None:
    robin, other = listed(school, senco), listed(school, senco)
    says(robin, "support", "Language group", GROUP)
    says(other, "support", "Pencil grip for Robin", {"by_whom": "Mr Ray"})
    whole = page(senco)
    assert "Language group" in whole
    assert "Who gets it" not in whole
    by_adult = page(senco, "?by=adult")
    assert "Mrs Day" in by_adult
    assert "Mrs+Day" not in by_adult
    key = next(line.key for line in of(senco, school).lines("adult") if line.label == "Mr Ray")
    narrowed = page(senco, f"?by=type&adult={key}")
    assert "Who gets it" in narrowed
    names = narrowed.split("Who gets it", 1)[1].split("Gaps")[0]
    assert str(other) in names
    assert str(robin) not in names
    assert "No support is in force here" in page(senco, "?adult=nobody")


def test_governors_get_figures_without_names_and_without_small_numbers(school, senco) -> None:
    for n in range(6):
        robin = listed(school, senco)
        says(robin, "support", "Language group with Robin", GROUP)
        if n < 2:
            says(robin, "support", "Pencil grip", GROUP, area="physical-and-sensory")
    found = of(senco, school)
    figures = governors.for_governors(found)
    (kind,) = figures.tables["Kind of support"]
    assert (kind.label, kind.learners) == ("In the setting's own words", 6)
    assert {line.learners for line in figures.tables["Area of need"]} == {None}
    assert figures.whole.learners == 6
    text = page(senco, "?for=governors")
    for word in ("Robin", "Mrs Day", "Pencil", "/learners/"):
        assert word not in text.split("<main")[1]


def test_under_five_learners_everything_is_hidden(school, senco) -> None:
    says(listed(school, senco), "support", "Language group", GROUP)
    figures = governors.for_governors(of(senco, school))
    assert figures.whole == governors.Shown("All", None, None, None, None, None, None)
    assert {line.learners for lines in figures.tables.values() for line in lines} == {None}


def test_governors_read_whether_support_happens_where_no_answer_is_rare(school, senco) -> None:
    supports = [says(listed(school, senco), "support", "Language group", GROUP) for _ in range(11)]
    for support in supports[:5]:
        checked(senco, support, "as planned")
    for n, support in enumerate(supports[5:10]):
        checked(senco, support, "partly" if n else "not", "Away")
    whole = governors.for_governors(of(senco, school)).whole
    assert (whole.learners, whole.checks) == (11, None)
    with as_owner():
        Statement.objects.filter(pk=supports[10].pk).update(withdrawn_no=2)
    text = page(senco, "?for=governors")
    assert "5&nbsp;as planned, 5&nbsp;partly or not, 0&nbsp;not checked" in text
    assert "Away" not in text


def test_where_nobody_gets_support_there_is_nothing_to_add_up(school, senco) -> None:
    listed(school, senco)
    assert set(governors.for_governors(of(senco, school)).tables) == {
        "Kind of support",
        "Area of need",
        "Year group",
    }
    assert "No support is in force here" in page(senco)
    page(senco, "?for=governors")


def test_the_map_is_as_many_queries_for_one_as_for_many(school, senco) -> None:
    def another() -> None:
        robin = listed(school, senco)
        says(robin, "support", "Language group", GROUP)
        marked(says(robin, "outcome", "Follow two parts"), "achieved")
        checked(senco, Statement.objects.get(learner=robin, kind="support"), "as planned")

    another()
    pages = ("/provision/", "/provision/?by=year&year=6", "/provision/?for=governors")
    one = [len(queries(senco, path)) for path in pages]
    for _ in range(10):
        another()
    assert [len(queries(senco, path)) for path in pages] == one
    assert max(one) <= LIST
