"""How far long work is."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.jobs import actions, policy
from apps.web.guards import Visit


def page(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Progress while it runs; once all is done, on to its result, with what came of it."""
    actor = cast(Visit, request).actor
    job = policy.get(actor, job_id)
    actions.note_seen(by=actor, job=job)
    if job.ended_at and not job.problem:
        messages.success(request, job.said)
        return redirect(job.leads_to)
    return render(request, "senco/job.html", {"job": job})
