"""What the processes print: a line each; outside the demo a line of JSON, for machines to read."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any


class JsonLine(logging.Formatter):
    """Time in UTC, level, logger, message, and a trace where there is one: nothing else.

    What a library hands over beside the message is left out, since it may hold a whole request.
    """

    def format(self, record: logging.LogRecord) -> str:
        """One line: a break in a message is written as such, so nobody can forge a line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def lines(*, as_json: bool) -> dict[str, Any]:
    """Django's and gunicorn's settings for it."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": JsonLine}} if as_json else {"line": {}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": {
            # Where the output of the worker is kept, the audit's checkpoints are.
            "learner_record.checkpoints": {"level": "INFO"},
            # Django's own handler would say the same once more.
            "django": {"handlers": [], "level": "WARNING"},
            "django.server": {"handlers": [], "level": "WARNING"},
            "gunicorn.error": {"handlers": [], "level": "INFO", "propagate": True},
        },
    }
