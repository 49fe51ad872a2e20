"""Practice guides for needs that a learner has together: when offered, with which reason, where."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from django.test import Client

from apps.common.exceptions import Invalid
from apps.framework import actions, selectors
from apps.learners import selectors as learners
from apps.reviews.actions import filling
from apps.reviews.workspace import workspace
from tests import factories as make
from tests.support import records
from tests.support.database import as_owner
from tests.support.sight import browser

pytestmark = pytest.mark.django_db

TALK, LEARN = "communication-and-interaction", "cognition-and-learning"
FEEL, SENSES = "social-emotional-and-mental-health", "physical-and-sensory"
WORDS, UPSET, START = "words-before-the-lesson", "fewer-words-when-upset", "a-sure-start-to-work"


def offered(**levels: str) -> dict[str, list[str]]:
    """The codes of the guides for needs together, by area."""
    names = {"talk": TALK, "learn": LEARN, "feel": FEEL, "senses": SENSES}
    found = selectors.guides_of(selectors.published(), {names[k]: v for k, v in levels.items()})
    return {area: [o.guide.code for o in rows if o.others] for area, rows in found.items()}


def test_a_guide_for_two_needs_is_offered_for_each_of_them_when_both_are_there() -> None:
    assert offered(talk="mild") == {TALK: []}
    assert offered(talk="mild", learn="mild") == {TALK: [WORDS], LEARN: [WORDS]}
    assert offered(talk="profound", learn="moderate") == {TALK: [WORDS], LEARN: [WORDS]}


def test_each_need_is_at_least_as_high_as_the_guide_says() -> None:
    assert offered(learn="mild", feel="mild") == {LEARN: [], FEEL: []}
    assert offered(learn="mild", feel="moderate") == {LEARN: [START], FEEL: [START]}
    assert offered(talk="universal", learn="mild") == {TALK: [], LEARN: []}


def test_guides_for_needs_together_come_before_those_of_one_box_and_none_comes_twice() -> None:
    levels = {TALK: "mild", LEARN: "mild"}
    with as_owner():
        guide = selectors.guide(WORDS)
        guide.boxes.add(selectors.published().box(TALK, "mild"))
    found = selectors.guides_of(selectors.published(), levels)[TALK]
    assert [bool(o.others) for o in found] == sorted((bool(o.others) for o in found), reverse=True)
    assert len(found) > 1
    assert [o.guide.code for o in found].count(WORDS) == 1
    assert [a.code for a in found[0].others] == [LEARN]


def test_the_review_says_why_it_offers_one_and_takes_it_over_in_one_key() -> None:
    school = make.setting()
    senco = make.staff("senco", school)
    robin = make.learner(school)
    records.signed(senco, robin, school)
    review = records.open_one(senco, robin, school)
    address = f"/reviews/{review.id}/"
    page = " ".join(browser(senco).get(address).content.decode().split())
    assert "For communication needs together with learning." in page
    assert "For wellbeing needs together with communication." in page
    by = make.acting_as(senco)
    for _ in range(2):
        filling.adopt_guide(by=by, review_id=review.id, guide=UPSET, area=FEEL)
    work = workspace(by, learners.sight(by, robin.id), review)
    (draft,) = work.changes
    assert (draft.values["area"], draft.values["details"]["guide"]) == (FEEL, UPSET)
    assert UPSET in work.adopted


def test_the_toolkit_shows_for_which_needs_together_and_finds_by_each() -> None:
    client = Client()
    for query, there in {
        "": True,
        f"?area={TALK}": True,
        f"?area={LEARN}&level=intensive": True,
        f"?area={LEARN}&level=universal": False,
        f"?area={SENSES}": False,
        "?level=nothing": False,
    }.items():
        page = client.get(f"/toolkit/{query}").content.decode()
        assert (f"/toolkit/{WORDS}/" in page) is there, query
    assert "For learning needs together with communication needs." in (
        client.get("/toolkit/?words=lesson").content.decode()
    )
    guide = client.get(f"/toolkit/{WORDS}/").content.decode()
    assert "a learner who has all of these needs" in guide
    assert "Communication: Mild" in guide


def test_a_box_names_the_guides_for_its_needs_beside_others() -> None:
    number = selectors.published().version.number
    for area, level, there in (
        (TALK, "intensive", True),
        (TALK, "universal", False),
        (SENSES, "mild", False),
    ):
        page = Client().get(f"/framework/{number}/{area}/{level}/").content.decode()
        assert (f"/toolkit/{WORDS}/" in page) is there


def test_needs_together_are_of_two_areas_or_more(tmp_path: Path) -> None:
    shipped = yaml.safe_load((actions.DATA / "toolkit.yaml").read_text())["guides"]
    guide = next(g for g in shipped if g["code"] == WORDS)
    mild, more = ({"area": TALK, "level": level} for level in ("mild", "moderate"))
    path = tmp_path / "toolkit.yaml"
    for together in ([mild], [mild, more], [mild, {"area": "elsewhere", "level": "mild"}]):
        path.write_text(yaml.safe_dump({"guides": [guide | {"together": together}]}))
        with as_owner(), pytest.raises(Invalid, match=WORDS):
            actions.load_toolkit(path)
