"""What the tests of closed and joined records share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, models
from django.test import Client

from apps.access.models import Invitation
from apps.common import clock
from apps.learners.models import (
    EHCPlan,
    Enrolment,
    FamilyMember,
    FormerIdentifier,
    Learner,
    LearnerAccess,
    RecordHolder,
)
from apps.lives.actions import death, joining
from apps.lives.models import Closure
from apps.notifications.models import Notification
from apps.register.models import RegisterEntry
from apps.reviews.actions.entry import Evidence, put_on_register
from apps.reviews.models import Review, Statement
from apps.transitions.models import Delivery, Transition
from tests import factories as make
from tests.support.database import as_owner

UPN, OTHER_UPN = "B801200005001", "P207000016049"
FACTS = (
    Learner,
    FormerIdentifier,
    Enrolment,
    RegisterEntry,
    RecordHolder,
    FamilyMember,
    EHCPlan,
    Review,
    Statement,
    Transition,
)
WORK = (LearnerAccess, Delivery, Notification, Invitation)


def rows_of(*learners: Learner, models_of: Sequence[type[models.Model]] = FACTS) -> dict[str, Any]:
    """Every row of these learners, but the version, which says that somebody has been here."""
    keys = [learner.id for learner in learners]
    with as_owner():
        return {
            m.__name__: [
                {k: v for k, v in row.items() if (m, k) != (Learner, "version")}
                for row in m._default_manager.filter(
                    **{"pk__in" if m is Learner else "learner_id__in": keys}
                )
                .order_by("pk")
                .values()
            ]
            for m in models_of
        }


def readers_of(learner: Learner) -> set[Any]:
    """Who may see a learner now, how much of them, and why."""
    with as_owner():
        rows = LearnerAccess.objects.filter(learner=learner, ends_on=None)
        return set(rows.values_list("grantee_id", "access_right", "reason"))


def everything_holds() -> None:
    """Every deferred rule is looked at as when a request ends."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def browser(person: Any) -> Client:
    """A signed-in person who has just shown again who they are."""
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    client.post("/sign-in/again/", {"password": make.PASSWORD})
    return client


def put_on(learner: Learner, place: Any, person: Any) -> Learner:
    """The learner on the place's register, with the first review open."""
    put_on_register(
        by=make.acting_as(person),
        learner=learner,
        setting=place,
        area="communication-and-interaction",
        level="mild",
        evidence=Evidence(f"Seen at {place}", "class", clock.today(), "Mr Ray"),
    )
    return learner


def listed(place: Any, person: Any, **values: Any) -> Learner:
    """Another record of the same child, to all appearances."""
    made = make.learner(place, **{"known_family": "Aske", "legal_family": "Aske", **values})
    return put_on(made, place, person)


def close(person: Any, robin: Learner, **changed: Any) -> Closure:
    """This person notes that the child has died."""
    said = {"died_on": clock.today(), "told_by": "His mother, by telephone", **changed}
    return death.note_death(by=make.acting_as(person), learner_id=robin.id, **said)


def join(person: Any, kept: Learner, joined: Learner, **changed: Any) -> Closure:
    """This person joins one record into another."""
    said = {"why": "Same birth certificate", **changed}
    return joining.join(by=make.acting_as(person), kept_id=kept.id, joined_id=joined.id, **said)


def part(person: Any, closure: Closure, why: str = "They are cousins") -> None:
    """This person undoes the join."""
    joining.part(by=make.acting_as(person), closure_id=closure.id, why=why)
