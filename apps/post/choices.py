"""How soon each person is told by each channel: what they chose, or what fits what they do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.access.grants import Actor
from apps.access.permissions import Permission
from apps.common import clock
from apps.common.exceptions import Invalid
from apps.learners import policy as learners
from apps.learners.models import FamilyMember
from apps.post import numbers
from apps.post.models import Channel, Choice, When

DIGEST_AT = time(7, 30)
# Of a day that comes before a digest does: told now, to whoever wants to be told at all.
PRESSING = frozenset({"meeting booked", "meeting called off", "meeting tomorrow"})
# To be answered before the next weekly digest: told on the next morning.
THIS_WEEK = frozenset({"views asked for soon"})
# Whose work comes to them through messages; other staff get one digest a week.
_DAILY = (Permission.KEEP_REGISTER, Permission.OVERSEE_AREA, Permission.GUARD_READINGS)


@dataclass(frozen=True)
class Chosen:
    """How soon by one channel, and to which number."""

    when: str
    number: str = ""


def of(actor: Actor) -> dict[str, Chosen]:
    """What counts for a person, by channel."""
    rows = {c.channel: c for c in Choice.objects.filter(user_id=actor.key)}
    defaults = {Channel.EMAIL: by_what_they_do(actor), Channel.SMS: When.NONE}
    if not settings.SMS_BACKEND:
        rows.pop(Channel.SMS, None)
    return {
        channel: Chosen(rows[channel].when, rows[channel].number)
        if channel in rows
        else Chosen(when)
        for channel, when in defaults.items()
    }


def by_what_they_do(actor: Actor) -> str:
    """A family at once; who keeps registers, oversees or guards, daily; a teacher weekly."""
    if not actor.places:
        return When.AT_ONCE
    return When.DAILY if any(actor.may(need) for need in _DAILY) else When.WEEKLY


def sms_offered(actor: Actor) -> bool:
    """Text messages are for families, where the service has a way to send them."""
    if not settings.SMS_BACKEND:
        return False
    return FamilyMember.objects.filter(
        learners.seen_by(actor, "learner_id"), user_id=actor.key, may_see=True
    ).exists()


@transaction.atomic
def choose(*, by: Actor, email: str, sms: str = When.NONE, number: str = "") -> None:
    """Keep how soon this person wants to be told; *not at all* counts for what waits, too.

    Raises Invalid for a text message without a mobile number.
    """
    wanted = {Channel.EMAIL: Chosen(email)}
    if sms_offered(by):
        wanted[Channel.SMS] = Chosen(sms, numbers.mobile(number) if sms != When.NONE else "")
    if any(chosen.when not in When.values for chosen in wanted.values()):
        raise Invalid("Choose how soon.", {"email": "Choose how soon."})
    for channel, chosen in wanted.items():
        Choice.objects.update_or_create(
            user_id=by.key,
            channel=channel,
            defaults={"when": chosen.when, "number": chosen.number},
        )


def of_kind(when: str, kind: str) -> str:
    """How soon something of this kind goes to whoever chose `when`."""
    if kind in PRESSING and when != When.NONE:
        return When.AT_ONCE
    return When.DAILY if kind in THIS_WEEK and when == When.WEEKLY else when


def due(when: str) -> datetime:
    """When the next message of a choice goes: now, or with the next digest."""
    now = timezone.localtime(clock.now())
    if when == When.AT_ONCE:
        return now
    day = now.date() + timedelta(days=1 if now.time() >= DIGEST_AT else 0)
    if when == When.WEEKLY:
        day += timedelta(days=-day.weekday() % 7)
    return timezone.make_aware(datetime.combine(day, DIGEST_AT))
