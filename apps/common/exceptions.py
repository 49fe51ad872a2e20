"""What can go wrong in the domain. Each carries the sentence that a page or the API shows.

`web/guards.py` and `api/errors.py` are the only places that turn these into responses.
"""

from __future__ import annotations


class DomainError(Exception):
    """Anything the domain refuses; `str(error)` is a sentence for the person."""

    code = "refused"


class NotVisible(DomainError):
    """What was asked for is not there for this person: 404, and no hint that it exists."""

    code = "not-found"

    def __init__(self, message: str = "We could not find that page or record.") -> None:
        super().__init__(message)


class Refused(DomainError):
    """The person may see this but may not do that: 403."""

    code = "refused"


class PurposeNeeded(Refused):
    """The person may see this once they say why: their reason is kept with the reading."""

    code = "purpose-needed"


class InvalidTransition(DomainError):
    """Not possible in the state that the thing is in: 409."""

    code = "wrong-state"


class Stale(DomainError):
    """Someone else saved first: 409 on a page, 412 in the API."""

    code = "stale"


class Invalid(DomainError):
    """The values are not acceptable. `fields` maps a field's name to its sentence."""

    code = "invalid"

    def __init__(self, message: str, fields: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields = fields or {}
