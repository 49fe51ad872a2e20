"""Profiles and cover sheets: what they say of a learner, for the audience of whoever asks.

Plain values, of which `formats.pdf` makes pages. The papers that leave are in `evidence`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from apps.access.grants import Actor
from apps.common import clock
from apps.common.terms import year_group_label
from apps.formats import pdf
from apps.learners import policy as learners_policy
from apps.learners.models import Enrolment, Learner, TeachingGroup, TeachingGroupMember
from apps.learners.selectors import Sight
from apps.reviews import policy, selectors
from apps.reviews.models import Audience, Kind, PaperSent, Progress, Review, Statement
from apps.reviews.slips import corrected

# The parts of a profile, in the order in which it is read, and the kinds that go into each.
PARTS = {
    "Who I am": (Kind.ASPIRATION,),
    "What I can do": (Kind.STRENGTH,),
    "What helps": (Kind.ADAPTATION, Kind.SUPPORT),
    "What makes it harder for me": (Kind.HARDER,),
    "My outcomes": (Kind.OUTCOME,),
}
LINES_OF_A_COVER_SHEET = 2


def profile(actor: Actor, seen: Sight) -> bytes:
    """The one-page profile of a learner, as this person may read it."""
    record = selectors.record(actor, seen)
    known = [seen.learner.id] if seen.knows_where else []
    signed = record.latest.signed_off_at if record.latest else None
    person = _profile(
        seen.learner,
        record.statements,
        _marks(known),
        _places(known).get(seen.learner.id, []) + _signed(signed),
    )
    audience = "For the family" if seen.family else "For staff"
    return _make("profiles", f"Profile of {seen.learner}", audience, {"people": [person]})


def profiles(actor: Actor, people: list[Learner], title: str) -> bytes:
    """The profiles of learners with whom the actor works (`worked_with`), a page each."""
    ids = [learner.id for learner in people]
    statements = _in_force(actor, ids)
    marks = _marks(ids)
    places = _places(ids)
    signed = dict(
        policy.visible_to(actor)
        .filter(learner_id__in=ids, state=Review.State.SIGNED_OFF)
        .order_by("learner_id", "-number")
        .distinct("learner_id")
        .values_list("learner_id", "signed_off_at")
    )
    made = [
        _profile(p, statements[p.id], marks, places.get(p.id, []) + _signed(signed.get(p.id)))
        for p in people
    ]
    return _make("profiles", title, "For staff", {"people": made})


def cover_sheet(actor: Actor, people: list[Learner], title: str) -> bytes:
    """For somebody who covers a class: a line or two on each learner.

    It lies about, so that nothing stands on it that only staff may read.
    """
    statements = _in_force(actor, [learner.id for learner in people])

    def lines(learner: Learner, *kinds: Kind) -> list[str]:
        rows = [s for kind in kinds for s in statements[learner.id] if s.kind == kind]
        shown = [corrected(s) for s in rows if s.audience == Audience.EVERYONE]
        return shown[:LINES_OF_A_COVER_SHEET]

    made = [
        {
            **_named(p),
            "helps": lines(p, Kind.ADAPTATION, Kind.SUPPORT),
            "avoid": lines(p, Kind.HARDER),
        }
        for p in people
    ]
    lead = "The first things to know about learners who need something more. Ask before you guess."
    return _make("cover", title, "For staff", {"people": made, "lead": lead})


def worked_with(actor: Actor, learner_ids: Iterable[UUID]) -> list[Learner]:
    """Those of these learners whom the actor sees by a role, by name: one's own child is not."""
    seen = Learner.objects.filter(learners_policy.worked_with_by(actor), pk__in=list(learner_ids))
    return list(seen.order_by("name_key", "id"))


def groups_taught(actor: Actor, learner_ids: Iterable[UUID]) -> list[TeachingGroup]:
    """The teaching groups of the actor's settings that these learners are in, by name."""
    places = [p.organisation_id for p in actor.places if p.organisation_id]
    rows = TeachingGroup.objects.filter(
        setting_id__in=places, members__learner_id__in=list(learner_ids)
    )
    return list(rows.distinct().order_by("name"))


def taught_in(actor: Actor, group_id: UUID | None) -> list[UUID]:
    """Whom of the register the actor teaches, or of one teaching group."""
    entries = selectors.taught_by(actor)
    if group_id is None:
        return [e.learner_id for e in entries]
    ids = [e.learner_id for e in entries]
    rows = TeachingGroupMember.objects.filter(group_id=group_id, learner_id__in=ids)
    return list(rows.values_list("learner_id", flat=True))


