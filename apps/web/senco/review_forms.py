"""The forms of the review workspace: they check shape; the domain checks rules."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, cast
from uuid import UUID

from django import forms
from django.forms.boundfield import BoundField
from django.http import QueryDict

from apps.common import clock
from apps.common.exceptions import Stale
from apps.framework.models import Area, Level
from apps.reviews.actions.filling import UNIVERSAL
from apps.reviews.models import Audience, DraftChange, Kind, Progress, Review, Statement
from apps.web.forms import DateField, GovukForm


def initial(statement: Statement | None, draft: DraftChange | None) -> dict[str, Any]:
    """What a form starts with: the draft's words if it has any, else the statement in force's."""
    if draft and draft.values.get("kind"):
        values = draft.values
    elif statement:
        values = {
            "text": statement.text,
            "details": statement.details,
            "area": statement.area.code if statement.area else "",
            "level": statement.level.code if statement.level else "",
            "audience": statement.audience,
            "audience_reason": statement.audience_reason,
        }
    else:
        return {}
    details = values.get("details", {})
    return {
        **{name: value for name, value in details.items() if name != "evidence"},
        "text": values.get("text", ""),
        "of_area": values.get("area") or "",
        "level": values.get("level", ""),
        "staff_only": values.get("audience") == Audience.STAFF,
        "audience_reason": values.get("audience_reason", ""),
        "details": details,
    }


class VersionForm(GovukForm):
    """A form that carries the version of the review that its page showed."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    status = HTTPStatus.OK
    meanwhile: DraftChange | None = None

    def went_stale(
        self, error: Stale, review: Review, meanwhile: DraftChange | None = None
    ) -> None:
        """Somebody saved first: keep the words, say so, and let the next save through.

        `meanwhile` is what they saved in the same place, to be shown beside the words.
        """
        data = cast(QueryDict, self.data).copy()
        review.refresh_from_db()
        data["version"] = str(review.version)
        self.data = data
        self.add_error(None, str(error))
        self.meanwhile = meanwhile
        self.status = HTTPStatus.CONFLICT


