"""Papers as PDF: profiles, cover sheets, and those that leave. What is on them the domain says."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from apps.access.grants import Actor
from apps.audit import record as audit
from apps.common.exceptions import NotVisible
from apps.learners.models import Learner
from apps.reviews import papers
from apps.reviews.actions import sending
from apps.rights import selectors as rights
from apps.web.guards import Visit, reader


def profile(request: HttpRequest, learner_id: UUID) -> HttpResponse:
    """The one-page profile of a learner, for whoever may read the record."""
    actor, seen = reader(request, learner_id)
    audit.opened(by=actor, learner_id=learner_id, what="profile as PDF")
    return as_file(papers.profile(actor, seen), "profile")


def of_class(request: HttpRequest) -> HttpResponse:
    """Profiles of those on the register whom this person teaches, or of one teaching group."""
    actor, people = _taught(request)
    audit.listed(by=actor, learner_ids=[p.id for p in people], what="profiles as PDF")
    return as_file(papers.profiles(actor, people, "Profiles of my classes"), "profiles")


def cover_sheet(request: HttpRequest) -> HttpResponse:
    """A line or two on each of them, for whoever covers the class."""
    actor, people = _taught(request)
    audit.listed(by=actor, learner_ids=[p.id for p in people], what="cover-teacher sheet")
    return as_file(papers.cover_sheet(actor, people, "For the cover teacher"), "cover-sheet")


@require_POST
def evidence(request: HttpRequest, learner_id: UUID) -> HttpResponse:
    """Two cycles of assess, plan, do, review, for a request to others."""
    actor, seen = reader(request, learner_id)
    redacted = [
        f"{timezone.localtime(r.at):%-d %B %Y}: in {'; '.join(p.name for p in r.places)}"
        for r in rights.redactions_of(actor, learner_id)
    ]
    made = sending.evidence_pack(by=actor, seen=seen, redacted=redacted)
    audit.opened(by=actor, learner_id=learner_id, what="evidence pack")
    return as_file(made, "assess-plan-do-review")


@require_POST
def exams(request: HttpRequest, learner_id: UUID) -> HttpResponse:
    """The normal way of working, for whoever decides about examinations."""
    actor, seen = reader(request, learner_id)
    made = sending.way_of_working(by=actor, seen=seen)
    audit.opened(by=actor, learner_id=learner_id, what="normal way of working")
    return as_file(made, "normal-way-of-working")


def _taught(request: HttpRequest) -> tuple[Actor, list[Learner]]:
    actor = cast(Visit, request).actor
    wanted = request.GET.get("group")
    keys = _keys([wanted] if wanted else [])
    return actor, papers.worked_with(actor, papers.taught_in(actor, keys[0] if keys else None))


def _keys(values: list[str]) -> list[UUID]:
    try:
        return [UUID(value) for value in values]
    except ValueError:
        raise NotVisible from None


def as_file(made: bytes, name: str) -> HttpResponse:
    """A file to save. Its name says nothing of anybody."""
    return HttpResponse(
        made,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}.pdf"'},
    )
