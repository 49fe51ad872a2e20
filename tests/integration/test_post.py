"""What leaves by e-mail and SMS: to whom, how soon, in which words, and what stops it."""

from __future__ import annotations

import ast
import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone

from apps.access import grants, rls
from apps.accounts.models import User
from apps.common import clock
from apps.common.exceptions import Invalid, NotVisible, Refused
from apps.learners import family, whereabouts
from apps.learners.models import Learner
from apps.lives.actions import death
from apps.notifications.actions import mark_read, tell
from apps.notifications.models import Notification
from apps.post import actions, choices, numbers, selectors, words
from apps.post.models import Choice, Message, When
from tests import factories as make
from tests.support.database import as_owner
from tests.support.mail import KeptSms, hand_out, send_due

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture(autouse=True)
def _no_texts() -> None:
    KeptSms.sent.clear()


@pytest.fixture
def school():
    return make.setting(name="Fernhill")


@pytest.fixture
def robin(school) -> Learner:
    return make.learner(school)


@pytest.fixture
def senco(school) -> User:
    return make.staff("senco", school)


@pytest.fixture
def parent(robin) -> User:
    return make.parent(robin)


def told(to: Any, learner: Learner | None, kind: str = "record updated", key: str = "k") -> None:
    """Tell, and queue it as the worker does when it is rung."""
    with rls.acting(grants.worker()):
        tell(
            recipients=[to.id],
            learner_id=learner.id if learner else None,
            kind=kind,
            text=f"{learner}: something about reading at Fernhill",
            link=f"/family/{learner.id}/" if learner else "/second-step/",
            key=key,
        )
    hand_out()


def states() -> list[str]:
    with as_owner():
        return list(Message.objects.order_by("created_at", "pk").values_list("state", flat=True))


class TestWords:
    def test_say_what_it_is_about_and_where_and_nothing_of_whom(self, parent, robin) -> None:
        told(parent, robin)
        send_due()
        [sent] = mail.outbox
        assert sent.to == [parent.email]
        assert sent.subject.startswith("Learner Record: A Learner Record was updated")
        assert f"{settings.SERVICE_ADDRESS}/family/{robin.id}/" in sent.body
        assert "/messages/choose/" in sent.body
        said = f"{sent.subject} {sent.body}"
        for secret in (robin.known_given, robin.known_family, "reading", "Fernhill", parent.name):
            assert secret not in said

    def test_are_there_for_every_kind_that_is_told(self) -> None:
        assert kinds_told() - set(words.SENTENCES) == set()
        assert set(words.SENTENCES) - kinds_told() == set()
        assert set(words.SENTENCES) >= words.ALWAYS | choices.PRESSING | choices.THIS_WEEK

    def test_of_several_together_say_each_kind_once(self, parent, robin) -> None:
        for n in range(3):
            told(parent, robin, key=f"k{n}")
        told(parent, robin, kind="reply")
        send_due()
        [sent] = mail.outbox
        assert f"(3 times)\n{settings.SERVICE_ADDRESS}/family/messages/" in sent.body
        assert sent.body.count("There is a reply") == 1
        assert states() == ["sent"] * 4


# Functions over `tell` that pass a kind on: where they are, and which argument it is.
HELPERS = {
    "_tell": ("access/accounts", 1),
    "_notify": ("access/accounts", 1),
    "_tell_family": ("actions/meetings", 2),
    "_tell_of": ("actions/asking", 0),
    "_tell_sender": ("actions/receiving", 1),
}


TOLD_BY_THE_DATABASE = {
    "views came in": "reviews/migrations/0010_where.py",
    "document added": "documents/migrations/0004_of_family.py",
}


def kinds_told() -> set[str]:
    """The kinds in the code: the argument of `tell`, and of the helpers over it."""
    found: set[str] = set()
    for file in (settings.BASE_DIR / "apps").rglob("*.py"):
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call):
                continue
            name = getattr(call.func, "attr", getattr(call.func, "id", ""))
            given = [k.value for k in call.keywords if k.arg == "kind"]
            if name in HELPERS and file.match(f"{HELPERS[name][0]}.py"):
                place = HELPERS[name][1]
                given = call.args[place : place + 1]
            elif name != "tell":
                continue
            assert not any(isinstance(g, ast.JoinedStr) for g in given), "a kind is named whole"
            found |= {g.value for g in given if isinstance(g, ast.Constant)}
    for kind, file in TOLD_BY_THE_DATABASE.items():
        assert f"'{kind}'" in (settings.BASE_DIR / "apps" / file).read_text()
    return found | set(TOLD_BY_THE_DATABASE)


