"""What people said can be read as far back as it goes; a review has all that was said for it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from apps.audit.models import AccessEntry
from apps.common import clock
from apps.learners import selectors as learners
from apps.reviews import selectors
from apps.reviews.actions import voices
from apps.reviews.models import Contribution, Review
from apps.reviews.workspace import workspace
from tests import factories as make
from tests.support import records
from tests.support.database import as_owner

pytestmark = pytest.mark.django_db

YEARS_OF_IT = 120


class Case:
    """A learner of whom much was said, by their teacher and by one parent."""

    def __init__(self) -> None:
        self.school = make.setting()
        self.senco = make.staff("senco", self.school)
        self.robin = make.learner(self.school)
        self.parent = make.parent(self.robin)
        records.listed(self.senco, self.robin, self.school)
        self.review = Review.objects.get(learner=self.robin, state="open")

    def say(self, number: int, **values: object) -> None:
        """So many things are said, an hour apart: the last one an hour ago."""
        with as_owner():
            Contribution.objects.bulk_create(
                Contribution(
                    learner=self.robin,
                    author_name="Mr Ray",
                    going_well=f"Said {n}.",
                    **{
                        "said_at": clock.now() - timedelta(hours=number - n),
                        "voice": "teacher",
                        **values,
                    },
                )
                for n in range(number)
            )

    def read(self, person, address: str) -> list[int]:
        """What stands on this page and on those after it, in their order."""
        client = Client()
        client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        found: list[int] = []
        path = address
        while path:
            page = client.get(path).content.decode()
            found += [int(n) for n in re.findall(r"Said (\d+)\.", page)]
            more = re.search(r'href="(\?after=[^"]+)" rel="next"', page)
            path = f"{address}{more[1]}" if more else ""
        return found


@pytest.fixture
def case() -> Case:
    return Case()


def test_all_of_it_is_on_pages_of_their_own_newest_first(case: Case) -> None:
    case.say(YEARS_OF_IT)
    every = list(reversed(range(YEARS_OF_IT)))
    for person, own in ((case.senco, "learners"), (case.parent, "family")):
        assert case.read(person, f"/{own}/{case.robin.id}/") == every[: selectors.NEWEST]
        assert case.read(person, f"/learners/{case.robin.id}/voices/") == every
    client = Client()
    client.force_login(case.parent, backend="allauth.account.auth_backends.AuthenticationBackend")
    address = f"/learners/{case.robin.id}/voices/"
    assert f'href="{address}"' in client.get(f"/family/{case.robin.id}/").content.decode()
    with as_owner():
        assert AccessEntry.objects.filter(what="voices", role="Family").exists()


def test_what_was_said_in_the_same_moment_is_not_lost_between_pages(case: Case) -> None:
    case.say(YEARS_OF_IT, said_at=clock.now())
    found = case.read(case.senco, f"/learners/{case.robin.id}/voices/")
    assert sorted(found) == list(range(YEARS_OF_IT))


def test_a_family_reads_there_what_it_may_read_and_no_more(case: Case) -> None:
    case.say(YEARS_OF_IT, not_my_parents=True, voice="learner")
    voices.contribute(by=make.acting_as(case.parent), learner=case.robin, harder="Said 500.")
    assert case.read(case.parent, f"/learners/{case.robin.id}/voices/") == [500]
    assert len(case.read(case.senco, f"/learners/{case.robin.id}/voices/")) == YEARS_OF_IT + 1


def test_an_odd_place_to_go_on_after_is_the_first_page(case: Case) -> None:
    case.say(3)
    for after in ("x", str(case.robin.id)):
        address = f"/learners/{case.robin.id}/voices/?after={after}"
        assert case.read(case.senco, address) == [2, 1, 0]


def test_a_review_has_all_that_was_said_for_it(case: Case) -> None:
    case.say(30, review=case.review)
    case.say(30)
    seen = learners.sight(make.acting_as(case.senco), case.robin.id)
    views = workspace(make.acting_as(case.senco), seen, case.review).views
    assert len(views) == 30
    assert {c.review_id for c in views} == {case.review.id}


def test_what_was_said_long_ago_is_there_to_be_redacted(case: Case) -> None:
    case.say(YEARS_OF_IT)
    with as_owner():
        first = Contribution.objects.get(going_well="Said 0.")
    address = f"/learners/{case.robin.id}/redact/?of={first.id}"
    assert case.read(case.senco, address) == [0]
