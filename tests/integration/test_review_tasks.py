"""What goes wrong for one question or one setting starves none of those after it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from apps.common import clock
from apps.learners.models import Learner
from apps.register.models import BroughtOver
from apps.reviews import tasks
from apps.reviews.actions import asking
from apps.reviews.actions.brought_over import bring_over
from apps.reviews.actions.entry import Evidence, put_on_register
from apps.reviews.asking import Person
from apps.reviews.models import Ask, Review
from apps.settings.models import Setting, TermDate
from tests import factories as make
from tests.support.calendar import move_clock
from tests.support.database import as_owner

pytestmark = pytest.mark.django_db


def asked_at(school: Setting, *addresses: str) -> None:
    """Somebody at each of these addresses is asked for a view, by a link and within a week."""
    by = make.acting_as(make.staff("senco", school))
    robin = make.learner(school)
    put_on_register(
        by=by,
        learner=robin,
        setting=school,
        area="communication-and-interaction",
        level="mild",
        evidence=Evidence("Watches others", "class", clock.today(), "Mr Ray"),
    )
    asking.ask(
        by=by,
        review_id=Review.objects.get(learner=robin, state="open").id,
        people=[Person("specialist", "Kit Lowe", email=to) for to in addresses],
        due_on=clock.today() + timedelta(days=7),
    )


def brought_over(school: Setting) -> Learner:
    """A learner of an existing list who waits for a level."""
    robin = make.learner(school)
    by = make.acting_as(make.staff("senco", school))
    assert bring_over(by=by, learner=robin, setting=school, brought_by="Sam")
    return robin


def no_term_dates() -> None:
    """As when nobody has entered the coming year: every look at a calendar fails."""
    with as_owner():
        TermDate.objects.all().delete()


def test_an_address_that_refuses_its_link_stops_nobody_else_s(
    settings: Any, mailoutbox: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    asked_at(make.setting(), "mistyped@nowhere.test", "first@example.test")
    asked_at(make.setting(), "second@example.test")
    settings.EMAIL_BACKEND = "tests.support.mail.RefusesSome"
    tasks.remind_all()
    assert sorted(to for mail in mailoutbox for to in mail.to) == [
        "first@example.test",
        "second@example.test",
    ]
    assert "SMTPRecipientsRefused" in caplog.text
    move_clock(4)
    tasks.remind_all()
    with as_owner():
        assert {ask.reminders for ask in Ask.objects.all()} == {1}
    assert len(mailoutbox) == 4


def test_a_setting_that_fails_stops_no_other_nor_its_own_other_work(
    mailoutbox: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    waiting = [brought_over(make.setting()) for _ in range(2)]
    asked_at(make.setting(), "first@example.test")
    with as_owner():
        last = max(BroughtOver.objects.values_list("lapses_on", flat=True))
    no_term_dates()
    tasks.remind_all()
    assert len(mailoutbox) == 1
    move_clock((last - clock.today()).days)
    tasks.lapse_all()
    with as_owner():
        assert BroughtOver.objects.filter(learner__in=waiting, ended_on=None).count() == 0
    assert "lapse_ended failed" in caplog.text
    assert "No term dates are known" in caplog.text
