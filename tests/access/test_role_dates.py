"""Roles with dates, two roles at two settings, and what a connected system may: both walls."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from apps.access import actions as access
from apps.access import grants, rls
from apps.access.grants import Actor
from apps.access.models import ApiClient, ApiClientGrant, Membership
from apps.access.roles import ROLES, SCOPES
from apps.audit.models import AccessEntry
from apps.common import clock
from apps.common.exceptions import Invalid, NotVisible, Refused
from apps.common.models import ClockShift
from apps.learners import areas, policy
from apps.learners.models import Learner
from apps.settings.models import LocalArea, Setting, SettingGroup
from tests import factories as make
from tests.support.database import as_owner
from tests.support.sight import browser, sees

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def robin(world: dict[str, Any]) -> Learner:
    return Learner.objects.get(pk=world["kwargs"]["learner_id"])


@pytest.mark.parametrize("role", ["senco", "assistant-senco"])
@pytest.mark.parametrize(
    ("starts", "ends", "holds"),
    [(-9, 1, True), (0, 1, True), (-9, 0, False), (1, 9, False), (-9, -1, False)],
    ids=["last day", "only day", "ended yesterday", "begins tomorrow", "ended before"],
)
def test_a_role_counts_from_its_first_day_to_its_last(
    world: dict[str, Any], robin: Learner, role: str, starts: int, ends: int, holds: bool
) -> None:
    today = clock.today()
    acting = make.staff(
        role, world["school"], starts_on=today + starts * DAY, ends_on=today + ends * DAY
    )
    assert sees(acting, robin) == holds
    if holds:
        policy.check_can_hold(make.acting_as(acting), robin.id)


def test_the_demos_clock_counts_for_roles_and_for_what_was_opened(
    world: dict[str, Any], robin: Learner
) -> None:
    lead = make.staff("trust-lead", world["trust"])
    coming = make.staff("senco", world["school"], starts_on=clock.today() + 9 * DAY)
    assert (sees(lead, robin), sees(coming, robin)) == (True, False)
    with as_owner():
        ClockShift.objects.create(days=-1)  # before the records were opened
    assert not sees(lead, robin)
    with as_owner():
        ClockShift.objects.update(days=9)
    assert (sees(lead, robin), sees(coming, robin)) == (True, True)


def test_two_roles_at_two_settings_give_each_its_own(world: dict[str, Any], robin: Learner) -> None:
    other = world["other"]
    there = make.learner(other)
    both = make.staff("head", world["school"])
    Membership.objects.create(
        user=both, role="senco", setting=other, starts_on=make.LONG_AGO, ends_on=None
    )
    assert sees(both, robin) and sees(both, there)
    by = make.acting_as(both)
    policy.check_can_hold(by, there.id)
    with pytest.raises(Refused):
        policy.check_can_hold(by, robin.id)
    browser(both).get(f"/learners/{robin.id}/")
    with as_owner():
        entry = AccessEntry.objects.filter(actor_id=both.id).latest("id")
        assert (entry.role, entry.organisation_name) == ("Head", str(world["school"]))


def test_of_two_roles_in_one_area_the_log_has_the_one_that_lets_them(
    world: dict[str, Any], robin: Learner
) -> None:
    by = make.acting_as(world["people"]["senco"])
    areas.note_looked_after(by=by, learner=robin, authority=world["area"])
    both = make.staff("officer", world["area"])
    Membership.objects.create(
        user=both, role="virtual-head", local_area=world["area"], starts_on=make.LONG_AGO
    )
    assert browser(both).get(f"/learners/{robin.id}/").status_code == 200
    with as_owner():
        entry = AccessEntry.objects.filter(actor_id=both.id, kind="opened").latest("id")
        assert entry.role == "Virtual school head"


@pytest.mark.parametrize("code", ROLES)
def test_the_database_holds_each_role_where_it_is_held_and_nowhere_else(
    world: dict[str, Any], code: str
) -> None:
    places: dict[str, Setting | SettingGroup | LocalArea | None] = {
        "setting": world["school"],
        "setting_group": world["trust"],
        "local_area": world["area"],
        "service": None,
    }
    for kind, place in places.items():
        if kind == ROLES[code].held_at:
            make.staff(code, place)
            continue
        with pytest.raises(IntegrityError), transaction.atomic():
            make.staff(code, place)


@pytest.mark.parametrize("code", [r.code for r in ROLES.values() if r.held_at != "setting"])
def test_an_administrator_gives_every_role_of_an_area_a_trust_and_the_service(
    world: dict[str, Any], code: str
) -> None:
    page = {
        "setting_group": f"/organisations/groups/{world['trust'].id}/",
        "local_area": f"/organisations/areas/{world['area'].id}/",
        "service": "/organisations/service/",
    }[ROLES[code].held_at]
    client = browser(world["people"]["administrator"])
    sent = {"name": "New", "email": "new@elsewhere.test", "role": code}
    given = client.post(page, sent)
    if given.status_code == 302:  # who signed in a while ago shows who they are again
        given = client.post(given["Location"], {"password": make.PASSWORD})
    invitation = access.Invitation.objects.get(email="new@elsewhere.test")
    person = make.user()
    access.accept_staff(invitation=invitation, user=person)
    assert [p.role.code for p in make.acting_as(person).places] == [code]
    assert "New" in given.content.decode()
    ended = client.post(f"/people/{person.memberships.get().id}/end/")
    assert ended["Location"] == page
    assert make.acting_as(person).places == ()


def test_nobody_else_gives_a_role_of_an_area_or_a_trust(world: dict[str, Any]) -> None:
    for who in ("senco", "head", "officer"):
        by = make.acting_as(world["people"][who])
        for values in (
            {"role": "virtual-head", "local_area": world["area"]},
            {"role": "trust-lead", "setting_group": world["trust"]},
            {"role": "institute-editor"},
        ):
            with pytest.raises((Refused, NotVisible)):
                access.invite_staff(by=by, email="x@example.test", name="X", **values)
    admin = make.acting_as(world["people"]["administrator"])
    with pytest.raises(Invalid, match="where the role is held"):
        access.invite_staff(
            by=admin, email="x@example.test", name="X", role="trust-lead", local_area=world["area"]
        )


class TestConnectedSystems:
    def client(self, *places: Setting | LocalArea, scopes: list[str]) -> tuple[Actor, Client]:
        actor, token = make.api_client(*places, scopes=scopes)
        return actor, Client(headers={"Authorization": token, "Purpose": "move"})

    @pytest.mark.parametrize("scope", SCOPES)
    @pytest.mark.parametrize("at", ["school", "area"])
    def test_each_scope_reads_what_it_names_and_no_more(
        self, world: dict[str, Any], robin: Learner, scope: str, at: str
    ) -> None:
        _, client = self.client(world[at], scopes=[scope])
        move = world["kwargs"]["transition_id"]
        answers = {
            "learners:read": client.get(reverse("api-learner", args=[robin.id])),
            "records:read": client.get(reverse("api-record", args=[robin.id])),
            "transitions:read": client.get(reverse("api-transition", args=[move])),
        }
        found = {name: answer.status_code for name, answer in answers.items()}
        assert found == {name: 200 if name == scope else 403 for name in answers}

    @pytest.mark.parametrize("scope", [s for s in SCOPES if s.endswith(":write")])
    def test_an_areas_system_writes_nothing_of_a_learner_whom_a_school_keeps(
        self, world: dict[str, Any], robin: Learner, scope: str
    ) -> None:
        actor, _ = self.client(world["area"], scopes=[scope])
        with pytest.raises(Refused):
            policy.check_can_hold(acting(actor), robin.id)

    def test_the_authority_that_looks_after_a_learner_connects_no_system_to_them(
        self, world: dict[str, Any], robin: Learner
    ) -> None:
        authority = make.local_area()
        by = make.acting_as(world["people"]["senco"])
        areas.note_looked_after(by=by, learner=robin, authority=authority)
        actor, client = self.client(authority, scopes=list(SCOPES))
        assert not sees(acting(actor), robin)
        assert client.get(reverse("api-learner", args=[robin.id])).status_code == 404

    @pytest.mark.parametrize(
        ("starts", "ends"), [(-9, 0), (1, None)], ids=["ended", "begins tomorrow"]
    )
    def test_a_grant_that_does_not_run_gives_nothing(
        self, world: dict[str, Any], robin: Learner, starts: int, ends: int | None
    ) -> None:
        actor, client = self.client(world["school"], scopes=list(SCOPES))
        assert sees(acting(actor), robin)
        today = clock.today()
        ApiClientGrant.objects.filter(client__id=actor.user_id).update(
            starts_on=today + starts * DAY, ends_on=today + ends * DAY if ends is not None else None
        )
        application = ApiClient.objects.get(pk=actor.user_id).application_id
        again = grants.client(application, list(SCOPES), clock_may_shift=True)
        assert not sees(acting(again), robin)
        assert client.get(reverse("api-learner", args=[robin.id])).status_code == 404

    def test_a_neighbouring_schools_system_sees_nothing(
        self, world: dict[str, Any], robin: Learner
    ) -> None:
        actor, _ = self.client(world["other"], scopes=list(SCOPES))
        assert not sees(acting(actor), robin)


def acting(actor: Actor) -> Actor:
    """The database is told that this actor asks."""

    rls.set_context(actor)
    return actor
