"""A learner has three local areas: of the home, of the setting, of who looks after them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from apps.accounts.models import User
from apps.audit.models import AccessEntry
from apps.common.exceptions import NotVisible, Refused
from apps.learners import actions, areas, policy
from apps.learners.models import Learner
from apps.reviews.actions import places
from apps.settings.models import LocalArea
from tests import factories as make
from tests.support.database import as_owner
from tests.support.sight import browser, sees

pytestmark = pytest.mark.django_db


@pytest.fixture
def robin(world: dict[str, Any]) -> Learner:
    return Learner.objects.get(pk=world["kwargs"]["learner_id"])


@pytest.fixture
def authority(world: dict[str, Any], robin: Learner) -> LocalArea:
    authority = make.local_area(name="Eastmere")
    by = make.acting_as(world["people"]["senco"])
    areas.note_looked_after(by=by, learner=robin, authority=authority)
    return authority


def officers(*places: LocalArea) -> list[User]:
    return [make.staff("officer", place) for place in places]


@pytest.mark.parametrize("role", ["virtual-head", "social-worker"])
def test_the_authoritys_team_reads_wherever_the_learner_is_placed(
    world: dict[str, Any], authority: LocalArea, robin: Learner, role: str
) -> None:
    person = make.staff(role, authority)
    page = browser(person).get("/looked-after/").content.decode()
    assert robin.known_family in page and f"in {world['area']}" in page
    assert browser(person).get(f"/learners/{robin.id}/").status_code == 200
    with as_owner():
        entry = AccessEntry.objects.filter(actor_id=person.id).latest("id")
        assert entry.role == person.memberships.get().get_role_display()
        assert entry.organisation_name == "Eastmere"


def test_reading_is_all_they_may(authority: LocalArea, robin: Learner) -> None:
    by = make.acting_as(make.staff("virtual-head", authority))
    with pytest.raises(Refused):
        policy.check_can_contribute(by, robin.id)


def test_the_authoritys_officer_gains_nothing_and_the_areas_team_neither(
    world: dict[str, Any], authority: LocalArea, robin: Learner
) -> None:
    assert not sees(make.staff("officer", authority), robin)
    assert not sees(make.staff("virtual-head", world["area"]), robin)


def test_a_child_who_is_looked_after_no_more_is_theirs_no_more(
    world: dict[str, Any], authority: LocalArea, robin: Learner
) -> None:
    head = make.staff("virtual-head", authority)
    assert sees(head, robin)
    by = make.acting_as(world["people"]["senco"])
    areas.note_looked_after(by=by, learner=robin, authority=None)
    assert not sees(head, robin)


def test_another_authority_takes_over_at_once(
    world: dict[str, Any], authority: LocalArea, robin: Learner
) -> None:
    other = make.local_area()
    before, after = make.staff("virtual-head", authority), make.staff("virtual-head", other)
    sent = {"authority": str(other.id)}
    page = browser(world["people"]["senco"]).post(f"/learners/{robin.id}/looked-after/", sent)
    assert page.status_code == 302
    assert (sees(before, robin), sees(after, robin)) == (False, True)


def test_it_follows_an_import_and_the_record_to_another_setting(
    world: dict[str, Any], authority: LocalArea, robin: Learner
) -> None:
    other = make.local_area()
    by = make.acting_as(world["people"]["senco"])
    actions.update_learner(by=by, learner=robin, values={"looked_after_by_id": other.id})
    head = make.staff("virtual-head", other)
    assert sees(head, robin)
    assert not sees(make.staff("virtual-head", authority), robin)
    by = make.acting_as(world["people"]["senco"])
    places.leave_without_place(by=by, learner=robin, local_area=world["area"], why="missing")
    assert sees(head, robin)
    assert "No setting now" in browser(head).get("/looked-after/").content.decode()


def test_a_learner_who_is_added_as_looked_after_is_the_teams_from_the_start(
    world: dict[str, Any],
) -> None:
    authority = make.local_area()
    learner = actions.add_learner(
        by=make.acting_as(world["people"]["senco"]),
        setting=world["school"],
        values={
            "legal_given": "Mina",
            "legal_family": "Sorrel",
            "known_given": "Mina",
            "known_family": "Sorrel",
            "date_of_birth": make.LONG_AGO.replace(year=2016),
            "looked_after_by_id": authority.id,
        },
        year_group=4,
        starts_on=make.LONG_AGO,
    )
    assert sees(make.staff("social-worker", authority), learner)


def test_only_whoever_keeps_the_record_says_so(world: dict[str, Any], robin: Learner) -> None:
    authority = make.local_area()
    for who, refusal in {
        "head": Refused,
        "teacher": Refused,
        "officer": Refused,
        "parent": Refused,
        "neighbour": NotVisible,
    }.items():
        with pytest.raises(refusal), transaction.atomic():
            by = make.acting_as(world["people"][who])
            areas.note_looked_after(by=by, learner=robin, authority=authority)


def test_a_form_with_no_such_area_says_so(world: dict[str, Any], robin: Learner) -> None:
    page = browser(world["people"]["senco"]).post(
        f"/learners/{robin.id}/looked-after/", {"authority": str(robin.id)}
    )
    assert "Choose a local area from the list." in page.content.decode()
    with as_owner():
        assert Learner.objects.get(pk=robin.pk).looked_after_by is None


class TestAcrossBorders:
    """A learner who lives in one area, learns in another and is looked after by a third."""

    @pytest.fixture
    def home(self, world: dict[str, Any], robin: Learner, authority: LocalArea) -> LocalArea:
        home = make.local_area(name="Westholm")
        by = make.acting_as(world["people"]["senco"])
        actions.update_learner(by=by, learner=robin, values={"home_area": home})
        return home

    def test_both_areas_officers_see_and_nobody_third(
        self, world: dict[str, Any], home: LocalArea, authority: LocalArea, robin: Learner
    ) -> None:
        third = make.local_area()
        people = officers(home, world["area"], authority, third)
        assert [sees(p, robin) for p in people] == [True, True, False, False]

    def test_the_home_area_finds_the_list_line_reviews_and_moves(
        self, home: LocalArea, world: dict[str, Any], robin: Learner
    ) -> None:
        client = browser(officers(home)[0])
        line = client.get("/area/residents/").content.decode()
        assert robin.known_family in line and f"in {world['area']}" in line
        assert robin.known_family in client.get("/area/moves/").content.decode()
        opened = client.post(f"/learners/{robin.id}/", {"purpose": "move"}).content.decode()
        assert "Reviews and moves" in opened
        assert f"Lives in Westholm. Learns in {world['area']}. Looked after by Eastmere." in opened

    def test_the_settings_area_sees_which_area_is_which(
        self, home: LocalArea, world: dict[str, Any], robin: Learner
    ) -> None:
        client = browser(world["people"]["officer"])
        register = client.get(f"/area/settings/{world['school'].id}/").content.decode()
        assert "Lives in Westholm" in register and "Looked after by Eastmere" in register
        assert robin.known_family not in client.get("/area/residents/").content.decode()

    def test_when_the_family_moves_house_the_area_before_sees_nothing_more(
        self, home: LocalArea, world: dict[str, Any], robin: Learner
    ) -> None:
        new = make.local_area()
        before, after = officers(home, new)
        by = make.acting_as(world["people"]["senco"])
        actions.update_learner(by=by, learner=robin, values={"home_area": new})
        assert (sees(before, robin), sees(after, robin)) == (False, True)

    def test_the_home_area_finds_whose_record_another_area_holds(
        self, home: LocalArea, world: dict[str, Any], robin: Learner
    ) -> None:
        by = make.acting_as(world["people"]["senco"])
        places.leave_without_place(by=by, learner=robin, local_area=world["area"], why="missing")
        line = browser(officers(home)[0]).get("/area/residents/").content.decode()
        assert f"No setting; {world['area']} holds the record" in line

    def test_when_the_home_area_holds_the_settings_area_sees_nothing_more(
        self, home: LocalArea, world: dict[str, Any], robin: Learner
    ) -> None:
        by = make.acting_as(world["people"]["senco"])
        places.leave_without_place(by=by, learner=robin, local_area=home, why="home")
        assert not sees(world["people"]["officer"], robin)
        assert sees(officers(home)[0], robin)
