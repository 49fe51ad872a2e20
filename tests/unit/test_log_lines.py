"""What processes print in production: a line of JSON each."""

from __future__ import annotations

import json
import logging
import sys

from config import logs


def line(message: str, *args: object, trace: bool = False, **extra: object) -> str:
    try:
        raise ValueError("a cause")
    except ValueError:
        found = sys.exc_info() if trace else None
    record = logging.LogRecord("a.logger", logging.WARNING, "f", 1, message, args, found)
    record.__dict__.update(extra)
    return logs.JsonLine().format(record)


def test_a_line_has_time_level_logger_and_message() -> None:
    said = json.loads(line("%s of %s", 1, 2))
    assert (said["level"], said["logger"], said["message"]) == ("WARNING", "a.logger", "1 of 2")
    assert said["time"].endswith("+00:00")


def test_nobody_forges_a_line_with_a_break_in_a_message() -> None:
    assert "\n" not in line('x\n{"level": "INFO"}')


def test_a_trace_is_in_the_line() -> None:
    assert "ValueError: a cause" in json.loads(line("x", trace=True))["trace"]


def test_what_a_library_hands_over_beside_the_message_is_left_out() -> None:
    assert "secret" not in line("x", request="a whole request with a secret")


def test_the_demo_prints_plain_text() -> None:
    assert logs.lines(as_json=False)["formatters"]["line"] == {}
