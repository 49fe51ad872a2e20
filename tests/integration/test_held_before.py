"""A school that held a record reads what it held, and nothing of what is written since."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.test import Client

from apps.access import grants, rls
from apps.accounts.models import User
from apps.audit.models import AccessEntry
from apps.common import clock
from apps.common.exceptions import NotVisible
from apps.common.models import ClockShift
from apps.framework import selectors as framework
from apps.learners import selectors as learners
from apps.learners.actions import pass_record
from apps.learners.models import Enrolment, Learner, RecordHolder
from apps.reviews import held
from apps.reviews.actions.entry import Evidence, put_on_register
from apps.reviews.actions.places import refresh_register
from apps.reviews.models import Contribution, LearnerRecord, Review, Statement
from apps.reviews.registers import PAGE
from apps.settings.models import Setting
from tests import factories as make
from tests.integration.test_query_counts import queries
from tests.support.database import as_owner

pytestmark = pytest.mark.django_db

PAGE_OF_THEM = "/records-held-before/"


@contextmanager
def days_later(days: int) -> Iterator[None]:
    """The same, so many days on: for this test's Python and for whatever reads the clock's row."""
    with as_owner():
        ClockShift.objects.update_or_create(defaults={"days": days})
    with clock.shifted(days):
        yield


@dataclass
class Moved:
    """A learner put on the register at one school, who then moved to another."""

    old: Setting
    new: Setting
    old_senco: User
    new_senco: User
    robin: Learner


@pytest.fixture
def moved() -> Moved:
    area = make.local_area()
    old, new = make.setting(area), make.setting(area)
    old_senco, new_senco = make.staff("senco", old), make.staff("senco", new)
    robin = make.learner(old)
    entry(old_senco, robin, old, "mild", "Watches others")
    with days_later(30):
        with rls.acting(grants.worker(old.id, new.id)) as worker:
            pass_record(by=worker, learner=robin, to=new, on=clock.today(), year_group=5)
            refresh_register(by=worker, learner=robin)
        with as_owner():
            later = Review.objects.create(
                record=robin.record,
                learner=robin,
                setting=new,
                framework_id=robin.record.reviews.get(number=1).framework_id,
                number=2,
                kind="termly",
                state="signed off",
                year=2026,
                term="spring",
                opened_at=clock.now(),
                signed_off_at=clock.now(),
                conversation_on=clock.today(),
                canonical="{}",
                sha256="0" * 64,
            )
            Statement.objects.create(
                record=robin.record,
                learner=robin,
                kind="strength",
                text="Written by the new school.",
                introduced_no=later.number,
            )
    return Moved(old, new, old_senco, new_senco, robin)


def entry(senco: User, learner: Learner, school: Setting, level: str, seen: str) -> None:
    put_on_register(
        by=make.acting_as(senco),
        learner=learner,
        setting=school,
        area="communication-and-interaction",
        level=level,
        evidence=Evidence(seen, "class", clock.today(), "Mr Ray"),
    )


def test_the_old_school_reads_the_record_as_it_passed_it_on(moved: Moved) -> None:
    with days_later(60):
        actor = make.acting_as(moved.old_senco)
        assert [h.learner_id for h in held.held_before(actor)] == [moved.robin.id]
        found = held.held_record(actor, moved.robin.id)
    assert found.review.number == 1
    assert {s.introduced_no for s in found.statements} == {1}


def test_nothing_newer_reaches_it_in_the_database_either(moved: Moved) -> None:
    with days_later(60):
        make.acting_as(moved.old_senco)
        assert {r.number for r in Review.objects.all()} == {1}
        assert "Written by the new school." not in {s.text for s in Statement.objects.all()}
        assert not Contribution.objects.exists()
        assert not Enrolment.objects.filter(setting=moved.new).exists()


def test_a_new_name_does_not_reach_it(moved: Moved, client: Client) -> None:
    """Adoption, or a family that hides: the old school has the name of its own time."""
    with as_owner():
        Learner.objects.filter(pk=moved.robin.id).update(known_given="Newname")
    client.force_login(
        moved.old_senco, backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    with days_later(60):
        for address in ("/records-held-before/", f"/records-held-before/{moved.robin.id}/"):
            page = client.get(address).content.decode()
            assert moved.robin.known_given in page
            assert "Newname" not in page
        make.acting_as(moved.new_senco)


def test_the_record_of_today_is_not_there_for_it(moved: Moved) -> None:
    with days_later(60), pytest.raises(NotVisible):
        learners.sight(make.acting_as(moved.old_senco), moved.robin.id)


def test_the_new_school_does_not_have_it_among_those_it_passed_on(moved: Moved) -> None:
    with days_later(60):
        actor = make.acting_as(moved.new_senco)
        assert held.held_before(actor) == []
        with pytest.raises(NotVisible):
            held.held_record(actor, moved.robin.id)


def test_its_pages_show_it_and_the_log_says_so(moved: Moved, client: Client) -> None:
    client.force_login(
        moved.old_senco, backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    with days_later(60):
        listed = client.get("/records-held-before/")
        page = client.get(f"/records-held-before/{moved.robin.id}/")
        make.acting_as(moved.new_senco)
    assert moved.robin.known_family in listed.content.decode()
    assert "Watches others" in page.content.decode()
    assert "Written by the new school" not in page.content.decode()


def test_a_teacher_of_groups_reads_none_of_it(moved: Moved) -> None:
    with days_later(60):
        actor = make.acting_as(make.staff("teacher", moved.old))
        assert not Learner.objects.exists()
        assert held.held_before(actor) == []


def test_a_learner_who_came_back_is_no_longer_among_them(moved: Moved) -> None:
    with days_later(90):
        with rls.acting(grants.worker(moved.old.id, moved.new.id)) as worker:
            pass_record(
                by=worker, learner=moved.robin, to=moved.old, on=clock.today(), year_group=5
            )
            refresh_register(by=worker, learner=moved.robin)
        actor = make.acting_as(moved.old_senco)
        assert held.held_before(actor) == []
        assert learners.sight(actor, moved.robin.id).holds


def leaver(old: Setting, new: Setting, name: str) -> Learner:
    """A learner whose record passed from one school to the other a month ago."""
    learner, today = make.learner(new), clock.today()
    with as_owner():
        began, passed = today - timedelta(days=60), today - timedelta(days=30)
        held_by = {"learner": learner, "reason": "move"}
        RecordHolder.objects.create(**held_by, setting=old, starts_on=began, ends_on=passed)
        RecordHolder.objects.create(**held_by, setting=new, starts_on=passed)
        said = {"learner": {"known_as": name, "date_of_birth": "2018-03-14"}}
        Review.objects.create(
            record=LearnerRecord.objects.create(learner=learner, started_on=began),
            learner=learner,
            setting=old,
            framework_id=framework.published().version.id,
            number=1,
            kind="entry",
            state="signed off",
            year=2026,
            term="autumn",
            opened_at=clock.now() - timedelta(days=60),
            signed_off_at=clock.now() - timedelta(days=60),
            canonical=json.dumps(said),
            sha256="0" * 64,
        )
    return learner


def test_a_page_at_a_time_is_read_and_logged_however_many_have_left() -> None:
    old, new = make.setting(), make.setting()
    senco = make.staff("senco", old)
    for n in range(2):
        leaver(old, new, f"Child {n}")
    few = queries(senco, PAGE_OF_THEM)
    for n in range(2, PAGE + 3):
        leaver(old, new, f"Child {n}")
    many = queries(senco, PAGE_OF_THEM)
    assert len(many) == len(few), "\n".join(many)
    assert not [sql for sql in many if "canonical" in sql and "::jsonb" not in sql]

    client = Client()
    client.force_login(senco, backend="allauth.account.auth_backends.AuthenticationBackend")
    first = client.get(PAGE_OF_THEM).content.decode()
    (after,) = re.findall(r'href="(\?after=[^"]+)"', first)
    with as_owner():
        newest = AccessEntry.objects.order_by("-id").first()
        assert newest is not None
        assert len(newest.learner_ids) == PAGE
    second = client.get(f"{PAGE_OF_THEM}{after}").content.decode()
    seen = [set(re.findall(r"Child \d+", page)) for page in (first, second)]
    assert [len(names) for names in seen] == [PAGE, 3]
    assert not seen[0] & seen[1]
    assert "?after=" not in second
