"""Reading copies, decisions and redactions for their pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from apps.access.grants import Actor
from apps.common import clock
from apps.common.exceptions import NotVisible
from apps.learners import policy as learners
from apps.rights import policy
from apps.rights.models import (
    Decision,
    Disposal,
    Export,
    LegalHold,
    Redaction,
    Resealed,
    Tombstone,
)

MOST = 200
MARK = "[redacted]"
# Whose words everyone who decides reads in the record itself. What somebody noticed, or agreed
# with a family, has pages of its own that not all of them see.
READ_IN_THE_RECORD = ("reviews_statement", "reviews_slip", "reviews_contribution")
# How a page names a place; what is not here is work of the service that goes with it.
PLACES = {
    "reviews_review": "the record as signed off",
    "transitions_package": "a package that was sent",
    "reviews_statement": "a statement",
    "reviews_slip": "a slip that was noted",
    "reviews_draftchange": "a draft",
    "reviews_progress": "a note of progress",
    "reviews_setaside": "why something was set aside before sign-off",
    "reviews_contribution": "what somebody said",
    "reviews_supportseen": "how a support works in a class",
    "reviews_supportcheck": "why a support does not happen as planned",
    "reviews_acknowledgement": "an answer to a review, or its reply",
    "reviews_meeting": "a meeting with the family",
    "reviews_noticing": "what somebody noticed",
    "transitions_transition": "a move",
    "transitions_settlingin": "settling in",
    "transitions_dayone": "support from day one",
    "transitions_query": "a question between settings",
    "learners_familymember": "what is kept of the family",
    "learners_withheldreader": "why a reader is withheld",
    "learners_enrolment": "a place at a setting",
    "learners_referral": "why a specialist was asked",
    "register_broughtover": "what the setting’s earlier list said",
    "documents_document": "what is said of a document",
    "rights_export": "for whom a copy was made",
}


@dataclass(frozen=True)
class Place:
    """Where words stand: what it is, and in how many of them."""

    name: str
    count: int


@dataclass(frozen=True)
class Redacted:
    """That words were redacted, when and in what: never which."""

    at: datetime
    places: list[Place]


def copies_of(actor: Actor, learner_id: UUID) -> list[Export]:
    """The copies asked for of a learner, newest first, without their content."""
    policy.check_can_export(actor, learner_id)
    rows = Export.objects.filter(learner_id=learner_id).defer("content")
    return list(rows.order_by("-asked_at"))


def decision(actor: Actor, decision_id: UUID) -> Decision:
    """One decision, with its people and learner; raises NotVisible."""
    rows = policy.decisions_visible(actor).select_related("learner", "proposed_by", "decided_by")
    found = rows.filter(pk=decision_id).first()
    if found is None:
        raise NotVisible
    return found


def decisions_waiting(actor: Actor) -> list[Decision]:
    """What waits for a second person where the actor decides, oldest first; their own included."""
    rows = policy.decisions_visible(actor).filter(state=Decision.State.WAITING)
    return list(rows.select_related("learner", "proposed_by").order_by("proposed_at"))


def decisions_for(actor: Actor) -> list[Decision]:
    """What waits for this very person: not what they proposed."""
    return [d for d in decisions_waiting(actor) if d.proposed_by_id != actor.person_id]


def places_with(learner_id: UUID, words: str) -> list[Place]:
    """Where words stand, of what the context may read; a redaction finds the rest as well."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT table_name, row_id FROM rights_found(%s, %s, '')", [learner_id, words]
        )
        found = _places(table for table, _ in cursor.fetchall())
        cursor.execute("SELECT rights_stands_earlier(%s, %s)", [learner_id, words])
        (earlier,) = cursor.fetchone()
    return [*found, Place("earlier records, joined to this one", 1)] if earlier else found


