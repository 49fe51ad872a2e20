"""The forms of the review workspace: they check shape; the domain checks rules."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, cast
from uuid import UUID

from django import forms
from django.http import QueryDict

from apps.common import clock
from apps.common.exceptions import Stale
from apps.framework.models import Area, Level
from apps.reviews.models import Audience, DraftChange, Kind, Progress, Review, Statement
from apps.web.forms import DateField, GovukForm

_PARTS = {
    Kind.SUPPORT: ("how_often", "minutes", "group_size", "by_whom"),
    Kind.OUTCOME: ("baseline", "target", "by_when"),
}


def initial(statement: Statement | None, draft: DraftChange | None) -> dict[str, Any]:
    """What a form starts with: the draft if there is one, else the statement in force."""
    if draft and draft.values:
        values = draft.values
    elif statement:
        values = {
            "text": statement.text,
            "details": statement.details,
            "level": statement.level.code if statement.level else "",
            "audience": statement.audience,
            "audience_reason": statement.audience_reason,
        }
    else:
        return {}
    details = values.get("details", {})
    evidence = (details.get("evidence") or [{}])[0]
    return {
        **{k: details.get(k, "") for parts in _PARTS.values() for k in parts},
        "text": values.get("text", ""),
        "level": values.get("level", ""),
        "staff_only": values.get("audience") == Audience.STAFF,
        "audience_reason": values.get("audience_reason", ""),
        "what": evidence.get("what", ""),
        "where": evidence.get("where", ""),
        "by": evidence.get("by", ""),
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
    """A statement in words, and who may read it."""

    kind: Kind
    text = forms.CharField(
        label="In plain words",
        widget=forms.Textarea,
        error_messages={"required": "Enter the words."},
    )
    staff_only = forms.BooleanField(
        label="Only staff may read this", required=False, help_text="The family will not see it."
    )
    audience_reason = forms.CharField(
        label="Why only staff?", required=False, max_length=200, help_text="Only if you ticked it."
    )

    def details(self) -> dict[str, Any]:
        """What this kind of statement says besides its words."""
        parts = _PARTS.get(self.kind, ())
        return {k: self.cleaned_data[k] for k in parts if self.cleaned_data.get(k)}

    def values(self) -> dict[str, Any]:
        """The values as the domain takes them."""
        data = self.cleaned_data
        return {
            "kind": self.kind.value,
            "text": data["text"],
            "details": self.details(),
            "audience": (Audience.STAFF if data["staff_only"] else Audience.EVERYONE).value,
            "audience_reason": data["audience_reason"] if data["staff_only"] else "",
        }


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


class SupportForm(StatementForm):
    """What is done, how often, for how long, with how many, by whom."""

    kind = Kind.SUPPORT
    how_often = forms.CharField(label="How often", required=False, max_length=80)
    minutes = forms.IntegerField(
        label="Minutes each time", required=False, min_value=1, max_value=600
    )
    group_size = forms.IntegerField(
        label="Learners together", required=False, min_value=1, max_value=40
    )
    by_whom = forms.CharField(label="By whom", required=False, max_length=80)


class OutcomeForm(StatementForm):
    """The aim: from where, to what, by when."""

    kind = Kind.OUTCOME
    baseline = forms.CharField(label="Now", required=False, max_length=200)
    target = forms.CharField(label="Aim", required=False, max_length=200)
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
    """The level of one area, with what was seen beside it."""

    level = forms.ChoiceField(
        label="Which description matches best?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the level whose description matches."},
    )
    text = forms.CharField(
        label="The need in plain words",
        widget=forms.Textarea,
        required=False,
        help_text="Leave empty for universal.",
    )
    what = forms.CharField(
        label="What was seen?", widget=forms.Textarea(attrs={"rows": 2}), required=False
    )
    where = forms.CharField(label="Where", required=False, max_length=120)
    by = forms.CharField(label="By whom", required=False, max_length=120)

    def __init__(self, *args: Any, levels: tuple[Level, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.ChoiceField, self.fields["level"])
        field.choices = [(v.code, v.name) for v in levels]
        self.levels = {v.code: v for v in levels}

    def values(self, area: Area) -> dict[str, Any]:
        """The need as the domain takes it; a universal one needs no words of its own."""
        data = self.cleaned_data
        evidence = {
            "what": data["what"],
            "where": data["where"],
            "when": clock.today().isoformat(),
            "by": data["by"],
        }
        universal = self.levels[data["level"]].rank == 0
        text = data["text"] or ("Met by what every learner gets." if universal else data["what"])
        return {
            "kind": Kind.NEED.value,
            "area": area.code,
            "level": data["level"],
            "text": text,
            "details": {"evidence": [evidence] if data["what"] else []},
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
                widget=forms.RadioSelect,
                initial=before.mark if before else None,
                required=False,
            )
            self.fields[f"note-{o.id}"] = forms.CharField(
                label="How we know", required=False, initial=before.note if before else ""
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
    """When the setting spoke with the family, or why not."""

    spoke = forms.ChoiceField(
        label="Have you spoken with the family about this review?",
        choices=[("yes", "Yes"), ("no", "Not yet")],
        initial="yes",
        widget=forms.RadioSelect,
    )
    spoke_on = DateField(label="When you spoke", required=False)
    why_not = forms.ChoiceField(
        label="If not yet, why",
        required=False,
        choices=[
            ("Nothing changed; a conversation is offered", "Nothing changed; one is offered"),
            ("The family could not make the time offered", "They could not make the time offered"),
            ("The family did not want one this term", "They did not want one this term"),
            ("We have not been able to reach the family", "We have not been able to reach them"),
        ],
    )

    def conversation(self) -> dict[str, Any]:
        """The conversation as the domain takes it."""
        data = self.cleaned_data
        if data["spoke"] == "yes":
            return {"conversation_on": data["spoke_on"] or clock.today()}
        return {"no_conversation_because": data["why_not"]}
