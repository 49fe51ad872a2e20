"""Words are kept as they were written, less what no database keeps."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from apps.common.text import printable


def test_control_characters_and_halves_are_left_out_however_deep() -> None:
    sent = {"text": "Draws\x00 maps\ud800", "rows": [{"what": "a\x07b"}], "n": 3}
    assert printable(sent) == {"text": "Draws maps", "rows": [{"what": "ab"}], "n": 3}


@given(st.text())
def test_what_is_left_can_be_kept_and_nothing_else_is_lost(text: str) -> None:
    kept = printable(text)
    assert "\x00" not in kept
    assert kept.encode("utf-8").decode("utf-8") == kept
    assert printable(kept) == kept


def test_lines_tabs_and_every_script_stay() -> None:
    text = "First\n\tzweitens: Ümlaut, العربية, 中文, 👩🏽‍🏫"
    assert printable(text) == text
