"""A school becomes an academy: another setting, and nothing is lost or has to be done again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from apps.access import grants
from apps.access.models import Membership
from apps.common import clock
from apps.common.exceptions import Invalid
from apps.learners.actions import ALSO
from apps.learners.models import Enrolment, LearnerAccess, RecordHolder, TeachingGroup
from apps.register.models import RegisterEntry
from apps.reviews.actions.brought_over import bring_over
from apps.reviews.actions.entry import Evidence, put_on_register
from apps.reviews.actions.places import attend_also
from apps.reviews.models import Review
from apps.settings.models import SettingLink
from apps.transitions.actions import planning
from apps.transitions.actions.succession import succeed
from apps.transitions.models import Delivery, Transition
from tests import factories as make
from tests.support.database import as_owner

pytestmark = pytest.mark.django_db


@pytest.fixture
def area():
    return make.local_area()


@pytest.fixture
def old(area):
    return make.setting(area, name="Wren Park School")


@pytest.fixture
def new(area, old):
    made = make.setting(area, name="Wren Park Academy", opened_on=clock.today())
    SettingLink.objects.create(
        urn="900001",
        link_urn="900002",
        link_name=made.name,
        kind="successor",
        gias_type="Successor",
        setting=old,
        linked=made,
    )
    return made


@pytest.fixture
def senco(old):
    return make.staff("senco", old)


def listed(school, senco, **values):
    learner = make.learner(school, **values)
    put_on_register(
        by=make.acting_as(senco),
        learner=learner,
        setting=school,
        area="communication-and-interaction",
        level="mild",
        evidence=Evidence("Watches others", "class", clock.today(), "Mr Ray"),
    )
    with as_owner():  # as it was some time ago: what begins and ends on a day never held
        RecordHolder.objects.filter(learner=learner).update(
            starts_on=clock.today() - timedelta(days=60)
        )
        RegisterEntry.objects.filter(learner=learner).update(
            starts_on=clock.today() - timedelta(days=60)
        )
    return learner


def browser(person) -> Client:
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_everything_passes_on_one_day_and_the_senco_goes_on_as_before(old, new, senco) -> None:
    learner = listed(old, senco)
    make.learner(old)
    group = TeachingGroup.objects.create(setting=old, name="4W", year=2026)
    teacher = make.staff("teacher", old, group_ids=[group.id])
    assert succeed(by=grants.operator(), old=old, new=new) == 2
    today = clock.today()
    with as_owner():
        before, after = RecordHolder.objects.filter(learner=learner).order_by("starts_on")
        assert (before.setting, before.ends_on) == (old, today)
        assert (after.setting, after.starts_on, after.reason) == (new, today, "successor")
        assert Enrolment.objects.filter(setting=new, ends_on=None).count() == 2
        assert not Enrolment.objects.filter(setting=old, ends_on=None).exists()
        entry = RegisterEntry.objects.get(learner=learner, ends_on=None)
        assert (entry.setting, entry.highest_rank, entry.also_here) == (new, 1, False)
        review = Review.objects.get(learner=learner, state="open")
    group.refresh_from_db()
    assert group.setting == new
    roles = Membership.objects.filter(setting=new, ends_on=None)
    assert set(roles.values_list("user_id", flat=True)) == {senco.id, teacher.id}
    assert roles.get(user=teacher).group_ids == [group.id]
    theirs = browser(senco)
    for path in ("/register/", f"/learners/{learner.id}/", f"/reviews/{review.id}/"):
        assert theirs.get(path).status_code == 200
    assert b"Wren Park Academy" in theirs.get("/register/").content


def test_moves_in_and_out_go_on_to_the_successor(old, new, senco, area) -> None:
    going = listed(old, senco)
    secondary = make.setting(area)
    first_day = clock.today() + timedelta(days=90)
    planned = {"kind": "phase", "starts_on": first_day, "year_group": 7}
    out = planning.expect(by=make.acting_as(senco), learner=going, to_setting=secondary, **planned)
    nursery = make.setting(area)
    theirs = make.staff("senco", nursery)
    coming, unseen = listed(nursery, theirs), listed(nursery, theirs)
    by = make.acting_as(theirs)
    shared = planning.expect(by=by, learner=coming, to_setting=old, **planned)
    planning.share(by=by, transition_id=shared.id)
    named = planning.expect(by=by, learner=unseen, to_setting=old, **planned)
    succeed(by=grants.operator(), old=old, new=new)
    with as_owner():
        moves = {m.id: m for m in Transition.objects.all()}
        assert moves[out.id].from_setting == new
        assert {moves[shared.id].to_setting, moves[named.id].to_setting} == {new}
        assert not Delivery.objects.filter(receiver_id=old.id).exists()
        assert Delivery.objects.get(transition=out, work="pass").holder_id == new.id
    client = browser(senco)
    assert client.get(f"/moves/{shared.id}/").status_code == 200
    assert client.get(f"/moves/{named.id}/").status_code == 404


def test_what_the_old_setting_could_only_read_or_shares_with_another_passes_too(
    old, new, senco, area
) -> None:
    elsewhere = make.setting(area)
    theirs = make.staff("senco", elsewhere)
    shared = listed(elsewhere, theirs)
    attend_also(
        by=make.acting_as(theirs), learner=shared, setting=old, kind="subsidiary", year_group=4
    )
    at_both = listed(old, senco)
    attend_also(
        by=make.acting_as(senco), learner=at_both, setting=new, kind="subsidiary", year_group=4
    )
    succeed(by=grants.operator(), old=old, new=new)
    with as_owner():
        rows = RegisterEntry.objects.filter(setting=new, ends_on=None)
        assert dict(rows.values_list("learner_id", "also_here")) == {
            shared.id: True,
            at_both.id: False,
        }
        kinds = Enrolment.objects.filter(setting=new, ends_on=None)
        assert dict(kinds.values_list("learner_id", "kind")) == {
            shared.id: "subsidiary",
            at_both.id: "main",
        }
        also = LearnerAccess.objects.filter(grantee_id=new.id, reason=ALSO, ends_on=None)
        assert list(also.values_list("learner_id", flat=True)) == [shared.id]
    assert browser(senco).get(f"/learners/{shared.id}/").status_code == 200


def test_whoever_waits_for_a_level_waits_at_the_successor(old, new, senco) -> None:
    learner = make.learner(old)
    bring_over(by=make.acting_as(senco), learner=learner, setting=old, brought_by="Sam Pool")
    succeed(by=grants.operator(), old=old, new=new)
    assert learner.display_name in browser(senco).get("/register/brought-over/").content.decode()
    with as_owner():
        assert RegisterEntry.objects.get(ends_on=None, setting=new).brought_over


def test_it_waits_for_the_opening_day(old, new) -> None:
    new.opened_on = clock.today() + timedelta(days=1)
    new.save()
    with pytest.raises(Invalid, match="opens on"):
        succeed(by=grants.operator(), old=old, new=new)


def test_an_administrator_is_shown_it_and_confirms(old, new, senco) -> None:
    old.status = "closed"  # as the national register says from that day
    old.save()
    client = browser(make.staff("administrator"))
    assert b"Wren Park School" in client.get("/organisations/").content
    page = f"/organisations/{old.id}/"
    assert b"Pass everything to Wren Park Academy" in client.get(page).content
    assert client.post(f"{page}succeed/").status_code == 302
    assert Membership.objects.get(user=senco, ends_on=None).setting == new
    assert b"people still have roles" not in client.get("/organisations/").content
