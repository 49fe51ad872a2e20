"""What the worker does for many learners at once, and the sentence at its end."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from apps.access.grants import Actor
from apps.jobs import kinds
from apps.jobs.kinds import Kind
from apps.reviews import asking, policy
from apps.reviews.actions.asking import ASKING, ask_for_views
from apps.reviews.actions.term import OPENING, open_term
from apps.settings.models import Setting


def _open(by: Actor, setting: Setting, learner_ids: list[UUID], values: dict[str, Any]) -> int:
    return open_term(by=by, setting=setting, only=learner_ids)


def _opened(came: int, learners: int) -> str:
    left = learners - came
    if not came:
        return "No review to open: everybody has one this term, or is too new for one."
    said = f"{came} review{'' if came == 1 else 's'} opened."
    return said + (f" {left} had one this term, or are too new for one." if left else "")


def _ask(by: Actor, setting: Setting, learner_ids: list[UUID], values: dict[str, Any]) -> int:
    policy.check_can_open_term(by, setting.id)  # who may not sees no review, and would ask nobody
    reviews = asking.open_reviews(by, setting.id, learner_ids)
    due_on = date.fromisoformat(values["due_on"])
    return ask_for_views(by=by, review_ids=reviews.values_list("pk", flat=True), due_on=due_on)


def _asked(came: int, learners: int) -> str:
    return f"{came} view{'' if came == 1 else 's'} asked for. Nobody is asked twice."


def register() -> None:
    """Make these kinds known to the worker."""
    kinds.register(Kind(OPENING, "Opening reviews", _open, _opened, "/reviews/"))
    kinds.register(Kind(ASKING, "Asking for views", _ask, _asked, "/reviews/"))
