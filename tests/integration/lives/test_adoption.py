"""Adoption: a new learner, the earlier record sealed by two people, and nothing between them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from apps.access import grants, rls
from apps.access.models import Invitation
from apps.accounts.models import UnsentForm
from apps.common import clock
from apps.common.exceptions import Invalid, InvalidTransition, NotVisible, Refused
from apps.imports.actions import checking
from apps.imports.models import IdentifierCheck, ImportRow
from apps.learners import emergency
from apps.learners.actions import pass_record
from apps.learners.models import Learner, LearnerAccess, RecordHolder
from apps.lives.actions import adoption
from apps.lives.former import former_words, named_in
from apps.lives.models import Adoption
from apps.notifications.models import Notification
from apps.reviews.actions import voices
from apps.reviews.actions.places import lapse_open, refresh_register
from apps.reviews.models import DraftChange, Review, Statement
from tests import factories as make
from tests.support.database import as_owner
from tests.support.lives import OTHER_UPN, UPN, browser, everything_holds, put_on

pytestmark = pytest.mark.django_db

NEW = {"legal_given": "Linnet", "legal_family": "Zqnew", "known_given": "Linnet"}


@pytest.fixture
def rosa(school, senco) -> Learner:
    """On the register under a name that must go, with a parent, codes, words and messages."""
    rosa = make.learner(
        school, legal_given="Rosa", known_given="Rosa", legal_family="Zqold",
        known_family="Zqold", upn=UPN,
    )  # fmt: skip
    put_on(rosa, school, senco)
    parent = make.parent(rosa)
    voices.contribute(by=make.acting_as(parent), learner=rosa, going_well="Rosa Zqold sings")
    return rosa


def propose(person, rosa, to, **changed: Any) -> Adoption:
    by = make.acting_as(person)
    texts = Statement.objects.filter(learner=rosa).values_list("id", flat=True)
    said = {
        "values": {**NEW, "known_family": "Zqnew", "upn": OTHER_UPN},
        "to_setting": to,
        "year_group": 4,
        "starts_on": clock.today(),
        "because": "Adoption order of 3 March, seen on paper",
        "words": dict.fromkeys(texts, "Watches others, and then joins in"),
        **changed,
    }
    return adoption.propose(by=by, learner_id=rosa.id, **said)


@pytest.fixture
def head(school):
    return make.staff("head", school)


@pytest.fixture
def adopted(senco, rosa, other, head) -> tuple[Learner, Learner]:
    """The sealed learner and the new one, at another school."""
    propose(senco, rosa, other)
    with as_owner():
        UnsentForm.objects.create(
            user=senco,
            page=f"/learners/{rosa.id}/adoption/",
            fields={"legal_family": "Zqnew"},
            saved_at=clock.now(),
        )
    adoption.carry_out(by=make.acting_as(head), learner_id=rosa.id)
    everything_holds()
    with as_owner():
        return Learner.objects.get(pk=rosa.pk), Learner.objects.get(upn=OTHER_UPN)


class TestTheNewRecord:
    def test_is_the_child_s_with_a_first_review_of_the_words_that_were_chosen(self, other, adopted):
        old, new = adopted
        desk = browser(make.staff("senco", other))
        assert desk.get(f"/learners/{new.id}/").status_code == 200
        with as_owner():
            assert new.date_of_birth == old.date_of_birth
            assert str(new) == "Linnet Zqnew"
            first = Review.objects.get(learner=new)
            assert (first.kind, first.state) == ("first", "open")
            draft = DraftChange.objects.get(review=first)
            assert draft.values["text"] == "Watches others, and then joins in"
            assert RecordHolder.objects.get(learner=new).setting_id == other.id

    def test_has_no_family_and_no_history(self, adopted):
        _, new = adopted
        with as_owner():
            assert not new.family.exists()
            assert not Statement.objects.filter(learner=new).exists()
            assert not new.former_identifiers.exists()


class TestTheEarlierRecord:
    def test_is_seen_by_nobody_through_any_door(self, school, senco, head, adopted):
        old, _ = adopted
        with as_owner():
            parent = old.family.get().user
        officer = make.staff("officer", school.local_area)
        for person in (senco, head, officer, parent):
            desk = browser(person)
            for page in ("record", "earlier", "who-has-looked", "adoption", "my-child"):
                assert desk.get(reverse(page, args=[old.id])).status_code == 404
        for page in ("register", "home", "reviews", "held-before", "duplicates", "closed-records"):
            assert b"Zqold" not in browser(senco).get(reverse(page)).content
        assert b"Zqold" not in browser(parent).get("/family/").content
        with as_owner():
            assert not Notification.objects.filter(learner_id=old.id).exists()
            assert not Invitation.objects.filter(learner_id=old.id).exists()
            assert not Adoption.objects.exists()
            today = clock.today()
            assert not LearnerAccess.objects.filter(learner=old, ends_on__gt=today).exists()
            assert not LearnerAccess.objects.filter(learner=old, ends_on=None).exists()

    def test_is_not_read_by_settings_that_held_it_before(self, school, senco, rosa, other, head):
        with rls.acting(grants.worker(school.id, other.id)) as worker:
            pass_record(by=worker, learner=rosa, to=other, on=clock.today(), year_group=4)
            refresh_register(by=worker, learner=rosa)
            lapse_open(by=worker, learner=rosa)
        theirs = make.staff("senco", other)
        propose(theirs, rosa, other)
        adoption.carry_out(by=make.acting_as(make.staff("head", other)), learner_id=rosa.id)
        make.acting_as(senco)
        assert not Review.objects.filter(learner_id=rosa.id).exists()
        assert not RecordHolder.objects.filter(learner_id=rosa.id).exists()
        assert browser(senco).get(f"/records-held-before/{rosa.id}/").status_code == 404

    def test_its_number_answers_like_one_being_checked_and_nobody_is_told(self, adopted, other):
        old, _ = adopted
        third = make.setting(name="Elsewhere")
        theirs = make.learner(third, date_of_birth=old.date_of_birth)
        with as_owner():
            IdentifierCheck.objects.create(
                setting=third,
                learner=theirs,
                upn=UPN,
                show_from=clock.today(),
                opened_at=clock.now(),
            )
        checking.settle_due()
        with as_owner():
            assert IdentifierCheck.objects.get().state == "with area"
            assert not Notification.objects.exists()
            theirs.refresh_from_db()
            assert theirs.upn is None

    def test_is_not_opened_in_an_emergency_either(self, adopted):
        by = make.acting_as(make.staff("administrator"))
        with pytest.raises(Invalid) as refused:
            emergency.open_in_emergency(by=by, upn=UPN, reason="A child is at risk tonight, here")
        assert refused.value.fields["upn"] == "No learner here has this UPN"

    def test_lets_nobody_in_again_by_raw_sql(self, school, senco, adopted):
        old, _ = adopted
        make.acting_as(senco)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE learners_learneraccess SET ends_on = NULL")
            assert cursor.rowcount == 0
            cursor.execute("UPDATE learners_learner SET closed_because = ''")
            assert cursor.rowcount == 0
        give = (
            "INSERT INTO learners_learneraccess (learner_id, grantee_kind, grantee_id,"
            " access_right, reason, starts_on) VALUES (%s, 'setting', %s, 'hold', 'x', now())"
        )
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(give, [old.id, school.id])
        with pytest.raises(DatabaseError), transaction.atomic(), as_owner():
            LearnerAccess.objects.filter(learner=old).update(ends_on=None)


class TestNothingLeadsFromOneToTheOther:
    def test_in_any_row_that_the_application_reads_under_any_context(
        self, school, senco, head, other, adopted
    ):
        """Neither a row with both, nor a key that a row of each has, but for people and places."""
        old, new = adopted
        with as_owner():
            parent = old.family.get().user
            known = known_to_everyone()
        people = [
            *(senco, head, parent, make.staff("senco", other), make.staff("head", other)),
            *(make.staff("officer", school.local_area), make.staff("administrator")),
        ]
        actors = [grants.person(p.id, p.name, clock_may_shift=True) for p in people]
        for actor in [*actors, grants.worker(), grants.worker(school.id, other.id)]:
            rls.set_context(actor)
            of_old, of_new = set(), set()
            for row in readable_rows():
                if any(word in row for word in (str(old.id), UPN, "Zqold")):
                    assert not any(w in row for w in (str(new.id), OTHER_UPN, "Zqnew")), row
                    of_old |= keys_in(row)
                elif any(word in row for word in (str(new.id), OTHER_UPN, "Zqnew")):
                    of_new |= keys_in(row)
            assert of_old & of_new - known == set()

    def test_the_rows_are_looked_at(self, senco, rosa, other):
        """While it waits, whoever proposed it reads the one row that has both."""
        propose(senco, rosa, other)
        make.acting_as(senco)
        both = [row for row in readable_rows() if str(rosa.id) in row and "Zqnew" in row]
        assert len(both) == 1

    def test_the_application_cannot_read_the_link(self, adopted):
        for role in (grants.worker(), grants.operator()):
            rls.set_context(role)
            for sql in ("SELECT * FROM lives_adoptionlink", "SELECT lives_has_link(uuidv7())"):
                with (
                    pytest.raises(DatabaseError, match="permission denied"),
                    transaction.atomic(),
                    connection.cursor() as cursor,
                ):
                    cursor.execute(sql)

    def test_files_that_were_brought_in_have_the_earlier_name_no_more(self, adopted):
        with as_owner():
            assert not ImportRow.objects.filter(values__icontains="Zqold").exists()


def readable_rows() -> list[str]:
    """Every row that the application may read now, as text."""
    tables = [m._meta.db_table for m in apps.get_models(include_auto_created=True)]
    found: list[str] = []
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute("SELECT has_table_privilege(%s, 'SELECT')", [table])
            if cursor.fetchone()[0]:
                cursor.execute(f'SELECT to_jsonb(t)::text FROM "{table}" t')
                found += [row[0] for row in cursor.fetchall()]
    return found


def keys_in(row: str) -> set[str]:
    """The keys that a row has."""
    return {word for word in row.replace('"', " ").replace(",", " ").split() if len(word) == 36}


def known_to_everyone() -> set[str]:
    """Keys of people, places and the framework, which rows of any two learners have in common."""
    return {
        str(key)
        for model in apps.get_models()
        if model._meta.app_label in {"education_settings", "framework", "accounts"}
        for key in model._default_manager.values_list("pk", flat=True)
        if isinstance(key, UUID)
    }


class TestTwoPeople:
    def test_whoever_proposed_it_does_not_decide_nor_does_anyone_who_may_not(
        self, school, senco, rosa, other
    ):
        propose(senco, rosa, other)
        refusals = {
            senco: Refused,
            make.staff("teacher", school, whole_setting=True): Refused,
            make.staff("senco", other): NotVisible,
            make.staff("officer", make.local_area()): NotVisible,
        }
        for person, refusal in refusals.items():
            with pytest.raises(refusal):
                adoption.carry_out(by=make.acting_as(person), learner_id=rosa.id)

    def test_not_by_raw_sql_either(self, school, senco, rosa, other):
        made = propose(senco, rosa, other)
        teacher = make.staff("teacher", school, whole_setting=True)
        for person in (senco, teacher, make.staff("senco", other)):
            make.acting_as(person)
            with (
                pytest.raises(DatabaseError, match="two people"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute("SELECT lives_seal(%s, uuidv7())", [made.id])
        make.acting_as(teacher)
        assert not Adoption.objects.exists()

    @pytest.mark.parametrize("role", ["head", "safeguarding-lead", "assistant-senco", "officer"])
    def test_any_of_these_decides(self, school, senco, rosa, other, role):
        propose(senco, rosa, other)
        place = school.local_area if role == "officer" else school
        adoption.carry_out(by=make.acting_as(make.staff(role, place)), learner_id=rosa.id)
        with as_owner():
            assert Learner.objects.get(pk=rosa.pk).closed_because == "sealed"

    def test_where_the_record_passed_meanwhile_the_new_holder_decides(
        self, school, senco, rosa, other
    ):
        made = propose(senco, rosa, other)
        before, now = make.staff("head", school), make.staff("head", other)
        with rls.acting(grants.worker(school.id, other.id)) as worker:
            pass_record(by=worker, learner=rosa, to=other, on=clock.today(), year_group=4)
            refresh_register(by=worker, learner=rosa)
        make.acting_as(before)
        with (
            pytest.raises(DatabaseError, match="two people"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("SELECT lives_seal(%s, uuidv7())", [made.id])
        adoption.carry_out(by=make.acting_as(now), learner_id=rosa.id)
        with as_owner():
            assert Learner.objects.get(pk=rosa.pk).closed_because == "sealed"

    def test_declined_the_record_is_as_it_was_and_it_can_be_proposed_again(
        self, senco, rosa, other, head
    ):
        propose(senco, rosa, other)
        with pytest.raises(InvalidTransition):
            propose(senco, rosa, other)
        adoption.decline(by=make.acting_as(head), learner_id=rosa.id, because="Wrong order")
        propose(senco, rosa, other)


class TestWordsThatAreCarriedOver:
    @pytest.mark.parametrize(
        "text",
        ["Rosa sings", "Rosa's friends help", "The Zqolds say so: Zqold.", f"Was {UPN}", "ROSA\n"],
    )
    def test_are_refused_with_a_former_name(self, senco, rosa, other, text):
        texts = Statement.objects.filter(learner=rosa).values_list("id", flat=True)
        make.acting_as(senco)
        with pytest.raises(Invalid) as refused:
            propose(senco, rosa, other, words=dict.fromkeys(texts, text))
        assert list(refused.value.fields) == [f"text-{key}" for key in texts]

    def test_may_have_the_given_name_that_the_child_keeps(self, rosa):
        former = former_words(rosa, {"legal_given": "Rosa"}, ["Alex Exampleson"])
        assert named_in({"text": "Rosa sings"}, former) == set()
        assert named_in({"by": ["Mrs Exampleson"]}, former) == {"exampleson"}

    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"because": " "}, "because"),
            ({"values": {**NEW, "known_family": "Zqnew", "upn": UPN}}, "upn"),
            ({"values": {**NEW, "known_family": "Zqnew", "upn": "X1"}}, "upn"),
            ({"values": {}}, "legal_given"),
        ],
    )
    def test_and_the_identity_has_to_be_whole(self, senco, rosa, other, changed, field):
        with pytest.raises(Invalid) as refused:
            propose(senco, rosa, other, **changed)
        assert field in refused.value.fields


class TestThePage:
    def test_proposes_shows_a_second_person_and_loses_nothing_typed(self, senco, rosa, other, head):
        url = reverse("adoption", args=[rosa.id])
        desk = browser(senco)
        assert b"Words that go with the child" in desk.get(url).content
        with as_owner():
            statement = Statement.objects.get(learner=rosa)
        day = clock.today() - timedelta(days=1)
        sent = {
            **NEW,
            "known_family": "Zqnew",
            "to_setting": other.name,
            "year_group": "4",
            "starts_on_0": day.day,
            "starts_on_1": day.month,
            "starts_on_2": day.year,
            "because": "Order seen",
            f"carry-{statement.id}": "on",
            f"text-{statement.id}": "Rosa watches",
        }
        answer = desk.post(url, sent).content.decode()
        assert "Take the former name out: rosa." in answer
        assert "Rosa watches" in answer
        assert desk.post(url, {**sent, f"text-{statement.id}": "Watches"}).status_code == 302
        assert b"somebody else decides" in desk.get(url).content
        second = browser(head)
        assert url in second.get("/decisions/").content.decode()
        own = desk.get("/decisions/").content.decode()
        assert own.index("What you proposed") < own.index(url)
        stranger = browser(make.staff("head", other))
        assert url not in stranger.get("/decisions/").content.decode()
        assert b"Watches" in second.get(url).content
        assert second.post(url, {"agree": "1"}).status_code == 302
        assert second.get(url).status_code == 404
