"""Lives that do not fit: a second setting, a plan without a need, leaving with nowhere to go."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from apps.access import actions as access
from apps.access import rls
from apps.common import clock
from apps.learners import joining
from apps.learners.actions import HOLDER
from apps.learners.models import (
    CensusCode,
    EHCPlan,
    Enrolment,
    FamilyMember,
    Learner,
    LearnerAccess,
    RecordHolder,
)
from apps.notifications.models import Notification
from apps.register.models import RegisterEntry
from apps.reviews.actions import places as attending
from apps.reviews.actions.entry import Evidence, put_on_register
from apps.reviews.models import Review
from tests import factories as make
from tests.support.database import as_owner
from tests.support.records import passes

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return make.setting(name="Wren Park")


@pytest.fixture
def senco(school):
    return make.staff("senco", school)


def browser(person) -> Client:
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def listed(school, senco) -> Learner:
    learner = make.learner(school)
    put_on_register(
        by=make.acting_as(senco),
        learner=learner,
        setting=school,
        area="communication-and-interaction",
        level="mild",
        evidence=Evidence("Watches others", "class", clock.today(), "Mr Ray"),
    )
    return learner


def places(learner, step: str = "") -> str:
    return f"/learners/{learner.id}/places/" + (f"{step}/" if step else "")


def on_registers(learner) -> dict[str, bool]:
    with as_owner():
        rows = RegisterEntry.objects.filter(learner=learner, ends_on=None)
        return {str(e.setting or e.local_area): e.also_here for e in rows}


class TestASecondSetting:
    def test_as_subsidiary_lists_reads_and_contributes_but_does_not_sign(self, school, senco):
        learner = listed(school, senco)
        other = make.setting(name="The Base")
        theirs = browser(make.staff("senco", other))
        assert theirs.get(f"/learners/{learner.id}/").status_code == 404
        sent = {"setting": "The Base", "kind": "subsidiary"}
        assert browser(senco).post(places(learner, "also"), sent).status_code == 302
        assert on_registers(learner) == {"Wren Park": False, "The Base": True}
        assert theirs.get(f"/learners/{learner.id}/").status_code == 200
        assert b"Also here" in theirs.get("/register/").content
        assert theirs.get(reverse("profile", args=[learner.id])).status_code == 200
        with as_owner():
            first = Review.objects.get(learner=learner, state="open")
        assert theirs.get(f"/reviews/{first.id}/").status_code == 403

    def test_as_guest_reads_and_is_on_no_register(self, school, senco):
        learner = listed(school, senco)
        make.setting(name="The Base")
        browser(senco).post(places(learner, "also"), {"setting": "The Base", "kind": "guest"})
        assert on_registers(learner) == {"Wren Park": False}

    def test_ends_at_once(self, school, senco):
        learner = listed(school, senco)
        other = make.setting(name="The Base")
        theirs = browser(make.staff("senco", other))
        desk = browser(senco)
        desk.post(places(learner, "also"), {"setting": "The Base", "kind": "subsidiary"})
        with as_owner():
            enrolment = Enrolment.objects.get(setting=other)
        desk.post(places(learner, "no-more"), {"enrolment": enrolment.id})
        assert theirs.get(f"/learners/{learner.id}/").status_code == 404
        assert on_registers(learner) == {"Wren Park": False}

    def test_that_is_closed_or_unknown_is_refused_and_what_was_typed_stays(self, school, senco):
        learner = listed(school, senco)
        page = browser(senco).post(
            places(learner, "also"), {"setting": "Nowhere", "kind": "subsidiary"}
        )
        assert page.status_code == 200
        assert b"No open setting has that name or URN." in page.content
        assert b'value="Nowhere"' in page.content


class TestASecondSettingThatBecameTheMainOne:
    def test_sees_nothing_newer_once_the_learner_has_moved_on(self, school, senco):
        learner = listed(school, senco)
        special = make.setting(school.local_area, name="The Base")
        theirs = make.staff("senco", special)
        desk = browser(senco)
        desk.post(places(learner, "also"), {"setting": "The Base", "kind": "subsidiary"})
        passes(learner, school, special)
        with as_owner():
            reasons = LearnerAccess.objects.filter(grantee_id=special.id, ends_on=None)
            assert list(reasons.values_list("reason", flat=True)) == [HOLDER]
        passes(learner, special, make.setting(school.local_area, name="Secondary"))
        assert browser(theirs).get(f"/learners/{learner.id}/").status_code == 404


class TestAPlan:
    def test_puts_on_the_register_without_a_need_and_a_first_review_opens(self, school, senco):
        learner = make.learner(school)
        since = clock.today() - timedelta(days=30)
        sent = {
            "plan_area": school.local_area_id,
            "starts_on_0": since.day,
            "starts_on_1": since.month,
            "starts_on_2": since.year,
        }
        assert browser(senco).post(places(learner, "plan"), sent).status_code == 302
        assert on_registers(learner) == {"Wren Park": False}
        with as_owner():
            assert Review.objects.get(learner=learner).kind == "first"
            assert RegisterEntry.objects.get(learner=learner).has_plan

    def test_that_ends_takes_nobody_off_while_a_need_is_in_force(self, school, senco):
        learner = listed(school, senco)
        self.test_puts_on_the_register_without_a_need_and_a_first_review_opens(school, senco)
        desk = browser(senco)
        with as_owner():
            only_a_plan = EHCPlan.objects.get().learner
            EHCPlan.objects.create(
                learner=learner, local_area=school.local_area, starts_on=clock.today()
            )
        for child in (learner, only_a_plan):
            desk.post(places(child, "plan-ended"))
        assert on_registers(learner) == {"Wren Park": False}
        assert on_registers(only_a_plan) == {}

    def test_in_the_future_is_refused(self, school, senco):
        learner = listed(school, senco)
        later = clock.today() + timedelta(days=10)
        sent = {
            "plan_area": school.local_area_id,
            "starts_on_0": later.day,
            "starts_on_1": later.month,
            "starts_on_2": later.year,
        }
        page = browser(senco).post(places(learner, "plan"), sent)
        assert b"Enter today or earlier." in page.content


class TestLeavingWithNowhereToGo:
    def test_passes_the_record_to_the_area_whose_team_is_told(self, school, senco):
        learner = listed(school, senco)
        officer = make.staff("officer", school.local_area)
        sent = {"why": "home", "home_area": school.local_area_id}
        assert browser(senco).post(places(learner, "leave"), sent).status_code == 302
        assert on_registers(learner) == {str(school.local_area): False}
        with as_owner():
            held = RecordHolder.objects.get(learner=learner, ends_on=None)
            assert held.local_area_id == school.local_area_id
            assert Review.objects.get(learner=learner, kind="first").state == "lapsed"
            told = Notification.objects.get(recipient_id=school.local_area_id)
            assert "Educated at home" in told.text
            assert Enrolment.objects.get(learner=learner).leaving_reason == "Educated at home"
        assert browser(officer).get(f"/learners/{learner.id}/").status_code == 200
        theirs = browser(senco)
        assert theirs.get(f"/learners/{learner.id}/").status_code == 404
        assert theirs.get(places(learner)).status_code == 404

    def test_needs_a_reason(self, school, senco):
        learner = listed(school, senco)
        page = browser(senco).post(places(learner, "leave"), {"home_area": school.local_area_id})
        assert page.status_code == 200
        assert on_registers(learner) == {"Wren Park": False}


def test_a_census_code_is_noted_and_puts_nobody_on_the_register(school, senco) -> None:
    learner = make.learner(school)
    browser(senco).post(places(learner, "code"), {"code": "K", "needs": "slcn, ASD"})
    with as_owner():
        assert CensusCode.objects.get().need_types == ["SLCN", "ASD"]
    assert on_registers(learner) == {}


class TestWhereTheAreaHoldsTheRecord:
    """Educated at home or otherwise than at school: what a SENCO can do, the area's officer can."""

    @pytest.fixture
    def learner(self, school, senco) -> Learner:
        robin = listed(school, senco)
        attending.leave_without_place(
            by=make.acting_as(senco), learner=robin, local_area=school.local_area, why="eotas"
        )
        return robin

    @pytest.fixture
    def desk(self, school, learner) -> Client:
        return browser(make.staff("officer", school.local_area))

    def test_a_provider_is_added_and_ends(self, desk, learner):
        base = make.setting(name="The Base")
        theirs = browser(make.staff("senco", base))
        assert b"Add a second setting" in desk.get(places(learner)).content
        sent = {"setting": "The Base", "kind": "subsidiary"}
        assert desk.post(places(learner, "also"), sent).status_code == 302
        assert theirs.get(f"/learners/{learner.id}/").status_code == 200
        with as_owner():
            enrolment = Enrolment.objects.get(setting=base)
        assert enrolment.year_group == 4  # by age, where no setting says another
        assert desk.post(places(learner, "no-more"), {"enrolment": enrolment.id}).status_code == 302
        assert theirs.get(f"/learners/{learner.id}/").status_code == 404

    def test_a_plan_is_noted_and_ends(self, desk, learner, school):
        day = clock.today()
        since = {"starts_on_0": day.day, "starts_on_1": day.month, "starts_on_2": day.year}
        sent = {"plan_area": school.local_area_id, **since}
        assert desk.post(places(learner, "plan"), sent).status_code == 302
        with as_owner():
            assert RegisterEntry.objects.get(learner=learner, ends_on=None).has_plan
            assert RecordHolder.objects.get(learner=learner, ends_on=None).local_area
        assert b"The plan ends today" in desk.get(places(learner)).content
        assert desk.post(places(learner, "plan-ended")).status_code == 302
        assert on_registers(learner) == {str(school.local_area): False}

    def test_what_only_a_setting_says_is_not_there(self, desk, learner):
        page = desk.get(places(learner)).content
        for step in ("code", "leave"):
            assert places(learner, step).encode() not in page
            assert desk.post(places(learner, step)).status_code == 404

    def test_an_interim_review_is_opened_written_and_signed_off(self, desk, learner, school):
        assert b"Open an interim review" in desk.get(f"/learners/{learner.id}/").content
        opened = desk.post(f"/learners/{learner.id}/interim/")
        with as_owner():
            review = Review.objects.select_related("entry", "local_area").get(
                learner=learner, state="open"
            )
        assert opened.headers["Location"] == f"/reviews/{review.id}/"
        assert (review.kind, review.setting, review.local_area) == (
            "interim",
            None,
            school.local_area,
        )
        assert review.entry.local_area_id == school.local_area_id
        for page in ("", "views/", "add/strength/", "sign-off/"):
            assert desk.get(f"/reviews/{review.id}/{page}").status_code == 200
        desk.post(f"/reviews/{review.id}/universal/")
        with as_owner():
            review.refresh_from_db()
        sent = {"version": review.version, "spoke": "A conversation is offered"}
        desk.post(f"/reviews/{review.id}/sign-off/", sent)
        with as_owner():
            review.refresh_from_db()
        assert review.state == "signed off"

    def test_the_family_is_invited_and_reads_the_record(self, desk, learner):
        page = f"/learners/{learner.id}/family/"
        assert page.encode() in desk.get(f"/learners/{learner.id}/").content
        adult = {
            "name": "Alex Exampleson",
            "relation": "mother",
            "email": "alex@example.test",
            "basis": "Known to us",
        }
        code = desk.post(page, adult).context["code"]
        alex = make.user("Alex Exampleson")
        rls.clear_context()
        with transaction.atomic():
            invitation = access.find_invitation(code=code, email="alex@example.test")
            joining.accept(invitation=invitation, user=alex)
        assert browser(alex).get(f"/family/{learner.id}/").status_code == 200
        assert b"Alex Exampleson" in desk.get(page).content

    def test_what_waits_of_a_family_is_on_the_officers_page(self, desk, learner, school):
        with as_owner():
            FamilyMember.objects.create(
                learner=learner,
                name="Alex Exampleson",
                relation="mother",
                order_kind=FamilyMember.Order.values[0],
                order_to=clock.today() + timedelta(days=3),
            )
            born = clock.today().replace(year=clock.today().year - 15, day=1)
            Learner.objects.filter(pk=learner.pk).update(date_of_birth=born)
        make.parent(learner)
        page = desk.get("/area/").content.decode()
        assert "look again at the order about Alex Exampleson" in page
        assert "ask who of the family is to read the record" in page
        neighbour = browser(make.staff("officer", make.local_area()))
        assert "Alex Exampleson" not in neighbour.get("/area/").content.decode()
