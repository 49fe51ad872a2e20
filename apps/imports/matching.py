"""What a row of a file would do: add a learner, change facts, or nothing.

Matched among the setting's own learners only, by UPN, then former UPN, then name and date of birth
together. Whether another setting has the number is never asked here: that would tell.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q

from apps.formats.pupils import PupilRow
from apps.imports.models import IdentifierCheck, ImportRow
from apps.learners.models import CensusCode, Enrolment, FamilyMember, FormerIdentifier, Learner
from apps.learners.names import name_key
from apps.lives.selectors import joined_names
from apps.register.models import RegisterEntry
from apps.settings.models import LocalArea, Setting

# The file's columns and the fields of a learner that they fill.
FIELDS = {
    "Legal forename": "legal_given",
    "Legal surname": "legal_family",
    "Preferred forename": "known_given",
    "Preferred surname": "known_family",
    "Date of birth": "date_of_birth",
    "Sex": "sex",
    "Ethnicity": "ethnicity",
    "Free school meals": "free_school_meals",
    "EAL": "english_additional_language",
    "First language": "first_language",
}


# Numbers that wait to be checked, as a UPN does.
OTHER_NUMBERS = {"ULN": "uln", "NHS number": "nhs_number"}


@dataclass(frozen=True)
class Spell:
    """A census code in force from a day (today, if a list says none) to a day."""

    code: str
    needs: list[str]
    starts_on: date | None
    ends_on: date | None


@dataclass
class Roll:
    """A setting's learners now: found by number, and by name and birth date; what is on file."""

    by_learner: dict[UUID, Enrolment] = field(default_factory=dict)
    by_upn: dict[str, Enrolment] = field(default_factory=dict)
    by_person: dict[tuple[str, str], Enrolment] = field(default_factory=dict)
    by_name: dict[str, Enrolment | None] = field(
        default_factory=dict
    )  # None where two are so named
    upns: dict[UUID, set[str]] = field(default_factory=lambda: defaultdict(set))
    numbers: dict[UUID, set[str]] = field(default_factory=lambda: defaultdict(set))
    family: dict[UUID, set[str]] = field(default_factory=lambda: defaultdict(set))
    codes: dict[UUID, list[CensusCode]] = field(default_factory=lambda: defaultdict(list))
    areas: dict[str, UUID] = field(default_factory=dict)
    on_register: set[UUID] = field(default_factory=set)

    def match(self, row: PupilRow) -> Enrolment | None:
        """The enrolment that a row is about, if it is there."""
        for column in ("UPN", "Former UPN"):
            upn = row.values.get(column)
            if upn and upn in self.by_upn:
                return self.by_upn[upn]
        return self.by_person.get(person_key(row))

    def match_listed(self, row: PupilRow) -> Enrolment | None:
        """The enrolment that a row of a list is about: as `match`, or by a name that is one's.

        Lists that people keep have seldom a number, and often no date of birth.
        """
        if (found := self.match(row)) or row.values.get("Date of birth"):
            return found
        named, _ = person_key(row)
        return self.by_name.get(named)

    def learner_values(self, row: PupilRow) -> dict[str, Any]:
        """The fields of a learner that a row fills; what it is silent of stays as it is."""
        values = {f: row.values[c] for c, f in FIELDS.items() if c in row.values}
        if area_id := self.areas.get(row.values.get("Looked after by", "")):
            values["looked_after_by_id"] = area_id
        return values

    def new_learner_values(self, row: PupilRow) -> dict[str, Any]:
        """The same for somebody to be added, who is called by the legal names if none are said."""
        return known_names(row) | self.learner_values(row)

    def with_number(self, upn: str) -> Enrolment | None:
        """Whose a UPN is here, was, or will be once it is checked."""
        owners = (key for key, upns in self.upns.items() if upn in upns)
        return next((self.by_learner[key] for key in owners), None)

    def new_upn(self, row: PupilRow, learner_id: UUID | None) -> str | None:
        """A number of the row that the learner has not had here; a temporary one replaces none."""
        upn: str | None = row.values.get("UPN")
        known = self.upns[learner_id] if learner_id else set()
        if upn is None or upn in known or (known and not upn[-1].isdigit()):
            return None
        return upn

    def new_numbers(self, row: PupilRow, learner_id: UUID | None) -> dict[str, str]:
        """The row's ULN and NHS number, by field, where neither learner nor check has them."""
        known = self.numbers[learner_id] if learner_id else set()
        sent = {f: row.values[c] for c, f in OTHER_NUMBERS.items() if c in row.values}
        return {field: number for field, number in sent.items() if number not in known}

    def new_contacts(self, row: PupilRow, learner_id: UUID | None) -> list[dict[str, Any]]:
        """Adults of a CTF whom the learner's family does not have yet, by name."""
        known = self.family[learner_id] if learner_id else set()
        contacts = {name_key(c["name"]): c for c in row.values.get("Contacts", [])}
        return [c for key, c in contacts.items() if key and key not in known]

    def new_spells(self, row: PupilRow, learner_id: UUID | None) -> list[Spell]:
        """Census codes of the row that say something new: past ones only where none is on file."""
        on_file = self.codes[learner_id] if learner_id else []
        now = next((c for c in on_file if c.ends_on is None), None)
        return [
            spell
            for spell in spells(row)
            if (
                not _overlaps(spell, on_file)
                if spell.ends_on
                else now is None or (now.code, now.need_types) != (spell.code, spell.needs)
            )
        ]