def places_of(actor: Actor, decision: Decision) -> list[Place]:
    """Where the words of a redaction stand, for whoever decides it; none when it is decided."""
    policy.check_sees(actor, decision)
    asked = Redaction.objects.filter(decision=decision).first()
    return places_with(decision.learner_id, asked.words) if asked and asked.words else []


def sentences_of(actor: Actor, decision: Decision) -> list[str]:
    """How sentences of the record will read once the words are redacted; none when decided."""
    policy.check_sees(actor, decision)
    asked = Redaction.objects.filter(decision=decision).first()
    if not asked or not asked.words:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT became #>> '{}' FROM rights_found(%s, %s, %s)"
            " WHERE jsonb_typeof(became) = 'string' AND table_name = ANY (%s) ORDER BY 1 LIMIT %s",
            [decision.learner_id, asked.words, MARK, [*READ_IN_THE_RECORD], MOST],
        )
        return [sentence for (sentence,) in cursor.fetchall()]


def redactions_of(actor: Actor, learner_id: UUID) -> list[Redacted]:
    """When words were redacted in this learner's record and in what, newest first."""
    done: dict[datetime, list[str]] = {}
    # That a package was sent tells of a move: for those alone who may know where the learner is.
    known = learners.whereabouts_seen_by(actor, "learner_id")
    rows = Resealed.objects.filter(known, learner_id=learner_id)
    rows = rows.order_by("-at", "table_name")
    for at, table in rows.values_list("at", "table_name"):
        done.setdefault(at, []).append(table)
    return [Redacted(at, _places(tables)) for at, tables in done.items()]


@dataclass(frozen=True)
class Keeping:
    """What a holder keeps back, is about to delete, and has deleted."""

    due: list[Disposal]
    later: list[Disposal]
    waiting: list[Disposal]
    going: list[Disposal]
    holds: list[LegalHold]
    tombstones: list[Tombstone]

    @property
    def learner_ids(self) -> set[UUID]:
        """Everyone whom the page names."""
        queue = [*self.due, *self.later, *self.waiting, *self.going]
        return {d.learner_id for d in queue} | {h.learner_id for h in self.holds}


def keeping(actor: Actor, organisation_id: UUID) -> Keeping:
    """The queue of a holder, its legal holds, and what was deleted: three queries."""
    policy.check_keeps_at(actor, organisation_id)
    rows = policy.disposals_visible(actor).filter(holder_id=organisation_id)
    queue = list(rows.select_related("learner", "decision__proposed_by").order_by("due_on", "id"))
    today = clock.today()
    due = [d for d in queue if d.state == Disposal.State.DUE]
    holds = LegalHold.objects.filter(learners.seen_by(actor, "learner_id"), ended_at=None)
    return Keeping(
        due=[d for d in due if d.not_before is None or d.not_before <= today],
        later=[d for d in due if d.not_before and d.not_before > today],
        waiting=[d for d in queue if d.state == Disposal.State.PROPOSED],
        going=[d for d in queue if d.state in {Disposal.State.AGREED, Disposal.State.STUCK}],
        holds=list(holds.select_related("learner", "placed_by").order_by("look_again_on")),
        tombstones=list(
            Tombstone.objects.filter(holder_id=organisation_id).order_by("-deleted_at")[:MOST]
        ),
    )


def hold_of(actor: Actor, learner_id: UUID) -> LegalHold | None:
    """The legal hold on a learner, for whoever may place and end one."""
    policy.check_can_hold_back(actor, learner_id)
    rows = LegalHold.objects.filter(learner_id=learner_id, ended_at=None)
    return rows.select_related("placed_by").first()


def resealed(row_id: UUID) -> Resealed | None:
    """The last redaction of a review or package that the actor has open: its digests."""
    return Resealed.objects.filter(row_id=row_id).exclude(sha256="").order_by("-at").first()


def _places(tables: Iterable[str]) -> list[Place]:
    count = Counter(tables)
    return [Place(name, count[table]) for table, name in PLACES.items() if count[table]]
