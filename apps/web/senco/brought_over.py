"""Getting started: the list that a setting has kept becomes its register, a level for each."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.access.grants import Actor
from apps.access.permissions import Permission
from apps.audit import record as audit
from apps.common.exceptions import Invalid
from apps.formats import existing_register
from apps.framework import selectors as framework
from apps.imports.actions import staging
from apps.imports.models import Import
from apps.register.models import BroughtOver
from apps.reviews import policy, selectors
from apps.reviews.actions import brought_over
from apps.settings.models import Setting
from apps.web.admin.imports import UploadForm
from apps.web.forms import GovukForm
from apps.web.guards import Visit, organisation

AT_ONCE = 20
LEAVE_OFF = "leave off"


class ListForm(UploadForm):
    """The list as the setting has kept it."""

    file = forms.FileField(
        label="The list that you have",
        help_text="An Excel workbook (.xlsx) or a CSV file, up to 20 MB.",
        error_messages={"required": "Choose a file.", "empty": "This file is empty."},
    )


class LevelForm(GovukForm):
    """Area, level and what is seen, of one learner; left as it is where nothing is chosen."""

    def __init__(
        self, *args: Any, brought: BroughtOver, grid: framework.Grid, **kwargs: Any
    ) -> None:
        kwargs.setdefault("prefix", str(brought.id))
        said = brought.said
        initial = {
            "area": brought.area,
            "what": said["need"],
            "supports": "\n".join(said["supports"]),
        }
        super().__init__(*args, initial=initial, **kwargs)
        self.brought = brought
        for name, choices in (
            ("area", [("", "Choose an area of need"), *((a.code, a.name) for a in grid.areas)]),
            (
                "level",
                [
                    ("", "Later"),
                    *(
                        (v.code, v.name)
                        for v in grid.levels
                        if v.rank >= grid.version.register_rank
                    ),
                    (LEAVE_OFF, "Not on the register"),
                ],
            ),
        ):
            cast(forms.ChoiceField, self.fields[name]).choices = choices

    area = forms.ChoiceField(label="Area of need", required=False)
    level = forms.ChoiceField(label="Level", required=False)
    what = forms.CharField(
        label="What is seen, or why they are not on the register",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    supports = forms.CharField(
        label="Support now, one a line", required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def do(self, actor: Actor) -> bool:
        """Do what was chosen, if anything was; False where the domain refuses, with the reason."""
        data = self.cleaned_data
        try:
            if data["level"] == LEAVE_OFF:
                brought_over.leave_off(by=actor, brought=self.brought, why=data["what"])
            else:
                brought_over.choose_level(
                    by=actor,
                    brought=self.brought,
                    area=data["area"],
                    level=data["level"],
                    what=data["what"],
                    supports=data["supports"].splitlines(),
                )
        except Invalid as error:
            self.add_domain_error(error)
            return False
        return True


def page(request: HttpRequest) -> HttpResponse:
    """Bring a list; and, of those brought over, choose a level for some at once."""
    visit = cast(Visit, request)
    setting_id = organisation(visit, visit.actor.organisations(Permission.KEEP_REGISTER))
    actor = visit.actor.at(setting_id)
    policy.check_can_keep_register(actor, setting_id)
    upload = ListForm(request.POST, request.FILES) if "bring" in request.POST else ListForm()
    if upload.is_bound and upload.is_valid():
        batch = _stage(actor, setting_id, cast(UploadedFile, upload.cleaned_data["file"]))
        if batch.state != Import.State.BROKEN:
            return redirect("import", batch.id)
        upload.add_error("file", batch.problem)
    waiting = selectors.waiting_for_a_level(actor, setting_id)
    grid = framework.published()
    sent = request.POST if "levels" in request.POST else None
    rows = [LevelForm(sent, brought=b, grid=grid) for b in waiting[:AT_ONCE]]
    audit.listed(by=actor, learner_ids=[r.brought.learner_id for r in rows], what="brought over")
    if sent is not None:
        chosen = [row for row in rows if row.is_valid() and row.cleaned_data["level"]]
        done = [row for row in chosen if row.do(actor)]
        if done:
            messages.success(request, f"{len(done)} done.")
        if len(done) == len(chosen) and all(row.is_valid() for row in rows):
            return redirect("brought-over")
        rows = [row for row in rows if row not in done]
    context = {
        "upload": upload,
        "form": upload,
        "rows": rows,
        "left": waiting.count(),
        "columns": existing_register.COLUMNS,
        "longest_reason": brought_over.LONGEST_REASON,
    }
    return render(request, "senco/brought_over.html", context)


def _stage(actor: Actor, setting_id: UUID, file: UploadedFile) -> Import:
    return staging.stage(
        by=actor,
        setting=Setting.objects.get(pk=setting_id),
        file_name=file.name or "list",
        data=file.read(),
        register=True,
    )


def template(request: HttpRequest) -> HttpResponse:
    """An empty list to fill in."""
    actor = cast(Visit, request).actor
    organisation(cast(Visit, request), actor.organisations(Permission.KEEP_REGISTER))
    response = HttpResponse(existing_register.template(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="register.csv"'
    return response
