"""Reading registers and records: what each page shows, in a known number of queries."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    JSONField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Cast, Coalesce, JSONObject

from apps.access.grants import Actor
from apps.common import clock
from apps.common.terms import year_group_label
from apps.learners.models import Enrolment, FamilyMember
from apps.learners.policy import seen_by
from apps.learners.selectors import Sight
from apps.register.models import BroughtOver, RegisterEntry
from apps.reviews import answers, meetings, policy, whereabouts
from apps.reviews.models import AskedFirst, Contribution, Kind, Review, Statement
from apps.reviews.registers import current_entries, go_on_after
from apps.reviews.term_ends import before_this_term
from apps.settings.calendar import CalendarTerm
from apps.settings.models import Setting

NEWEST = 20  # as many voices stand on the record's own page
VOICES = 50  # and so many on a page of all of them
LAST_SAID = ("-said_at", "-id")


def waiting_for_a_level(actor: Actor, setting_id: UUID) -> QuerySet[BroughtOver]:
    """Who was brought over and has no level yet, of those whose record this setting holds."""
    entries = RegisterEntry.objects.filter(
        setting_id=setting_id, ends_on=None, brought_over=True, also_here=False
    )
    rows = BroughtOver.objects.filter(
        seen_by(actor, "learner_id"), ended_on=None, learner__in=entries.values("learner_id")
    )
    return rows.select_related("learner").order_by("learner__name_key", "id")


@dataclass(frozen=True)
class Progress:
    """How far a setting's term is: reviews signed off, in progress, overdue; families not met."""

    signed_off: int
    open: int
    overdue: int
    unmet: int
    on_register: int


def term_progress(actor: Actor, setting_id: UUID, term: CalendarTerm) -> Progress:
    """The term's reviews of those on the register now, and the families that nobody spoke with in
    it: one query.
    """
    today = clock.today()
    review = Review.objects.filter(learner_id=OuterRef("learner_id"))
    signed = review.filter(
        state=Review.State.SIGNED_OFF,
        year=term.year,
        term=term.term.value,
        kind__in=[Review.Kind.TERMLY, Review.Kind.FIRST],
    )
    counts = (
        current_entries(actor, setting_id)
        .filter(also_here=False)
        .annotate(
            is_signed=Exists(signed),
            is_open=Exists(review.filter(state=Review.State.OPEN)),
            is_overdue=Exists(review.filter(state=Review.State.OPEN, due_on__lt=today)),
            is_met=meetings.spoken_with_since(term.starts_on),
        )
        .aggregate(
            on_register=Count("pk"),
            signed_off=Count("pk", filter=Q(is_signed=True)),
            open=Count("pk", filter=Q(is_open=True)),
            overdue=Count("pk", filter=Q(is_overdue=True)),
            unmet=Count("pk", filter=Q(is_met=False)),
        )
    )
    return Progress(**counts)


def due_reviews(actor: Actor, setting_id: UUID, limit: int = 12) -> list[Review]:
    """Open reviews of a setting, the most urgent first."""
    return list(
        policy.visible_to(actor)
        .filter(setting_id=setting_id, state=Review.State.OPEN)
        .select_related("learner")
        .order_by("due_on", "learner__name_key")[:limit]
    )


def with_keys(actor: Actor, keys: set[UUID]) -> dict[UUID, Review]:
    """Those of these reviews that the actor may see, by key, without their signed texts: one query,
    or none for none.
    """
    return policy.visible_to(actor).defer("canonical").in_bulk(keys) if keys else {}


def next_review(actor: Actor, setting_id: UUID, other_than: UUID | None) -> Review | None:
    """The review to go on with: the most urgent open one of the setting."""
    rows = policy.visible_to(actor).filter(setting_id=setting_id, state=Review.State.OPEN)
    return (
        rows.exclude(pk=other_than or UUID(int=0))
        .select_related("learner")
        .order_by("due_on", "learner__name_key")
        .first()
    )


