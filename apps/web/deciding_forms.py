"""The question who of the family reads a record, as the young person and the setting answer it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast
from uuid import UUID

from django import forms

from apps.learners.deciding import InForce
from apps.learners.models import Decision
from apps.learners.selectors import FamilyAccess
from apps.web.forms import DateField, GovukForm

A = Decision.Answer
MAY = {"adults": "contribute", "readers": "read"}


class OwnAnswerForm(GovukForm):
    """The young person's answer."""

    answer = forms.ChoiceField(
        label="Who may read your record?",
        choices=[
            (A.AGREES.value, "All of these adults"),
            (A.IN_PART.value, "Only those I choose below"),
            (A.NOT.value, "None of them"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one answer."},
    )
    adults = forms.MultipleChoiceField(
        label="Who may read it and say what helps?",
        help_text="Only if you choose some of them.",
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    readers = forms.MultipleChoiceField(
        label="Who may only read it?", widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(self, *args: Any, family: Iterable[FamilyAccess], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [
            (str(a.member.id), f"{a.member.name}, {a.member.get_relation_display().lower()}")
            for a in family
        ]
        for name in MAY:
            cast(forms.MultipleChoiceField, self.fields[name]).choices = names

    @staticmethod
    def said(answer: InForce | None) -> dict[str, Any]:
        """The form filled in with the answer that counts now."""
        if answer is None:
            return {}
        may = {
            name: [str(key) for key, right in answer.adults.items() if right == MAY[name]]
            for name in MAY
        }
        chosen = answer.answer == A.IN_PART
        return {"answer": answer.answer, **(may if chosen else {})}

    def named(self) -> dict[UUID, str]:
        """What each adult chosen may do; somebody chosen twice does more."""
        sent = self.cleaned_data
        readers = {UUID(key): MAY["readers"] for key in sent["readers"]}
        return readers | {UUID(key): MAY["adults"] for key in sent["adults"]}


class WrittenAnswerForm(OwnAnswerForm):
    """The same, written down by the setting; or that they were asked, or cannot decide this."""

    answer = forms.ChoiceField(
        label="What did they say?",
        choices=[
            (A.ASKED.value, "They were asked, and have not answered yet"),
            (A.AGREES.value, "All of their adults may go on reading and contributing"),
            (A.IN_PART.value, "Only some of them, or only in part"),
            (A.NOT.value, "None of them"),
            (A.LACKS_CAPACITY.value, "They lack capacity for this decision"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one answer."},
    )
    adults = forms.MultipleChoiceField(
        label="Who may read and contribute?",
        help_text="For some of them; or whoever speaks for a young person who lacks capacity.",
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    readers = forms.MultipleChoiceField(
        label="Who may only read?", widget=forms.CheckboxSelectMultiple, required=False
    )
    assessed_by = forms.CharField(
        label="Who decided that, and what is their role?", max_length=200, required=False
    )
    assessed_on = DateField(label="When?", required=False)
    assessed_how = forms.CharField(
        label="How?",
        help_text="How the question was explained, with what support, and why they could not "
        "decide it (Mental Capacity Act 2005, sections 2 and 3).",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
    )
    review_by = DateField(
        label="Decide again by",
        help_text="On that day whoever speaks for them can no longer read the record, unless you "
        "have decided again.",
        required=False,
    )
