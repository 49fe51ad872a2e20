"""Words by a link without an account, and words that somebody else wrote down."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from apps.access import grants, rls
from apps.accounts.models import User
from apps.common import clock
from apps.common.exceptions import NotVisible, Refused
from apps.learners import family
from apps.learners.models import FamilyMember, Learner
from apps.lives.actions import death
from apps.reviews import links
from apps.reviews.actions import asking, linked
from apps.reviews.actions.written_down import write_down
from apps.reviews.asking import Person
from apps.reviews.models import Ask, Contribution, Review
from apps.reviews.tasks import send_links
from tests import factories as make
from tests.support.calendar import move_clock
from tests.support.database import as_owner
from tests.support.world import build

pytestmark = pytest.mark.django_db

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
WORDS = "He sleeps better since the visual timetable"


@pytest.fixture
def world() -> dict[str, Any]:
    return build()


@pytest.fixture
def robin(world: dict[str, Any]) -> Learner:
    return Learner.objects.get(pk=world["kwargs"]["learner_id"])


@pytest.fixture
def gran(robin: Learner) -> FamilyMember:
    with as_owner():
        return FamilyMember.objects.create(
            learner=robin, name="Jo Exampleson", relation="grandparent", email="jo@example.test"
        )


def by_link(world: dict[str, Any], gran: FamilyMember) -> Ask:
    person = Person("family", gran.name, member_id=gran.id, email=gran.email)
    (row,) = asking.ask(
        by=make.acting_as(world["people"]["senco"]),
        review_id=world["kwargs"]["review_id"],
        people=[person],
        due_on=clock.today() + timedelta(days=7),
    )
    return row


def address(row: Ask) -> str:
    return links.path_of(row)


def page(person: User, where: str, **sent: str) -> Any:
    client = Client()
    client.force_login(person, backend=BACKEND)
    return client.post(where, sent) if sent else client.get(where)


class TestLinks:
    def test_the_form_shows_nothing_of_the_record(
        self, world: dict[str, Any], robin: Learner, gran: FamilyMember
    ) -> None:
        answer = Client().get(address(by_link(world, gran)))
        shown = answer.content.decode()
        assert answer.status_code == 200
        assert "Say what you think about R." in shown
        hidden = (robin.known_given, robin.known_family, gran.name, world["school"].name)
        assert [words for words in hidden if words in shown] == []
        assert answer["Referrer-Policy"] == "strict-origin"
        assert answer["Cache-Control"] == "no-store"

    def test_what_is_written_comes_to_the_senco_as_any_view(
        self, world: dict[str, Any], robin: Learner, gran: FamilyMember
    ) -> None:
        row = by_link(world, gran)
        sent = Client().post(address(row), {"going_well": WORDS})
        assert "What you wrote has arrived." in sent.content.decode()
        make.acting_as(world["people"]["senco"])
        said = Contribution.objects.get(learner=robin)
        assert (said.voice, said.author_name, said.came_by) == ("family", gran.name, "link")
        assert said.family_member_id == gran.id
        assert str(said.review_id) == str(world["kwargs"]["review_id"])
        record = page(world["people"]["senco"], f"/learners/{robin.id}/").content.decode()
        assert WORDS in record
        assert "views came in" in page(world["people"]["senco"], "/home/").content.decode()

    @pytest.mark.parametrize(("ticked", "sees"), [({"others_may_see": "on"}, True), ({}, False)])
    def test_another_adult_sees_it_only_if_it_says_so(
        self,
        world: dict[str, Any],
        robin: Learner,
        gran: FamilyMember,
        ticked: dict[str, str],
        sees: bool,
    ) -> None:
        Client().post(address(by_link(world, gran)), {"harder": WORDS, **ticked})
        shown = page(world["people"]["parent"], f"/family/{robin.id}/").content.decode()
        assert (WORDS in shown) is sees

    def test_a_second_answer_is_thanked_and_changes_nothing(
        self, world: dict[str, Any], robin: Learner, gran: FamilyMember
    ) -> None:
        row = by_link(world, gran)
        for words in (WORDS, "Something else"):
            answer = Client().post(address(row), {"going_well": words})
            assert "Thank you" in answer.content.decode()
        assert "Thank you" in Client().get(address(row)).content.decode()
        make.acting_as(world["people"]["senco"])
        assert Contribution.objects.get(learner=robin).going_well == WORDS

    def test_nothing_written_asks_for_one_thing(
        self, world: dict[str, Any], gran: FamilyMember
    ) -> None:
        answer = Client().post(address(by_link(world, gran)), {"going_well": " "})
        assert "Write something in at least one box." in answer.content.decode()

    def test_a_wrong_an_ended_and_a_withdrawn_link_look_alike(
        self, world: dict[str, Any], robin: Learner, gran: FamilyMember
    ) -> None:
        row = by_link(world, gran)
        good = address(row)

        def seen(where: str) -> tuple[int, str]:
            answer = Client().get(where)
            return answer.status_code, answer.content.decode()

        wrong = seen("/say/" + "A" * 43 + "/")
        assert wrong[0] == 404
        assert "This link does not work any more" in wrong[1]
        with as_owner():
            Ask.objects.filter(pk=row.pk).update(link_ends_on=clock.today())
        assert seen(good) == wrong
        with as_owner():
            Ask.objects.filter(pk=row.pk).update(link_ends_on=clock.today() + timedelta(days=1))
        assert seen(good)[0] == 200
        with as_owner():
            FamilyMember.objects.filter(pk=gran.pk).update(why_not="An order")
        assert seen(good) == wrong
        assert Client().post(good, {"going_well": WORDS}).status_code == 404
        with as_owner():
            FamilyMember.objects.filter(pk=gran.pk).update(why_not="")
        asking.withdraw(by=make.acting_as(world["people"]["senco"]), ask_id=row.id)
        assert seen(good) == wrong

    def test_asked_anew_the_link_is_another(
        self, world: dict[str, Any], gran: FamilyMember
    ) -> None:
        before = address(by_link(world, gran))
        senco = make.acting_as(world["people"]["senco"])
        asking.withdraw(by=senco, ask_id=Ask.objects.get(family_member=gran).id)
        after = address(by_link(world, gran))
        assert before != after
        assert Client().get(before).status_code == 404
        assert Client().get(after).status_code == 200

    def test_it_ends_when_the_child_has_died(
        self, world: dict[str, Any], robin: Learner, gran: FamilyMember
    ) -> None:
        row = by_link(world, gran)
        senco = make.acting_as(world["people"]["senco"])
        death.note_death(by=senco, learner_id=robin.id, died_on=clock.today(), told_by="The family")
        assert Client().get(address(row)).status_code == 404
        assert Client().post(address(row), {"going_well": WORDS}).status_code == 404

    def test_only_the_digest_is_kept(self, world: dict[str, Any], gran: FamilyMember) -> None:
        row = by_link(world, gran)
        kept = str(list(Ask.objects.filter(pk=row.pk).values()))
        assert links.token_of(row) not in kept
        assert links.digest_of(links.token_of(row)) in kept

    def test_it_goes_out_once_and_once_more_with_each_reminder(
        self, world: dict[str, Any], robin: Learner, gran: FamilyMember, mailoutbox: list[Any]
    ) -> None:
        row = by_link(world, gran)
        with as_owner():
            Ask.objects.exclude(pk=row.pk).update(email="")
        holder = grants.worker(world["school"].id)

        def sent() -> int:
            with rls.in_place_of(grants.NOBODY, holder) as worker:
                for ask_id in [*linked.unsent(by=worker), row.id]:
                    linked.send(by=worker, ask_id=ask_id)
            return len(mailoutbox)

        assert (sent(), sent()) == (1, 1)
        assert mailoutbox[0].to == [gran.email]
        assert address(row) in mailoutbox[0].body
        words = mailoutbox[0].subject + mailoutbox[0].body
        named = (robin.known_given, robin.known_family, world["school"].name)
        assert [word for word in named if word in words] == []
        with as_owner():
            Ask.objects.filter(pk=row.pk).update(reminders=1)
        assert (sent(), sent()) == (2, 2)
        Client().post(address(row), {"going_well": WORDS})
        with as_owner():
            Ask.objects.filter(pk=row.pk).update(reminders=2)
        assert sent() == 2

    def test_an_adult_who_was_barred_since_gets_no_more_of_it(
        self, world: dict[str, Any], gran: FamilyMember, mailoutbox: list[Any]
    ) -> None:
        row = by_link(world, gran)
        senco, school = make.acting_as(world["people"]["senco"]), world["school"]
        family.close_to_family(by=senco, member=gran, why="An order")
        move_clock(4)
        with rls.acting(grants.worker(school.id)) as worker:
            asking.remind_due(by=worker, setting=school)
            assert row.id not in linked.unsent(by=worker)
            assert not linked.send(by=worker, ask_id=row.id)
            assert Ask.objects.get(pk=row.pk).reminders == 0
        assert mailoutbox == []

    def test_an_address_that_refuses_it_is_given_up_after_five_attempts_and_the_page_says_so(
        self, world: dict[str, Any], gran: FamilyMember, settings: Any
    ) -> None:
        with as_owner():
            FamilyMember.objects.filter(pk=gran.pk).update(email="jo@nowhere.test")
        gran.refresh_from_db()
        row, senco = by_link(world, gran), world["people"]["senco"]
        where = f"/reviews/{row.review_id}/views/"
        settings.EMAIL_BACKEND = "tests.support.mail.RefusesSome"
        for attempt in range(1, 6):
            assert "It goes to jo@nowhere.test" in page(senco, where).content.decode()
            for _ in range(2):  # the second time at once, too soon
                send_links(str(world["school"].id))
            with as_owner():
                row.refresh_from_db()
                assert (row.attempts, row.mails) == (attempt, 0)
                Ask.objects.filter(pk=row.pk).update(not_before=clock.now())
        assert "No such mailbox" in row.last_error
        send_links(str(world["school"].id))
        with as_owner():
            row.refresh_from_db()
        assert row.attempts == 5
        shown = page(senco, where).content.decode()
        assert "Could not be sent" in shown
        assert "It goes to jo@nowhere.test" not in shown
        asking.withdraw(by=make.acting_as(senco), ask_id=row.id)
        assert by_link(world, gran).attempts == 0

    def test_too_many_tries_pause(self, world: dict[str, Any], settings: Any) -> None:
        settings.ACCOUNT_RATE_LIMITS = {"answer_by_link": "2/m/ip"}
        answers = [Client().post("/say/nothing/").status_code for _ in range(3)]
        assert answers == [404, 404, 429]

    def test_nobody_but_the_worker_of_a_link_speaks_as_the_family(
        self, world: dict[str, Any], robin: Learner, gran: FamilyMember
    ) -> None:
        by_link(world, gran)
        for who in ("senco", "teacher", "parent"):
            make.acting_as(world["people"][who])
            with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
                Contribution.objects.create(
                    learner=robin,
                    voice="family",
                    author_name=gran.name,
                    family_member=gran,
                    came_by="link",
                    going_well=WORDS,
                    said_at=clock.now(),
                )


class TestWrittenDown:
    def test_it_is_theirs_and_says_who_wrote_it_down(
        self, world: dict[str, Any], robin: Learner
    ) -> None:
        mother = robin.family.get()
        sent = {"whose": str(mother.id), "came_by": "paper", "harder": WORDS}
        where = f"/learners/{robin.id}/write-down/"
        assert page(world["people"]["teacher"], where, **sent).status_code == 302
        record = page(world["people"]["senco"], f"/learners/{robin.id}/").content.decode()
        assert "on paper, written down by The teacher" in record
        own = page(world["people"]["parent"], f"/family/{robin.id}/").content.decode()
        assert WORDS in own

    def test_another_adult_does_not_read_it(self, world: dict[str, Any], robin: Learner) -> None:
        father = make.parent(robin)
        mother = FamilyMember.objects.get(user=world["people"]["parent"])
        write_down(
            by=make.acting_as(world["people"]["senco"]),
            learner=robin,
            came_by="spoken",
            member_id=mother.id,
            harder=WORDS,
        )
        assert WORDS not in page(father, f"/family/{robin.id}/").content.decode()

    def test_what_was_asked_of_them_has_arrived(
        self, world: dict[str, Any], robin: Learner, gran: FamilyMember
    ) -> None:
        row = by_link(world, gran)
        write_down(
            by=make.acting_as(world["people"]["senco"]),
            learner=robin,
            came_by="paper",
            member_id=gran.id,
            going_well=WORDS,
        )
        row.refresh_from_db()
        assert row.state == "answered"

    def test_a_young_child_points_and_is_quoted(
        self, world: dict[str, Any], robin: Learner
    ) -> None:
        where = f"/learners/{robin.id}/pictures/"
        shown = page(world["people"]["teacher"], where).content.decode()
        assert "Playtime" in shown
        sent = {"playtime": "good", "lunch": "hard", "quote": "I like the swings"}
        assert page(world["people"]["teacher"], where, **sent).status_code == 302
        make.acting_as(world["people"]["senco"])
        said = Contribution.objects.get(learner=robin)
        assert (said.voice, said.came_by) == ("learner", "pictures")
        assert said.going_well == "I like it: Playtime. “I like the swings”"
        assert said.harder == "It is hard: Lunch."

    def test_a_child_who_does_not_want_it_shown_at_home_is_heard(
        self, world: dict[str, Any], robin: Learner
    ) -> None:
        write_down(
            by=make.acting_as(world["people"]["teacher"]),
            learner=robin,
            came_by="spoken",
            harder=WORDS,
            not_my_parents=True,
        )
        assert WORDS not in page(world["people"]["parent"], f"/family/{robin.id}/").content.decode()

    def test_only_those_who_work_with_the_learner_write_down(
        self, world: dict[str, Any], robin: Learner
    ) -> None:
        for who, refusal in (
            ("parent", Refused),
            ("head", Refused),
            ("officer", Refused),
            ("neighbour", NotVisible),
            ("stranger", NotVisible),
        ):
            with pytest.raises(refusal):
                write_down(
                    by=make.acting_as(world["people"][who]),
                    learner=robin,
                    came_by="paper",
                    harder=WORDS,
                )

    def test_the_database_knows_whose_family_it_is(
        self, world: dict[str, Any], robin: Learner
    ) -> None:
        elsewhere = make.learner(world["other"])
        make.parent(elsewhere)
        with as_owner():
            stranger = FamilyMember.objects.get(learner=elsewhere)
        make.acting_as(world["people"]["senco"])
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            Contribution.objects.create(
                learner=robin,
                voice="family",
                author_name="A",
                family_member=stranger,
                came_by="paper",
                written_down_by="S",
                going_well=WORDS,
                said_at=clock.now(),
            )

    def test_a_view_belongs_to_the_open_review(self, world: dict[str, Any], robin: Learner) -> None:
        said = write_down(
            by=make.acting_as(world["people"]["senco"]),
            learner=robin,
            came_by="paper",
            harder=WORDS,
        )
        assert said.review == Review.objects.get(learner=robin, state="open")
