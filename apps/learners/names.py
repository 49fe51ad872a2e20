"""The key by which names are searched: plain letters, so that an index serves it under row-level
security (an operator that is not leakproof would not use one)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher

NEAR = 0.72  # of 1: "thackery" and "thackray" are 0.88, "smith" and "smyth" 0.8
_APART = str.maketrans({"ß": "ss", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "þ": "th", "ð": "d"})


def name_key(*names: str) -> str:
    """Lower case, without accents, apostrophes or hyphens: "O'Brien-Núñez" → "obriennunez"."""
    words = []
    for name in names:
        plain = unicodedata.normalize("NFKD", name.casefold().translate(_APART))
        letters = "".join(c for c in plain if not unicodedata.combining(c))
        words.append(re.sub(r"[^\w ]", "", letters).strip())
    return " ".join(w for w in words if w)


def nearest(words: str, keys: Iterable[str], most: int = 5) -> list[str]:
    """The keys (`name_key`) that are nearly what was typed, nearest first: for when none is."""
    typed = name_key(words).split()
    likeness = {key: min((_likeness(t, key) for t in typed), default=0) for key in keys}
    near = [key for key, like in likeness.items() if like >= NEAR]
    return sorted(near, key=lambda key: -likeness[key])[:most]


def _likeness(typed: str, key: str) -> float:
    """Of what was typed to the word of a name that is most like it, from 0 to 1."""
    return max((SequenceMatcher(None, typed, word).ratio() for word in key.split()), default=0)
