"""What every table shares, and the demo's clock row."""

from __future__ import annotations

import uuid

import uuid_utils.compat
from django.db import models


def new_id() -> uuid.UUID:
    """A version 7 UUID: unique everywhere, and close together in the index when made together."""
    return uuid_utils.compat.uuid7()


class Row(models.Model):
    """A table whose key is a UUIDv7 made in Python; the column has the same default for raw SQL.

    `common.migrations_sql.key_defaults` sets that column default.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)

    class Meta:
        abstract = True


class ClockShift(models.Model):
    """By how many days the demo or a test has moved today. At most one row; none in production."""

    id = models.BooleanField(primary_key=True, default=True)
    days = models.IntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=True), name="one_clock_shift")]

    def __str__(self) -> str:
        return f"{self.days} days"
