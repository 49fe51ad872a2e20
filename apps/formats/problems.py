"""What can be wrong with a file."""

from __future__ import annotations

from dataclasses import asdict, dataclass


class BrokenFile(ValueError):
    """The file as a whole cannot be used; `str(error)` says why and what to do."""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Something about one row, and how to mend it. An error keeps the row out."""

    row: int
    column: str
    value: str
    message: str
    severity: str = "error"

    def as_json(self) -> dict[str, object]:
        """The problem as a staged row keeps it."""
        return asdict(self)
