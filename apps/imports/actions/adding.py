"""One learner added by hand: looked for first as a row of a list is, numbers checked alike."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction

from apps.access.grants import Actor
from apps.common import clock
from apps.common.exceptions import Invalid
from apps.formats.pupils import PupilRow
from apps.imports import policy
from apps.imports.actions.checking import have_checked
from apps.imports.matching import FIELDS, Roll, roll_of
from apps.learners import facts
from apps.learners.actions import add_learner
from apps.learners.models import Enrolment, Learner
from apps.settings.models import Setting


class Alike(Invalid):
    """The setting has somebody by this number, or of this name and birth date: `found`."""

    def __init__(self, message: str, field: str, found: Enrolment) -> None:
        super().__init__(message, {field: message})
        self.found = found


@transaction.atomic
def add_one(
    *,
    by: Actor,
    setting: Setting,
    values: dict[str, Any],
    year_group: int,
    starts_on: date,
    class_name: str = "",
    upn: str = "",
    another_child: bool = False,
) -> Learner:
    """Add a learner to the setting's roll; a UPN is theirs once it is known to be nobody else's.

    Raises Refused; Invalid with the fields at fault; Alike where the setting has them already,
    which `another_child` answers for a name and a birth date, and nothing for a number.
    """
    policy.check_can_import(by, setting.id)
    facts.check(values)
    if starts_on > clock.today():
        raise Invalid("Nobody is added yet.", {"starts_on": "Enter today or an earlier day."})
    roll = roll_of(setting)
    _check_new(roll, values, upn, another_child=another_child)
    learner = add_learner(
        by=by,
        setting=setting,
        values=values,
        year_group=year_group,
        starts_on=starts_on,
        class_name=class_name,
    )
    have_checked(setting=setting, learner=learner, upn=upn)
    return learner


def _check_new(roll: Roll, values: dict[str, Any], upn: str, *, another_child: bool) -> None:
    if upn and (found := roll.with_number(upn)):
        raise Alike(f"This is the UPN of {found.learner}, who is here already.", "upn", found)
    row = PupilRow(1, {column: values[field] for column, field in FIELDS.items()})
    if not another_child and (found := roll.match(row)):
        raise Alike(
            f"{found.learner}, born on the same day, is here already.", "another_child", found
        )
