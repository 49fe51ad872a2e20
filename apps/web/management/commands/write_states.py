"""Write docs/states.md from the state dictionaries."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from apps.common.states import Life
from apps.post import states as post
from apps.reviews import states as reviews
from apps.transitions import states as transitions

LIVES: list[tuple[str, Life]] = [
    ("A review", reviews.LIFE),
    ("What somebody noticed", reviews.NOTICING),
    ("A meeting", reviews.MEETING),
    ("A handover", transitions.LIFE),
    ("A piece of a handover's work", transitions.WORK),
    ("A message by e-mail or SMS", post.LIFE),
]


def page() -> str:
    """The page as it should read now."""
    parts = [
        "# States\n\nWritten by `manage.py write_states`; a test fails when it is out of date.\n"
    ]
    for name, life in LIVES:
        rows = [
            f"| {now} | {', '.join(sorted(then)) or 'ends here'} |" for now, then in life.items()
        ]
        parts.append(f"## {name}\n\n| from | to |\n|---|---|\n" + "\n".join(rows) + "\n")
    return "\n".join(parts)


class Command(BaseCommand):
    """Writes the page."""

    help = "Write docs/states.md from the state dictionaries."

    def handle(self, *args: Any, **options: Any) -> None:
        """Write it."""
        (settings.BASE_DIR / "docs" / "states.md").write_text(page(), encoding="utf-8")
