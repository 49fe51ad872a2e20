"""Profiles a second: what a class or a setting prints, from records with years behind (P15)."""

from __future__ import annotations

import time
from statistics import median
from uuid import UUID

from apps.access import grants, rls
from apps.accounts.models import User
from apps.register.models import RegisterEntry
from apps.reviews import papers

ROUNDS = 5
TIMES = 12


def line(senco: User, setting_id: UUID) -> tuple[str, float]:
    """The table's line, and how many profiles a second one core makes, one PDF each.

    Every one of another learner; waiting for the database counts.
    """
    actor = grants.person(senco.id, senco.name, clock_may_shift=False).at(setting_id)
    rounds = []
    with rls.acting(actor):
        entries = RegisterEntry.objects.filter(setting_id=setting_id, ends_on=None)
        ids = list(entries.values_list("learner_id", flat=True)[: ROUNDS * TIMES])
        for turn in range(ROUNDS):
            started = time.perf_counter()
            for learner_id in ids[turn * TIMES :][:TIMES]:
                _make(actor, [learner_id])
            rounds.append(TIMES / (time.perf_counter() - started))
        started = time.perf_counter()
        _make(actor, ids)
        together = time.perf_counter() - started
    each = median(rounds)
    met = "yes" if each >= 20 else "NO"
    return (
        f"P15 profiles (PDF) per second of a core{each:>16.0f}  >= 20   {met:<5}"
        f"({min(rounds):.0f} to {max(rounds):.0f}); {len(ids)} as one PDF in {together:.1f} s",
        each,
    )


def _make(actor: grants.Actor, learner_ids: list[UUID]) -> bytes:
    people = papers.worked_with(actor, learner_ids)
    assert len(people) == len(learner_ids)
    return papers.profiles(actor, people, "Profiles")
