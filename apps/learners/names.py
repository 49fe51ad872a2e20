"""The key by which names are searched: plain letters, so that an index serves it under row-level
security (an operator that is not leakproof would not use one)."""

from __future__ import annotations

import re
import unicodedata

_APART = str.maketrans({"ß": "ss", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "þ": "th", "ð": "d"})


def name_key(*names: str) -> str:
    """Lower case, without accents, apostrophes or hyphens: "O'Brien-Núñez" → "obriennunez"."""
    words = []
    for name in names:
        plain = unicodedata.normalize("NFKD", name.casefold().translate(_APART))
        letters = "".join(c for c in plain if not unicodedata.combining(c))
        words.append(re.sub(r"[^\w ]", "", letters).strip())
    return " ".join(w for w in words if w)
