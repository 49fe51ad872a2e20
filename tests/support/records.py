"""A whole record as schools keep one: four areas, six supports, three outcomes, signed off."""

from __future__ import annotations

from typing import Any

from apps.access import grants, rls
from apps.accounts.models import User
from apps.common import clock
from apps.common.models import ClockShift
from apps.learners.actions import pass_record
from apps.learners.models import Learner
from apps.reviews.actions import entry, filling, signoff
from apps.reviews.actions.drafting import save_change
from apps.reviews.actions.places import refresh_register
from apps.reviews.actions.term import open_term
from apps.reviews.models import Review
from apps.settings.models import Setting
from tests import factories as make
from tests.support.database import as_owner

AREAS = {
    "communication-and-interaction": ("moderate", "Follows one part of a longer instruction."),
    "cognition-and-learning": ("mild", "Needs new words taught before the lesson."),
    "social-emotional-and-mental-health": ("mild", "Leaves the room when it is loud."),
    "physical-and-sensory": ("universal", "Met by what every learner gets."),
}
SUPPORTS = [
    "Language group",
    "Words taught before the lesson",
    "A quiet place to go to",
    "Pictures for the day",
    "Talk partner",
    "Check-in each morning",
]
OUTCOMES = ["Follow two-part instructions", "Use new words in writing", "Ask for a break"]


def statements() -> list[dict[str, Any]]:
    """The values of every statement of the record."""
    seen = {"what": "Waits and watches others", "where": "class", "when": "", "by": "Mr Ray"}
    said: list[dict[str, Any]] = [
        {
            "kind": "need",
            "area": area,
            "level": level,
            "text": text,
            "details": {"evidence": [] if level == "universal" else [seen]},
        }
        for area, (level, text) in AREAS.items()
    ]
    said.append({"kind": "strength", "text": "Builds bridges that hold."})
    said += [
        {
            "kind": "support",
            "text": text,
            "details": {"how_often": "Twice a week", "minutes": 20, "by_whom": "Mrs Day"},
        }
        for text in SUPPORTS
    ]
    said += [
        {
            "kind": "outcome",
            "text": text,
            "details": {"baseline": "With help", "target": "Alone, 4 of 5 times"},
        }
        for text in OUTCOMES
    ]
    return said


def listed(senco: User, learner: Learner, setting: Setting) -> None:
    """Put the learner on the register: an area, a level, a line of evidence."""
    entry.put_on_register(
        by=make.acting_as(senco),
        learner=learner,
        setting=setting,
        area="communication-and-interaction",
        level="mild",
        evidence=entry.Evidence("Waits and watches others", "class", clock.today(), "Mr Ray"),
    )


def signed(senco: User, learner: Learner, setting: Setting) -> Review:
    """Put the learner on the register and sign off a whole first review; returns it."""
    listed(senco, learner, setting)
    by = make.acting_as(senco)
    first = Review.objects.get(learner=learner, state="open")
    for values in statements():
        save_change(by=by, review_id=first.id, change="add", values=values)
    first.refresh_from_db()
    return signoff.sign_off(
        by=by, review_id=first.id, version=first.version, conversation_on=clock.today()
    )


def signed_briefly(senco: User, learner: Learner, setting: Setting) -> None:
    """A first review in which one need was found and the other areas are universal, signed off."""
    listed(senco, learner, setting)
    by = make.acting_as(senco)
    first = Review.objects.get(learner=learner, state="open")
    filling.rest_universal(by=by, review_id=first.id)
    why = "The family did not want one this term"
    signoff.sign_off(by=by, review_id=first.id, version=None, no_conversation_because=why)


def passes(learner: Learner, before: Setting, to: Setting) -> None:
    """The learner moves there today, and the record with them."""
    with rls.acting(grants.worker(before.id, to.id)) as worker:
        pass_record(by=worker, learner=learner, to=to, on=clock.today(), year_group=5)
        refresh_register(by=worker, learner=learner)


def days_pass(days: int) -> None:
    """Move the clock on, for Python, the database and pages alike, inside a test's transaction."""
    with as_owner():
        ClockShift.objects.update_or_create(id=True, defaults={"days": days})
    clock.set_shift(days)


def open_one(senco: User, learner: Learner, setting: Setting) -> Review:
    """The learner's open review: an interim one, or the term's if it opens."""
    by = make.acting_as(senco)
    open_term(by=by, setting=setting)
    review = Review.objects.filter(learner=learner, state="open").first()
    return review or entry.open_interim(by=by, learner=learner, setting=setting)
