"""What an act changed, row by row, so that undoing it restores the rows exactly."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, models
from django.db.models.deletion import Collector
from django.db.models.functions import Greatest

from apps.common import clock
from apps.learners.models import LearnerAccess

Values = dict[str, Any]


class Changes:
    """Changes rows and remembers what they were.

    Each is kept as model, key, part, the values before and after: only the columns that changed;
    all of them for a row that was added or removed, whose other side is null.
    """

    def __init__(self, kept: list[dict[str, Any]] | None = None) -> None:
        self.kept = kept if kept is not None else []

    def update(self, part: str, row: models.Model, **values: Any) -> None:
        """Change a row."""
        before = _plain(row, values)
        for name, value in values.items():
            setattr(row, name, value)
        row.save(update_fields=list(values))
        self._keep(part, row, before, _plain(row, values))

    def remove(self, part: str, row: models.Model) -> None:
        """Take a row out."""
        self._keep(part, row, _plain(row), None)
        type(row)._default_manager.filter(pk=row.pk).delete()

    def add(self, part: str, row: models.Model) -> None:
        """Add a row."""
        type(row)._default_manager.bulk_create([row])
        self._keep(part, row, None, _plain(row))

    def note(self, part: str, row: models.Model, *names: str) -> None:
        """Remember values that others may change meanwhile, and that undoing brings back."""
        now = _plain(row, names)
        self._keep(part, row, now, now)

    def end(self, part: str, row: models.Model, on: date, **values: Any) -> None:
        """End a dated fact; one that began on that day, or later, is taken out."""
        if row.starts_on >= on:  # type: ignore[attr-defined]
            self.remove(part, row)
        else:
            self.update(part, row, ends_on=on, **values)

    @contextmanager
    def watching(self, part: str, rows: models.QuerySet[Any]) -> Iterator[None]:
        """Remember what others change of these rows, and add to them, inside the block."""
        before = {row.pk: _plain(row) for row in rows.all()}
        yield
        for row in rows.all():
            now, was = _plain(row), before.get(row.pk)
            if was is None:
                self._keep(part, row, None, now)
            elif changed := [name for name in now if now[name] != was[name]]:
                self._keep(part, row, {n: was[n] for n in changed}, {n: now[n] for n in changed})

    def _keep(
        self, part: str, row: models.Model, before: Values | None, after: Values | None
    ) -> None:
        self.kept.append(
            {
                "part": part,
                "model": row._meta.label,
                "id": str(row.pk),
                "before": before,
                "after": after,
            }
        )

    def undo(self, *parts: str) -> None:
        """Restore every row of these parts, the last change first."""
        for kept in reversed(self.kept):
            if kept["part"] in parts:
                _restore(kept)

    def undo_what_is_as_left(self, part: str) -> None:
        """Restore the rows of a part that were changed, each unless it has changed again since."""
        for kept in reversed(self.kept):
            if kept["part"] == part and kept["before"] and kept["after"] and _is_as_left(kept):
                _restore(kept)

    def of(self, part: str, model: type[models.Model]) -> list[dict[str, Any]]:
        """What a part changed in one table."""
        label = model._meta.label
        return [k for k in self.kept if k["part"] == part and k["model"] == label]

    def untouched(self, part: str) -> bool:
        """Whether every row of a part is still as the act left it, and nothing rests on it."""
        return all(_is_as_left(kept) for kept in self.kept if kept["part"] == part)


def _plain(row: models.Model, names: Any = ()) -> Values:
    """A row's columns as JSON: these fields, or all."""
    wanted = set(names)
    fields = [f for f in row._meta.concrete_fields if not wanted or wanted & {f.name, f.attname}]
    return {
        f.attname: None if f.value_from_object(row) is None else f.value_to_string(row)
        for f in fields
    }


def _python(model: type[models.Model], values: Values) -> Values:
    by_column = {f.attname: f for f in model._meta.concrete_fields}
    return {c: None if v is None else by_column[c].to_python(v) for c, v in values.items()}


def _restore(kept: dict[str, Any]) -> None:
    model = apps.get_model(kept["model"])
    rows = model._default_manager.filter(pk=kept["id"])
    if kept["before"] is None and model is LearnerAccess:
        # Who could see whom is never unsaid: it ends.
        rows.update(ends_on=Greatest("starts_on", clock.today()))
    elif kept["before"] is None:
        rows.delete()
    elif kept["after"] is None:
        model._default_manager.bulk_create([model(**_python(model, kept["before"]))])
    else:
        rows.update(**_python(model, kept["before"]))


def _is_as_left(kept: dict[str, Any]) -> bool:
    row = apps.get_model(kept["model"])._default_manager.filter(pk=kept["id"]).first()
    if row is None or kept["after"] is None:
        return row is None and kept["after"] is None
    same = {c: v for c, v in _plain(row).items() if c in kept["after"]} == kept["after"]
    return same and (kept["before"] is not None or _can_go(row))


def _can_go(row: models.Model) -> bool:
    """Whether a row that was added can be taken out again."""
    try:
        Collector(using=DEFAULT_DB_ALIAS).collect([row])
    except models.ProtectedError:
        return False
    return True
