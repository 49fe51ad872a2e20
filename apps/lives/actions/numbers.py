"""Numbers of a record that is joined: one number is never two learners', at no moment."""

from __future__ import annotations

from django.db.models import F

from apps.common import clock
from apps.learners.models import FormerIdentifier, Learner
from apps.lives.changes import Changes

NUMBERS = "numbers"
KINDS = {"upn": "upn", "uln": "uln", "nhs": "nhs_number"}


def gives_way(own: str, upn: str) -> bool:
    """Whether a record's own UPN gives way to another: a temporary one does to a permanent."""
    return own[-1].isalpha() and upn[-1].isdigit()


def take(kept: Learner, joined: Learner, changes: Changes) -> None:
    """Each number becomes the kept learner's: the one of today where there is none, or a former.

    A temporary UPN gives way to a permanent one.
    """
    for kind, field in KINDS.items():
        number, own = getattr(joined, field), getattr(kept, field)
        if not number:
            continue
        changes.update(NUMBERS, joined, **{field: None})
        if own is None or (kind == "upn" and gives_way(own, number)):
            changes.update(NUMBERS, kept, **{field: number})
            number = own
        if number:
            former = FormerIdentifier(learner=kept, kind=kind, value=number, ended_on=clock.today())
            changes.add(NUMBERS, former)
    for former in FormerIdentifier.objects.filter(learner=joined):
        changes.update(NUMBERS, former, learner_id=kept.id)
    Learner.objects.filter(pk=kept.pk).update(version=F("version") + 1)
    kept.refresh_from_db()


def give_back(kept: Learner, changes: Changes) -> None:
    """Undo that; where the kept learner has had another number since, theirs stay."""
    kept.refresh_from_db()
    if changes.untouched(NUMBERS) and not _has_since(kept, changes):
        changes.undo(NUMBERS)
    else:
        _only_theirs(kept, changes)
    Learner.objects.filter(pk=kept.pk).update(version=F("version") + 1)


def _has_since(kept: Learner, changes: Changes) -> bool:
    """Whether somebody has made a number of the joined learner the kept one's since."""
    rows = changes.of(NUMBERS, Learner)
    given = {f for row in rows if row["id"] == str(kept.pk) for f in row["after"]}
    theirs = {f: n for row in rows if row["id"] != str(kept.pk) for f, n in row["before"].items()}
    return any(getattr(kept, f) == n for f, n in theirs.items() if f not in given)


def _only_theirs(kept: Learner, changes: Changes) -> None:
    """Give the joined learner's numbers back, and leave the kept one's."""
    for row in changes.of(NUMBERS, Learner):
        if row["id"] == str(kept.pk):
            continue
        for field, number in row["before"].items():
            if getattr(kept, field) == number:
                setattr(kept, field, None)
                kept.save(update_fields=[field])
            FormerIdentifier.objects.filter(learner=kept, value=number).delete()
        Learner.objects.filter(pk=row["id"]).update(**row["before"])
    for row in changes.of(NUMBERS, FormerIdentifier):
        if row["before"]:
            FormerIdentifier.objects.filter(pk=row["id"]).update(**row["before"])
