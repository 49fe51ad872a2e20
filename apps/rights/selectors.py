"""Reading copies, decisions and redactions for their pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from apps.access.grants import Actor
from apps.common.exceptions import NotVisible
from apps.learners import policy as learners
from apps.rights import policy
from apps.rights.models import Decision, Export, Redaction, Resealed

# How a page names a place; what is not here is work of the service that goes with it.
PLACES = {
    "reviews_review": "the record as signed off",
    "transitions_package": "a package that was sent",
    "reviews_statement": "a statement",
    "reviews_draftchange": "a draft",
    "reviews_progress": "a note of progress",
    "reviews_contribution": "what somebody said",
    "reviews_acknowledgement": "an answer to a review, or its reply",
    "transitions_transition": "a move",
    "transitions_settlingin": "settling in",
    "transitions_dayone": "support from day one",
    "transitions_query": "a question between settings",
    "learners_familymember": "what is kept of the family",
    "learners_withheldreader": "why a reader is withheld",
    "learners_enrolment": "a place at a setting",
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
        return _places(table for table, _ in cursor.fetchall())


def places_of(actor: Actor, decision: Decision) -> list[Place]:
    """Where the words of a redaction stand, for whoever decides it; none when it is decided."""
    policy.check_sees(actor, decision)
    asked = Redaction.objects.filter(decision=decision).first()
    return places_with(decision.learner_id, asked.words) if asked and asked.words else []


def redactions_of(actor: Actor, learner_id: UUID) -> list[Redacted]:
    """When words were redacted in this learner's record and in what, newest first."""
    done: dict[datetime, list[str]] = {}
    rows = Resealed.objects.filter(learners.seen_by(actor, "learner_id"), learner_id=learner_id)
    rows = rows.order_by("-at", "table_name")
    for at, table in rows.values_list("at", "table_name"):
        done.setdefault(at, []).append(table)
    return [Redacted(at, _places(tables)) for at, tables in done.items()]


def resealed(row_id: UUID) -> Resealed | None:
    """The last redaction of a review or package that the actor has open: its digests."""
    return Resealed.objects.filter(row_id=row_id).exclude(sha256="").order_by("-at").first()


def _places(tables: Iterable[str]) -> list[Place]:
    count = Counter(tables)
    return [Place(name, count[table]) for table, name in PLACES.items() if count[table]]
