"""A teacher's class round: one page a class, each support of each learner in a tap."""

from __future__ import annotations

from collections.abc import Container
from contextlib import suppress
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from apps.access.grants import Actor
from apps.access.permissions import Permission
from apps.audit import record as audit
from apps.common.exceptions import DomainError, Invalid, NotVisible
from apps.reviews.actions.rounds import answer_round
from apps.reviews.models import SupportSeen
from apps.reviews.rounds import ClassRound, Line, rounds_of
from apps.web.forms import GovukForm
from apps.web.guards import Visit

ALL_WORK = "All of it works"
NOT_KEPT = "This could not be kept, because you do not work with that learner now: "


class LineForm(GovukForm):
    """What a teacher sees of one learner: a mark for each support, a note where it is not so."""

    all_work = forms.BooleanField(label=ALL_WORK, required=False)
    going_well = forms.CharField(label="What goes well?", required=False)
    harder = forms.CharField(label="What is harder?", required=False)

    def __init__(self, *args: Any, line: Line, **kwargs: Any) -> None:
        super().__init__(*args, prefix=str(line.learner.id), **kwargs)
        self.line = line
        for support in line.supports:
            self.fields[f"mark-{support.id}"] = forms.ChoiceField(
                label=support.text,
                choices=SupportSeen.Mark.choices,
                widget=forms.RadioSelect(
                    attrs={"class": "govuk-radios--inline govuk-radios--small"}
                ),
                required=False,
            )
            self.fields[f"note-{support.id}"] = forms.CharField(
                label="What do you see?", max_length=300, required=False
            )
            self._word(f"note-{support.id}")
        # What was said of a support that has ended, or was changed, since the page was shown.
        sent = {k: v for k, v in self.data.items() if k.startswith(f"{self.prefix}-")}
        known = {self.add_prefix(name) for name in self.fields}
        self.ended = [v for k, v in sent.items() if k not in known and v.strip()]

    def supports(self) -> list[dict[str, Any]]:
        """Each support with its two fields, for the page."""
        return [
            {"support": s, "mark": self[f"mark-{s.id}"], "note": self[f"note-{s.id}"]}
            for s in self.line.supports
        ]

    def seen(self) -> dict[UUID, tuple[str, str]]:
        """What was marked, with the rest as working where all of it works: all that was shown."""
        rest = SupportSeen.Mark.WORKS.value if self.cleaned_data["all_work"] else ""
        marked = {
            s.id: (self.cleaned_data[f"mark-{s.id}"] or rest, self.cleaned_data[f"note-{s.id}"])
            for s in self.line.supports
            if not self.line.late or self.add_prefix(f"note-{s.id}") in self.data
        }
        return {key: (mark, note) for key, (mark, note) in marked.items() if mark}

    def is_said(self) -> bool:
        """Whether anything is filled in."""
        return self.has_changed() or bool(self.ended)

    def save(self, by: Actor) -> bool:
        """Keep what was said of this learner alone; False with the errors where it cannot be."""
        if self.ended:
            self.add_error(
                None,
                "A support of which you wrote has ended or changed: if it still matters, write it "
                f"under “Anything else”. You said: {_quoted(self.ended)}",
            )
        if not self.is_valid():
            return False
        try:
            with transaction.atomic():
                answer_round(
                    by=by,
                    learner=self.line.learner,
                    seen=self.seen(),
                    going_well=self.cleaned_data["going_well"],
                    harder=self.cleaned_data["harder"],
                )
        except Invalid as error:
            self.add_domain_error(error)
        except DomainError as error:
            self.add_error(None, str(error))
        return self.is_valid()


def page(request: HttpRequest) -> HttpResponse:
    """One class at a time. What can be kept is kept; what cannot stays on the page with why."""
    actor = cast(Visit, request).actor
    if not actor.may(Permission.CONTRIBUTE):
        raise NotVisible
    sent = request.POST if request.method == "POST" else None
    typed = _typed(request.POST)
    rounds = rounds_of(actor, also=typed)
    named = request.POST.get("class") or request.GET.get("class")
    here = next((r for r in rounds if r.name == named), rounds[0] if rounds else None)
    lines = _lines(rounds, here, typed)
    listed = {line.learner.id for line in [*(here.lines if here else []), *lines]}
    audit.listed(by=actor, learner_ids=listed, what="class round")
    waiting = [LineForm(sent, line=line) for line in lines]
    saved: list[LineForm] = []
    errors: list[tuple[str, str]] = []
    if sent is not None:
        saved = [form for form in waiting if form.is_said() and form.save(actor)]
        waiting = [form for form in waiting if form not in saved]
        errors = [found for form in waiting if form.is_said() for found in form.summary()]
        errors += [("", NOT_KEPT + _quoted(words)) for k, words in typed.items() if k not in listed]
        if here and not errors:
            return _saved(request, here, [form.line for form in saved])
    context = {
        "classes": [_class(r, current=r is here) for r in rounds],
        "here": here,
        "forms": waiting,
        "done": _done(here, [form.line for form in saved]) if here else 0,
        "errors": errors,
    }
    return render(request, "staff/round.html", context)


def _typed(sent: QueryDict) -> dict[UUID, list[str]]:
    """Of whom something was sent, and what: a field's name begins with its learner's key."""
    found: dict[UUID, list[str]] = {}
    for name, value in sent.items():
        with suppress(ValueError):
            key = UUID(name[:36])
            if said := ALL_WORK if name.endswith("all_work") else str(value).strip():
                found.setdefault(key, []).append(said)
    return found


def _lines(rounds: list[ClassRound], here: ClassRound | None, typed: Container[UUID]) -> list[Line]:
    """Who waits in this class, and whoever else something was typed of: their review was signed
    off meanwhile, or they have been spoken of before.
    """
    waiting = here.waiting if here else []
    others = [line for one in rounds for line in one.lines if line not in waiting]
    return [*waiting, *(line for line in others if line.learner.id in typed)]


def _quoted(words: list[str]) -> str:
    return " ".join(f"“{text}”" for text in words)


def _done(here: ClassRound, saved: list[Line]) -> int:
    return sum(line.answered or line in saved for line in here.lines)


def _class(one: ClassRound, *, current: bool) -> dict[str, object]:
    text = f"{one.name}: {one.done} of {len(one.lines)}"
    return {"text": text, "href": f"?{urlencode({'class': one.name})}", "current": current}


def _saved(request: HttpRequest, here: ClassRound, saved: list[Line]) -> HttpResponse:
    thanks = "Thank you. " if saved else "Nothing was filled in. "
    done = f"{_done(here, saved)} of {len(here.lines)} in {here.name} are done."
    late = sum(line.late for line in saved)
    if late:
        done += (
            f" Of {late}, the review was signed off meanwhile: what you said is kept for the next."
        )
    messages.success(request, thanks + done)
    return redirect(f"{reverse('class-round')}?{urlencode({'class': here.name})}")
