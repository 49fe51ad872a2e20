"""A setting's own phrases: words its people like to use again, which name nobody."""

from __future__ import annotations

import re
from uuid import UUID

from django.db import transaction

from apps.access.grants import Actor
from apps.audit import record as audit
from apps.common import clock
from apps.common.exceptions import Invalid
from apps.common.text import printable
from apps.learners.models import Learner
from apps.learners.names import name_key
from apps.reviews import policy
from apps.reviews.models import Kind, Phrase

LONGEST = 500
MOST = 200


@transaction.atomic
def keep_phrase(
    *, by: Actor, setting_id: UUID, kind: str, text: str, of: Learner | None = None
) -> Phrase:
    """Keep words for the setting's reviews; the same ones twice are kept once.

    `of` is the learner in whose review they were written. Raises Invalid when they name that
    learner, or are too long.
    """
    policy.check_can_keep_register(by, setting_id)
    text = printable(text).strip()
    if kind not in Kind.values or not text:
        raise Invalid("Enter the words to keep.", {"text": "Enter the words to keep."})
    if len(text) > LONGEST:
        raise Invalid(f"A phrase has {LONGEST} characters or fewer.", {"text": "Use fewer words."})
    if of and (named := _names(of) & _words(text)):
        raise Invalid(
            f"A phrase names nobody. Take out “{sorted(named)[0]}”, or do not keep it as a phrase.",
            {"keep_phrase": "A phrase that is used again names nobody."},
        )
    if Phrase.objects.filter(setting_id=setting_id, kind=kind).count() >= MOST:
        raise Invalid("There are too many phrases of this kind. Take some out first.")
    phrase, new = Phrase.objects.get_or_create(
        setting_id=setting_id, kind=kind, text=text, defaults={"kept_at": clock.now()}
    )
    if new:
        audit.event(by=by, action="phrase kept", subject_kind="setting", subject_id=setting_id)
    return phrase


@transaction.atomic
def drop_phrase(*, by: Actor, setting_id: UUID, phrase_id: UUID) -> None:
    """Take a phrase out; what was written with it stays."""
    policy.check_can_keep_register(by, setting_id)
    Phrase.objects.filter(pk=phrase_id, setting_id=setting_id).delete()


def phrases(setting_id: UUID, kind: str) -> list[Phrase]:
    """What the setting has kept for statements of this kind, by the first word."""
    return list(Phrase.objects.filter(setting_id=setting_id, kind=kind).order_by("text"))


def all_phrases(setting_id: UUID) -> list[Phrase]:
    """Every phrase of the setting, by kind."""
    kinds = Kind.values
    rows = Phrase.objects.filter(setting_id=setting_id).order_by("text")
    return sorted(rows, key=lambda p: kinds.index(p.kind))


def _names(learner: Learner) -> set[str]:
    said = (learner.known_given, learner.known_family, learner.legal_given, learner.legal_family)
    return {word for name in said for word in _words(name) if len(word) > 1}


def _words(text: str) -> set[str]:
    return {name_key(word) for word in re.findall(r"\w+", text)}
