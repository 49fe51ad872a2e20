"""Answering by a link, without an account: what is sent and shown says nothing of the record.

The row is the queue: a link goes out once, and once more with each reminder.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet

from apps.access import grants, rls
from apps.access.grants import Actor
from apps.common import clock
from apps.common.exceptions import NotVisible, Refused
from apps.learners.models import Learner
from apps.learners.policy import worked_with_by
from apps.post import actions as post
from apps.reviews import links, policy
from apps.reviews.actions import voices
from apps.reviews.asking_models import MOST_ATTEMPTS
from apps.reviews.models import Ask, Contribution, Review

log = logging.getLogger("learner_record.links")

SUBJECT = "You are asked what you think"
MESSAGE = """Somebody who knows you asks what you think, before a review, by {due}.

Write as much or as little as you like; one sentence is enough:

{link}

The page shows nothing of anybody's record. The link is yours alone, works once and ends on {ends}.
If you do not know what this is about, do nothing: you will get at most two reminders.

Learner Record
"""


@dataclass(frozen=True)
class Linked:
    """All that a link shows: the first letter of a name, and by when an answer is asked for."""

    initial: str
    family: bool
    answered: bool
    due_on: date


def open_link(*, by: Actor, token: str) -> Linked:
    """What a link asks. Raises NotVisible for one that is wrong, ended or withdrawn alike."""
    with _found(by, token) as (_, ask_id):
        row = _asked(ask_id)
        return Linked(
            initial=row.learner.known_given[:1],
            family=row.voice == Contribution.Voice.FAMILY,
            answered=row.state == Ask.State.ANSWERED,
            due_on=row.due_on,
        )


@transaction.atomic
def answer(
    *,
    by: Actor,
    token: str,
    going_well: str = "",
    harder: str = "",
    would_help: str = "",
    others_may_see: bool = False,
) -> bool:
    """Keep what somebody says by their link; False where they have answered already.

    Raises NotVisible as `open_link`, Invalid when nothing was said, Refused to whoever works with
    the learner: what they write down for somebody says that they did.
    """
    _check_not_staff(by, token)
    with _found(by, token) as (worker, ask_id):
        row = _asked(ask_id, lock=True)
        if row.state != Ask.State.ASKED:
            return False
        contribution = Contribution(
            learner=row.learner,
            voice=row.voice,
            author_name=row.name,
            family_member=row.family_member,
            came_by=Contribution.CameBy.LINK,
            going_well=going_well,
            harder=harder,
            would_help=would_help,
            others_may_see=others_may_see,
        )
        voices.keep(by=worker, contribution=contribution)
        row.state, row.answered_at = Ask.State.ANSWERED, contribution.said_at
        row.save(update_fields=["state", "answered_at"])
        voices.tell_holder(contribution)
    return True


def _check_not_staff(by: Actor, token: str) -> None:
    with _found(by, token) as (_, ask_id):
        learner_id = _asked(ask_id).learner_id
    if not by.is_authenticated:
        return
    if Learner.objects.filter(worked_with_by(by), pk=learner_id).exists():
        raise Refused(
            "You work with this learner. Write down what they said on the page for that: it then "
            "says who wrote it."
        )


@contextmanager
def _found(by: Actor, token: str) -> Iterator[tuple[Actor, UUID]]:
    """The worker of whoever keeps the record, and the question of a link.

    `by` may be nobody, of whom the database knows nothing, not even the day.
    """
    with rls.acting(grants.worker()):
        ask_id, holder = policy.linked(links.digest_of(token))
    with rls.acting(grants.worker(holder)) as worker:
        yield worker, ask_id
    if by.is_authenticated:
        rls.set_context(by)


def unsent(*, by: Actor) -> list[UUID]:
    """The questions whose link, or whose reminder, has not gone out; `by` is a holder's worker."""
    return list(_to_send(by).values_list("pk", flat=True))


@transaction.atomic
def send(*, by: Actor, ask_id: UUID) -> bool:
    """Send a link by e-mail, if it has not gone out; whether it went.

    An error is kept on the row, which is tried again later, or given up after five attempts.
    """
    row = _to_send(by).select_for_update(of=("self",), skip_locked=True).filter(pk=ask_id).first()
    if row is None:
        return False
    words = MESSAGE.format(
        due=f"{row.due_on:%-d %B %Y}",
        link=settings.SERVICE_ADDRESS + links.path_of(row),
        ends=f"{row.link_ends_on:%-d %B %Y}",
    )
    reference = f"{row.pk}-{row.reminders}"
    try:
        post.email(to=row.email, subject=SUBJECT, text=words, reference=reference)
    except Exception as error:
        log.exception("The link of %s could not be sent.", row.pk)
        row.attempts += 1
        row.not_before = clock.now() + post.BACK_OFF * row.attempts
        row.last_error = f"{type(error).__name__}: {error}"[:300]
        row.save(update_fields=["attempts", "not_before", "last_error"])
        return False
    row.mails, row.attempts, row.not_before, row.last_error = row.reminders + 1, 0, None, ""
    row.save(update_fields=["mails", "attempts", "not_before", "last_error"])
    return True


def _to_send(by: Actor) -> QuerySet[Ask]:
    rows = policy.asks_visible(by).filter(
        policy.may_answer(),
        Q(not_before=None) | Q(not_before__lte=clock.now()),
        attempts__lt=MOST_ATTEMPTS,
        state=Ask.State.ASKED,
        mails__lte=F("reminders"),
        review__state=Review.State.OPEN,
        link_ends_on__gt=clock.today(),
    )
    return rows.exclude(email="").exclude(link_digest="").order_by("pk")


def _asked(ask_id: UUID, *, lock: bool = False) -> Ask:
    """The question behind a link, unless the adult's access or the record was ended since."""
    rows = Ask.objects.filter(policy.may_answer()).select_related("learner", "family_member")
    row = (rows.select_for_update(of=("self",)) if lock else rows).filter(pk=ask_id).first()
    if row is None or row.learner.closed_because:
        raise NotVisible
    return row
