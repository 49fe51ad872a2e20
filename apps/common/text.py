"""Words as people write them, safe to keep."""

from __future__ import annotations

import unicodedata
from typing import Any

_KEPT = {"\n", "\t"}


def printable(value: Any) -> Any:
    """The same value without control characters and halves of characters, however deep.

    A database refuses them, and nobody means them: they come from copied or broken text.
    """
    if isinstance(value, str):
        return "".join(
            c for c in value if c in _KEPT or unicodedata.category(c) not in {"Cc", "Cs"}
        )
    if isinstance(value, dict):
        return {printable(k): printable(v) for k, v in value.items()}
    if isinstance(value, list):
        return [printable(v) for v in value]
    return value
