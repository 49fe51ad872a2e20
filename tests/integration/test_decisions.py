"""Acts that take two people: one proposes, another decides, and the database knows it."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from apps.access.grants import Actor
from apps.accounts.models import User
from apps.audit.models import Event
from apps.common import clock
from apps.common.exceptions import Invalid, InvalidTransition, NotVisible, Refused
from apps.learners.models import Learner
from apps.reviews.actions.entry import Evidence, put_on_register
from apps.reviews.actions.places import leave_without_place
from apps.rights import decisions, selectors
from apps.rights.models import Decision
from apps.settings.models import Setting
from tests import factories as make
from tests.support.database import as_owner
from tests.support.records import passes

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> Setting:
    return make.setting(make.local_area())


@pytest.fixture
def senco(school: Setting) -> User:
    return make.staff("senco", school)


@pytest.fixture
def robin(school: Setting, senco: User) -> Learner:
    robin = make.learner(school)
    put_on_register(
        by=make.acting_as(senco),
        learner=robin,
        setting=school,
        area="communication-and-interaction",
        level="mild",
        evidence=Evidence("Watches others before joining in", "class", clock.today(), "Mr Ray"),
    )
    return robin


def propose(by: Actor, robin: Learner, because: str = "The parents asked in writing") -> Decision:
    return decisions.propose(by=by, kind=Decision.Kind.REDACTION, learner=robin, because=because)


@pytest.fixture
def proposed(senco: User, robin: Learner) -> Decision:
    return propose(make.acting_as(senco), robin)


@pytest.mark.parametrize("role", ["head", "safeguarding-lead", "senco", "assistant-senco"])
def test_another_person_of_the_holder_decides(
    proposed: Decision, school: Setting, role: str
) -> None:
    by = make.acting_as(make.staff(role, school))
    assert selectors.decisions_waiting(by) == [proposed]
    assert decisions.agree(by=by, decision_id=proposed.id).state == "agreed"
    assert selectors.decisions_waiting(by) == []


def test_an_account_made_since_decides_nothing_in_the_database_either(
    proposed: Decision, school: Setting
) -> None:
    head = make.staff("head", school)
    User.objects.filter(pk=head.pk).update(date_joined=clock.now())
    by = make.acting_as(head)
    with pytest.raises(Refused, match="newer"):
        decisions.agree(by=by, decision_id=proposed.id)
    with pytest.raises(DatabaseError, match="two people"), transaction.atomic():
        Decision.objects.filter(pk=proposed.pk).update(
            state="agreed", decided_by=head, decided_at=clock.now()
        )


def test_where_the_area_holds_the_record_another_officer_decides(
    robin: Learner, school: Setting, senco: User
) -> None:
    area = school.local_area
    leave_without_place(by=make.acting_as(senco), learner=robin, local_area=area, why="home")
    one, other = make.staff("officer", area), make.staff("officer", area)
    proposed = propose(make.acting_as(one), robin)
    assert proposed.holder_id == area.id
    head = make.staff("head", school)
    for person, refusal in [(one, Refused), (senco, NotVisible), (head, NotVisible)]:
        with pytest.raises(refusal):
            decisions.agree(by=make.acting_as(person), decision_id=proposed.id)
    assert decisions.agree(by=make.acting_as(other), decision_id=proposed.id).state == "agreed"


def test_what_waits_goes_with_the_record_to_the_people_of_its_new_holder(
    proposed: Decision, robin: Learner, school: Setting
) -> None:
    new = make.setting(school.local_area)
    before, head = make.staff("head", school), make.staff("head", new)
    passes(robin, school, new)
    with pytest.raises(NotVisible):
        decisions.agree(by=make.acting_as(before), decision_id=proposed.id)
    by = make.acting_as(head)
    assert selectors.decisions_waiting(by) == [proposed]
    assert decisions.agree(by=by, decision_id=proposed.id).state == "agreed"


def test_what_was_decided_stays_where_it_was(
    proposed: Decision, robin: Learner, school: Setting
) -> None:
    decisions.agree(by=make.acting_as(make.staff("head", school)), decision_id=proposed.id)
    new = make.setting(school.local_area)
    passes(robin, school, new)
    with as_owner():
        assert Decision.objects.get().holder_id == school.id


def test_whoever_proposed_it_never_decides(proposed: Decision, senco: User) -> None:
    with pytest.raises(Refused, match="somebody else"):
        decisions.agree(by=make.acting_as(senco), decision_id=proposed.id)


@pytest.mark.parametrize("role", ["teacher", "inclusion", "governor"])
def test_nobody_else_at_the_setting_sees_that_one_waits(
    proposed: Decision, school: Setting, role: str
) -> None:
    with pytest.raises(NotVisible):
        decisions.agree(by=make.acting_as(make.staff(role, school)), decision_id=proposed.id)


@pytest.mark.parametrize("who", ["neighbouring SENCO", "officer of the area", "parent"])
def test_strangers_and_family_are_told_nothing_of_it(
    proposed: Decision, school: Setting, robin: Learner, who: str
) -> None:
    person = {
        "neighbouring SENCO": lambda: make.staff("senco", make.setting(school.local_area)),
        "officer of the area": lambda: make.staff("officer", school.local_area),
        "parent": lambda: make.parent(robin),
    }[who]()
    by = make.acting_as(person)
    assert selectors.decisions_waiting(by) == []
    with pytest.raises(NotVisible):
        decisions.decline(by=by, decision_id=proposed.id, because="No")
    assert not Decision.objects.exists()


def test_declining_says_why_and_ends_it(proposed: Decision, school: Setting) -> None:
    by = make.acting_as(make.staff("head", school))
    with pytest.raises(Invalid) as refused:
        decisions.decline(by=by, decision_id=proposed.id, because=" ")
    assert "because" in refused.value.fields
    declined = decisions.decline(by=by, decision_id=proposed.id, because="Not what they asked")
    assert declined.declined_because == "Not what they asked"
    with pytest.raises(InvalidTransition):
        decisions.agree(by=by, decision_id=proposed.id)


def test_proposing_says_why_and_needs_whoever_keeps_the_record(
    robin: Learner, school: Setting, senco: User
) -> None:
    with pytest.raises(Invalid):
        propose(make.acting_as(senco), robin, " ")
    for person, refusal in [
        (make.staff("head", school), Refused),
        (make.staff("teacher", school, whole_setting=True), Refused),
        (make.parent(robin), Refused),
        (make.staff("senco", make.setting(school.local_area)), NotVisible),
    ]:
        with pytest.raises(refusal):
            propose(make.acting_as(person), robin)


def test_both_are_in_the_log(proposed: Decision, school: Setting, robin: Learner) -> None:
    decisions.agree(by=make.acting_as(make.staff("head", school)), decision_id=proposed.id)
    with as_owner():
        done = Event.objects.filter(subject_id=proposed.id).order_by("id")
        assert [(e.action, e.role) for e in done] == [
            ("redaction proposed", "SENCO"),
            ("redaction agreed", "Head"),
        ]


FORGED = {
    "agreeing alone": "UPDATE rights_decision SET state = 'agreed', decided_at = now(),"
    " decided_by_id = current_setting('lr.actor')::uuid",
    "in another's name": "UPDATE rights_decision SET state = 'agreed', decided_at = now(),"
    " decided_by_id = '{head}'",
    "another proposer": "UPDATE rights_decision SET proposed_by_id = '{head}'",
    "for another holder": "UPDATE rights_decision SET holder_id = uuidv7()",
    "agreed from the start": "INSERT INTO rights_decision (kind, learner_id, holder_id, because,"
    " state, proposed_by_id, proposed_at, decided_by_id, decided_at, declined_because)"
    " SELECT kind, learner_id, holder_id, because, 'agreed', proposed_by_id, now(), '{head}',"
    " now(), '' FROM rights_decision",
}


@pytest.mark.parametrize("forged", FORGED)
def test_the_database_refuses_a_decision_of_one_person(
    proposed: Decision, school: Setting, senco: User, forged: str
) -> None:
    head = make.staff("head", school)
    make.acting_as(senco)
    with (
        pytest.raises(DatabaseError, match=r"two people|decided_by_another"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(FORGED[forged].format(head=head.id))


def test_the_database_lets_no_teacher_decide_by_raw_sql(
    proposed: Decision, school: Setting
) -> None:
    make.acting_as(make.staff("teacher", school, whole_setting=True))
    with (
        pytest.raises(DatabaseError, match="two people"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(FORGED["agreeing alone"])


def test_nobody_deletes_a_decision(proposed: Decision, senco: User) -> None:
    make.acting_as(senco)
    assert Decision.objects.all().delete()[0] == 0
