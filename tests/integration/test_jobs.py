"""Long work: one press, done in parts by the worker, seen from every page, never doubled."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.test import Client

from apps.access import grants, rls
from apps.access.models import Membership
from apps.accounts.models import User
from apps.common import clock
from apps.common.exceptions import Refused
from apps.jobs import actions, kinds
from apps.jobs.models import Job
from apps.learners.models import Learner
from apps.reviews.actions import term
from apps.reviews.models import Ask, Review
from apps.settings.models import Setting
from tests import factories as make
from tests.support import records
from tests.support.database import as_owner

pytestmark = pytest.mark.django_db

LISTED = actions.AT_A_TIME + 3


class Case:
    """A school whose term has begun, with more on the register than are done at a time."""

    def __init__(self) -> None:
        self.school = make.setting()
        self.senco = make.staff("senco", self.school)
        self.learners = [self.listed() for _ in range(LISTED)]
        records.days_pass(130)

    def listed(self) -> Learner:
        learner = make.learner(self.school)
        records.signed_briefly(self.senco, learner, self.school)
        return learner

    def browser(self, person: User | None = None) -> Client:
        client = Client()
        backend = "allauth.account.auth_backends.AuthenticationBackend"
        client.force_login(person or self.senco, backend=backend)
        return client

    def press(self, person: User | None = None) -> UUID:
        """Open the term by its button; gives the job to whose page that leads."""
        answer = self.browser(person).post("/reviews/open/")
        assert answer.status_code == 302, answer.content.decode()
        return key_of(answer)

    def opened(self) -> int:
        with as_owner():
            rows = Review.objects.filter(setting=self.school, kind="termly")
            assert rows.values("learner_id").distinct().count() == rows.count()
            return rows.count()


@pytest.fixture
def case() -> Case:
    return Case()


def key_of(answer: Any) -> UUID:
    assert answer.url.startswith("/jobs/"), answer.url
    return UUID(answer.url.split("/")[2])


def job(key: UUID) -> Job:
    with as_owner():
        return Job.objects.get(pk=key)


def main(client: Client, path: str) -> str:
    page = client.get(path, follow=True).content.decode()
    return page.split("<main")[1].split("</main>")[0]


class TestProgress:
    def test_is_on_the_job_s_page_the_home_page_and_the_reviews_page(self, case: Case) -> None:
        key = case.press()
        assert case.opened() == 0
        assert actions._some(key)
        senco = case.browser()
        far = f"{actions.AT_A_TIME} of {LISTED}"
        assert f"Learners done: {far}" in main(senco, f"/jobs/{key}/")
        for path in ("/home/", "/reviews/"):
            assert f"Opening reviews: {far}" in main(senco, path)

    def test_leads_on_to_the_reviews_and_says_what_came_of_it_once(self, case: Case) -> None:
        key = case.press()
        actions.work(key)
        senco = case.browser()
        answer = senco.get(f"/jobs/{key}/")
        assert answer.url == "/reviews/"
        assert f"{LISTED} reviews opened." in main(senco, "/reviews/")
        for path in ("/home/", "/reviews/"):
            assert "reviews opened." not in main(senco, path)

    def test_whoever_left_the_page_reads_it_where_they_look_next(self, case: Case) -> None:
        actions.work(case.press())
        senco = case.browser()
        assert f"{LISTED} reviews opened." in main(senco, "/home/")
        assert "reviews opened." not in main(senco, "/reviews/")

    def test_another_who_keeps_the_register_sees_the_job_and_not_the_line(self, case: Case) -> None:
        key = case.press()
        assistant = case.browser(make.staff("assistant-senco", case.school))
        assert "Learners done: 0 of" in main(assistant, f"/jobs/{key}/")
        assert "Opening reviews" not in main(assistant, "/home/")

    def test_the_worker_forgets_for_whom_it_was_when_it_is_done(self, case: Case) -> None:
        key = case.press()
        assert len(job(key).learner_ids) == LISTED
        actions.work(key)
        assert job(key).learner_ids == []

    def test_of_a_selection_says_who_had_one(self, case: Case) -> None:
        new = make.learner(case.school)
        records.listed(case.senco, new, case.school)
        who = [new.id, case.learners[0].id]
        sent = {"act": "open reviews", "of": "ticked", "who": who}
        key = key_of(case.browser().post("/register/selected/", sent))
        actions.work(key)
        said = "1 review opened. 1 had one this term, or are too new for one."
        assert said in main(case.browser(), f"/jobs/{key}/")


class TestNeverTwice:
    def test_two_presses_are_one_job(self, case: Case) -> None:
        first = case.press()
        assert case.press() == first
        actions._some(first)
        assert case.press(make.staff("assistant-senco", case.school)) == first

    def test_the_database_has_one_of_a_kind_running(self, case: Case) -> None:
        same = job(case.press())
        same.pk = None
        make.acting_as(case.senco)
        with pytest.raises(IntegrityError, match="the_same_job_runs_once"), transaction.atomic():
            Job(
                setting=case.school, kind=same.kind, key=same.key, total=1,
                asked_by=case.senco, asked_at=clock.now(),
            ).save(force_insert=True)  # fmt: skip

    def test_a_finished_one_can_be_asked_for_again_and_finds_nothing_to_do(
        self, case: Case
    ) -> None:
        actions.work(case.press())
        again = case.press()
        actions.work(again)
        assert case.opened() == LISTED
        assert "No review to open" in main(case.browser(), f"/jobs/{again}/")

    def test_a_task_that_comes_twice_changes_nothing(self, case: Case) -> None:
        key = case.press()
        for _ in range(3):
            actions.work(key)
        assert (job(key).done, job(key).came, case.opened()) == (LISTED, LISTED, LISTED)

    def test_what_was_dropped_half_way_goes_on_where_it_was(self, case: Case) -> None:
        key = case.press()
        actions._some(key)
        assert (job(key).done, case.opened()) == (actions.AT_A_TIME, actions.AT_A_TIME)
        actions.work(key)
        assert (job(key).done, job(key).came, case.opened()) == (LISTED, LISTED, LISTED)


class TestWhoMay:
    def test_a_role_that_ended_meanwhile_stops_it_with_a_sentence(self, case: Case) -> None:
        key = case.press()
        actions._some(key)
        with as_owner():
            Membership.objects.filter(user=case.senco).update(ends_on=clock.today())
        actions.work(key)
        assert case.opened() == actions.AT_A_TIME
        next_senco = case.browser(make.staff("senco", case.school))
        page = main(next_senco, f"/jobs/{key}/")
        assert "The senco asked for this, and it stopped. Only the SENCO or an assistant" in page
        assert f"{actions.AT_A_TIME} of {LISTED} learners were dealt with before." in page

    def test_so_does_an_account_that_was_closed(self, case: Case) -> None:
        key = case.press()
        with as_owner():
            User.objects.filter(pk=case.senco.id).update(is_active=False)
        actions.work(key)
        assert (bool(job(key).problem), case.opened()) == (True, 0)

    def test_only_whoever_keeps_the_register_starts_one(self, case: Case) -> None:
        for person in (make.staff("head", case.school), make.staff("senco", make.setting())):
            with pytest.raises(Refused):
                term.have_term_opened(by=make.acting_as(person), setting=case.school)

    def test_nobody_asks_in_a_colleague_s_name(self, case: Case) -> None:
        colleague = make.staff("senco", case.school)
        make.acting_as(case.senco)
        asked = Job(setting=case.school, kind=term.OPENING, total=0, asked_at=clock.now())
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            asked.asked_by = colleague
            asked.save(force_insert=True)
        asked.asked_by = case.senco
        asked.save(force_insert=True)
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Job.objects.filter(pk=asked.pk).update(asked_by=colleague)

    def test_another_setting_sees_none_by_page_or_by_row(self, case: Case) -> None:
        key = case.press()
        neighbour = make.staff("senco", make.setting())
        assert case.browser(neighbour).get(f"/jobs/{key}/").status_code == 404
        make.acting_as(neighbour)
        assert not Job.objects.exists()
        make.acting_as(case.senco)
        assert Job.objects.count() == 1


class TestWhatCannotBeDone:
    @pytest.fixture
    def breaks(self, monkeypatch) -> str:
        """A kind of work with a mistake in it."""

        def part(*_: Any) -> int:
            raise ZeroDivisionError

        kind = kinds.Kind("breaks", "Breaking", part, lambda came, of: "Broken.", "/reviews/")
        monkeypatch.setitem(kinds._kinds, kind.code, kind)
        return kind.code

    def test_ends_after_five_attempts_and_says_what_to_do(self, case: Case, breaks: str) -> None:
        by = make.acting_as(case.senco)
        ids = [learner.id for learner in case.learners]
        key = actions.start(by=by, setting=case.school, kind=breaks, learner_ids=ids).id
        for _ in range(actions.MOST_ATTEMPTS):
            with pytest.raises(ZeroDivisionError):
                actions.work(key)
        actions.work(key)
        assert job(key).problem == actions.GAVE_UP
        assert "This could not be finished" in main(case.browser(), "/home/")

    def test_is_forgotten_after_a_month_as_what_was_done_is(self, case: Case) -> None:
        old, running = case.press(), None
        actions.work(old)
        running = case.press()
        with as_owner():
            Job.objects.filter(pk=old).update(ended_at=clock.now() - timedelta(days=31))
            Job.objects.filter(pk=running).update(asked_at=clock.now() - timedelta(days=31))
        actions.sweep()
        with rls.acting(grants.worker()):
            assert [found.pk for found in Job.objects.all()] == [running]


class TestAskingForViews:
    ALL = {"act": "ask for views", "of": "all"}

    def asks(self, school: Setting) -> int:
        with as_owner():
            return Ask.objects.filter(review__setting=school).count()

    def due(self, case: Case, days: int) -> dict[str, str]:
        make.acting_as(case.senco)  # whose day it is
        on = clock.today() + timedelta(days=days)
        return {"due_on_0": str(on.day), "due_on_1": str(on.month), "due_on_2": str(on.year)}

    def all(self, case: Case) -> dict[str, str]:
        chosen = {"tutor": "on", "teachers": "2", "family": "on", "specialists": "on"}
        return {**chosen, **self.due(case, 7), "all": "1"}

    def test_says_first_whom_and_how_many_and_asks_those_that_were_chosen(self, case: Case) -> None:
        make.staff("teacher", case.school, whole_setting=True)
        make.parent(case.learners[0])
        actions.work(case.press())
        chosen = [learner.id for learner in case.learners[:3]]
        some = {"act": "ask for views", "of": "ticked", "who": chosen}
        page = case.browser().post("/register/selected/", some).content.decode()
        assert "3 of the 3 learners you chose have a review open." in page
        assert "Teacher or support staff: 1 person, about 3 learners" in page
        assert "Family: 1 person, about 1 learner<" in page
        assert page.count('name="who"') == 3
        assert self.asks(case.school) == 0

        answer = case.browser().post(
            "/register/selected/", {**some, **self.due(case, 7), "asked": "1"}
        )
        key = key_of(answer)
        actions.work(key)
        assert self.asks(case.school) == 4
        assert "4 views asked for. Nobody is asked twice." in main(case.browser(), f"/jobs/{key}/")
        page = case.browser().post("/register/selected/", some).content.decode()
        assert "Nobody is left to ask" in page

    def test_of_all_open_reviews_is_a_job_too_and_asks_nobody_twice(self, case: Case) -> None:
        make.staff("teacher", case.school, whole_setting=True)
        actions.work(case.press())
        for asked in (LISTED, 0):
            answer = case.browser().post("/reviews/asking/", self.all(case))
            key = key_of(answer)
            actions.work(key)
            assert (job(key).came, self.asks(case.school)) == (asked, LISTED)

    def test_whom_the_form_names_is_asked_without_saving_first(self, case: Case) -> None:
        make.staff("teacher", case.school, whole_setting=True)
        make.parent(case.learners[0])
        actions.work(case.press())
        only_family = {"teachers": "0", "family": "on", **self.due(case, 7), "all": "1"}
        key = key_of(case.browser().post("/reviews/asking/", only_family))
        actions.work(key)
        assert (job(key).came, self.asks(case.school)) == (1, 1)

    def test_a_role_that_ended_meanwhile_stops_it_too(self, case: Case) -> None:
        actions.work(case.press())
        key = key_of(case.browser().post("/reviews/asking/", self.all(case)))
        with as_owner():
            Membership.objects.filter(user=case.senco).update(role="teacher")
        actions.work(key)
        assert "it stopped" in job(key).problem
        assert self.asks(case.school) == 0

    def test_a_day_that_is_past_is_said_on_the_same_page(self, case: Case) -> None:
        make.staff("teacher", case.school, whole_setting=True)
        actions.work(case.press())
        sent = {**self.ALL, **self.due(case, -1), "asked": "1"}
        page = case.browser().post("/register/selected/", sent).content.decode()
        assert "Enter today or a day still to come." in page
        assert self.asks(case.school) == 0

    def test_without_an_open_review_says_what_to_do(self, case: Case) -> None:
        page = case.browser().post("/register/selected/", self.ALL).content.decode()
        assert f"0 of the {LISTED} learners you chose have a review open." in page
        assert "Open their reviews first" in page
        sent = {**self.ALL, **self.due(case, 7), "asked": "1"}
        assert case.browser().post("/register/selected/", sent).status_code == 409
