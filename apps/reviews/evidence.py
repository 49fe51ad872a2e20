"""The papers that leave: cycles of assess, plan, do, review as evidence for a request to others,
and the normal way of working for examinations. Nothing that only staff may read is in them.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import pairwise
from typing import Any

from apps.access.grants import Actor
from apps.common.terms import academic_year_label
from apps.framework import selectors as framework
from apps.learners.models import Learner
from apps.learners.selectors import Sight
from apps.reviews import papers, policy
from apps.reviews.models import (
    Audience,
    Contribution,
    Kind,
    Progress,
    Review,
    Slip,
    Statement,
    SupportCheck,
)
from apps.reviews.slips import corrected

CYCLES = 2
SUPPORT = (Kind.SUPPORT, Kind.ADAPTATION)


def cycles(actor: Actor, seen: Sight, redacted: list[str]) -> dict[str, Any]:
    """The last two cycles: each planned at one signed-off review and reviewed at the next.

    The last one may be still under way. `redacted` says where words were redacted, and when.
    """
    signed = policy.visible_to(actor).filter(
        learner_id=seen.learner.id, state=Review.State.SIGNED_OFF
    )
    rows = list(signed.select_related("setting", "local_area").order_by("-number")[: CYCLES + 1])
    reviews = list(reversed(rows))
    pairs: list[tuple[Review, Review | None]] = list(pairwise(reviews))
    if len(pairs) < CYCLES and reviews:
        pairs.append((reviews[-1], None))
    said = policy.contributions_to_pass_on(actor).filter(review__in=reviews).order_by("said_at")
    # How supports worked in a class was for the review alone.
    voices = list(said.exclude(going_well="", harder="", would_help=""))
    # Why a support did not happen is in the paper only where the family reads it too.
    checks = policy.checks_visible(actor, family=True).filter(learner_id=seen.learner.id)
    checked = list(checks.order_by("said_at"))
    slips = _slips(actor, seen.learner)
    return {
        "title": f"Assess, plan, do, review: {seen.learner}",
        "heading": f"Assess, plan, do, review: {seen.learner}",
        "about": about(seen.learner),
        "cycles": [_cycle(*pair, voices, checked, slips) for pair in pairs],
        "redacted": redacted,
    }


def _cycle(
    planned: Review,
    reviewed: Review | None,
    said: list[Contribution],
    checked: list[SupportCheck],
    slips: Mapping[str, list[str]],
) -> dict[str, Any]:
    record = json.loads(planned.canonical)
    grid = framework.grid(planned.framework_id)
    open_to_all = [s for s in record["statements"] if s["audience"] == Audience.EVERYONE]
    needs = [s for s in open_to_all if s["kind"] == Kind.NEED and grid.level(s["level"]).rank > 0]
    outcomes = [s for s in open_to_all if s["kind"] == Kind.OUTCOME]
    words = {s["id"]: s["text"] for s in outcomes}
    results = json.loads(reviewed.canonical)["progress"] if reviewed else []
    on = papers.day(planned.signed_off_at)
    return {
        "title": f"{planned.term.title()} term {academic_year_label(planned.year)}",
        "needs": [
            {
                "area": grid.area(s["area"]).name,
                "level": grid.level(s["level"]).name,
                "text": s["text"],
                "slips": slips[s["id"]],
                "evidence": [_seen(e) for e in s["details"].get("evidence", [])],
            }
            for s in needs
        ],
        "outcomes": [
            _row(s["text"], papers.aim(s["details"])) | {"slips": slips[s["id"]]} for s in outcomes
        ],
        "support": [
            _row(s["text"], _done(s, _between(planned, reviewed, checked)))
            | {"slips": slips[s["id"]]}
            for s in open_to_all
            if s["kind"] in SUPPORT
        ],
        "reviewed": _reviewed(on, reviewed),
        "results": [
            {
                "outcome": words[p["outcome"]],
                "slips": slips[p["outcome"]],
                "mark": Progress.Mark(p["mark"]).label,
                "note": p["note"],
            }
            for p in results
            if p["outcome"] in words
        ],
        "voices": [_voice(c) for c in said if reviewed and c.review_id == reviewed.id],
        "signed_on": on,
        "sha256": planned.sha256,
    }


def _slips(actor: Actor, learner: Learner) -> Mapping[str, list[str]]:
    """What should stand in place of signed words, by the key of the statement; oldest first."""
    open_to_all = policy.statements_visible(actor, family=True).filter(learner_id=learner.id)
    found: dict[str, list[str]] = defaultdict(list)
    rows = Slip.objects.filter(statement__in=open_to_all.values("pk"))
    for slip in rows.order_by("noted_at", "id"):
        on = papers.day(slip.noted_at)
        found[str(slip.statement_id)].append(f"{slip.should_say} ({slip.noted_by}, {on})")
    return found


def _between(
    planned: Review, reviewed: Review | None, checked: list[SupportCheck]
) -> list[SupportCheck]:
    """What was said of supports after the cycle was planned and until it was reviewed."""
    starts, ends = planned.signed_off_at, reviewed.signed_off_at if reviewed else None
    return [
        c for c in checked if (not starts or starts <= c.said_at) and (not ends or c.said_at < ends)
    ]


def _done(support: dict[str, Any], checked: list[SupportCheck]) -> str:
    """How often a support was to be given, and what those who give it said: once a half term."""
    often = papers.how_often(support["details"])
    if support["kind"] != Kind.SUPPORT:
        return often
    said = [c for c in checked if str(c.statement_id) == support["id"]]
    parts = [part for answer in SupportCheck.Answer if (part := _answered(answer, said))]
    happened = f"Checked: {'; '.join(parts)}." if parts else "Not checked."
    return f"{often}. {happened}" if often else happened


def _answered(answer: SupportCheck.Answer, said: Iterable[SupportCheck]) -> str:
    """In how many half terms this was the answer, and why."""
    rows = [c for c in said if c.answer == answer]
    if not rows:
        return ""
    times = f"{answer.label.lower()} in {len(rows)} half term{'' if len(rows) == 1 else 's'}"
    why = ", ".join(c.why.rstrip(".") for c in rows if c.why)
    return f"{times} ({why})" if why else times


def _seen(evidence: dict[str, str]) -> str:
    day = _in_words(evidence.get("when", ""))
    around = ", ".join(part for part in (evidence.get("where"), day, evidence.get("by")) if part)
    return f"{evidence.get('what', '')}{f' ({around})' if around else ''}"


def _in_words(when: str) -> str:
    """A day as papers write it; what a program called it otherwise stays so."""
    try:
        return f"{date.fromisoformat(when):%-d %B %Y}"
    except ValueError:
        return when


def _row(text: str, more: str) -> dict[str, Any]:
    return {"text": text, "more": more, "staff": False}


def _reviewed(planned_on: str, reviewed: Review | None) -> str:
    if reviewed is None:
        return f"Planned on {planned_on}, and not reviewed yet."
    at = reviewed.setting or reviewed.local_area
    said = f"Planned on {planned_on}, reviewed on {papers.day(reviewed.signed_off_at)} at {at}."
    if reviewed.conversation_on:
        return f"{said} The family was part of a conversation on {_plain(reviewed)}."
    if reviewed.no_conversation_because:
        return f"{said} No conversation with the family: {reviewed.no_conversation_because}"
    return said


def _plain(review: Review) -> str:
    return f"{review.conversation_on:%-d %B %Y}"


def _voice(c: Contribution) -> dict[str, Any]:
    said = {"Going well": c.going_well, "Harder": c.harder, "Would help": c.would_help}
    return {
        "who": c.get_voice_display(),
        "on": papers.day(c.said_at),
        "said": [f"{label}: {text}" for label, text in said.items() if text],
    }


def way_of_working(actor: Actor, seen: Sight) -> dict[str, Any]:
    """Supports and adaptations in force, with since when and how often."""
    learner = seen.learner
    rows = policy.statements_visible(actor, family=True).filter(
        learner_id=learner.id, kind__in=SUPPORT
    )
    every = {s.id: s for s in rows.order_by("kind", "order", "id")}
    signed = policy.visible_to(actor).filter(learner_id=learner.id, number__isnull=False)
    dates = dict(signed.values_list("number", "signed_off_at"))
    return {
        "title": f"Normal way of working: {learner}",
        "heading": f"Normal way of working: {learner}",
        "first": learner.known_given,
        "about": about(learner),
        "arrangements": [
            _row(corrected(s), "")
            | {
                "since": _since(s, every, dates),
                "often": papers.how_often(s.details) or "Not recorded",
            }
            for s in every.values()
            if s.withdrawn_no is None
        ],
    }


def _since(s: Statement, every: dict[Any, Statement], dates: dict[int | None, Any]) -> str:
    """When the arrangement began; where its words were changed since, when that was too."""
    first = s
    while first.replaces_id in every:
        first = every[first.replaces_id]
    began, changed = (dates.get(n) for n in (first.introduced_no, s.introduced_no))
    if began is None or changed is None:
        return "Not recorded"
    since = papers.day(began)
    return since if first is s else f"{since}; in these words since {papers.day(changed)}"


def about(learner: Learner) -> list[str]:
    """Who a paper that leaves is about: names in law and in use, and the date of birth."""
    lines = [f"Born on {learner.date_of_birth:%-d %B %Y}"]
    in_law = f"{learner.legal_given} {learner.legal_family}".strip()
    if in_law != learner.display_name:
        lines.insert(0, f"Name in law: {in_law}")
    return lines
