"""A record whose time has come is deleted by two people, whole, once, and leaves a tombstone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from apps.access import grants, rls
from apps.audit import record, seals
from apps.audit.models import AccessEntry, Change, Event
from apps.common import clock
from apps.common.exceptions import Invalid, InvalidTransition, NotVisible, Refused
from apps.learners.models import Enrolment, Learner, RecordHolder
from apps.register.models import RegisterEntry
from apps.reviews.models import Review
from apps.rights import disposal, retention
from apps.rights.models import Decision, Disposal, LegalHold, Tombstone
from apps.transitions.actions.succession import succeed
from tests import factories as make
from tests.support import named as world
from tests.support.database import as_owner
from tests.support.named import Named

pytestmark = pytest.mark.django_db

BORN = date(1991, 5, 4)


def sql(statement: str, *values: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def named() -> Named:
    """A learner with rows of every kind, who left long ago and would be 35 now."""
    named = world.build()
    parent = make.acting_as(named.parent)
    record.opened(by=parent.as_family(), learner_id=named.robin.id, what="record")
    with as_owner():
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        sql("SET CONSTRAINTS ALL DEFERRED")
        sql("UPDATE transitions_transition SET state = 'withdrawn', end_reason = 'Stayed'")
        sql("UPDATE learners_learner SET date_of_birth = %s, known_family = 'Goneaway',"
            " legal_family = 'Goneaway' WHERE id = %s", BORN, named.robin.id)  # fmt: skip
        Enrolment.objects.filter(learner=named.robin).update(ends_on=clock.today())
        RegisterEntry.objects.filter(learner=named.robin).update(
            ends_on=clock.today(), leaving_reason="left"
        )
    return named


@pytest.fixture
def due(named: Named) -> Disposal:
    assert disposal.find() == 1
    make.acting_as(named.senco)
    return Disposal.objects.get()


def propose(named: Named, due: Disposal) -> Decision:
    return disposal.propose(
        by=make.acting_as(named.senco), disposal_id=due.id, because="Its time has come"
    )


def agree(named: Named, due: Disposal) -> None:
    decision = propose(named, due)
    disposal.agree(by=make.acting_as(named.head), decision_id=decision.id)


def everywhere(word: str) -> set[str]:
    """The tables, the logs included, in which a word is found by whoever reads everything."""
    with as_owner():
        names = sql(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind IN ('r', 'p') AND NOT relispartition"
        )
        return {name for (name,) in names if sql(
            f'SELECT 1 FROM "{name}" t WHERE to_jsonb(t)::text ILIKE %s LIMIT 1', f"%{word}%"
        )}  # fmt: skip


def test_it_is_due_the_schedules_years_after_birth(due: Disposal, named: Named) -> None:
    years = retention.rule("record").years
    assert (due.years, due.due_on) == (years, BORN.replace(year=BORN.year + years))
    assert due.holder_id == named.school.id
    assert disposal.find() == 0


@pytest.mark.parametrize(
    "why", ["too young", "a guest at a setting", "on a register", "on legal hold", "looked after"]
)
def test_it_is_not_due_while_something_keeps_it(named: Named, why: str) -> None:
    if why == "on legal hold":
        hold(named)
    change = {
        "too young": "UPDATE learners_learner SET date_of_birth = '1999-01-01' WHERE id = %s",
        "a guest at a setting": "UPDATE learners_enrolment SET ends_on = NULL, kind = 'guest'"
        " WHERE learner_id = %s",
        "on a register": "WITH there AS (UPDATE register_registerentry SET ends_on = NULL,"
        " leaving_reason = '' RETURNING learner_id) UPDATE learners_enrolment SET ends_on = NULL"
        " WHERE learner_id = %s",
        "looked after": "UPDATE learners_learner SET looked_after_by_id = (SELECT id FROM"
        " education_settings_localarea LIMIT 1) WHERE id = %s",
    }.get(why, "SELECT %s")
    with as_owner():
        sql(change, named.robin.id)
    assert disposal.find() == 0


@pytest.mark.parametrize("held", [True, False])
def test_what_is_due_who_decides_it_and_how_long_is_kept_pass_to_a_successor(
    named: Named, due: Disposal, held: bool
) -> None:
    old, new = named.school, make.setting()
    head = make.acting_as(named.head)
    retention.change_schedule(by=head, organisation_id=old.id, years=40, reason="Policy")
    decision = propose(named, due)
    if not held:
        with as_owner():
            RecordHolder.objects.filter(learner=named.robin).delete()
    succeed(by=grants.operator(), old=old, new=new)
    head = make.acting_as(named.head)
    disposal.agree(by=head, decision_id=decision.id)
    assert Disposal.objects.get().holder_id == new.id
    _, change = retention.schedule_of(head, new.id)
    assert change
    assert change.years == 40


def test_a_holder_may_keep_records_longer_and_says_why(named: Named) -> None:
    by = make.acting_as(named.head)
    for years, reason, field in [(20, "Policy", "years"), (40, " ", "reason")]:
        with pytest.raises(Invalid) as refused:
            retention.change_schedule(
                by=by, organisation_id=named.school.id, years=years, reason=reason
            )
        assert field in refused.value.fields
    retention.change_schedule(
        by=by, organisation_id=named.school.id, years=40, reason="The trust's policy"
    )
    assert retention.schedule_of(by, named.school.id)[0][0].years == 40
    assert disposal.find() == 0
    with pytest.raises(Refused):
        retention.change_schedule(
            by=make.acting_as(named.senco), organisation_id=named.school.id, years=30, reason="No"
        )
    with pytest.raises(NotVisible):
        retention.schedule_of(make.acting_as(named.new_senco), named.school.id)


def hold(named: Named) -> LegalHold:
    return retention.place_hold(
        by=make.acting_as(named.head),
        learner=named.robin,
        reason="A claim was brought",
        look_again_on=clock.today() + timedelta(days=90),
    )


def test_what_was_due_is_not_once_the_holder_keeps_records_longer(
    named: Named, due: Disposal
) -> None:
    retention.change_schedule(
        by=make.acting_as(named.head),
        organisation_id=named.school.id,
        years=40,
        reason="The trust's policy",
    )
    assert disposal.find() == 0
    with as_owner():
        assert not Disposal.objects.filter(pk=due.id).exists()


def test_a_legal_hold_ends_only_by_a_person_who_says_why(named: Named) -> None:
    held = hold(named)
    by = make.acting_as(named.head)
    with pytest.raises(InvalidTransition):
        hold(named)
    with pytest.raises(Invalid):
        retention.end_hold(by=by, hold_id=held.id, because="")
    retention.end_hold(by=by, hold_id=held.id, because="The claim was settled")
    with pytest.raises(InvalidTransition):
        retention.end_hold(by=by, hold_id=held.id, because="Again")
    assert disposal.find() == 1


@pytest.mark.parametrize("who", ["senco", "teacher", "parent", "new_senco"])
def test_nobody_but_whoever_leads_places_a_hold(named: Named, who: str) -> None:
    by = make.acting_as(getattr(named, who))
    said = {"reason": "Because", "look_again_on": clock.today() + timedelta(days=9)}
    with pytest.raises((Refused, NotVisible)):
        retention.place_hold(by=by, learner=named.robin, **said)
    with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        LegalHold.objects.bulk_create(
            [LegalHold(learner=named.robin, placed_by_id=by.key, placed_at=clock.now(), **said)]
        )


def test_the_areas_officer_may_place_one(named: Named) -> None:
    with as_owner():
        sql(
            "INSERT INTO learners_learneraccess (learner_id, grantee_kind, grantee_id,"
            " access_right, reason, starts_on)"
            " VALUES (%s, 'local area', %s, 'read', 'oversees', %s)",
            named.robin.id, named.school.local_area_id, clock.today(),
        )  # fmt: skip
    by = make.acting_as(make.staff("officer", named.school.local_area))
    retention.place_hold(
        by=by,
        learner=named.robin,
        reason="An inquiry",
        look_again_on=clock.today() + timedelta(days=90),
    )
    assert disposal.find() == 0


def test_when_two_people_have_decided_nothing_of_the_learner_is_left(
    named: Named, due: Disposal
) -> None:
    seals.seal_waiting()
    key, last = named.robin.id, named.signed.sha256
    agree(named, due)
    disposal.work(due.id)
    for word in ("Goneaway", "Otherchild", "Quarrels", "Exampleson"):
        assert everywhere(word) - {"accounts_user", "audit_accessentry", "audit_event"} == set()
    assert everywhere(str(key)) == {
        "audit_event", "audit_change", "audit_accessentry", "rights_tombstone",
    }  # fmt: skip
    make.acting_as(named.senco)
    stone = Tombstone.objects.get()
    assert (stone.learner_key, stone.digest, stone.why) == (
        key,
        last,
        "31 years from the date of birth",
    )
    assert (stone.proposed_by, stone.decided_by) == (named.senco.name, named.head.name)
    assert stone.classes["reviews_statement"] == 1


def test_the_log_keeps_that_it_was_done_and_no_name_and_is_as_it_was_sealed(
    named: Named, due: Disposal
) -> None:
    seals.seal_waiting()
    agree(named, due)
    disposal.work(due.id)
    seals.seal_waiting()
    with as_owner():
        seals.verify(connection)
        key = named.robin.id
        assert Change.objects.filter(learner_id=key).exists()
        assert not Change.objects.filter(learner_id=key).exclude(old_values={}).exists()
        assert not Event.objects.filter(learner_id=key).exclude(detail={}).exists()
        family = AccessEntry.objects.filter(learner_id=key, role="Family")
        assert not family.exclude(actor_name="").exists()
        assert Event.objects.get(action="record deleted").detail["emptied"] > 10


def test_rows_said_to_be_emptied_that_were_not_are_found_out(named: Named, due: Disposal) -> None:
    seals.seal_waiting()
    agree(named, due)
    disposal.work(due.id)
    seals.seal_waiting()
    with as_owner(), pytest.raises(seals.Broken, match="no disposal emptied"):
        sql("INSERT INTO audit_emptied SELECT s.entry_id, e.event_id FROM audit_seal s,"
            " (SELECT event_id FROM audit_emptied LIMIT 1) e WHERE s.log = 'event'"
            " ORDER BY s.number LIMIT 1 ON CONFLICT DO NOTHING")  # fmt: skip
        sql("INSERT INTO audit_emptied SELECT uuidv7(), event_id FROM audit_emptied LIMIT 1")
        seals.verify(connection)


def test_it_happens_once_however_often_the_worker_runs(named: Named, due: Disposal) -> None:
    agree(named, due)
    for _ in range(3):
        disposal.work(due.id)
    with as_owner():
        assert Tombstone.objects.count() == 1


def test_killed_halfway_nothing_is_half_done(named: Named, due: Disposal) -> None:
    agree(named, due)
    with as_owner():
        sql("CREATE FUNCTION fall_over() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'killed'; END $$")  # fmt: skip
        sql("CREATE TRIGGER fall_over BEFORE DELETE ON reviews_statement"
            " FOR EACH ROW EXECUTE FUNCTION fall_over()")  # fmt: skip
    for _ in range(disposal.MOST_ATTEMPTS):
        with pytest.raises(DatabaseError, match="killed"):
            disposal.work(due.id)
    disposal.work(due.id)
    make.acting_as(named.senco)
    assert Review.objects.filter(learner=named.robin).count() == 2
    stuck = Disposal.objects.get()
    assert (stuck.state, stuck.last_error[:6]) == ("stuck", "killed")
    assert not Tombstone.objects.exists()


def test_a_hold_placed_after_the_decision_still_stops_it(named: Named, due: Disposal) -> None:
    agree(named, due)
    hold(named)
    with pytest.raises(DatabaseError, match="legal hold"):
        disposal.work(due.id)
    make.acting_as(named.senco)
    assert Learner.objects.filter(pk=named.robin.id).exists()


def test_one_person_alone_deletes_nothing(named: Named, due: Disposal) -> None:
    decision = propose(named, due)
    with pytest.raises(Refused, match="somebody else"):
        disposal.agree(by=make.acting_as(named.senco), decision_id=decision.id)
    make.acting_as(named.senco)
    sql("UPDATE rights_disposal SET state = 'agreed'")
    for actor in (grants.worker(), grants.person(named.senco.id, "", clock_may_shift=True)):
        rls.set_context(actor)
        with pytest.raises(DatabaseError, match=r"two people|worker"), transaction.atomic():
            sql("SELECT rights_dispose(%s, now())", due.id)
    assert sql("DELETE FROM learners_learner RETURNING 1") == []
    for table in ("rights_disposal", "rights_tombstone", "rights_legalhold"):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            sql(f"DELETE FROM {table}")


def test_declining_keeps_it_until_a_day(named: Named, due: Disposal) -> None:
    decision = propose(named, due)
    until = clock.today() + timedelta(days=30)
    by = make.acting_as(named.head)
    with pytest.raises(Invalid):
        disposal.decline(by=by, decision_id=decision.id, because="No", until=clock.today())
    disposal.decline(by=by, decision_id=decision.id, because="The family asked for it", until=until)
    due.refresh_from_db()
    assert (due.state, due.not_before, due.decision_id) == ("due", until, None)


def test_whoever_keeps_the_record_postpones_it_and_says_why(named: Named, due: Disposal) -> None:
    by = make.acting_as(named.senco)
    until = clock.today() + timedelta(days=30)
    with pytest.raises(Invalid):
        disposal.postpone(by=by, disposal_id=due.id, because="", until=until)
    disposal.postpone(by=by, disposal_id=due.id, because="A reunion", until=until)
    due.refresh_from_db()
    assert due.postponed_because == "A reunion"


@pytest.mark.parametrize("who", ["teacher", "parent", "new_senco"])
def test_nobody_else_sees_the_queue(named: Named, due: Disposal, who: str) -> None:
    by = make.acting_as(getattr(named, who))
    assert not Disposal.objects.exists()
    with pytest.raises(NotVisible):
        disposal.propose(by=by, disposal_id=due.id, because="Its time has come")