class StatementForm(VersionForm):
    """A statement in words, who may read it, and whether the words are kept as a phrase."""

    kind: Kind
    # What this kind of statement says besides its words; what a form does not ask stays as it was.
    parts: tuple[str, ...] = ()
    text = forms.CharField(
        label="In plain words",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Enter the words."},
    )
    staff_only = forms.BooleanField(
        label="Only staff may read this", required=False, help_text="The family will not see it."
    )
    audience_reason = forms.CharField(
        label="Why only staff?", required=False, max_length=200, help_text="Only if you ticked it."
    )
    keep_phrase = forms.BooleanField(
        label="Keep these words as a phrase",
        required=False,
        help_text="For other learners here. A phrase names nobody.",
    )

    def __init__(self, *args: Any, areas: tuple[Area, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "of_area" in self.fields:
            field = cast(forms.ChoiceField, self.fields["of_area"])
            field.choices = [("", "No one area"), *((a.code, a.name) for a in areas)]

    def details(self) -> dict[str, Any]:
        """What this kind of statement says besides its words."""
        kept = {k: v for k, v in (self.initial.get("details") or {}).items() if k not in self.parts}
        said = {k: self.cleaned_data[k] for k in self.parts if self.cleaned_data.get(k)}
        return kept | said

    def values(self) -> dict[str, Any]:
        """The values as the domain takes them."""
        data = self.cleaned_data
        return {
            "kind": self.kind.value,
            "text": data["text"],
            "area": data.get("of_area") or None,
            "details": self.details(),
            "audience": (Audience.STAFF if data["staff_only"] else Audience.EVERYONE).value,
            "audience_reason": data["audience_reason"] if data["staff_only"] else "",
        }

    @property
    def first(self) -> list[BoundField]:
        """The fields that are asked of everybody."""
        return [self[name] for name in self.fields if name in ("text", "of_area", *self.parts)]

    @property
    def seldom(self) -> list[BoundField]:
        """The fields behind *More*."""
        return [self[name] for name in ("staff_only", "audience_reason", "keep_phrase")]

    @property
    def seldom_used(self) -> bool:
        """Whether one of them is filled in or wrong, so that it must be seen."""
        return any(field.value() or field.errors for field in self.seldom)


class StrengthForm(StatementForm):
    """What I can do."""

    kind = Kind.STRENGTH


class AspirationForm(StatementForm):
    """What I hope for."""

    kind = Kind.ASPIRATION


class HarderForm(StatementForm):
    """What makes it harder for me."""

    kind = Kind.HARDER


class AdaptationForm(StatementForm):
    """What is changed so that the learner can learn."""

    kind = Kind.ADAPTATION
    parts = ("for_now",)
    for_now = forms.BooleanField(label="Only for now", required=False)


class SupportForm(StatementForm):
    """What is done, how often, for how long, with how many, by whom, at what cost."""

    kind = Kind.SUPPORT
    parts = (
        "how_often",
        "sessions_a_week",
        "minutes",
        "group_size",
        "by_whom",
        "until",
        "cost",
    )
    of_area = forms.ChoiceField(label="For which need", required=False)
    how_often = forms.CharField(label="How often", required=False, max_length=200)
    sessions_a_week = forms.IntegerField(
        label="Times a week", required=False, min_value=1, max_value=60
    )
    minutes = forms.IntegerField(
        label="Minutes each time", required=False, min_value=1, max_value=600
    )
    group_size = forms.IntegerField(
        label="Learners together", required=False, min_value=1, max_value=40
    )
    by_whom = forms.CharField(label="By whom", required=False, max_length=200)
    until = forms.CharField(label="Until", required=False, max_length=40)
    cost = forms.IntegerField(
        label="Cost a year in pounds", required=False, min_value=1, max_value=1_000_000
    )


class OutcomeForm(StatementForm):
    """The aim: from where, to what, by when."""

    kind = Kind.OUTCOME
    parts = ("baseline", "target", "by_when")
    of_area = forms.ChoiceField(label="For which need", required=False)
    baseline = forms.CharField(label="Now", required=False, max_length=200)
    target = forms.CharField(
        label="Aim", required=False, max_length=200, help_text="So that anyone can tell it is met."
    )
    by_when = forms.CharField(label="By when", required=False, max_length=40)


FORMS: dict[str, type[StatementForm]] = {
    form.kind.value: form
    for form in (
        StrengthForm,
        AspirationForm,
        HarderForm,
        SupportForm,
        AdaptationForm,
        OutcomeForm,
    )
}


class LevelForm(VersionForm):
    """The level of one area: chosen by its description, with what was seen above it."""

    level = forms.ChoiceField(
        label="Which description matches best?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the level whose description matches."},
    )
    kept = forms.MultipleChoiceField(
        label="What was seen before, and still counts",
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    what = forms.CharField(
        label="What was seen?", widget=forms.Textarea(attrs={"rows": 2}), required=False
    )
    where = forms.CharField(label="Where", required=False, max_length=120)
    by = forms.CharField(label="By whom", required=False, max_length=120)
    text = forms.CharField(
        label="The need in plain words",
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
        help_text="Leave it empty for universal. At other levels, what was seen stands for it.",
    )

    def __init__(self, *args: Any, levels: tuple[Level, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["level"]).choices = [(v.code, v.name) for v in levels]
        self.levels = {v.code: v for v in levels}
        self.evidence = (self.initial.get("details") or {}).get("evidence") or []
        if self.evidence:
            rows = [(str(n), row.get("what", "")) for n, row in enumerate(self.evidence)]
            cast(forms.MultipleChoiceField, self.fields["kept"]).choices = rows
            self.initial.setdefault("kept", [n for n, _ in rows])
        else:
            del self.fields["kept"]

    def values(self, area: Area) -> dict[str, Any]:
        """The need as the domain takes it; a universal one needs no words of its own."""
        data = self.cleaned_data
        rows = [self.evidence[int(n)] for n in data.get("kept", [])]
        if data["what"]:
            new = {name: data[name] for name in ("what", "where", "by")}
            rows.append({**new, "when": clock.today().isoformat()})
        universal = self.levels[data["level"]].rank == 0
        seen = rows[-1]["what"] if rows else ""
        return {
            "kind": Kind.NEED.value,
            "area": area.code,
            "level": data["level"],
            "text": data["text"] or (UNIVERSAL if universal else seen),
            "details": {"evidence": rows},
            "order": area.order,
        }


class ProgressForm(VersionForm):
    """How far each outcome got."""

    def __init__(
        self,
        *args: Any,
        outcomes: list[Statement],
        said: dict[UUID, Progress],
        **kwargs: Any,
    ) -> None:
        self.outcomes = outcomes
        super().__init__(*args, **kwargs)
        for o in outcomes:
            before = said.get(o.id)
            self.fields[f"mark-{o.id}"] = forms.ChoiceField(
                label=o.text,
                choices=Progress.Mark.choices,
                widget=forms.RadioSelect(
                    attrs={"class": "govuk-radios--inline govuk-radios--small"}
                ),
                initial=before.mark if before else None,
                required=False,
            )
            self.fields[f"note-{o.id}"] = forms.CharField(
                label="How we know",
                required=False,
                max_length=500,
                initial=before.note if before else "",
            )

    def marks(self) -> dict[UUID, tuple[str, str]]:
        """What was answered: outcome key → mark and note."""
        data = self.cleaned_data
        return {
            o.id: (data[f"mark-{o.id}"], data[f"note-{o.id}"])
            for o in self.outcomes
            if data[f"mark-{o.id}"]
        }


class SignOffForm(VersionForm):
    """When the setting spoke with the family, or why not: one choice.

    Only a meeting that was held answers it beforehand: a signed review, and the papers made of it,
    must not claim a conversation that nobody said there was.
    """

    spoke = forms.ChoiceField(
        label="Have you spoken with the family about this review?",
        choices=[
            ("yes", "Yes"),
            ("A conversation is offered", "Not yet: one is offered"),
            ("The family could not make the time offered", "No: they could not make the time"),
            ("The family did not want one this term", "No: they did not want one this term"),
            ("We have not been able to reach the family", "No: we could not reach them"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether you have spoken with the family."},
    )
    spoke_on = DateField(
        label="If yes, when", help_text="Leave it empty if it was today.", required=False
    )

    def conversation(self) -> dict[str, Any]:
        """The conversation as the domain takes it."""
        data = self.cleaned_data
        if data["spoke"] == "yes":
            return {"conversation_on": data["spoke_on"] or clock.today()}
        return {"no_conversation_because": data["spoke"]}
