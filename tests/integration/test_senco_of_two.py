"""A SENCO of two schools: what she begins is of the school that keeps the record.

Whichever of the two her pages work for at the moment.
"""

from __future__ import annotations

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.common import clock
from apps.common.exceptions import Refused
from apps.learners.models import Learner, RecordHolder
from apps.reviews.actions import entry, noticing, places
from apps.reviews.models import Noticing, Review
from apps.settings.models import Setting
from tests import factories as make
from tests.support import records
from tests.support.database import as_owner
from tests.support.sight import browser

pytestmark = pytest.mark.django_db

ENTRY = {"area": "cognition-and-learning", "level": "mild", "what": "Needs words taught first"}


class Two:
    """Her pages work for Ash; Robin is at Birch, and attends Ash too."""

    def __init__(self) -> None:
        self.ash, self.birch = make.setting(), make.setting()
        self.senco = make.staff("senco", self.ash)
        with as_owner():
            self.senco.memberships.create(role="senco", setting=self.birch, starts_on=make.LONG_AGO)
        self.robin = make.learner(self.birch)
        places.attend_also(
            by=make.acting_as(self.senco),
            learner=self.robin,
            setting=self.ash,
            kind="subsidiary",
            year_group=4,
        )

    def pages(self) -> Client:
        """Her browser, working for Ash."""
        client = browser(self.senco)
        client.post("/organisation/", {"organisation": self.ash.id})
        assert self.ash.name in client.get("/reviews/").content.decode()
        return client

    def holders(self) -> list[Setting | None]:
        with as_owner():
            return [h.setting for h in RecordHolder.objects.filter(learner=self.robin)]


@pytest.fixture
def two() -> Two:
    return Two()


def put_on_register(by: User, learner: Learner, setting: Setting) -> Review:
    return entry.put_on_register(
        by=make.acting_as(by),
        learner=learner,
        setting=setting,
        area="cognition-and-learning",
        level="mild",
        evidence=entry.Evidence("Needs words taught first", "class", clock.today(), "Mr Ray"),
    )


class TestTheRegister:
    def test_a_noticing_ends_on_the_register_of_the_school_where_it_was_made(
        self, two: Two
    ) -> None:
        teacher = make.staff("teacher", two.birch, whole_setting=True)
        found = noticing.notice(
            by=make.acting_as(teacher), learner=two.robin, seen="Waits", family_knows="yes"
        )
        client = two.pages()
        assert client.get(f"/noticing/{found.id}/").status_code == 200
        client.post(f"/learners/{two.robin.id}/entry/", ENTRY)
        assert two.holders() == [two.birch]
        with as_owner():
            assert Noticing.objects.get().state == "entry"
            entries = two.robin.entries.order_by("also_here").values_list("setting", "also_here")
            assert list(entries) == [(two.birch.id, False), (two.ash.id, True)]

    def test_another_school_than_the_one_of_the_main_enrolment_is_refused(self, two: Two) -> None:
        with pytest.raises(Refused, match="holds this record"):
            put_on_register(two.senco, two.robin, two.ash)
        assert two.holders() == []


class TestAnInterimReview:
    def test_is_opened_where_the_record_is_kept(self, two: Two) -> None:
        records.signed_briefly(two.senco, two.robin, two.birch)
        two.pages().post(f"/learners/{two.robin.id}/interim/")
        with as_owner():
            assert Review.objects.get(state="open").setting == two.birch

    def test_and_nowhere_else(self, two: Two) -> None:
        records.signed_briefly(two.senco, two.robin, two.birch)
        with pytest.raises(Refused, match="holds this record"):
            entry.open_interim(by=make.acting_as(two.senco), learner=two.robin, setting=two.ash)


class TestASystemOfBoth:
    """A connected system that was granted two settings."""

    def test_names_no_setting_or_the_one_that_keeps_the_record(self, two: Two) -> None:
        _, token = make.api_client(two.ash, two.birch)
        body = {"learner": str(two.robin.id), "area": ENTRY["area"], "level": ENTRY["level"]}
        body["evidence"] = {"what": "Waits", "where": "class", "by": "Mr Ray"}
        body["evidence"]["when"] = str(clock.today())

        def send(path: str, **named: str) -> int:
            return (
                Client()
                .post(
                    f"/api/v1/{path}/",
                    {**body, **named},
                    content_type="application/json",
                    headers={"Authorization": token},
                )
                .status_code
            )

        assert send("register", setting=str(two.ash.id)) == 403
        assert send("register") == 201
        assert two.holders() == [two.birch]
        with as_owner():
            Review.objects.filter(state="open").update(state="lapsed")
        assert send("reviews", setting=str(two.ash.id)) == 403
        assert send("reviews", setting=str(two.birch.id)) == 201