class TestHowSoon:
    def test_a_family_is_told_at_once_and_a_teacher_once_a_week(self, school, robin, parent):
        teacher = make.staff("teacher", school, whole_setting=True)
        told(parent, robin)
        told(teacher, robin)
        send_due()
        assert [m.to for m in mail.outbox] == [[parent.email]]
        with as_owner():
            later = timezone.localtime(Message.objects.get(user=teacher).not_before)
        assert (later.weekday(), later.hour, later.minute) == (0, 7, 30)

    def test_those_who_do_the_work_of_a_setting_are_told_daily(self, school, senco, robin):
        make.staff("head", school)
        assistant = make.staff("assistant-senco", school)
        make.staff("assistant-senco", school, ends_on=clock.today())
        told(school, robin, kind="views came in")
        with as_owner():
            to = set(Message.objects.values_list("user_id", flat=True))
            Message.objects.update(not_before=clock.now())
        assert to == {senco.id, assistant.id}
        send_due()
        assert {m.to[0] for m in mail.outbox} == {senco.email, assistant.email}

    def test_an_officer_is_told_for_the_area(self, school, robin):
        officer = make.staff("officer", school.local_area)
        told(school.local_area, None, kind="number in question")
        with as_owner():
            assert Message.objects.get().user_id == officer.id

    def test_what_somebody_chose_counts(self, school, senco, robin):
        for when, expected in ((When.AT_ONCE, 1), (When.NONE, 1), (When.DAILY, 1)):
            choices.choose(by=make.acting_as(senco), email=when)
            told(school, robin, kind="views came in", key=when)
            send_due()
            assert len(mail.outbox) == expected

    def test_not_at_all_counts_for_what_waits_already(self, parent, robin):
        told(parent, robin)
        choices.choose(by=make.acting_as(parent), email=When.NONE)
        send_due()
        assert (mail.outbox, states()) == ([], ["dropped"])

    def test_of_the_account_itself_at_once_whatever_was_chosen(self, parent):
        choices.choose(by=make.acting_as(parent), email=When.NONE)
        told(parent, None, kind="new device")
        send_due()
        assert len(mail.outbox) == 1

    def test_a_digest_waits_for_the_morning(self):
        for when in (When.DAILY, When.WEEKLY):
            due = timezone.localtime(choices.due(when))
            assert (due.hour, due.minute) == (7, 30)
            assert timedelta() < due - clock.now() <= timedelta(days=7)


class TestTextMessages:
    def test_are_for_families_with_a_mobile_number(self, parent, robin):
        by = make.acting_as(parent)
        choices.choose(by=by, email=When.NONE, sms=When.AT_ONCE, number="07700 900123")
        told(parent, robin)
        send_due()
        [(number, said)] = KeptSms.sent
        assert number == "+447700900123"
        assert robin.known_given not in said
        assert f"/family/{robin.id}/" in said
        assert mail.outbox == []

    def test_are_not_offered_to_staff_nor_without_a_backend(self, senco, parent, settings):
        assert not choices.sms_offered(make.acting_as(senco))
        assert choices.sms_offered(make.acting_as(parent))
        settings.SMS_BACKEND = ""
        assert not choices.sms_offered(make.acting_as(parent))

    @pytest.mark.parametrize("typed", ["", "0113 496 0000", "07700", "+1 555 0100", "hello"])
    def test_need_a_number_that_can_be_right(self, parent, typed):
        with pytest.raises(Invalid, match="Check the number"):
            choices.choose(
                by=make.acting_as(parent), email=When.NONE, sms=When.AT_ONCE, number=typed
            )

    @pytest.mark.parametrize("typed", ["07700 900123", "+44 7700 900123", "0044(7700)900-123"])
    def test_know_a_number_however_it_is_typed(self, typed):
        assert numbers.mobile(typed) == "+447700900123"


class TestWhatStopsIt:
    """That minute: what waits is not sent, and what was sent is not sent again."""

    def test_ended_access(self, parent, robin, senco):
        told(parent, robin)
        by = make.acting_as(senco)
        family.close_to_family(by=by, member=robin.family.get(), why="An order")
        send_due()
        assert (mail.outbox, states()) == ([], [])

    def test_withheld_whereabouts(self, parent, robin, senco):
        told(parent, robin)
        whereabouts.withhold_where(by=make.acting_as(senco), learner=robin, reason="Refuge")
        send_due()
        assert (mail.outbox, states()) == ([], [])

    def test_the_death_of_a_child(self, parent, robin, senco, school):
        told(parent, robin)
        told(school, robin, kind="views came in")
        with as_owner():
            Message.objects.update(not_before=clock.now())
        by = make.acting_as(senco)
        death.note_death(by=by, learner_id=robin.id, died_on=clock.today(), told_by="Her aunt")
        send_due()
        assert mail.outbox == []
        assert set(states()) == {"dropped"}
        told(parent, robin, key="later")
        send_due()
        assert mail.outbox == []

    def test_a_right_that_ended_by_itself(self, parent, robin):
        told(parent, robin)
        with as_owner():
            robin.access.filter(grantee_id=parent.id).update(ends_on=clock.today())
        send_due()
        assert (mail.outbox, states()) == ([], ["dropped"])

    def test_a_role_that_ended(self, school, senco, robin):
        choices.choose(by=make.acting_as(senco), email=When.AT_ONCE)
        told(school, robin, kind="views came in")
        senco.memberships.update(ends_on=clock.today())
        send_due()
        assert (mail.outbox, states()) == ([], ["dropped"])

    def test_having_read_it_on_the_page(self, school, senco, robin):
        choices.choose(by=make.acting_as(senco), email=When.AT_ONCE)
        told(school, robin, kind="views came in")
        make.acting_as(senco)
        mark_read(recipients=[school.id], ids=Notification.objects.values_list("pk", flat=True))
        send_due()
        assert (mail.outbox, states()) == ([], ["dropped"])

    def test_a_closed_account_but_for_what_is_about_it(self, parent, robin):
        told(parent, robin)
        User.objects.filter(pk=parent.pk).update(is_active=False)
        send_due()
        assert mail.outbox == []
        told(parent, None, kind="account closed", key="closed")
        send_due()
        assert [m.subject for m in mail.outbox] == ["Learner Record: Your account is closed"]


