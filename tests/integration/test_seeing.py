"""Two reviews side by side, what changed since last term, levels over time: on their pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.learners.models import Learner
from apps.reviews.actions import setting_aside
from apps.reviews.models import SetAside, Statement
from tests import factories as make
from tests.integration.test_query_counts import queries
from tests.support import named as named_world
from tests.support.database import as_owner
from tests.support.families import withhold
from tests.support.history import replaced, reviewed
from tests.support.named import NAME
from tests.support.world import build

pytestmark = pytest.mark.django_db

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
TALKING = "communication-and-interaction"
TERMS = [(2026, "spring"), (2026, "summer"), (2027, "autumn")]


@pytest.fixture
def world() -> dict[str, Any]:
    return build()


@pytest.fixture
def robin(world: dict[str, Any]) -> Learner:
    """Mild at first; moderate, with other drums, since the third review; nothing new since."""
    robin = Learner.objects.get(pk=world["kwargs"]["learner_id"])
    make.acting_as(world["people"]["senco"])
    reviewed(robin, *TERMS[:2])
    need = Statement.objects.get(learner=robin, kind="need")
    seen = {"evidence": [{"what": "Asks twice"}]}
    replaced(robin, need, 3, area=TALKING, level="moderate", text="Asks again.", details=seen)
    drums = Statement.objects.get(learner=robin, kind="support")
    replaced(robin, drums, 3, text="Drums with friends.", details={"how_often": "daily"})
    return robin


def page(person: User, address: str, **sent: str) -> str:
    client = Client()
    client.force_login(person, backend=BACKEND)
    response = client.post(address, sent) if sent else client.get(address)
    assert response.status_code == 200, response.status_code
    return " ".join(response.content.decode().split())


def status(person: User, address: str) -> int:
    client = Client()
    client.force_login(person, backend=BACKEND)
    return client.get(address).status_code


MORE = "eeds more support than last term with"


def test_the_record_says_what_changed_since_last_term(world, robin) -> None:
    text = page(world["people"]["senco"], f"/learners/{robin.id}/")
    assert "What changed since the spring term 2027" in text
    assert f"N{MORE} communication: moderate (was mild)." in text
    assert "Support has changed: “Drums with friends”, daily (was “Drums”)." in text


def test_a_family_reads_it_in_its_own_words(world, robin) -> None:
    text = page(world["people"]["parent"], f"/family/{robin.id}/")
    changed = text.split("What changed since the spring term 2027")[1].split("</section>")[0]
    assert f"Robin n{MORE} talking, understanding and being with others." in changed
    assert "moderate" not in changed
    assert "0 is what everyone gets" in text
    time = text.split('<figure class="lr-time">')[1].split("</figure>")[0]
    assert "2 of 5" in time
    assert "Moderate" not in time


def test_a_term_in_which_nothing_changed_says_so(world, robin) -> None:
    reviewed(robin, TERMS[2])
    text = page(world["people"]["senco"], f"/learners/{robin.id}/")
    assert "What changed since the summer term 2027" in text
    assert "Nothing: the record was looked at, and it is still true." in text


def test_levels_are_shown_term_by_term_with_their_numbers(world, robin) -> None:
    text = page(world["people"]["teacher"], f"/learners/{robin.id}/")
    time = text.split('<figure class="lr-time">')[1].split("</figure>")[0]
    assert time.count("<rect") == 4 * 3
    table = time.split("<tbody")[1]
    newest = table.split("</tr>")[0]
    assert "Summer 2027" in newest
    assert "Moderate" in newest
    assert table.count("Mild") == 2
    assert "style=" not in time


def test_the_grid_names_the_term_with_which_it_compares(world, robin) -> None:
    address = f"/learners/{robin.id}/"
    assert "More support than last term" in page(world["people"]["senco"], address)
    reviewed(robin, TERMS[2])
    later = page(world["people"]["senco"], address)
    assert "More support than in the spring term 2027" in later
    assert "More support than last term" not in later
    assert "More support than in the spring term 2027" in page(
        world["people"]["teacher"], f"/classes/{robin.id}/"
    )


def test_a_need_that_was_never_another_says_since_when_it_is_so(world) -> None:
    robin = Learner.objects.get(pk=world["kwargs"]["learner_id"])
    address = f"/learners/{robin.id}/"
    assert "First time described" in page(world["people"]["senco"], address)
    make.acting_as(world["people"]["senco"])
    reviewed(robin, TERMS[0])
    later = page(world["people"]["senco"], address)
    assert "Same level since the " in later and "First time described" not in later


def test_within_one_term_the_grid_compares_with_what_was_said_before(world) -> None:
    robin = Learner.objects.get(pk=world["kwargs"]["learner_id"])
    make.acting_as(world["people"]["senco"])
    need = Statement.objects.get(learner=robin, kind="need")
    with as_owner():
        first = robin.record.reviews.get(number=1)
    reviewed(robin, (first.year, first.term))
    replaced(robin, need, 2, area=TALKING, level="moderate", text="Asks again.", details={})
    text = page(world["people"]["senco"], f"/learners/{robin.id}/")
    assert "More support than before" in text


def test_before_a_second_term_there_is_no_picture_and_no_list(world) -> None:
    text = page(world["people"]["senco"], f"/learners/{world['kwargs']['learner_id']}/")
    assert "What changed since" not in text
    assert 'class="lr-time"' not in text


def test_two_reviews_stand_side_by_side_with_words_marked(world, robin) -> None:
    text = page(world["people"]["senco"], f"/learners/{robin.id}/compare/?from=1&to=3")
    assert "(added: </span> with friends" in text
    assert "(taken out: </span>Mild" in text
    assert "What stayed the same (1)" in text
    again = page(world["people"]["senco"], f"/learners/{robin.id}/compare/?from=3&to=1")
    assert "(added: </span> with friends" in again
    assert "Nothing differs" in page(
        world["people"]["senco"], f"/learners/{robin.id}/compare/?from=1&to=2"
    )


def test_a_family_compares_what_it_may_read_and_no_level_s_name(world, robin) -> None:
    replaced(
        robin, None, 3, kind="support", text="Kept among staff.", details={},
        audience="staff", audience_reason="A safeguarding plan",
    )  # fmt: skip
    address = f"/learners/{robin.id}/compare/?from=1&to=3"
    assert "Kept among staff." in page(world["people"]["senco"], address)
    text = page(world["people"]["parent"], address)
    assert "Kept among staff." not in text
    assert "with friends" in text
    assert "Mild" not in text.split("<main")[1]
    assert "Kept among staff." not in page(world["people"]["parent"], f"/family/{robin.id}/")


def test_who_may_not_know_where_the_learner_is_compares_nothing(world, robin) -> None:
    other = make.parent(robin)
    withhold(world, robin)
    assert status(other, f"/learners/{robin.id}/compare/") == 404
    text = page(other, f"/family/{robin.id}/")
    assert "What changed since" not in text
    assert 'class="lr-time"' not in text


def test_an_officer_says_why_first(world, robin) -> None:
    address = f"/learners/{robin.id}/compare/?from=1&to=3"
    assert "Why do you need to read this record?" in page(world["people"]["officer"], address)
    assert "with friends" in page(world["people"]["officer"], address, purpose="panel")


@pytest.mark.parametrize("query", ["?from=1&to=9", "?from=x&to=2", "?from=1", "?to=-1&from=1"])
def test_a_review_that_is_not_there_is_not_found(query: str, world, robin) -> None:
    assert status(world["people"]["senco"], f"/learners/{robin.id}/compare/{query}") == 404


def test_sign_off_says_what_is_about_to_be_signed(world) -> None:
    senco, review = world["people"]["senco"], world["kwargs"]["review_id"]
    make.acting_as(senco)
    client = Client()
    client.force_login(senco, backend=BACKEND)
    edit = f"/reviews/{review}/edit/{world['kwargs']['subject_id']}/"
    version = client.get(edit).context["form"].initial["version"]
    sent = {"version": version, "text": "Drums.", "how_often": "daily", "area": TALKING}
    assert client.post(edit, sent).status_code == 302
    text = page(senco, f"/reviews/{review}/sign-off/")
    assert "Support has changed: “Drums”, now daily (was not said)." in text


def test_the_pages_are_as_many_queries_however_long_the_history(world, robin) -> None:
    senco, parent = world["people"]["senco"], world["people"]["parent"]
    pages = [
        (senco, f"/learners/{robin.id}/"),
        (senco, f"/learners/{robin.id}/compare/?from=1&to=3"),
        (senco, f"/reviews/{world['kwargs']['review_id']}/sign-off/"),
        (parent, f"/family/{robin.id}/"),
    ]
    before = [len(queries(who, path)) for who, path in pages]
    reviewed(robin, TERMS[2], (2027, "spring"), (2027, "summer"))
    for no in (4, 5, 6):
        make.acting_as(senco)
        drums = Statement.objects.filter(learner=robin, kind="support").latest("introduced_no")
        replaced(robin, drums, no, text=f"Drums {no}.", details={})
    assert [len(queries(who, path)) for who, path in pages] == before


def test_redacted_words_are_redacted_here_too() -> None:
    named = named_world.build()
    senco, robin = named.senco, named.robin
    make.acting_as(senco)
    subject = Statement.objects.get(learner=robin, kind="need")
    review = robin.reviews.get(state="open")
    setting_aside.set_aside(
        by=make.acting_as(senco),
        review_id=review.id,
        rule="evidence",
        subject_id=subject.id,
        reason=f"Seen again with {NAME}",
    )
    reviewed(robin, *TERMS[:2])
    replaced(robin, subject, 3, area=TALKING, level="mild", text=f"Again with {NAME}.")
    compare = f"/learners/{robin.id}/compare/?from=1&to=3"
    assert NAME in page(senco, compare)
    named_world.redact(named)
    make.acting_as(senco)
    assert NAME not in SetAside.objects.get().reason
    for person, address in [
        (senco, compare),
        (senco, f"/learners/{robin.id}/"),
        (senco, f"/reviews/{review.id}/sign-off/"),
        (named.parent, compare),
        (named.parent, f"/family/{robin.id}/"),
    ]:
        text = page(person, address)
        assert NAME not in text
        assert "redacted" in text, address
