"""Papers: accessible PDF (PDF/UA-1) from plain values and the templates in `papers/`.

What people wrote goes in as data and is never read as markup.
"""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import typst

TEMPLATES = Path(__file__).parent / "papers"
FONTS = Path(__file__).parents[2] / "build" / "fonts"
# Our fonts show every printable character before this one: no need to ask for each.
LATIN_ENDS = "\u0180"
UNKNOWN = "\N{WHITE SQUARE}"


def make(paper: str, data: dict[str, Any], *, made_at: datetime) -> bytes:
    """The paper of this name as PDF; the same values and moment give the same bytes."""
    template = (TEMPLATES / f"{paper}.typ").read_bytes()
    return _compile(template, json.dumps(_shown(data)), made_at.replace(microsecond=0))


def _compile(template: bytes, data: str, made_at: datetime | None = None) -> bytes:
    compiler = typst.Compiler(
        template, root=TEMPLATES, font_paths=_fonts(), sys_inputs={"data": data}
    )
    made = compiler.compile(format="pdf", pdf_standards=["ua-1"], timestamp=made_at)
    assert isinstance(made, bytes)
    return made


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, font_paths=[str(FONTS)])


def _shown(value: Any) -> Any:
    """The value with a square for each character that no font has: one would stop the paper."""
    match value:
        case str():
            return "".join(c if _is_plain(c) or _has_a_shape(c) else UNKNOWN for c in value)
        case dict():
            return {key: _shown(part) for key, part in value.items()}
        case list() | tuple():
            return [_shown(part) for part in value]
    return value


def _is_plain(character: str) -> bool:
    return character < LATIN_ENDS and character.isprintable()


@lru_cache(maxsize=4096)
def _has_a_shape(character: str) -> bool:
    try:
        _compile(b'#set document(title: "One character")\n#sys.inputs.data', character)
    except typst.TypstError:
        return False
    return True
