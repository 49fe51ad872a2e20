"""Writing down what somebody said: a young child with pictures, spoken words, a letter on paper."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.audit import record as audit
from apps.common.exceptions import Invalid
from apps.learners import selectors as learners
from apps.learners.models import FamilyMember
from apps.reviews import policy
from apps.reviews.actions.written_down import write_down
from apps.reviews.models import Contribution
from apps.web.forms import GovukForm
from apps.web.guards import Visit
from apps.web.presenters import banner

OWN, SPECIALIST = "own", "specialist"
FACES = [("good", "I like it"), ("so-so", "It is OK"), ("hard", "It is hard")]
# What a child is asked about, picture by picture: key → what it is called.
PICTURES = {
    "coming": "Coming in",
    "learning": "Learning",
    "playtime": "Playtime",
    "friends": "Friends",
    "lunch": "Lunch",
    "grown-ups": "Grown-ups who help",
}


class WordsForm(GovukForm):
    """Whose words, how they came, and what they say."""

    whose = forms.ChoiceField(label="Whose words are they?", widget=forms.RadioSelect)
    specialist = forms.CharField(
        label="The specialist’s name, if a specialist’s", max_length=200, required=False
    )
    came_by = forms.ChoiceField(
        label="How did they come to you?",
        choices=[("spoken", "Spoken, and I wrote them down"), ("paper", "On paper")],
        widget=forms.RadioSelect,
    )
    going_well = forms.CharField(label="What is going well?", widget=forms.Textarea, required=False)
    harder = forms.CharField(label="What is harder?", widget=forms.Textarea, required=False)
    would_help = forms.CharField(label="What would help?", widget=forms.Textarea, required=False)
    others_may_see = forms.BooleanField(
        label="An adult of the family said that the other adults may see it", required=False
    )
    not_my_parents = forms.BooleanField(
        label="The learner does not want their parents or carers to see it", required=False
    )

    def __init__(self, *args: Any, family: list[FamilyMember], own: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = cast(forms.ChoiceField, self.fields["whose"])
        choice.choices = [
            (OWN, f"{own}’s own"),
            *((str(m.id), f"{m.name}, {m.get_relation_display().lower()}") for m in family),
            (SPECIALIST, "A specialist’s"),
        ]

    def said(self) -> dict[str, Any]:
        """What the action takes."""
        said = dict(self.cleaned_data)
        whose = said.pop("whose")
        if whose == SPECIALIST and not said["specialist"].strip():
            raise Invalid("Say who it is.", {"specialist": "Enter the specialist’s name."})
        said["specialist"] = said["specialist"] if whose == SPECIALIST else ""
        said["member_id"] = None if whose in {OWN, SPECIALIST} else UUID(whose)
        return said


class PicturesForm(GovukForm):
    """A face for each picture, and what the child said in their own words."""

    quote = forms.CharField(
        label="What did they say?",
        help_text="In their own words, as they said them.",
        widget=forms.Textarea,
        required=False,
    )
    not_my_parents = forms.BooleanField(
        label="They do not want their parents or carers to see it", required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key, label in PICTURES.items():
            self.fields[key] = forms.ChoiceField(
                label=label, choices=FACES, widget=forms.RadioSelect, required=False
            )

    def pictures(self) -> list[dict[str, Any]]:
        """Each picture with its field, for the page."""
        return [{"key": key, "field": self[key]} for key in PICTURES]

    def said(self) -> dict[str, Any]:
        """The faces in words, with what the child said."""
        chosen = {
            face: [PICTURES[key] for key in PICTURES if self.cleaned_data[key] == face]
            for face, _ in FACES
        }
        quote = self.cleaned_data["quote"].strip()
        well = [f"I like it: {', '.join(chosen['good'])}."] if chosen["good"] else []
        well += [f"It is OK: {', '.join(chosen['so-so'])}."] if chosen["so-so"] else []
        return {
            "came_by": Contribution.CameBy.PICTURES,
            "going_well": " ".join([*well, f"“{quote}”" if quote else ""]).strip(),
            "harder": f"It is hard: {', '.join(chosen['hard'])}." if chosen["hard"] else "",
            "not_my_parents": self.cleaned_data["not_my_parents"],
        }


def page(request: HttpRequest, learner_id: UUID) -> HttpResponse:
    """Words that were spoken or came on paper, marked so."""
    return _page(request, learner_id, "senco/write_down.html")


def pictures(request: HttpRequest, learner_id: UUID) -> HttpResponse:
    """A young child says it with pictures; somebody who works with them sits beside."""
    return _page(request, learner_id, "senco/pictures.html", pictures=True)


def _page(
    request: HttpRequest, learner_id: UUID, template: str, *, pictures: bool = False
) -> HttpResponse:
    actor = cast(Visit, request).actor
    policy.check_can_write_down(actor, learner_id)
    seen = learners.sight(actor, learner_id)
    actor = actor.through(seen.through)
    audit.opened(by=actor, learner_id=learner_id, what="write down what was said")
    form: WordsForm | PicturesForm
    if pictures:
        form = PicturesForm(request.POST or None)
    else:
        family = learners.family_to_hear(actor, learner_id)
        own = seen.learner.known_given
        form = WordsForm(request.POST or None, family=family, own=own)
    if request.method == "POST" and form.is_valid():
        try:
            write_down(by=actor, learner=seen.learner, **form.said())
        except Invalid as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "Kept, and marked as written down by you.")
            return redirect("record" if seen.holds else "profile", learner_id)
    context = {"form": form, "learner": seen.learner, "banner": banner(seen.learner)}
    return render(request, template, context)
