"""A learner's family: who they are, inviting them, ending access."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from apps.access import actions as access
from apps.access.permissions import Permission
from apps.audit import record as audit
from apps.common.exceptions import Invalid, NotVisible
from apps.learners import actions, policy
from apps.learners import selectors as learners
from apps.learners.models import FamilyMember
from apps.settings.models import Setting
from apps.web.forms import GovukForm
from apps.web.guards import Visit, form_sent, organisation
from apps.web.presenters import banner


class MemberForm(GovukForm):
    """An adult of the family, and how the setting knows."""

    name = forms.CharField(label="Full name", max_length=200)
    relation = forms.ChoiceField(label="Relation", choices=FamilyMember.Relation.choices)
    email = forms.EmailField(label="E-mail address")
    parental_responsibility = forms.BooleanField(
        label="Has parental responsibility", required=False
    )
    basis = forms.CharField(
        label="How the setting knows who they are",
        help_text="For example: known to the setting, birth certificate seen.",
        max_length=200,
    )


def page(request: HttpRequest, learner_id: UUID) -> HttpResponse:
    """The family, and inviting one of them with a code to be given in person."""
    visit = cast(Visit, request)
    setting_id = organisation(visit, visit.actor.organisations(Permission.KEEP_REGISTER))
    actor = visit.actor.at(setting_id)
    policy.check_can_hold(actor, learner_id)
    seen = learners.sight(actor, learner_id)
    audit.opened(by=actor, learner_id=learner_id, what="family")
    form = MemberForm(request.POST or None)
    code = ""
    if request.method == "POST" and form.is_valid():
        try:
            member = actions.admit_family_member(
                by=actor, learner=seen.learner, values=form.cleaned_data
            )
        except Invalid as error:
            form.add_domain_error(error)
        else:
            _, code = access.invite_family(
                by=actor,
                email=member.email,
                name=member.name,
                setting=Setting.objects.get(pk=setting_id),
                family_member_id=member.id,
                learner_id=learner_id,
            )
            form_sent(request)
            messages.success(request, f"{member.name} is invited.")
    context = {
        "form": MemberForm() if code else form,
        "code": code,
        "family": seen.learner.family.order_by("name"),
        "banner": banner(seen.learner),
        "learner": seen.learner,
    }
    return render(request, "senco/family.html", context)


@require_POST
def close(request: HttpRequest, learner_id: UUID, member_id: UUID) -> HttpResponse:
    """End a family member's access, with the reason."""
    actor = cast(Visit, request).actor
    policy.check_can_hold(actor, learner_id)
    member = FamilyMember.objects.filter(pk=member_id, learner_id=learner_id).first()
    if member is None:
        raise NotVisible
    audit.opened(by=actor, learner_id=learner_id, what="family")
    actions.close_to_family(by=actor, member=member, why=request.POST.get("why", ""))
    messages.success(request, f"{member.name} can no longer see the record.")
    return redirect("family-of", learner_id)
