"""Redaction: words that the law says must go, sealed wherever they stand in a learner's record.

Two people decide (`decisions`). The database does it, in one function that checks that they did
(`rights_redact`): everywhere the words become a mark that says that and when. What they were stays
in the log, hidden from the application, for a court.
"""

from __future__ import annotations

import re
from uuid import UUID

from django.db import connection, transaction

from apps.access.grants import Actor
from apps.audit import record
from apps.common import clock
from apps.common.exceptions import Invalid
from apps.learners import access_rows
from apps.learners.deciding import as_keeper
from apps.learners.models import Learner, RecordHolder
from apps.notifications.actions import tell
from apps.rights import decisions, policy
from apps.rights.models import Decision, Redaction
from apps.rights.selectors import Place, places_with
from apps.transitions.models import Package

FEWEST_LETTERS = 3


def check(*, by: Actor, learner: Learner, words: str, ground: str, because: str) -> list[Place]:
    """Where these words stand, before anyone proposes to redact them.

    Raises Invalid for words that stand nowhere or are too few, an unknown ground, or a reason that
    says the words again.
    """
    policy.check_can_propose(by, learner.id)
    wrong = {}
    if ground not in Redaction.Ground.values:
        wrong["ground"] = "Choose why the law says so"
    if _says(because, words):
        wrong["because"] = "Enter the reason without the words themselves: the reason is kept"
    places = []
    if len("".join(_tokens(words))) < FEWEST_LETTERS:
        wrong["words"] = f"Enter the words, with {FEWEST_LETTERS} letters or more"
    elif not (places := places_with(learner.id, words)):
        wrong["words"] = "These words do not stand in the record. Copy them as they are there"
    if wrong:
        raise Invalid("Nothing was proposed yet.", wrong)
    return places


@transaction.atomic
def propose(*, by: Actor, learner: Learner, words: str, ground: str, because: str) -> Redaction:
    """Propose to redact words wherever they stand in this learner's record; raises as `check`."""
    check(by=by, learner=learner, words=words, ground=ground, because=because)
    decision = decisions.propose(
        by=by, kind=Decision.Kind.REDACTION, learner=learner, because=because
    )
    return Redaction.objects.create(
        decision=decision, learner=learner, ground=ground, words=words.strip()
    )


@transaction.atomic
def agree(*, by: Actor, decision_id: UUID) -> None:
    """The second person agrees: the words are sealed now, and whoever holds a copy is told."""
    decision = decisions.agree(by=by, decision_id=decision_id)
    redaction = decision.redaction
    with connection.cursor() as cursor:
        cursor.execute("SELECT rights_redact(%s, %s)", [redaction.id, clock.now()])
        (places_redacted,) = cursor.fetchone()
    record.event(
        by=by,
        action="words redacted",
        subject_kind="redaction",
        subject_id=redaction.id,
        learner_id=decision.learner_id,
        detail={"places": places_redacted, "ground": redaction.ground},
    )
    _tell(by, redaction)


@transaction.atomic
def decline(*, by: Actor, decision_id: UUID, because: str) -> None:
    """The second person declines: the words stay where they are, and are forgotten here."""
    decision = decisions.decline(by=by, decision_id=decision_id, because=because)
    if _says(because, decision.redaction.words):
        raise Invalid(
            "Nothing was decided yet.",
            {"because": "Enter the reason without the words themselves: the reason is kept"},
        )
    Redaction.objects.filter(pk=decision.redaction.id).update(words="")


def _tokens(words: str) -> list[str]:
    return re.findall(r"\w+", words.casefold())


def _says(text: str, words: str) -> bool:
    """Whether a text has the words in it, however they are written."""
    found = _tokens(words)
    return bool(found) and f" {' '.join(found)} " in f" {' '.join(_tokens(text))} "


def _tell(by: Actor, redaction: Redaction) -> None:
    """The family; whoever was sent a package; whoever held the record before."""
    learner_id = redaction.learner_id
    with as_keeper(by, learner_id):
        family = access_rows.family_readers(learner_id)
    sent = Package.objects.filter(redaction_id=redaction.id).select_related("transition")
    before = RecordHolder.objects.filter(learner_id=learner_id, ends_on__isnull=False)
    told: list[tuple[str, list[UUID | None], str, str]] = [
        (
            "family",
            list(family),
            "Words in the Learner Record were redacted.",
            f"/family/{learner_id}/",
        ),
        (
            "held",
            list(before.values_list("setting_id", flat=True)),
            "Words were redacted in a record that you held.",
            f"/records-held-before/{learner_id}/",
        ),
        *(
            (
                str(package.id),
                [package.transition.to_setting_id],
                "Words were redacted in a record that was sent to you: here it is again.",
                f"/moves/{package.transition_id}/",
            )
            for package in sent
        ),
    ]
    for why, recipients, text, link in told:
        tell(
            recipients=[i for i in recipients if i],
            learner_id=learner_id,
            kind="redacted",
            text=text,
            link=link,
            key=f"redacted:{redaction.id}:{why}",
        )