@dataclass(frozen=True)
class Record:
    """A Learner Record as one actor may see it now."""

    sight: Sight
    entries: list[RegisterEntry]
    statements: list[Statement]
    reviews: list[Review]
    # The newest, and one more than the page shows; of an open review all that was said for it.
    said: list[Contribution]
    # What stands no longer: needs, and what ended since last term (`story`).
    earlier: list[Statement]

    @property
    def contributions(self) -> list[Contribution]:
        """What was said last, as the page shows it."""
        return self.said[:NEWEST]

    @property
    def more_said(self) -> bool:
        """Whether more was said before that."""
        return len(self.said) > NEWEST

    @property
    def holder_name(self) -> str:
        """Who holds the record now."""
        for entry in self.entries:
            if not entry.also_here:
                return str(entry.setting or entry.local_area)
        return ""

    @property
    def group(self) -> str:
        """The year group and class where the record is held: "Year 6, Oak"."""
        held = next((e for e in self.entries if not e.also_here), None)
        at: dict[str, Any] = getattr(held, "enrolled", None) or {}
        if not at:
            return ""
        return ", ".join(filter(None, [year_group_label(at["year_group"]), at["class_name"]]))

    @property
    def holder_setting(self) -> Setting | None:
        """The setting that holds the record, if a setting does."""
        return next((e.setting for e in self.entries if not e.also_here), None)

    def of(self, kind: str) -> list[Statement]:
        """The statements in force of one kind, in their order."""
        return [s for s in self.statements if s.kind == kind]

    @property
    def sections(self) -> list[dict[str, Any]]:
        """The statements other than needs, by kind in the order in which a record is read."""
        return [
            {"kind": kind.value, "label": kind.heading, "rows": self.of(kind)}
            for kind in Kind
            if kind != Kind.NEED and self.of(kind)
        ]

    @property
    def before_needs(self) -> list[dict[str, Any]]:
        """What the learner can do and hopes for, which is read first."""
        return [s for s in self.sections if s["kind"] in {Kind.STRENGTH, Kind.ASPIRATION}]

    @property
    def after_needs(self) -> list[dict[str, Any]]:
        """The sections after those and the needs."""
        return [s for s in self.sections if s["kind"] not in {Kind.STRENGTH, Kind.ASPIRATION}]

    @property
    def needs(self) -> dict[str, Statement]:
        """The need in force by area code."""
        return {s.area.code: s for s in self.of(Kind.NEED) if s.area}

    @property
    def open_review(self) -> Review | None:
        """The open review, if any."""
        return next((r for r in self.reviews if r.state == Review.State.OPEN), None)

    @property
    def latest(self) -> Review | None:
        """The last review that was signed off."""
        signed = [r for r in self.reviews if r.state == Review.State.SIGNED_OFF]
        return max(signed, key=lambda r: r.number or 0, default=None)

    @property
    def progress(self) -> dict[str, dict[str, str]]:
        """How far each outcome got at the last review: outcome key → mark and note."""
        said: list[dict[str, str]] = getattr(self.latest, "signed_progress", None) or []
        return {p["outcome"]: p for p in said}


def record(actor: Actor, seen: Sight, *, said_for: UUID | None = None) -> Record:
    """Everything that the record page shows of the record, in four queries.

    `said_for`: the review of which all that people said is wanted, in place of the newest.
    An adult from whom whereabouts are withheld is shown what the record says, and no more.
    """
    learner_id = seen.learner.id
    if not seen.knows_where:
        without = whereabouts.without_places(learner_id)
        return Record(seen, [], without, [], list(voices(actor, seen)[: NEWEST + 1]), [])
    # Years of signed texts stay where they are: a page needs what the last one says of progress.
    last = When(
        number=F("record__last_number"),
        then=KeyTransform("progress", Cast("canonical", JSONField())),
    )
    reviews: list[Review] = list(
        Review.objects.filter(learner_id=learner_id)
        .defer("canonical")
        .annotate(
            signed_progress=Case(last, output_field=JSONField()),
            waits=answers.first_waiting("id"),
            waits_until=answers.first_waiting("reply_due_on"),
        )
        .select_related("setting", "local_area")
        .order_by(Coalesce("signed_off_at", "opened_at").desc())
    )
    said = voices(actor, seen)
    ended_lately = Q(withdrawn_no__gt=before_this_term(reviews))
    statements = (
        policy.statements_visible(actor, family=seen.family)
        .filter(Q(withdrawn_no=None) | Q(kind=Kind.NEED) | ended_lately, learner_id=learner_id)
        .select_related("area", "level", "replaces__level")
        .order_by("kind", "order", "id")
    )
    return Record(
        sight=seen,
        entries=list(
            RegisterEntry.objects.filter(learner_id=learner_id, ends_on=None)
            .annotate(enrolled=Subquery(_enrolment_of_the_entry()))
            .select_related("setting__local_area", "local_area", "framework")
        ),
        statements=[s for s in statements if s.withdrawn_no is None],
        earlier=[s for s in statements if s.withdrawn_no is not None],
        reviews=reviews,
        said=list(said.filter(review_id=said_for) if said_for else said[: NEWEST + 1]),
    )


