"""Each role: where it is held, what it allows, and how much of a learner it can reach.

A person has roles through memberships with dates (`access.models.Membership`). A family member or
young person has no role: their right to a learner is a row of learner access to themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from apps.access.permissions import Permission as P
from apps.access.permissions import Right


class Through(StrEnum):
    """By which keys of a place a role reaches learners (`grants.Place.reaches`)."""

    ORGANISATION = "the organisation where it is held"
    GROUPS = "the teaching groups, or the whole setting"
    DEPLOYMENT = "the deployment itself: learners are referred to it"
    TEAM = "the team for those whom the authority looks after"
    OPENED = "the settings that have opened their records"


@dataclass(frozen=True)
class Role:
    """A role that a person can hold."""

    code: str
    name: str
    description: str
    held_at: str  # "setting", "setting_group", "local_area" or "service"
    permissions: frozenset[P]
    reach: Right | None  # the most that this role can do with a learner; None: no learner
    through: Through = Through.ORGANISATION


_KEEPER = {
    P.SEE_REGISTER,
    P.SEE_RECORDS,
    P.CONTRIBUTE,
    P.KEEP_REGISTER,
    P.REVIEW,
    P.HAND_OVER,
    P.IMPORT,
    P.SEE_FIGURES,
}

ROLES = {
    role.code: role
    for role in [
        Role(
            "senco",
            "SENCO",
            "Keeps the register and the Learner Records of the setting, and hands them over.",
            "setting",
            frozenset(_KEEPER | {P.MANAGE_PEOPLE}),
            Right.HOLD,
        ),
        Role(
            "assistant-senco",
            "Assistant SENCO",
            "Does the SENCO's work beside or in place of the SENCO, between two dates.",
            "setting",
            frozenset(_KEEPER),
            Right.HOLD,
        ),
        Role(
            "head",
            "Head",
            "Reads the register and records of the setting; invites its staff; is told of unusual "
            "reading.",
            "setting",
            frozenset(
                {
                    P.SEE_REGISTER,
                    P.SEE_RECORDS,
                    P.MANAGE_PEOPLE,
                    P.SEE_FIGURES,
                    P.GUARD_READINGS,
                }
            ),
            Right.READ,
        ),
        Role(
            "safeguarding-lead",
            "Designated safeguarding lead",
            "Reads the register and records of the setting; is told of unusual reading; withholds "
            "from a family, with a reason, who has read a record.",
            "setting",
            frozenset({P.SEE_REGISTER, P.SEE_RECORDS, P.SEE_FIGURES, P.GUARD_READINGS}),
            Right.READ,
        ),
        Role(
            "inclusion",
            "Inclusion team",
            "Reads the register and records of the setting.",
            "setting",
            frozenset({P.SEE_REGISTER, P.SEE_RECORDS, P.SEE_FIGURES}),
            Right.READ,
        ),
        Role(
            "teacher",
            "Teacher",
            "Reads what the learners they teach need, and contributes to reviews.",
            "setting",
            frozenset({P.SEE_RECORDS, P.CONTRIBUTE}),
            Right.CONTRIBUTE,
            Through.GROUPS,
        ),
        Role(
            "support-staff",
            "Support staff",
            "Reads what the learners they support need, and contributes to reviews.",
            "setting",
            frozenset({P.SEE_RECORDS, P.CONTRIBUTE}),
            Right.CONTRIBUTE,
            Through.GROUPS,
        ),
        Role(
            "specialist",
            "Specialist",
            "Works here between two dates, such as a therapist or educational psychologist. Reads "
            "and adds to the records of the learners referred to them, and no others.",
            "setting",
            frozenset({P.SEE_RECORDS, P.TAKE_REFERRALS}),
            Right.CONTRIBUTE,
            Through.DEPLOYMENT,
        ),
        Role(
            "governor",
            "Governor",
            "Sees the setting's figures, and no learner.",
            "setting",
            frozenset({P.SEE_FIGURES}),
            None,
        ),
        Role(
            "trust-lead",
            "Trust inclusion lead",
            "Sees the figures of the trust's settings; reads the records of those that open them.",
            "setting_group",
            frozenset({P.SEE_FIGURES, P.READ_OPENED}),
            Right.READ,
            Through.OPENED,
        ),
        Role(
            "officer",
            "Partnership officer",
            "Reviews the registers and moves of the local area; opens a record for a purpose; "
            "holds the records of learners without a setting.",
            "local_area",
            frozenset({P.OVERSEE_AREA, P.SEE_FIGURES, P.SEE_RECORDS, P.REVIEW, P.HAND_OVER}),
            Right.HOLD,
        ),
        Role(
            "analyst",
            "Partnership analyst",
            "Sees the local area's figures, small numbers hidden, and no learner.",
            "local_area",
            frozenset({P.SEE_FIGURES}),
            None,
        ),
        Role(
            "board",
            "Partnership board member",
            "Sees the local area's figures, small numbers hidden, and no learner.",
            "local_area",
            frozenset({P.SEE_FIGURES}),
            None,
        ),
        Role(
            "area-senco",
            "Area SENCO",
            "Sees the local area's figures; reads the records of the settings that open them.",
            "local_area",
            frozenset({P.SEE_FIGURES, P.READ_OPENED}),
            Right.READ,
            Through.OPENED,
        ),
        Role(
            "early-years-teacher",
            "Early-years specialist teacher",
            "Sees the local area's figures; reads the records of the settings that open them.",
            "local_area",
            frozenset({P.SEE_FIGURES, P.READ_OPENED}),
            Right.READ,
            Through.OPENED,
        ),
        Role(
            "virtual-head",
            "Virtual school head",
            "Reads the records of the learners whom the authority looks after, wherever they are.",
            "local_area",
            frozenset({P.SEE_RECORDS, P.SEE_LOOKED_AFTER}),
            Right.READ,
            Through.TEAM,
        ),
        Role(
            "social-worker",
            "Social worker",
            "Reads the records of the learners whom the authority looks after, wherever they are.",
            "local_area",
            frozenset({P.SEE_RECORDS, P.SEE_LOOKED_AFTER}),
            Right.READ,
            Through.TEAM,
        ),
        Role(
            "institute-editor",
            "National Institute editor",
            "Edits the National Framework and the toolkit; sees national figures and no learner.",
            "service",
            frozenset({P.EDIT_FRAMEWORK, P.SEE_FIGURES}),
            None,
        ),
        Role(
            "administrator",
            "Administrator",
            "Sets up organisations, people and roles; sees no record.",
            "service",
            frozenset({P.MANAGE_SERVICE, P.MANAGE_PEOPLE}),
            None,
        ),
    ]
}


# What each scope of the API allows, at the organisations that a client is granted.
SCOPES = {
    "settings:read": frozenset[P](),
    "framework:read": frozenset[P](),
    "learners:read": frozenset({P.SEE_REGISTER}),
    "records:read": frozenset({P.SEE_REGISTER, P.SEE_RECORDS}),
    "records:write": frozenset({P.KEEP_REGISTER, P.REVIEW, P.CONTRIBUTE}),
    "transitions:read": frozenset({P.SEE_RECORDS}),
    "transitions:write": frozenset({P.HAND_OVER}),
}
_OF_LEARNERS = {scope for scope, allowed in SCOPES.items() if allowed}


def client_role(scopes: frozenset[str], *, oversees: bool) -> Role:
    """The role of a connected system, as its scopes make it; at a local area it oversees."""
    allowed = frozenset[P]().union(*(SCOPES.get(scope, frozenset()) for scope in scopes))
    writes = any(scope.endswith(":write") for scope in scopes)
    reads = bool(_OF_LEARNERS & scopes)
    return Role(
        "client",
        "Connected system",
        "Does over the API what its scopes allow.",
        "local_area" if oversees else "setting",
        allowed | {P.OVERSEE_AREA} if oversees and reads else allowed,
        Right.HOLD if writes else Right.READ if reads else None,
    )


def choices(held_at: str | None = None) -> list[tuple[str, str]]:
    """Code and name of every role, or of those held at one kind of place."""
    return [(r.code, r.name) for r in ROLES.values() if held_at in {None, r.held_at}]
