"""What a GIAS row is to us: its kind and phase, from codes of the CSV (standards.md, 2.3)."""

from __future__ import annotations

from apps.formats.gias import Establishment
from apps.settings.models import Setting

_KINDS = {
    Setting.Kind.SPECIAL: {"7", "8", "10", "12", "33", "36", "44"},
    Setting.Kind.ALTERNATIVE: {"14", "38", "42", "43"},
    Setting.Kind.EARLY_YEARS: {"15"},
    Setting.Kind.COLLEGE: {"18", "31", "39", "45", "46"},
    Setting.Kind.SPECIALIST_POST_16: {"32"},
    Setting.Kind.OTHER: {"24", "25", "26", "27", "29", "30", "37", "47", "48", "56", "57"},
}
KIND = {code: kind for kind, codes in _KINDS.items() for code in codes}
PHASE = {
    "1": Setting.Phase.EARLY_YEARS,
    "2": Setting.Phase.PRIMARY,
    "3": Setting.Phase.PRIMARY,
    "4": Setting.Phase.SECONDARY,
    "5": Setting.Phase.SECONDARY,
    "6": Setting.Phase.POST_16,
    "7": Setting.Phase.ALL_THROUGH,
}
STATUS = {
    "1": Setting.Status.OPEN,
    "2": Setting.Status.CLOSED,
    "3": Setting.Status.CLOSING,
    "4": Setting.Status.PROPOSED,
}
ADULT, SECONDARY, SCHOOL = 16, 11, 5


def kind_of(row: Establishment) -> str:
    """The kind of setting; a type that we do not list is a school."""
    return KIND.get(row.type_code, Setting.Kind.SCHOOL)


def phase_of(row: Establishment) -> str:
    """The phase GIAS gives, or where it gives none the one that the ages say."""
    if row.phase_code in PHASE:
        return PHASE[row.phase_code]
    low, high = row.low_age, row.high_age
    if low is None or high is None:
        return Setting.Phase.POST_16 if kind_of(row) == "college" else Setting.Phase.OTHER
    if high <= SCHOOL:
        return Setting.Phase.EARLY_YEARS
    if low >= ADULT:
        return Setting.Phase.POST_16
    if high <= SECONDARY:
        return Setting.Phase.PRIMARY
    return Setting.Phase.SECONDARY if low >= SECONDARY - 2 else Setting.Phase.ALL_THROUGH
