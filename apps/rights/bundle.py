"""A copy of everything about a learner: JSON for machines, a page and papers for people, one ZIP.

What is in it and what is left out, with the reason, is `data/personal_fields.yaml`, which a test
holds against the models: a new field is in the copy, or the file says why not.
"""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models
from django.template.loader import render_to_string
from django.utils import timezone

from apps.access.grants import Actor
from apps.common import clock
from apps.common.exceptions import DomainError
from apps.documents import policy as documents
from apps.documents.actions import content
from apps.formats import files
from apps.learners import policy, readings
from apps.learners.models import Learner
from apps.lives import selectors as lives
from apps.reviews import papers, whereabouts
from apps.reviews.models import Statement
from apps.rights.classification import Classified, classification
from apps.rights.models import Export

ALL = 1_000_000
LONGEST_ON_A_PAGE = 2_000
SAID = ("kind", "area", "level", "text", "details")
PLACES_LEFT_OUT = (
    "Everything else",
    "It could tell where the learner is. Whoever keeps the record decides what more can be given.",
)


def make(actor: Actor, export: Export) -> bytes:
    """The ZIP: `record.json`, `record.html`, `READ-ME.txt`, the profile as PDF and the documents.

    Asks that `actor` keeps the record.
    """
    policy.check_can_keep(actor, export.learner_id)
    if export.may_know_where is False:
        sections, looked, before = _without_places(export.learner), [], []
        left_out = [PLACES_LEFT_OUT]
        enclosed: dict[str, bytes] = {}
    else:
        sections = [(c, _rows(c, export.learner_id)) for c in classification() if c.exported]
        looked = [r for r in readings.of_learner(actor, export.learner_id, ALL) if _told(r)]
        before = [r for r in lives.earlier(actor, export.learner_id) if r.number]
        left_out = [(c.title, c.because) for c in classification() if c.because]
        enclosed = _papers(actor, export.learner)
    context = {
        "learner": export.learner,
        "export": export,
        "today": clock.today(),
        "sections": [(c.title, [_worded(c, row) for row in rows]) for c, rows in sections],
        "looked": looked,
        "earlier": before,
        "left_out": left_out,
        "enclosed": enclosed,
    }
    as_data = {
        "made_on": clock.today(),
        "made_for": export.copy_for,
        "sections": {c.model: {"title": c.title, "rows": rows} for c, rows in sections},
        "who_has_looked": [
            {"at": r.at, "role": r.role, "organisation": r.organisation, "what": r.what,
             "kind": r.kind, "purpose": r.purpose}
            for r in looked
        ],
        "earlier_records": [
            {"known_as": r.known_as, "joined_at": r.joined_at, "record": json.loads(r.canonical)}
            for r in before
        ],
        "left_out": [{"title": title, "because": because} for title, because in left_out],
    }  # fmt: skip
    texts = {
        "READ-ME.txt": render_to_string("rights/read_me.txt", context),
        "record.html": render_to_string("rights/copy.html", context),
        "record.json": json.dumps(as_data, default=_plain, ensure_ascii=False, indent=1),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        everything: dict[str, str | bytes] = {**texts, **enclosed}
        for name, inside in everything.items():
            bundle.writestr(name, inside)
    return out.getvalue()


def _papers(actor: Actor, learner: Learner) -> dict[str, bytes]:
    """The profile, and every document that was not withdrawn, by its place in the ZIP."""
    found = {"profile.pdf": papers.profiles(actor, [learner], f"Profile of {learner}")}
    rows = documents.visible_to(actor).filter(learner_id=learner.id).order_by("added_at", "id")
    for number, row in enumerate(rows, 1):
        name = f"documents/{number:03d}{files.FORMS[row.content_type].endings[0]}"
        try:
            found[name] = content(by=actor, document=row)
        except DomainError as error:  # one that is damaged holds nothing else up
            found[f"{name}.txt"] = str(error).encode()
    return found


def _without_places(learner: Learner) -> list[tuple[Classified, list[dict[str, Any]]]]:
    """Who the learner is, and what the record says that gives away neither place nor person."""
    kept = {c.model: c for c in classification()}
    about, says = kept["learners.Learner"], kept["reviews.Statement"]
    facts = [name for name in about.family if name != "upn"]  # which names a local authority
    statements = whereabouts.without_places(learner.id)
    return [
        (about, [{name: _value(learner, Learner._meta.get_field(name)) for name in facts}]),
        (
            says,
            [
                {name: _value(s, Statement._meta.get_field(name)) for name in SAID}
                for s in statements
            ],
        ),
    ]


def _told(reading: readings.Reading) -> bool:
    """As on the family's page: no reading by family members, none that is withheld."""
    return reading.role != "Family" and not reading.withheld


def _rows(classified: Classified, learner_id: UUID) -> list[dict[str, Any]]:
    model = apps.get_model(classified.model)
    column = "pk" if model is Learner else "learner_id"
    fields = [model._meta.get_field(name) for name in classified.exported]
    related = [f.name for f in fields if isinstance(f, models.ForeignKey)]
    rows = model._default_manager.filter(**{column: learner_id}).select_related(*related)
    return [{f.name: _value(row, f) for f in fields} for row in rows.order_by("pk")]


def _value(row: models.Model, field: Any) -> Any:
    """A field's value: a choice in its words, another row by its name."""
    if getattr(field, "choices", None):
        return getattr(row, f"get_{field.name}_display")()
    value = getattr(row, field.name)
    return str(value) if isinstance(value, models.Model) else value


def _worded(classified: Classified, row: dict[str, Any]) -> list[tuple[str, str]]:
    """What a person reads of a row: the fields that say something, by their labels."""
    model = apps.get_model(classified.model)
    worded = []
    for name, value in row.items():
        if value in (None, "", [], {}):
            continue
        label = str(model._meta.get_field(name).verbose_name)
        text = _text(value)
        if len(text) > LONGEST_ON_A_PAGE:
            text = "Long: it is in the file record.json."
        worded.append((label[:1].upper() + label[1:], text))
    return worded


def _text(value: Any) -> str:
    match value:
        case bool():
            return "Yes" if value else "No"
        case datetime():
            return f"{timezone.localtime(value):%-d %B %Y, %H:%M}"
        case date():
            return f"{value:%-d %B %Y}"
        case list():
            return "; ".join(_text(part) for part in value)
        case dict():
            return "; ".join(f"{key}: {_text(part)}" for key, part in value.items())
    return str(value)


def _plain(value: Any) -> str:
    """JSON's words for a date or a key."""
    return value.isoformat() if isinstance(value, date) else str(value)