def _enrolment_of_the_entry() -> QuerySet[Enrolment, Any]:
    """The year group and class of an entry's learner at its setting."""
    today = clock.today()
    return (
        Enrolment.objects.filter(Q(ends_on=None) | Q(ends_on__gt=today), starts_on__lte=today)
        .filter(learner_id=OuterRef("learner_id"), setting_id=OuterRef("setting_id"))
        .values_list(JSONObject(year_group="year_group", class_name="class_name"), flat=True)[:1]
    )


def voices(actor: Actor, seen: Sight) -> QuerySet[Contribution]:
    """What people said of the learner, as this actor may read it, newest first."""
    rows = policy.contributions_visible(actor, family=seen.family)
    rows = rows.filter(learner_id=seen.learner.id).select_related("asked_first")
    return rows.order_by(*LAST_SAID)


def voices_page(actor: Actor, seen: Sight, after: str) -> tuple[list[Contribution], UUID | None]:
    """A page of `voices` after the one with this key, and the key to go on after, if more is said.

    One query, or two.
    """
    found = list(go_on_after(voices(actor, seen), after, LAST_SAID)[: VOICES + 1])
    return found[:VOICES], found[VOICES - 1].id if len(found) > VOICES else None


def to_answer_first(actor: Actor, learner_id: UUID) -> list[AskedFirst]:
    """What the actor said, and is asked whether others of the family may be shown."""
    rows = AskedFirst.objects.filter(seen_by(actor, "learner_id"), learner_id=learner_id)
    rows = rows.filter(author_id=actor.key, may_show=None)
    return list(rows.select_related("contribution").order_by("asked_at"))


def at_review(actor: Actor, seen: Sight, number: int) -> list[Statement]:
    """The statements in force at review `number`, as this actor may read them, in its own order."""
    signed = Review.objects.filter(learner_id=seen.learner.id, number=number)
    text = signed.values_list("canonical", flat=True).first()
    place = {s["id"]: n for n, s in enumerate(json.loads(text)["statements"])} if text else {}
    rows = (
        policy.statements_visible(actor, family=seen.family)
        .filter(learner_id=seen.learner.id, introduced_no__lte=number)
        .filter(Q(withdrawn_no=None) | Q(withdrawn_no__gt=number))
        .select_related("area", "level")
    )
    kinds = Kind.values
    return sorted(rows, key=lambda s: (kinds.index(s.kind), place.get(str(s.id), len(place))))


def withdrawn(actor: Actor, seen: Sight) -> list[Statement]:
    """The statements that are no longer in force, as this actor may read them."""
    rows = policy.statements_visible(actor, family=seen.family)
    return list(rows.filter(learner_id=seen.learner.id, withdrawn_no__isnull=False))


def taught_by(actor: Actor) -> list[RegisterEntry]:
    """Current entries at the actor's settings of the learners whom they may see, by name."""
    places = [p.organisation_id for p in actor.places if p.organisation_id]
    return list(
        RegisterEntry.objects.filter(
            seen_by(actor, "learner_id"), setting_id__in=places, ends_on=None
        )
        .select_related("learner", "setting")
        .order_by("learner__name_key")
    )


def standing(actor: Actor, learner_ids: Iterable[UUID]) -> dict[UUID, Any]:
    """Each learner's counting register entry with the open review's due date as `due_on`."""
    due = Review.objects.filter(learner_id=OuterRef("learner_id"), state=Review.State.OPEN)
    rows = RegisterEntry.objects.filter(
        seen_by(actor, "learner_id"), learner_id__in=list(learner_ids), ends_on=None
    ).filter(also_here=False)
    rows = rows.select_related("setting", "local_area")
    return {e.learner_id: e for e in rows.annotate(due_on=Subquery(due.values("due_on")[:1]))}


def children_of(actor: Actor) -> list[FamilyMember]:
    """The learners of whose family the actor is, while they may see the record."""
    return list(
        FamilyMember.objects.filter(seen_by(actor, "learner_id"), user_id=actor.key, may_see=True)
        .select_related("learner")
        .order_by("learner__date_of_birth")
    )
