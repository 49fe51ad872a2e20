"""Why a record is closed."""

from __future__ import annotations

from django.db import models


class Closed(models.TextChoices):
    """Whoever could read a closed record may, and nothing is added to it."""

    OPEN = "", "Open"
    DIED = "died", "The child has died"
    JOINED = "joined", "Joined to another record"
    SEALED = "sealed", "Sealed"
