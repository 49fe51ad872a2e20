"""Bringing in a pupil list: look first, then add, with progress that survives leaving the page."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from apps.access.permissions import Permission
from apps.audit import record as audit
from apps.formats import pupil_list, pupils
from apps.formats.problems import BrokenFile
from apps.imports import policy
from apps.imports.actions import staging
from apps.imports.models import Import
from apps.settings.models import Setting
from apps.web.forms import GovukForm
from apps.web.guards import Visit, organisation

SHOWN = 500
RECENT = 10


class UploadForm(GovukForm):
    """A pupil list or a CTF."""

    file = forms.FileField(
        label="Pupil list or CTF",
        help_text="A CSV file, an Excel workbook (.xlsx) or a Common Transfer File as your system "
        "exports it, up to 20 MB.",
        error_messages={"required": "Choose a file.", "empty": "This file is empty."},
    )

    def clean_file(self) -> UploadedFile:
        """Refuse a file that is far too large before it is read."""
        file = cast(UploadedFile, self.cleaned_data["file"])
        try:
            pupils.check_size(file.size or 0)
        except BrokenFile as error:
            raise forms.ValidationError(str(error)) from None
        return file


def page(request: HttpRequest) -> HttpResponse:
    """Bring a file, and see those brought before."""
    visit = cast(Visit, request)
    setting_id = organisation(visit, visit.actor.organisations(Permission.IMPORT))
    actor = visit.actor.at(setting_id)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = cast(UploadedFile, form.cleaned_data["file"])
        batch = staging.stage(
            by=actor,
            setting=Setting.objects.get(pk=setting_id),
            file_name=file.name or "file",
            data=file.read(),
        )
        if batch.state != Import.State.BROKEN:
            return redirect("import", batch.id)
        form.add_error("file", batch.problem)
    recent = policy.visible_to(actor).filter(setting_id=setting_id).order_by("-uploaded_at")
    context = {"form": form, "recent": recent[:RECENT], "columns": pupil_list.COLUMNS}
    return render(request, "admin/imports.html", context)


def template(request: HttpRequest) -> HttpResponse:
    """An empty list to fill in."""
    policy.visible_to(cast(Visit, request).actor)
    response = HttpResponse(pupil_list.template(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="pupil-list.csv"'
    return response


def one(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """What a file will do, row by row; while it is done, how far."""
    actor = cast(Visit, request).actor
    batch = policy.get(actor, import_id)
    rows = batch.rows.order_by("number")
    audit.listed(
        by=actor.at(batch.setting_id),
        learner_ids=[r.matched_id for r in rows if r.matched_id],
        what="import",
    )
    counts = {
        kind: sum(r.outcome == kind for r in rows) for kind in ("add", "update", "same", "problem")
    }
    context = {
        "batch": batch,
        "is_register": batch.format == Import.Format.REGISTER,
        "counts": counts,
        "problems": [r for r in rows if r.problems][:SHOWN],
        "changes": [r for r in rows if r.outcome in {"add", "update"}][:SHOWN],
    }
    return render(request, "admin/import.html", context)


@require_POST
def commit(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Add what was staged, or put the file aside."""
    actor = cast(Visit, request).actor
    act = staging.discard if "discard" in request.POST else staging.commit
    act(by=actor, import_id=import_id)
    return redirect("import", import_id)
