"""The provision map of a setting, for those who read its register; and its print for governors."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.access.permissions import Permission
from apps.audit import record as audit
from apps.framework import selectors as framework
from apps.partnerships import provision as governors
from apps.reviews import provision
from apps.reviews.provision import Gap, Provision
from apps.web.forms import GovukForm
from apps.web.guards import Visit, organisation

WAYS = {"type": "Support", "area": "Area of need", "year": "Year group", "adult": "Given by"}
LONGEST = 60


class FilterForm(GovukForm):
    """What narrows the map; each choice is a group that is there."""

    by = forms.ChoiceField(label="Add up by", required=False, choices=list(WAYS.items()))

    def __init__(self, *args: Any, found: Provision, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for way, label in WAYS.items():
            groups = [(line.key, _short(line.label)) for line in found.lines(way)]
            self.fields[way] = forms.ChoiceField(
                label=label, required=False, choices=[("", "All"), *groups]
            )


def page(request: HttpRequest) -> HttpResponse:
    """Who gets what: added up one way, narrowed by the others, with the gaps."""
    visit = cast(Visit, request)
    setting_id = organisation(visit, visit.actor.organisations(Permission.SEE_REGISTER))
    actor = visit.actor.at(setting_id)
    found = provision.of_setting(actor, setting_id, framework.published())
    if request.GET.get("for") == "governors":
        shown = {"setting": actor.organisation_name, "figures": governors.for_governors(found)}
        return render(request, "senco/provision_governors.html", shown)
    chosen = {way: key for way in WAYS if (key := request.GET.get(way, "")[:40])}
    by = request.GET.get("by", "")
    context = _map(found, chosen, by if by in WAYS else "type")
    named = {s.who.id for s in context["supports"]}
    named |= {gap.who.id for gaps in context["gaps"].values() for gap in gaps}
    audit.listed(by=actor, learner_ids=named, what="provision map")
    return render(request, "senco/provision.html", {"setting": actor.organisation_name, **context})


def _map(found: Provision, chosen: dict[str, str], by: str) -> dict[str, Any]:
    narrowed = found.narrowed(chosen)
    return {
        "form": FilterForm(initial={**chosen, "by": by}, found=found),
        "by": by,
        "way": WAYS[by],
        "lines": narrowed.lines(by),
        "total": narrowed.total,
        "keep": urlencode({**chosen, "by": by}),
        "chosen": _chosen(found, chosen, by),
        "clear": f"?{urlencode({'by': by})}",
        "supports": narrowed.supports if chosen else [],
        "gaps": {
            "needs": _needs_without_support(found, chosen),
            "supports": narrowed.supports_without_outcome(),
            "not_happening": narrowed.not_happening(),
        },
    }


def _needs_without_support(found: Provision, chosen: dict[str, str]) -> list[Gap]:
    """Of the year and area chosen; what is narrowed to a support or an adult says nothing of it."""
    if {"type", "adult"} & chosen.keys():
        return []
    of_year = found.narrowed({"year": chosen.get("year", "")})
    return of_year.needs_without_support(chosen.get("area", ""))


def _chosen(found: Provision, chosen: dict[str, str], by: str) -> list[dict[str, str]]:
    """What the map is narrowed by, each with the address of the map without it."""
    items = []
    for way, key in chosen.items():
        names = {line.key: line.label for line in found.lines(way)}
        rest = {w: k for w, k in chosen.items() if w != way}
        text = f"{WAYS[way]}: {_short(names.get(key, 'nothing like it'))}"
        items.append({"text": text, "href": f"?{urlencode({**rest, 'by': by})}"})
    return items


def _short(label: str) -> str:
    return label if len(label) <= LONGEST else f"{label[: LONGEST - 2]} …"
