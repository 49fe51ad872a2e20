"""Handing out what people are told, and sending it once.

The row is the queue. What is told is a notification, written with the change that it tells of; the
worker makes a message of it for each person and channel, and sends what is due to one person by one
channel together. Who reads, and whether they still may, is asked when it is sent, with their own
eyes: what was taken back, put away, done or closed meanwhile is dropped.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F, Q, QuerySet

from apps.access import grants, rls, selectors
from apps.access.grants import Actor
from apps.accounts.models import User
from apps.common import clock
from apps.common.doorbell import ring
from apps.learners import policy as learners
from apps.notifications.models import Notification
from apps.post import choices, sms, still, words
from apps.post.models import Channel, Message, When

State = Message.State
LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 5
BACK_OFF = timedelta(minutes=2)


def hand_out(notification_id: UUID) -> None:
    """Queue a notification for each of its readers, by each channel that they chose."""
    with rls.acting(grants.worker()):
        told = (
            Notification.objects.select_for_update(skip_locked=True)
            .filter(pk=notification_id, handed_out_at=None)
            .first()
        )
        if told is None:
            return
        made = [m for user in _readers(told) for m in _messages(told, user)]
        Message.objects.bulk_create(made, ignore_conflicts=True)
        told.handed_out_at = clock.now()
        told.save(update_fields=["handed_out_at"])
        for message in made:
            if message.not_before <= clock.now():
                ring("post.send", message.pk)


def _readers(told: Notification) -> list[User]:
    """The person it is for, or those who do the work of the setting or local area."""
    person = User.objects.filter(pk=told.recipient_id).first()
    if person:
        return [person]
    ids = selectors.who_is_told_for(told.recipient_id)
    return list(User.objects.filter(pk__in=ids).order_by("pk"))


def _messages(told: Notification, user: User) -> list[Message]:
    actor = _eyes_of(user)
    chosen = {channel: c.when for channel, c in choices.of(actor).items()}
    if told.kind in words.ALWAYS:
        chosen = {Channel.EMAIL: When.AT_ONCE}
    elif not user.is_active:
        chosen = {}
    return [
        Message(
            notification=told,
            user=user,
            channel=channel,
            not_before=choices.due(choices.of_kind(when, told.kind)),
            created_at=clock.now(),
        )
        for channel, when in chosen.items()
        if when != When.NONE
    ]


def ask_for_new_password(*, address: str) -> None:
    """Queue the link to a new password; one row whether or not the address has an account.

    So that neither the answer nor its time says which: the worker looks, and keeps nothing.
    """
    with rls.acting(grants.worker()):
        message = Message.objects.create(
            address=address,
            channel=Channel.EMAIL,
            not_before=clock.now(),
            created_at=clock.now(),
        )
        ring("post.send", message.pk)


def send(message_id: UUID) -> None:
    """Send what is due to the person and channel of this message.

    An error is kept on the rows, which are tried again later, or need help after five attempts.
    """
    with rls.acting(grants.worker()):
        batch = _claim(message_id)
    if not batch:
        return
    try:
        wanted = _deliver(batch)
    except Exception as error:
        with rls.acting(grants.worker()):
            _failed(batch, error)
        raise
    with rls.acting(grants.worker()):
        _done(batch, wanted)


def _due() -> Q:
    now = clock.now()
    dropped = Q(state=State.CLAIMED, claimed_at__lt=now - LEASE)
    return Q(not_before__lte=now) & (Q(state=State.QUEUED) | dropped)


def _claim(message_id: UUID) -> list[Message]:
    """One worker gets the rows, whoever else was rung for them."""
    first = Message.objects.filter(_due(), pk=message_id).first()
    if first is None:
        return []
    together = Q(user_id=first.user_id, channel=first.channel) if first.user_id else Q(pk=first.pk)
    rows = Message.objects.select_for_update(skip_locked=True).filter(_due(), together)
    batch = list(rows.order_by("created_at", "pk"))
    Message.objects.filter(pk__in=[m.pk for m in batch]).update(
        state=State.CLAIMED, claimed_at=clock.now(), attempts=F("attempts") + 1
    )
    return batch


def _deliver(batch: list[Message]) -> set[UUID]:
    """Send it, if anything of it is still wanted; the keys of the messages that were."""
    first = batch[0]
    if first.user_id is None:
        if user := User.objects.filter(email=first.address, is_active=True).first():
            _email(user.email, words.new_password(user), first)
        return {first.pk}
    user = User.objects.get(pk=first.user_id)
    told, number = _still_told(user, batch)
    wanted = {m.pk for m in batch if m.notification_id in {n.pk for n in told}}
    if told and first.channel == Channel.SMS:
        sms.backend().send(number, words.sms(told), reference=str(first.pk))
    elif told:
        _email(user.email, words.email(told), first)
    return wanted


def _eyes_of(user: User) -> Actor:
    return grants.person(user.pk, user.name, clock_may_shift=settings.CLOCK_MAY_SHIFT)


def _still_told(user: User, batch: list[Message]) -> tuple[list[Notification], str]:
    """What of it is still so, and they may still read and have not; and their number."""
    with rls.acting(_eyes_of(user)) as reader:
        chosen = choices.of(reader)[batch[0].channel]
        keys = [m.notification_id for m in batch if m.notification_id]
        rows = Notification.objects.filter(pk__in=keys, read_at=None).order_by("created_at")
        told = [n for n in rows if still.so(n, reader)]
        about = [n.learner_id for n in told if n.learner_id]
        seen = learners.visible_to(reader).filter(pk__in=about, closed_because="")
        open_to_them = {None, *seen.values_list("pk", flat=True)}
    wanted = user.is_active and chosen.when != When.NONE
    kept = [n for n in told if n.learner_id in open_to_them and (wanted or n.kind in words.ALWAYS)]
    return kept, chosen.number


def email(*, to: str, subject: str, text: str, reference: str) -> None:
    """Send an e-mail from the worker: its row is somebody's queue, and is marked with it.

    `reference` is the same in every attempt: by it a mail system knows a message that it has.
    """
    host = settings.SERVICE_ADDRESS.split("//")[-1].split(":")[0]
    headers = {"Message-ID": f"<{reference}@{host}>", "Auto-Submitted": "auto-generated"}
    EmailMessage(subject, text, to=[to], headers=headers).send()


def _email(to: str, said: words.Words, first: Message) -> None:
    email(to=to, subject=said.subject, text=said.text, reference=str(first.pk))


def _done(batch: list[Message], wanted: set[UUID]) -> None:
    """An address that somebody typed is kept no longer than it takes."""
    claimed = Message.objects.filter(state=State.CLAIMED)
    keys = [m.pk for m in batch]
    claimed.filter(pk__in=keys, user=None).delete()
    claimed.filter(pk__in=set(keys) - wanted).update(state=State.DROPPED, last_error="")
    claimed.filter(pk__in=wanted).update(state=State.SENT, sent_at=clock.now(), last_error="")


def _failed(batch: list[Message], error: Exception) -> None:
    for message in batch:
        attempts = message.attempts + 1
        Message.objects.filter(pk=message.pk, state=State.CLAIMED).update(
            state=State.DEAD if attempts >= MOST_ATTEMPTS else State.QUEUED,
            not_before=clock.now() + BACK_OFF * attempts,
            last_error=f"{type(error).__name__}: {error}"[:300],
        )


def sweep() -> None:
    """Ring for what was told and not handed out, and once for each person's due messages."""
    with rls.acting(grants.worker()):
        _ring_all("post.hand_out", Notification.objects.filter(handed_out_at=None))
        due = Message.objects.filter(_due()).order_by("user_id", "channel", "pk")
        _ring_all("post.send", due.filter(user=None))
        _ring_all("post.send", due.exclude(user=None).distinct("user_id", "channel"))


def _ring_all(task: str, rows: QuerySet[Any]) -> None:
    for pk in rows.values_list("pk", flat=True)[:500]:
        ring(task, pk)
