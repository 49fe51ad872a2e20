"""Who a learner is, as a person writes it: names, birth date, home and what figures need.

Numbers are no part of it: whose they are is looked into first (`imports.actions.checking`).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction

from apps.access.grants import Actor
from apps.common import clock
from apps.common.exceptions import Invalid, Stale
from apps.formats.pupils import EARLIEST_BIRTH, odd_sign
from apps.learners import policy
from apps.learners.actions import update_learner
from apps.learners.models import Learner

NAMES = ("known_given", "known_family", "legal_given", "legal_family")
LATE = (
    "Somebody changed this while you were writing. What you wrote is below: check it, and save "
    "again."
)


@transaction.atomic
def correct(*, by: Actor, learner_id: UUID, version: int, values: dict[str, Any]) -> Learner:
    """Change what differs, true everywhere at once; `version` is that which the writer saw.

    Raises NotVisible, Refused, Stale, and Invalid with the fields at fault.
    """
    policy.check_can_hold(by, learner_id)
    learner = Learner.objects.select_for_update().get(pk=learner_id)
    if learner.version != version:
        raise Stale(LATE)
    check(values)
    new = {name: value for name, value in values.items() if getattr(learner, name) != value}
    if new:
        update_learner(by=by, learner=learner, values=new)
    return learner


def check(values: dict[str, Any]) -> None:
    """Raises Invalid for a name that nobody has, or a birth date that nobody of 25 or less has."""
    wrong = {
        name: f"There is {sign} in this name. Check how it is spelt."
        for name in NAMES
        if (sign := odd_sign(values.get(name, "")))
    }
    born = values["date_of_birth"]
    if born > clock.today():
        wrong["date_of_birth"] = "This day is still to come. Enter the date of birth."
    elif born.year < EARLIEST_BIRTH:
        wrong["date_of_birth"] = f"Born in {born.year}? Check the date of birth."
    if wrong:
        raise Invalid("Nothing is saved yet.", wrong)
