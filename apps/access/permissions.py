"""The one vocabulary of what a role allows. Small on purpose."""

from __future__ import annotations

from enum import StrEnum


class Permission(StrEnum):
    """One thing that a role may do, where it is held."""

    SEE_REGISTER = "see the register"
    SEE_RECORDS = "read Learner Records"
    CONTRIBUTE = "contribute to a Learner Record"
    KEEP_REGISTER = "put learners on the register"
    REVIEW = "write and sign off reviews"
    HAND_OVER = "send and receive handovers"
    IMPORT = "import learners"
    MANAGE_PEOPLE = "invite people and give roles"
    SEE_FIGURES = "see figures"
    GUARD_READINGS = "see unusual reading, and withhold a reading from a family"
    OVERSEE_AREA = "see registers and moves of the local area"
    TAKE_REFERRALS = "read and add to the records of learners referred to them"
    SEE_LOOKED_AFTER = "read the records of learners whom the authority looks after"
    READ_OPENED = "read the records that settings open to them"
    EDIT_FRAMEWORK = "edit the National Framework"
    MANAGE_SERVICE = "manage organisations"


class Right(StrEnum):
    """How much of a learner a row of learner access gives: each includes those before it."""

    READ = "read"
    CONTRIBUTE = "contribute"
    HOLD = "hold"

    @property
    def rank(self) -> int:
        """0 for read, 1 for contribute, 2 for hold."""
        return list(Right).index(self)
