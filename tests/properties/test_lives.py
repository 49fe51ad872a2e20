"""Whatever happens to learners, in whatever order: rules 1 to 4 and 7 of domain.md hold."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, Phase, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from apps.access import grants, rls
from apps.access.grants import Actor
from apps.common import clock
from apps.common.exceptions import DomainError
from apps.common.identifiers import parse_upn
from apps.common.models import ClockShift
from apps.framework import selectors as framework
from apps.learners import actions as learners
from apps.learners.models import EHCPlan, Enrolment, Learner, LearnerAccess, RecordHolder
from apps.register.models import RegisterEntry
from apps.reviews.actions import drafting, entry, places, signoff, term
from apps.reviews.models import Review, Statement
from apps.transitions.actions import delivery, planning
from apps.transitions.models import Delivery, Transition
from apps.transitions.states import ENDED
from tests import factories as make
from tests.support.database import as_owner

pytestmark = pytest.mark.django_db

# A short form by default, the same on every run; `make assure` asks for many more, ever new.
EXAMPLES = int(os.environ.get("EXAMPLES", "15"))
UPNS = ["B801200005001", "P207000016049", "U838123422001", "F20136142500A", "G84030992511B"]
RANKS = st.lists(st.integers(0, 5), min_size=4, max_size=4)
SEEN = {"what": "Watches others", "where": "class", "when": "2026-01-01", "by": "Mr Ray"}


class Lives(RuleBasedStateMachine):
    """Three settings in two areas and a few learners, to whom anything may happen.

    An action may be refused: that is an answer. What must not happen is a rule broken.
    """

    who = Bundle("who")

    def __init__(self) -> None:
        super().__init__()
        self.days = 0
        self.signed: dict[Any, tuple[str, str]] = {}
        self.undo = transaction.atomic()
        self.undo.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)
        clock.set_shift(0)

    @initialize(target=who)
    def settle(self) -> Any:
        """Three learners to begin with, two of them on a register."""
        self.areas = [make.local_area(), make.local_area()]
        self.settings = [make.setting(self.areas[n // 2]) for n in range(3)]
        self.grid = framework.published()
        here = [self.joins(place=n, year=4) for n in (0, 0, 1)]
        for learner in here[:2]:
            self.is_put_on_the_register(learner=learner, area=0, rank=2)
        return multiple(*here)

    def holder(self, learner: Learner) -> tuple[Actor, Any]:
        """Whoever holds the record, or the setting of the main enrolment; as the database sees."""
        with as_owner():
            held = RecordHolder.objects.filter(learner=learner, ends_on=None).first()
            main = Enrolment.objects.filter(learner=learner, kind="main", ends_on=None).first()
            place = (held.setting or held.local_area) if held else main and main.setting
        actor = grants.worker(*([place.id] if place else []))
        rls.set_context(actor)
        return actor, place

    def attempt(self, act: Any, **values: Any) -> Any:
        """Do it in a transaction of its own, as a request would; None when it was refused."""
        try:
            with transaction.atomic():
                done = act(**values)
        except DomainError:
            event(f"{act.__name__}: refused")
            return None
        event(f"{act.__name__}: done")
        return done

    @rule(target=who, place=st.integers(0, 2), year=st.integers(-1, 11))
    def joins(self, place: int, year: int) -> Learner:
        setting = self.settings[place]
        by = grants.worker(setting.id)
        rls.set_context(by)
        values = {"legal_given": "Robin", "known_given": "Robin", "legal_family": "E"}
        return learners.add_learner(
            by=by,
            setting=setting,
            values={**values, "date_of_birth": date(2016, 3, 14)},
            year_group=year,
            starts_on=clock.today(),
        )

    @rule(learner=who, upn=st.sampled_from([*UPNS, "B801200005002"]))
    def gets_a_number(self, learner: Learner, upn: str) -> None:
        by, _ = self.holder(learner)
        learner.refresh_from_db()
        with suppress(IntegrityError):
            self.attempt(learners.update_learner, by=by, learner=learner, values={"upn": upn})

    @rule(learner=who, area=st.integers(0, 3), rank=st.integers(0, 5))
    def is_put_on_the_register(self, learner: Learner, area: int, rank: int) -> None:
        by, place = self.holder(learner)
        self.attempt(
            entry.put_on_register,
            by=self.senco(place),
            learner=learner,
            setting=place,
            area=self.grid.areas[area].code,
            level=self.grid.levels[rank].code,
            evidence=entry.Evidence("Watches others", "class", clock.today(), "Mr Ray"),
        )

    def senco(self, place: Any) -> Actor:
        """The place's SENCO, where a rule asks for the role and not only for the right."""
        with as_owner():
            person = make.staff("senco", place) if hasattr(place, "phase") else make.user()
        return make.acting_as(person)

    @rule(learner=who)
    def is_looked_at_again(self, learner: Learner) -> None:
        by, place = self.holder(learner)
        if hasattr(place, "phase") and hasattr(learner, "record"):
            self.attempt(entry.open_interim, by=by, learner=learner, setting=place)

    @rule(learner=who, ranks=RANKS, more=st.text(max_size=30))
    def is_reviewed(self, learner: Learner, ranks: list[int], more: str) -> None:
        self.is_written_about(learner=learner, ranks=ranks, more=more)
        self.is_signed_off(learner=learner)

    @rule(learner=who, ranks=RANKS, more=st.text(max_size=30))
    def is_written_about(self, learner: Learner, ranks: list[int], more: str) -> None:
        by, _ = self.holder(learner)
        review = Review.objects.filter(learner=learner, state="open").first()
        if review is None:
            return
        needs = [
            {
                "kind": "need",
                "area": area.code,
                "level": self.grid.levels[rank].code,
                "text": "Follows one part.",
                "details": {"evidence": [SEEN]},
            }
            for area, rank in zip(self.grid.areas, ranks, strict=True)
        ]
        for values in [*needs, {"kind": "support", "text": more}]:
            self.attempt(
                drafting.save_change,
                by=by,
                review_id=review.id,
                version=None,
                change="add",
                values=values,
            )

    @rule(learner=who)
    def is_signed_off(self, learner: Learner) -> None:
        by, _ = self.holder(learner)
        review = Review.objects.filter(learner=learner, state="open").first()
        if review:
            self.attempt(
                signoff.sign_off,
                by=by,
                review_id=review.id,
                version=None,
                no_conversation_because="Not reached",
            )

    @rule(learner=who, place=st.integers(0, 2), kind=st.sampled_from(["subsidiary", "guest"]))
    def attends_also(self, learner: Learner, place: int, kind: str) -> None:
        by, _ = self.holder(learner)
        self.attempt(
            places.attend_also,
            by=by,
            learner=learner,
            setting=self.settings[place],
            kind=kind,
            year_group=4,
        )

    @rule(learner=who)
    def attends_no_more(self, learner: Learner) -> None:
        by, _ = self.holder(learner)
        for enrolment in Enrolment.objects.filter(learner=learner, ends_on=None):
            self.attempt(places.attend_no_more, by=by, enrolment=enrolment)

    @rule(learner=who, ago=st.integers(-2, 40))
    def has_a_plan(self, learner: Learner, ago: int) -> None:
        by, place = self.holder(learner)
        if hasattr(place, "phase"):
            self.attempt(
                places.note_plan,
                by=by,
                learner=learner,
                setting=place,
                local_area=self.areas[0],
                starts_on=clock.today() - timedelta(days=ago),
            )

    @rule(learner=who)
    def has_a_plan_no_more(self, learner: Learner) -> None:
        by, _ = self.holder(learner)
        plan = EHCPlan.objects.filter(learner=learner, ends_on=None).first()
        if plan:
            self.attempt(places.end_plan, by=by, plan=plan)

    @rule(learner=who, place=st.integers(0, 2), days=st.integers(1, 60))
    def is_to_move(self, learner: Learner, place: int, days: int) -> None:
        by, _ = self.holder(learner)
        move = self.attempt(
            planning.expect,
            by=by,
            learner=learner,
            kind="in-year",
            starts_on=clock.today() + timedelta(days=days),
            year_group=5,
            to_setting=self.settings[place],
        )
        if move:
            self.attempt(planning.share, by=by, transition_id=move.id)

    @rule(learner=who)
    def does_not_move(self, learner: Learner) -> None:
        by, _ = self.holder(learner)
        for move in Transition.objects.filter(learner=learner):
            self.attempt(planning.withdraw, by=by, transition_id=move.id, why="Stays")

    @rule(learner=who)
    def leaves_without_a_place(self, learner: Learner) -> None:
        by, _ = self.holder(learner)
        self.attempt(
            places.leave_without_place, by=by, learner=learner, local_area=self.areas[1], why="home"
        )

    @rule(days=st.integers(1, 120))
    def time_passes(self, days: int) -> None:
        """Days go by; the worker does what has become due, and a term's reviews open."""
        self.days += days
        with as_owner():
            ClockShift.objects.update_or_create(id=True, defaults={"days": self.days})
        clock.set_shift(self.days)
        with as_owner():
            due = list(Delivery.objects.filter(not_before__lte=clock.now(), state="queued"))
        for row in due:
            delivery.work(row.pk)
            clock.set_shift(self.days)
        for setting in self.settings:
            by = grants.worker(setting.id)
            rls.set_context(by)
            self.attempt(term.lapse_ended, by=by, setting=setting)
            self.attempt(term.open_term, by=by, setting=setting)

    @invariant()
    def the_database_has_nothing_against_it(self) -> None:
        """Every deferred rule is looked at as when a request ends."""
        rls.set_context(grants.worker())
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")

    @invariant()
    def rule_1_one_main_enrolment_and_one_holder_a_day(self) -> None:
        with as_owner():
            for learner in Learner.objects.all():
                days = Enrolment.objects.filter(learner=learner, kind="main")
                _assert_apart(list(days.values_list("starts_on", "ends_on")))
                held = RecordHolder.objects.filter(learner=learner).order_by("starts_on")
                ranges = list(held.values_list("starts_on", "ends_on"))
                _assert_apart(ranges)
                for (_, ends), (starts, _) in pairwise(ranges):
                    assert ends == starts
                assert not ranges or ranges[-1][1] is None

    @invariant()
    def no_setting_may_see_whom_it_neither_has_nor_holds_nor_awaits(self) -> None:
        with as_owner():
            may = LearnerAccess.objects.filter(grantee_kind="setting", ends_on=None)
            here = Enrolment.objects.filter(ends_on=None).values_list("learner", "setting")
            held = RecordHolder.objects.filter(ends_on=None).values_list("learner", "setting")
            coming = Transition.objects.exclude(state__in=ENDED)
            awaited = coming.values_list("learner", "to_setting")
            assert {*may.values_list("learner", "grantee_id")} <= {*here, *held, *awaited}

    @invariant()
    def rule_2_one_open_review_and_one_termly_a_term(self) -> None:
        with as_owner():
            for learner in Learner.objects.all():
                reviews = Review.objects.filter(learner=learner)
                assert reviews.filter(state="open").count() <= 1
                termly = reviews.filter(kind="termly").exclude(state="lapsed")
                terms = list(termly.values_list("year", "term"))
                assert len(terms) == len(set(terms))
                numbers = list(reviews.exclude(number=None).values_list("number", flat=True))
                assert sorted(numbers) == list(range(1, len(numbers) + 1))

    @invariant()
    def rule_3_on_the_register_exactly_with_a_reason(self) -> None:
        today = clock.today()
        with as_owner():
            for learner in Learner.objects.filter(record__isnull=False):
                needs = Statement.objects.filter(learner=learner, withdrawn_no=None, kind="need")
                rank = self.grid.version.register_rank
                reason = (
                    needs.filter(level__rank__gte=rank).exists()
                    or (
                        EHCPlan.objects.filter(learner=learner, starts_on__lte=today, ends_on=None)
                    ).exists()
                )
                here = set(
                    Enrolment.objects.filter(learner=learner, ends_on=None)
                    .exclude(kind="guest")
                    .values_list("setting_id", flat=True)
                )
                area = RecordHolder.objects.filter(learner=learner, ends_on=None)
                here |= set(area.exclude(local_area=None).values_list("local_area_id", flat=True))
                entries = RegisterEntry.objects.filter(learner=learner, ends_on=None)
                listed = {e.setting_id or e.local_area_id for e in entries}
                assert listed == (here if reason else set())

    @invariant()
    def rule_4_what_was_signed_stays_as_it_was(self) -> None:
        with as_owner():
            for review in Review.objects.filter(state="signed off"):
                digest = hashlib.sha256(review.canonical.encode()).hexdigest()
                assert digest == review.sha256
                before = self.signed.setdefault(review.id, (review.canonical, review.sha256))
                assert before == (review.canonical, review.sha256)
                number = review.number or 0
                shown = Statement.objects.filter(record=review.record, introduced_no__lte=number)
                shown = shown.exclude(withdrawn_no__lte=number)
                told = json.loads(review.canonical)["statements"]
                assert {s["id"] for s in told} == {str(s.id) for s in shown}

    @invariant()
    def rule_7_a_number_is_well_formed_and_one_learner_s(self) -> None:
        with as_owner(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT number, count(DISTINCT whose) FROM ("
                " SELECT upn AS number, id AS whose FROM learners_learner WHERE upn IS NOT NULL"
                " UNION SELECT value, learner_id FROM learners_formeridentifier"
                " WHERE kind = 'upn') n GROUP BY number"
            )
            for number, learners_with_it in cursor.fetchall():
                assert parse_upn(number) == number
                assert learners_with_it == 1


def _assert_apart(ranges: list[tuple[date, date | None]]) -> None:
    ordered = sorted(ranges)
    for (_, ends), (starts, _) in pairwise(ordered):
        assert ends is not None
        assert ends <= starts


def test_the_rules_hold_in_every_life() -> None:
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=25,
            deadline=None,
            report_multiple_bugs=False,
            phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.target],
            suppress_health_check=list(HealthCheck),
        ),
    )