class TestOnce:
    def test_rung_twice_is_sent_once(self, parent, robin):
        told(parent, robin)
        with as_owner():
            message, notification = Message.objects.get(), Notification.objects.get()
        for _ in range(2):
            actions.hand_out(notification.pk)
            actions.send(message.pk)
        assert len(mail.outbox) == 1
        with as_owner():
            assert Message.objects.count() == 1

    def test_an_error_is_kept_and_tried_again_until_it_needs_help(
        self, parent, robin, settings
    ) -> None:
        told(parent, robin)
        settings.EMAIL_BACKEND = "tests.support.mail.NoSuchBackend"
        for attempt in range(actions.MOST_ATTEMPTS):
            with as_owner():
                message = Message.objects.get()
                assert (message.state, message.attempts) == ("queued", attempt)
                Message.objects.update(not_before=clock.now())
            with pytest.raises(ImportError):
                actions.send(message.pk)
        with as_owner():
            message = Message.objects.get()
        assert message.state == "dead"
        assert "NoSuchBackend" in message.last_error

    def test_every_attempt_has_the_same_key(self, parent, robin):
        told(parent, robin)
        send_due()
        with as_owner():
            Message.objects.update(state="claimed", claimed_at=clock.now() - timedelta(hours=1))
            key = Message.objects.get().pk
        actions.send(key)
        keys = [m.extra_headers["Message-ID"] for m in mail.outbox]
        assert keys == [f"<{key}@localhost>"] * 2


class TestDeliveryNeedsHelp:
    """Whoever keeps the record sees whom no message reaches, and nothing of what it said."""

    def given_up(self, parent, robin, **values) -> None:
        told(parent, robin, **values)
        with as_owner():
            Message.objects.update(state="dead", claimed_at=clock.now(), last_error="Refused")

    def shown(self, senco, robin) -> bool:
        client = Client()
        client.force_login(senco, backend=BACKEND)
        page = client.get(f"/learners/{robin.id}/family/").content.decode()
        assert "Refused" not in page
        return "Delivery needs help" in page

    def test_it_is_said_beside_the_person_until_a_message_leaves(self, senco, parent, robin):
        assert not self.shown(senco, robin)
        self.given_up(parent, robin)
        assert self.shown(senco, robin)
        told(parent, robin, key="later")
        send_due()
        assert not self.shown(senco, robin)

    def test_only_of_the_learner_whose_family_they_are(self, school, senco, parent, robin):
        other = make.learner(school)
        self.given_up(parent, robin)
        assert not self.shown(senco, other)

    def test_nobody_else_is_told(self, school, parent, robin):
        self.given_up(parent, robin)
        for person, refusal in (
            (make.staff("teacher", school, whole_setting=True), Refused),
            (parent, Refused),
            (make.staff("senco", make.setting()), NotVisible),
        ):
            by = make.acting_as(person)
            with pytest.raises(refusal):
                selectors.undelivered(by, robin.id)
            with connection.cursor() as cursor:
                cursor.execute("SELECT post_undelivered(%s)", [robin.id])
                assert cursor.fetchall() == []


def test_only_this_app_sends_mail() -> None:
    using = re.compile(r"django\.core\.mail|EmailMessage|send_mail")
    apps = settings.BASE_DIR / "apps"
    found = {
        f.relative_to(apps).parts[0] for f in apps.rglob("*.py") if using.search(f.read_text())
    }
    assert found == {"post"}


def test_nobody_else_reads_the_queue_or_another_s_choice(parent, robin, senco) -> None:
    choices.choose(by=make.acting_as(parent), email=When.WEEKLY)
    told(parent, robin)
    make.acting_as(senco)
    assert not Message.objects.exists()
    assert not Choice.objects.exists()
