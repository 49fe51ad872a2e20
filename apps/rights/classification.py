"""Every personal field: who reads it, whether a copy has it, what becomes of it in the end."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

DATA = Path(__file__).parent / "data" / "personal_fields.yaml"


@dataclass(frozen=True)
class Classified:
    """The fields of one model, as `data/personal_fields.yaml` explains."""

    model: str
    title: str
    erasure: str
    family: tuple[str, ...]
    staff: tuple[str, ...]
    system: tuple[str, ...]
    because: str = ""

    @property
    def exported(self) -> tuple[str, ...]:
        """What a subject access export has; empty where the model is left out."""
        return () if self.because else self.family + self.staff


@cache
def classification() -> tuple[Classified, ...]:
    """Every model with personal fields, in the order in which a copy shows them."""
    read = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    return tuple(
        Classified(
            model=model,
            title=values["title"],
            erasure=values["erasure"],
            because=values.get("because", ""),
            **{g: tuple(values.get(g, "").split()) for g in ("family", "staff", "system")},
        )
        for model, values in read.items()
    )
