"""Pages that anyone can read."""

from __future__ import annotations

from typing import Any

urlpatterns: list[Any] = []