def _overlaps(spell: Spell, on_file: list[CensusCode]) -> bool:
    return any(
        spell.starts_on < (code.ends_on or date.max) and code.starts_on < spell.ends_on
        for code in on_file
        if spell.starts_on and spell.ends_on
    )


def roll_of(setting: Setting) -> Roll:
    """The setting's roll: a fixed number of queries."""
    # A list may still have a child who has died: they are found, and left as they are.
    here = Q(ends_on=None) | Q(learner__closed_because=Learner.Closed.DIED)
    enrolments = list(
        Enrolment.objects.filter(here, setting=setting)
        .select_related("learner")
        .order_by("-learner__closed_because", "starts_on")
    )
    by_learner = {e.learner_id: e for e in enrolments}
    areas = dict(LocalArea.objects.values_list("code", "id"))
    roll = Roll(by_learner=by_learner, areas=areas)
    listed = RegisterEntry.objects.filter(setting=setting, ends_on=None)
    roll.on_register.update(listed.values_list("learner_id", flat=True))
    for former in FormerIdentifier.objects.filter(learner__in=by_learner, kind="upn"):
        roll.by_upn[former.value] = by_learner[former.learner_id]
        roll.upns[former.learner_id].add(former.value)
    for check in IdentifierCheck.objects.filter(setting=setting, learner__in=by_learner):
        if check.upn:
            roll.upns[check.learner_id].add(check.upn)
        roll.numbers[check.learner_id].update(check.other_numbers.values())
    for member in FamilyMember.objects.filter(learner__in=by_learner):
        roll.family[member.learner_id].add(name_key(member.name))
    for code in CensusCode.objects.filter(learner__in=by_learner):
        roll.codes[code.learner_id].append(code)
    for e in enrolments:
        if e.learner.upn:
            roll.by_upn[e.learner.upn] = e
            roll.upns[e.learner_id].add(e.learner.upn)
        roll.numbers[e.learner_id].update(n for n in (e.learner.uln, e.learner.nhs_number) if n)
        roll.by_person[(e.learner.name_key, e.learner.date_of_birth.isoformat())] = e
        there = roll.by_name.setdefault(e.learner.name_key, e)
        if there is not e:
            roll.by_name[e.learner.name_key] = None
    for e in enrolments:  # a list without the known-as name has the legal one
        legal = name_key(e.learner.legal_family, e.learner.legal_given)
        roll.by_person.setdefault((legal, e.learner.date_of_birth.isoformat()), e)
    for learner_id, key, born in joined_names(list(by_learner)):
        roll.by_person.setdefault((key, born.isoformat()), by_learner[learner_id])
    return roll


def known_names(row: PupilRow) -> dict[str, str]:
    """What a row calls somebody: the preferred names, or the legal ones."""
    names = {"known_given": "forename", "known_family": "surname"}
    return {
        field: row.values.get(f"Preferred {name}", row.values.get(f"Legal {name}", ""))
        for field, name in names.items()
    }


def person_key(row: PupilRow) -> tuple[str, str]:
    """Known names and birth date, as the roll keeps them."""
    known = known_names(row)
    return (
        name_key(known["known_family"], known["known_given"]),
        str(row.values.get("Date of birth", "")),
    )


