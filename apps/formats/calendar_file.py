"""A calendar file (RFC 5545) with one event: what a calendar shows tells nobody of whom it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID


def event(
    *, key: UUID, starts_at: datetime, minutes: int, made_at: datetime, title: str, link: str
) -> bytes:
    """One event; the same `key` again replaces what a calendar has."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Learner Record//EN",
        "BEGIN:VEVENT",
        f"UID:{key}",
        f"DTSTAMP:{_moment(made_at)}",
        f"DTSTART:{_moment(starts_at)}",
        f"DTEND:{_moment(starts_at + timedelta(minutes=minutes))}",
        f"SUMMARY:{title}",
        f"URL:{link}",
        "CLASS:PRIVATE",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{line}\r\n" for line in lines).encode()


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