def papers_sent(actor: Actor, learner_id: UUID) -> list[PaperSent]:
    """The papers about a learner that were made for others, newest first."""
    rows = PaperSent.objects.filter(
        learners_policy.whereabouts_seen_by(actor, "learner_id"), learner_id=learner_id
    )
    return list(rows.order_by("-made_at"))


def _in_force(actor: Actor, ids: list[UUID]) -> dict[UUID, list[Statement]]:
    rows = policy.statements_visible(actor, family=False)
    found: dict[UUID, list[Statement]] = {pk: [] for pk in ids}
    for row in rows.filter(learner_id__in=ids, withdrawn_no=None).order_by("kind", "order", "id"):
        found[row.learner_id].append(row)
    return found


def _marks(ids: list[UUID]) -> dict[UUID, Progress]:
    """How far each outcome got at the last review that said so."""
    rows = Progress.objects.filter(learner_id__in=ids, review__state=Review.State.SIGNED_OFF)
    return {p.outcome_id: p for p in rows.order_by("review__number")}


def _places(ids: list[UUID]) -> dict[UUID, list[str]]:
    """Year group, class and setting of the main places of today."""
    today = clock.today()
    rows = Enrolment.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=today), learner_id__in=ids, kind="main"
    )
    places = {}
    for row in rows.filter(starts_on__lte=today).select_related("setting"):
        parts = [year_group_label(row.year_group), row.class_name, row.setting.name]
        places[row.learner_id] = [", ".join(part for part in parts if part)]
    return places


def _signed(at: Any) -> list[str]:
    return [f"As signed off on {day(at)}"] if at else []


def _profile(
    learner: Learner, statements: list[Statement], marks: dict[UUID, Progress], about: list[str]
) -> dict[str, Any]:
    speaks = f"First language: {learner.first_language}" if learner.first_language else ""
    sections = [
        {
            "title": title,
            "rows": [
                shown(s, marks.get(s.id)) for kind in kinds for s in statements if s.kind == kind
            ],
        }
        for title, kinds in PARTS.items()
    ]
    return {
        **_named(learner),
        "about": [line for line in (*about, speaks) if line],
        "sections": [section for section in sections if section["rows"]],
    }


def _named(learner: Learner) -> dict[str, Any]:
    return {
        "first": learner.known_given,
        "rest": learner.known_family,
        "family_first": learner.family_name_first,
    }


def shown(statement: Statement, progress: Progress | None = None) -> dict[str, Any]:
    """A statement as papers show it: its words, what goes with them, whether for staff only."""
    more = how_often(statement.details) if statement.kind == Kind.SUPPORT else ""
    if statement.kind == Kind.OUTCOME:
        more = aim(statement.details)
    if progress:
        said = f"{progress.get_mark_display()}{': ' if progress.note else ''}{progress.note}"
        more = f"{more} {said}".strip()
    return {
        "text": corrected(statement),
        "more": more,
        "staff": statement.audience == Audience.STAFF,
    }


def how_often(details: dict[str, Any]) -> str:
    """How often a support is given, for how long, to how many and by whom."""
    size = details.get("group_size")
    parts = [
        details.get("how_often"),
        f"{details['minutes']} minutes" if details.get("minutes") else "",
        "" if not size else "one to one" if size == 1 else f"{size} together",
        f"by {details['by_whom']}" if details.get("by_whom") else "",
    ]
    return ", ".join(part for part in parts if part)


def aim(details: dict[str, Any]) -> str:
    """Where an outcome starts from, what it aims at and by when."""
    now, target, when = (str(details.get(k) or "") for k in ("baseline", "target", "by_when"))
    said = [f"Now: {now}." if now else ""]
    said.append(f"Aim: {target}{', by ' if when else ''}{when}." if target else "")
    return " ".join(part for part in said if part)


def day(at: Any) -> str:
    """A moment's day, as pages read it."""
    return f"{timezone.localtime(at):%-d %B %Y}"


def _make(paper: str, title: str, audience: str, values: dict[str, Any]) -> bytes:
    foot = f"{audience}. Made on {day(clock.now())}. About people: keep it safe."
    return pdf.make(paper, {"title": title, "foot": foot, **values}, made_at=clock.now())
