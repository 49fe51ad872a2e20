"""gunicorn's own lines, like all others: `gunicorn --config python:config.gunicorn`."""

from __future__ import annotations

from config import logs

logconfig_dict = logs.lines(as_json=True)
