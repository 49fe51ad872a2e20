"""Joins and their undoing, among whatever else happens: rules 1, 2, 3 and 7 hold, and an undone
join has restored the rows of both learners as they were."""

from __future__ import annotations

import os
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from apps.access import grants, rls
from apps.common import clock
from apps.common.exceptions import DomainError
from apps.framework import selectors as framework
from apps.learners import family
from apps.learners.models import Enrolment, FormerIdentifier, Learner, RecordHolder
from apps.lives.actions import death, joining
from apps.lives.models import Closure
from apps.register.models import RegisterEntry
from apps.reviews.actions import drafting, entry, places, signoff
from apps.reviews.models import Review, Statement
from tests import factories as make
from tests.support.database import as_owner
from tests.support.lives import UPN, rows_of

pytestmark = pytest.mark.django_db

EXAMPLES = int(os.environ.get("EXAMPLES", "12"))
WHICH = st.integers(0, 3)
NUMBERS = (UPN, "P207000016049", "U838123422001", None)


class Joins(RuleBasedStateMachine):
    """Four records at two settings of one area; some of them are one child's, or so it is said."""

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    @initialize()
    def settle(self) -> None:
        self.area = make.local_area()
        self.schools = [make.setting(self.area) for _ in range(2)]
        self.sencos = [make.staff("senco", school) for school in self.schools]
        self.heads = [make.staff("head", school) for school in self.schools]
        self.officer = make.staff("officer", self.area)
        self.grid = framework.published()
        self.who = [
            make.learner(self.schools[n // 2], upn=number) for n, number in enumerate(NUMBERS)
        ]
        self.before: dict[Any, dict[str, Any]] = {}
        for n in range(3):
            self.is_listed(n)

    def attempt(self, act: Any, **values: Any) -> Any:
        try:
            with transaction.atomic():
                done = act(**values)
        except DomainError as refused:
            event(f"{act.__name__}: {type(refused).__name__}")
            return None
        event(f"{act.__name__}: done")
        return done

    def desk(self, n: int) -> Any:
        return make.acting_as(self.sencos[n // 2])

    @rule(n=WHICH)
    def is_listed(self, n: int) -> None:
        self.attempt(
            entry.put_on_register,
            by=self.desk(n),
            learner=Learner.objects.get(pk=self.who[n].pk) if self.seen(n) else self.who[n],
            setting=self.schools[n // 2],
            area=self.grid.areas[0].code,
            level="mild",
            evidence=entry.Evidence("Watches others", "class", clock.today(), "Mr Ray"),
        )

    def seen(self, n: int) -> bool:
        return Learner.objects.filter(pk=self.who[n].pk).exists()

    @rule(kept=WHICH, joined=WHICH, across=st.booleans())
    def are_joined(self, kept: int, joined: int, across: bool) -> None:
        person = self.officer if across else self.sencos[kept // 2]
        rows = rows_of(self.who[kept], self.who[joined])
        closure = self.attempt(
            joining.join,
            by=make.acting_as(person),
            kept_id=self.who[kept].id,
            joined_id=self.who[joined].id,
            why="One certificate",
        )
        if closure:
            self.before[closure.id] = rows

    @rule(n=WHICH)
    def are_parted(self, n: int) -> None:
        with as_owner():
            closure = Closure.objects.filter(
                into=self.who[n], because="joined", undone_at=None
            ).first()
        if closure is None:
            return
        by = make.acting_as(self.officer)
        if not self.attempt(joining.part, by=by, closure_id=closure.id, why="Cousins"):
            by = self.desk(n)
            if not self.attempt(joining.part, by=by, closure_id=closure.id, why="Cousins"):
                return
        now, was = rows_of(closure.learner), self.before[closure.id]
        theirs = {m: [r for r in rows if self.is_of(r, closure)] for m, rows in was.items()}
        assert now == theirs

    @staticmethod
    def is_of(row: dict[str, Any], closure: Closure) -> bool:
        return closure.learner_id in {row.get("learner_id"), row["id"]}

    @rule(kept=WHICH, joined=WHICH)
    def are_joined_and_parted_at_once(self, kept: int, joined: int) -> None:
        rows = rows_of(self.who[kept], self.who[joined])
        by = make.acting_as(self.officer)
        closure = self.attempt(
            joining.join,
            by=by,
            kept_id=self.who[kept].id,
            joined_id=self.who[joined].id,
            why="One certificate",
        )
        if closure:
            self.attempt(
                joining.part,
                by=make.acting_as(self.officer),
                closure_id=closure.id,
                why="Cousins",
            )
            assert rows_of(self.who[kept], self.who[joined]) == rows

    @rule(n=WHICH)
    def is_signed_off(self, n: int) -> None:
        by = self.desk(n)
        review = Review.objects.filter(learner=self.who[n], state="open").first()
        if review is None:
            return
        seen = [{"what": "Watches", "when": "2026-01-01"}]
        for area in self.grid.areas:
            self.attempt(
                drafting.save_change,
                by=by,
                review_id=review.id,
                version=None,
                change="add",
                values=drafting.need_values(self.grid, area.code, "mild", seen, "Watches"),
            )
        self.attempt(
            signoff.sign_off,
            by=by,
            review_id=review.id,
            version=None,
            no_conversation_because="Not yet reached",
        )

    @rule(n=WHICH)
    def gets_a_parent(self, n: int) -> None:
        person = make.user()
        by = make.acting_as(self.sencos[n // 2])
        member = self.attempt(
            family.add_family_member,
            by=by,
            learner=self.who[n],
            values={"name": person.email, "relation": "mother"},
        )
        if member:
            self.attempt(family.open_to_family, by=by, member=member, user_id=person.id)

    @rule(n=WHICH)
    def loses_a_parent(self, n: int) -> None:
        by = self.desk(n)
        member = self.who[n].family.filter(may_see=True).first()
        if member:
            self.attempt(family.close_to_family, by=by, member=member, why="At her wish")

    @rule(n=WHICH)
    def has_a_plan(self, n: int) -> None:
        self.attempt(
            places.note_plan,
            by=self.desk(n),
            learner=self.who[n],
            setting=self.schools[n // 2],
            local_area=self.area,
            starts_on=clock.today() - timedelta(days=9),
        )

    @rule(n=WHICH)
    def dies_by_mistake(self, n: int) -> None:
        rows = rows_of(self.who[n])
        said = {"died_on": clock.today(), "told_by": "A voice on the telephone"}
        if self.attempt(death.note_death, by=self.desk(n), learner_id=self.who[n].id, **said):
            by = make.acting_as(self.heads[n // 2])
            assert self.attempt(death.undo, by=by, learner_id=self.who[n].id, why="Not so")
            assert rows_of(self.who[n]) == rows

    @rule(n=WHICH)
    def leaves_without_a_place(self, n: int) -> None:
        self.attempt(
            places.leave_without_place,
            by=self.desk(n),
            learner=self.who[n],
            local_area=self.area,
            why="home",
        )

    @invariant()
    def the_database_has_nothing_against_it(self) -> None:
        rls.set_context(grants.worker())
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")

    @invariant()
    def rule_1_one_main_place_and_one_holder_a_day(self) -> None:
        with as_owner():
            for learner in self.who:
                held = RecordHolder.objects.filter(learner=learner).order_by("starts_on")
                ranges = list(held.values_list("starts_on", "ends_on"))
                for (_, ends), (starts, _) in pairwise(ranges):
                    assert ends == starts
                assert not ranges or ranges[-1][1] is None
                mains = Enrolment.objects.filter(learner=learner, kind="main", ends_on=None)
                assert mains.count() <= 1

    @invariant()
    def rule_2_one_open_review_and_none_in_a_closed_record(self) -> None:
        with as_owner():
            for learner in Learner.objects.filter(pk__in=[x.pk for x in self.who]):
                count = Review.objects.filter(learner=learner, state="open").count()
                assert count <= (0 if learner.closed_because else 1)

    @invariant()
    def rule_3_listed_exactly_with_a_reason(self) -> None:
        with as_owner():
            for learner in Learner.objects.filter(pk__in=[x.pk for x in self.who]):
                listed = RegisterEntry.objects.filter(learner=learner, ends_on=None).exists()
                needs = Statement.objects.filter(
                    learner=learner, kind="need", withdrawn_no=None, level__rank__gt=0
                )
                plan = learner.ehc_plans.filter(ends_on=None)
                reason = needs.exists() or plan.exists()
                assert listed == (reason and not learner.closed_because)

    @invariant()
    def rule_7_every_number_is_still_there_and_one_learner_s(self) -> None:
        with as_owner():
            now = [
                *Learner.objects.exclude(upn=None).values_list("upn", "pk"),
                *FormerIdentifier.objects.values_list("value", "learner_id"),
            ]
            assert sorted({n for n, _ in now}) == sorted(n for n in NUMBERS if n)
            assert len({n for n, _ in now}) == len(now)


def test_joins_and_their_undoing_break_no_rule() -> None:
    run_state_machine_as_test(
        Joins,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=20,
            deadline=None,
            report_multiple_bugs=False,
            phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.target],
            suppress_health_check=list(HealthCheck),
        ),
    )
