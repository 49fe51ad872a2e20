"""What a row of a file would do: add a learner, change facts, or nothing.

Matched among the setting's own learners only, by UPN, then former UPN, then name and date of birth
together. Whether another setting has the number is never asked here: that would tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from apps.formats.pupil_list import PupilRow
from apps.imports.models import ImportRow
from apps.learners.models import Enrolment, FormerIdentifier
from apps.learners.names import name_key
from apps.settings.models import Setting

# The file's columns and the fields of a learner that they fill.
FIELDS = {
    "Legal forename": "legal_given",
    "Legal surname": "legal_family",
    "Preferred forename": "known_given",
    "Preferred surname": "known_family",
    "Date of birth": "date_of_birth",
    "Sex": "sex",
    "ULN": "uln",
    "NHS number": "nhs_number",
    "Ethnicity": "ethnicity",
    "Free school meals": "free_school_meals",
    "EAL": "english_additional_language",
    "First language": "first_language",
}


@dataclass
class Roll:
    """The current enrolments of a setting, found by number and by name and birth date."""

    by_upn: dict[str, Enrolment]
    by_person: dict[tuple[str, str], Enrolment]

    def match(self, row: PupilRow) -> Enrolment | None:
        """The enrolment that a row is about, if it is there."""
        for column in ("UPN", "Former UPN"):
            upn = row.values.get(column)
            if upn and upn in self.by_upn:
                return self.by_upn[upn]
        return self.by_person.get(person_key(learner_values(row)))


def roll_of(setting: Setting) -> Roll:
    """The setting's roll: two queries."""
    enrolments = list(
        Enrolment.objects.filter(setting=setting, ends_on=None).select_related("learner")
    )
    by_learner = {e.learner_id: e for e in enrolments}
    roll = Roll({}, {})
    for former in FormerIdentifier.objects.filter(learner__in=by_learner, kind="upn"):
        roll.by_upn[former.value] = by_learner[former.learner_id]
    for e in enrolments:
        if e.learner.upn:
            roll.by_upn[e.learner.upn] = e
        roll.by_person[(e.learner.name_key, e.learner.date_of_birth.isoformat())] = e
    return roll


def person_key(values: dict[str, Any]) -> tuple[str, str]:
    """Known names and birth date, as the roll keeps them."""
    return (
        name_key(values.get("known_family", ""), values.get("known_given", "")),
        str(values.get("date_of_birth", "")),
    )


def learner_values(row: PupilRow) -> dict[str, Any]:
    """The fields of a learner that a row fills; the known names are the legal ones if none."""
    values = {f: row.values[c] for c, f in FIELDS.items() if c in row.values}
    for known, legal in (("known_given", "legal_given"), ("known_family", "legal_family")):
        if legal in values:
            values.setdefault(known, values[legal])
    return values


def outcome(row: PupilRow, found: Enrolment | None) -> tuple[str, list[str]]:
    """What a row would do, and for an update what would change, as sentences."""
    if row.broken:
        return ImportRow.Outcome.PROBLEM, []
    if found is None:
        return ImportRow.Outcome.ADD, []
    changes = [
        f"{name.replace('_', ' ')}: {getattr(found.learner, name) or 'nothing'} becomes {value}"
        for name, value in learner_values(row).items()
        if getattr(found.learner, name) != value
    ]
    year, group = row.values.get("Year group"), row.values.get("Class", "")
    if year != found.year_group:
        changes.append(f"year group: {found.year_group} becomes {year}")
    if group and group != found.class_name:
        changes.append(f"class: {found.class_name or 'nothing'} becomes {group}")
    kind = ImportRow.Outcome.UPDATE if changes else ImportRow.Outcome.SAME
    return kind, [c[:200] for c in changes]
