"""A learner's family: who they are, inviting them, what each may see and why."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.access import actions as access_actions
from apps.access.grants import Actor
from apps.audit import record as audit
from apps.common import clock
from apps.common.exceptions import Invalid, NotVisible
from apps.common.terms import asked_who_decides_from, decides_from
from apps.learners import deciding, family, policy, whereabouts
from apps.learners import selectors as learners
from apps.learners.models import FamilyMember
from apps.post import selectors as post
from apps.settings.models import LocalArea, Setting
from apps.web.forms import DateField, GovukForm
from apps.web.guards import Visit, form_sent, step_up
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
    actor = cast(Visit, request).actor
    policy.check_can_keep(actor, learner_id)
    seen = learners.sight(actor, learner_id)
    actor = actor.through(seen.through)
    audit.opened(by=actor, learner_id=learner_id, what="family")
    if request.method == "POST" and family.order_on_file(seen.learner):
        step_up(request)
    form = MemberForm(request.POST or None)
    code = ""
    if request.method == "POST" and form.is_valid():
        try:
            member = family.admit_family_member(
                by=actor, learner=seen.learner, values=form.cleaned_data
            )
        except Invalid as error:
            form.add_domain_error(error)
        else:
            keeper = seen.keeper
            _, code = access_actions.invite_family(
                by=actor,
                email=member.email,
                name=member.name,
                family_member_id=member.id,
                learner_id=learner_id,
                setting=keeper if isinstance(keeper, Setting) else None,
                local_area=keeper if isinstance(keeper, LocalArea) else None,
            )
            form_sent(request)
            messages.success(request, f"{member.name} is invited.")
    context = {
        "form": MemberForm() if code else form,
        "code": code,
        "family": learners.access_of_family(actor, learner_id),
        "undelivered": post.undelivered(actor, learner_id),
        "withheld": whereabouts.withheld_from_family(actor, learner_id),
        "answer": deciding.in_force(learner_id),
        "asked_from": asked_who_decides_from(seen.learner.date_of_birth),
        "decides_from": decides_from(seen.learner.date_of_birth),
        "today": clock.today(),
        "banner": banner(seen.learner),
        "learner": seen.learner,
    }
    return render(request, "senco/family.html", context)


def _member(request: HttpRequest, learner_id: UUID, member_id: UUID) -> tuple[Actor, FamilyMember]:
    actor = cast(Visit, request).actor
    policy.check_can_keep(actor, learner_id)
    found = FamilyMember.objects.select_related("learner")
    member = found.filter(pk=member_id, learner_id=learner_id).first()
    if member is None:
        raise NotVisible
    audit.opened(by=actor, learner_id=learner_id, what="family")
    return actor, member


class AccessForm(GovukForm):
    """What happens to an adult's access, and why."""

    what = forms.ChoiceField(
        label="What do you want to do?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what to do."},
    )
    why = forms.CharField(
        label="Why?",
        help_text="Kept with the record. They do not see it.",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
    )
    look_again_on = DateField(
        label="When will you look at this again?",
        help_text="Only for suspending. On that day it is a task on your home page; nothing opens "
        "by itself.",
        required=False,
    )

    def __init__(self, *args: Any, member: FamilyMember, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        suspend = ("suspend", "Suspend access until I have looked again")
        end, restore = ("end", "End access"), ("restore", "Open the record to them again")
        choices = [restore, suspend, end] if member.suspended else [suspend, end]
        chosen = [restore] if member.ended else choices
        cast(forms.ChoiceField, self.fields["what"]).choices = chosen
        if member.ended:
            del self.fields["look_again_on"]

    def clean(self) -> dict[str, Any]:
        """Suspending has a day."""
        sent = super().clean() or {}
        missing = not sent.get("look_again_on") and "look_again_on" not in self.errors
        if sent.get("what") == "suspend" and missing:
            self.add_error("look_again_on", "Enter the day on which you will look again.")
        return sent


def access(request: HttpRequest, learner_id: UUID, member_id: UUID) -> HttpResponse:
    """Suspend, end or open again one adult's access, with the reason."""
    actor, member = _member(request, learner_id, member_id)
    form = AccessForm(request.POST or None, member=member)
    if request.method == "POST" and form.is_valid():
        try:
            said = _change(actor, member, form.cleaned_data)
        except Invalid as error:
            form.add_domain_error(error)
        else:
            messages.success(request, said)
            return redirect("family-of", learner_id)
    context = {"form": form, "member": member, "banner": banner(member.learner)}
    return render(request, "senco/family_access.html", context)


def _change(actor: Actor, member: FamilyMember, sent: dict[str, Any]) -> str:
    if sent["what"] == "suspend":
        family.suspend_family(
            by=actor, member=member, why=sent["why"], look_again_on=sent["look_again_on"]
        )
        return f"{member.name}’s access is suspended."
    if sent["what"] == "end":
        family.close_to_family(by=actor, member=member, why=sent["why"])
        return f"{member.name} can no longer see the record."
    family.restore_family(by=actor, member=member, why=sent["why"])
    return f"{member.name}’s access is open again."


class OrderForm(GovukForm):
    """A court order about an adult."""

    order_kind = forms.ChoiceField(
        label="Kind of order", choices=FamilyMember.Order.choices, required=False
    )
    order_seen = forms.CharField(
        label="What did you see?",
        help_text="For example: sealed copy, shown by the mother on 3 March 2027.",
        max_length=200,
        required=False,
    )
    order_from = DateField(label="In force from", required=False)
    order_to = DateField(
        label="Ends on",
        help_text="Leave empty if it has no end. Two weeks before, it is a task on your home page.",
        required=False,
    )


ORDER = ("order_kind", "order_seen", "order_from", "order_to")


def order(request: HttpRequest, learner_id: UUID, member_id: UUID) -> HttpResponse:
    """Note what a court order says of an adult; access is a step of its own."""
    actor, member = _member(request, learner_id, member_id)
    form = OrderForm(request.POST or None, initial={name: getattr(member, name) for name in ORDER})
    if request.method == "POST" and form.is_valid():
        kind, seen, starts, ends = (form.cleaned_data[name] for name in ORDER)
        try:
            family.note_order(
                by=actor, member=member, kind=kind, seen=seen, starts=starts, ends=ends
            )
        except Invalid as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "The order is noted. It changed nobody’s access by itself.")
            return redirect("family-of", learner_id)
    context = {"form": form, "member": member, "banner": banner(member.learner)}
    return render(request, "senco/family_order.html", context)
