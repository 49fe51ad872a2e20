"""Asking for views: for one review, for all that are open, and whom the setting asks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from apps.access.grants import Actor
from apps.audit import record as audit
from apps.common import clock
from apps.common.exceptions import Invalid
from apps.reviews import asking, policy
from apps.reviews.actions import asking as actions
from apps.reviews.models import Ask, Contribution, Review
from apps.settings.models import Setting
from apps.web.forms import DateField, GovukForm
from apps.web.guards import Visit
from apps.web.presenters import banner
from apps.web.senco.reviews import setting_of

A_WEEK = timedelta(days=7)
# The fields with which the register says which learners were chosen.
AGAIN = ("act", "of", "words", "who")


class ChoiceForm(GovukForm):
    """Whom the setting asks in each review."""

    tutor = forms.BooleanField(
        label="The tutor or class teacher",
        help_text="The teacher of the learner’s own class or tutor group.",
        required=False,
    )
    teachers = forms.IntegerField(
        label="How many further teachers?",
        min_value=0,
        max_value=9,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-2"}),
    )
    family = forms.BooleanField(label="The family, and the young person", required=False)
    specialists = forms.BooleanField(
        label="Specialists to whom the learner is referred", required=False
    )


class DueForm(GovukForm):
    """By when, for many reviews at once."""

    due_on = DateField(label="Answers by")


class EveryoneForm(ChoiceForm, DueForm):
    """Whom the setting asks, and by when those of every open review answer."""

    field_order = ["tutor", "teachers", "family", "specialists", "due_on"]


class AskForm(GovukForm):
    """Whom to ask in one review, somebody without an account among them, and by when."""

    people = forms.MultipleChoiceField(
        label="Who is asked?", widget=forms.CheckboxSelectMultiple, required=False
    )
    name = forms.CharField(
        label="Somebody else: name",
        help_text="For example a therapist.",
        max_length=200,
        required=False,
    )
    email = forms.EmailField(
        label="Their e-mail address",
        help_text="They answer by a link, without an account.",
        required=False,
    )
    due_on = DateField(label="Answers by")

    def __init__(self, *args: Any, people: list[asking.Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = cast(forms.MultipleChoiceField, self.fields["people"])
        choice.choices = [(p.key, f"{p.name}, {_role(p)}") for p in people]
        self.known = people
        if not people:
            del self.fields["people"]

    def wanted(self) -> list[asking.Person]:
        """Those who were ticked, and the somebody else."""
        chosen = [p for p in self.known if p.key in self.cleaned_data.get("people", [])]
        if self.cleaned_data["name"] or self.cleaned_data["email"]:
            chosen.append(
                asking.Person(
                    Contribution.Voice.SPECIALIST,
                    self.cleaned_data["name"].strip(),
                    email=self.cleaned_data["email"],
                )
            )
        return chosen


def _role(person: asking.Person) -> str:
    how = "" if person.user_id else ", by a link"
    return Contribution.Voice(person.voice).label.lower() + how


def page(request: HttpRequest) -> HttpResponse:
    """Whom this setting asks, and asking for every open review."""
    setting = setting_of(request)
    actor = cast(Visit, request).actor.at(setting.id)
    choice = asking.choice_of(actor, setting.id)
    names = ("tutor", "teachers", "family", "specialists")
    chosen = {name: getattr(choice, name) for name in names}
    count = asking.open_reviews(actor, setting.id).count()
    kind = EveryoneForm if count else ChoiceForm
    form = kind(request.POST or None, initial={**chosen, "due_on": clock.today() + A_WEEK})
    if form.is_bound and form.is_valid():
        due_on = form.cleaned_data.pop("due_on", None)
        actions.choose_whom_to_ask(by=actor, setting=setting, **form.cleaned_data)
        if "all" not in request.POST:
            messages.success(request, "Saved. From now on these people are asked.")
            return redirect("asking")
        try:
            job = actions.have_views_asked_for(by=actor, setting=setting, due_on=due_on)
        except Invalid as error:
            form.add_domain_error(error)
        else:
            return redirect("job", job.id)
    context = {"setting": setting, "form": form, "open": count}
    return render(request, "senco/asking.html", context)


def of_some(
    request: HttpRequest, actor: Actor, setting: Setting, learner_ids: list[UUID]
) -> HttpResponse:
    """Before some of a register are asked about: whom that asks, and by when; then the asking.

    What was chosen is sent again with the answer, as the register sent it.
    """
    sent = "asked" in request.POST
    form = DueForm(request.POST if sent else None, initial={"due_on": clock.today() + A_WEEK})
    if sent and form.is_valid():
        try:
            job = actions.have_views_asked_for(
                by=actor, setting=setting, only=learner_ids, **form.cleaned_data
            )
        except Invalid as error:
            form.add_domain_error(error)
        else:
            return redirect("job", job.id)
    reviews = list(asking.open_reviews(actor, setting.id, learner_ids).select_related("learner"))
    context = {
        "setting": setting,
        "form": form,
        "chosen": len(learner_ids),
        "open": len(reviews),
        "wanted": asking.wanted(actor, setting.id, reviews),
        "again": [(k, v) for k in AGAIN for v in request.POST.getlist(k)],
    }
    return render(request, "senco/asking_some.html", context)


def views(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """Who was asked in one review, what has arrived, and asking others."""
    actor = cast(Visit, request).actor
    review = policy.get(actor, review_id)
    policy.check_can_review(actor, review.learner_id)
    actor = actor.at(review.setting_id)
    audit.opened(by=actor, learner_id=review.learner_id, what="views asked for")
    asked = asking.asks_of(actor, review.id)
    people = _still_to_ask(actor, review, asked)
    form = AskForm(
        request.POST or None,
        people=people,
        initial={
            "people": [p.key for p in people if p.chosen],
            "due_on": clock.today() + A_WEEK,
        },
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.ask(
                by=actor,
                review_id=review.id,
                people=form.wanted(),
                due_on=form.cleaned_data["due_on"],
            )
        except Invalid as error:
            form.add_domain_error(error)
        else:
            names = ", ".join(a.name for a in made)
            messages.success(request, f"Asked: {names}." if made else "They are asked already.")
            return redirect("review-views", review.id)
    context = {
        "review": review,
        "banner": banner(review.learner),
        "asked": [(ask, ask.link_digest and ask.state == Ask.State.ASKED) for ask in asked],
        "form": form,
        "is_open": review.state == Review.State.OPEN,
        "today": clock.today(),
    }
    return render(request, "senco/views.html", context)


def _still_to_ask(actor: Any, review: Review, asked: list[Ask]) -> list[asking.Person]:
    if review.setting_id is None or review.state != Review.State.OPEN:
        return []
    known = {a.family_member_id or a.user_id for a in asked}
    found = asking.people(actor, [review], asking.choice_of(actor, review.setting_id))
    return [p for p in found[review.id] if (p.member_id or p.user_id) not in known]


@require_POST
def withdraw(request: HttpRequest, ask_id: UUID) -> HttpResponse:
    """Ask somebody no more; their link ends."""
    row = actions.withdraw(by=cast(Visit, request).actor, ask_id=ask_id)
    messages.success(request, f"{row.name} is not asked any more.")
    return redirect("review-views", row.review_id)