def spells(row: PupilRow) -> list[Spell]:
    """The census codes that a row tells: a CTF's history, or the one of a list."""
    if code := row.values.get("SEN provision"):
        need = row.values.get("SEN need")
        return [Spell(code, [need[:20]] if need else [], None, None)]
    return [
        Spell(
            h["code"],
            h["needs"],
            date.fromisoformat(h["from"]),
            date.fromisoformat(h["to"]) if h["to"] else None,
        )
        for h in row.values.get("SEN history", [])
    ]


def outcome(row: PupilRow, found: Enrolment | None, roll: Roll) -> tuple[str, list[str]]:
    """What a row would do, and what would change or be kept besides, as sentences."""
    if found is not None:
        _check_same_person(row, found)
    if row.broken:
        return ImportRow.Outcome.PROBLEM, []
    if found is not None and (why := left_alone(found)):
        row.warn("UPN", row.values.get("UPN", ""), f"{why}: nothing is changed here.")
        return ImportRow.Outcome.SAME, []
    learner_id = found.learner_id if found else None
    changes = [*_changed_facts(row, found, roll)] if found else []
    if upn := roll.new_upn(row, learner_id):
        changes.append(f"UPN {upn}: number being checked")
    for number in roll.new_numbers(row, learner_id).values():
        changes.append(f"{number}: number being checked")
    changes += [f"contact added: {c['name']}" for c in roll.new_contacts(row, learner_id)]
    changes += [f"SEN provision {s.code} noted" for s in roll.new_spells(row, learner_id)]
    if found is None:
        kind = ImportRow.Outcome.ADD
    else:
        kind = ImportRow.Outcome.UPDATE if changes else ImportRow.Outcome.SAME
    return kind, [c[:200] for c in changes]


def outcome_of_listed(row: PupilRow, found: Enrolment | None, roll: Roll) -> tuple[str, list[str]]:
    """What a row of an existing list would do: bring over, nothing, or what to mend first."""
    if found is None and not row.broken:
        row.refuse(
            "UPN",
            str(row.values.get("UPN", "")),
            "Nobody on your roll is found by this, or two are. Check the spelling, give the UPN or "
            "the date of birth, or add the learner first.",
        )
    elif found is not None:
        _check_same_person(row, found)
    if row.broken or found is None:
        return ImportRow.Outcome.PROBLEM, []
    if why := left_alone(found):
        row.warn("UPN", "", f"{why}: nothing is changed here.")
        return ImportRow.Outcome.SAME, []
    if found.learner_id in roll.on_register:
        return ImportRow.Outcome.SAME, []
    supports = len(row.values["Support"])
    said = [f"{supports} support{'' if supports == 1 else 's'}"] if supports else []
    return ImportRow.Outcome.ADD, [f"{found.learner} is brought over", *said]


def left_alone(found: Enrolment) -> str:
    """Why a file changes nothing of a learner who was found; empty where it does."""
    if found.learner.closed_because:
        return f"The record of {found.learner} is closed"
    if found.kind != Enrolment.Kind.MAIN:
        return f"Another setting holds the record of {found.learner}"
    return ""


def _check_same_person(row: PupilRow, found: Enrolment) -> None:
    """A number whose name and birth date are both another's is a slip, not a change."""
    born = row.values.get("Date of birth")
    learner = found.learner
    names = {learner.name_key, name_key(learner.legal_family, learner.legal_given)}
    named, day = person_key(row)
    if born and named not in names and day != learner.date_of_birth.isoformat():
        row.refuse(
            "UPN",
            row.values.get("UPN", ""),
            f"This number is that of {found.learner}, with another name and date of birth. "
            "Correct the number, or the name and date in your system.",
        )


def _changed_facts(row: PupilRow, found: Enrolment, roll: Roll) -> list[str]:
    changes = [
        f"{name.removesuffix('_id').replace('_', ' ')}: "
        f"{getattr(found.learner, name) or 'nothing'} becomes {value}"
        for name, value in roll.learner_values(row).items()
        if getattr(found.learner, name) != value
    ]
    year, group = row.values.get("Year group"), row.values.get("Class", "")
    if year != found.year_group:
        changes.append(f"year group: {found.year_group} becomes {year}")
    if group and group != found.class_name:
        changes.append(f"class: {found.class_name or 'nothing'} becomes {group}")
    return changes
