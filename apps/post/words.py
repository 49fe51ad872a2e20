"""What a message says: never a name, a need or a place, whoever looks over a shoulder.

Each kind of notification has its sentence here; a test holds the list against what is told.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from apps.accounts.models import User
from apps.notifications.models import Notification

SENTENCES = {
    "account": "Your account is open again.",
    "account closed": "Your account is closed.",
    "answer about a move": "A question about a move is answered.",
    "asked first": "You are asked whether others may be shown what you wrote.",
    "decided": "Two people have decided something that you proposed or that concerns you.",
    "document added": "A family has added a document.",
    "emergency": "A record was opened in an emergency.",
    "family answered": "A family has answered about a review.",
    "handover accepted": "A setting is ready for a learner who is coming to it.",
    "handover received": "A setting has opened the record of a learner who is coming to it.",
    "identity": "The ways in which you can sign in have changed.",
    "first day changed": "The first day of a move has changed.",
    "meeting answered": "A family has answered about a time to talk.",
    "meeting booked": "A time to talk is booked.",
    "meeting called off": "A time to talk is called off.",
    "meeting held": "You can read what was agreed when you talked.",
    "meeting offered": "You are asked to choose a time to talk.",
    "meeting tomorrow": "Tomorrow you have a time to talk.",
    "move proposed": "A move is proposed.",
    "new device": "Somebody signed in as you with a browser that you had not used before.",
    "new role": "Somebody has a new role where you work.",
    "noticed": "Somebody has noticed something about a learner.",
    "noticing answered": "Something has come of what you noticed.",
    "number in question": "Two numbers do not agree. You are asked to look.",
    "question about a move": "There is a question about a move.",
    "record passed": "A Learner Record has passed on.",
    "record shared": "A Learner Record was shared with you.",
    "record updated": "A Learner Record was updated. You can read it and say what you think.",
    "records joined": "Two records were found to be of one child, and joined.",
    "redacted": "Words in a record were redacted.",
    "reply": "There is a reply to what you said about a review.",
    "role ended": "A role where you work has ended.",
    "second person needed": "A decision waits for a second person.",
    "second step": "A second step at sign-in was reset.",
    "supports to check": "There is support for you to check. It takes one tap each.",
    "unusual reading": "There is unusual reading to look at.",
    "views asked for": "You are asked what you think before a review.",
    "views asked for soon": "You are asked what you think before a review, in the next few days.",
    "views came in": "Somebody has said what they think.",
}
# About the account itself: sent at once, whatever was chosen, and to a closed account too.
ALWAYS = frozenset({"account", "account closed", "identity", "new device", "second step"})


@dataclass(frozen=True)
class Line:
    """One thing to say, how often, and where it is."""

    sentence: str
    times: int
    link: str


@dataclass(frozen=True)
class Words:
    """A message as it is sent."""

    subject: str
    text: str


def lines(told: Iterable[Notification]) -> list[Line]:
    """What is told, the same things together."""
    of_kind: dict[str, list[Notification]] = {}
    for n in told:
        of_kind.setdefault(n.kind, []).append(n)
    return [Line(SENTENCES[kind], len(same), _where(same)) for kind, same in of_kind.items()]


def _where(told: list[Notification]) -> str:
    """One thing is where it is; several are together where the reader's messages are."""
    if len(told) == 1:
        return address(told[0].link)
    of_family = all(n.link.startswith("/family/") for n in told)
    return address(reverse("family-messages" if of_family else "home"))


def email(told: Iterable[Notification]) -> Words:
    """An e-mail about one thing, or about several together."""
    found = lines(told)
    context = {"lines": found, "choose": address(reverse("choose-messages"))}
    subject = found[0].sentence.rstrip(".") if len(found) == 1 else "What is new for you"
    text = render_to_string("emails/told.txt", context)
    return Words(f"Learner Record: {subject}", text)


def sms(told: Iterable[Notification]) -> str:
    """The same as a text message."""
    told = list(told)
    found = lines(told)
    said = found[0].sentence if len(found) == 1 else "There is something new for you."
    return f"Learner Record: {said} Sign in: {_where(told)}"


def new_password(user: User) -> Words:
    """The link with which somebody chooses a new password, which works once."""
    key = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    link = address(reverse("account_reset_password_from_key", kwargs=key))
    text = render_to_string("emails/new_password.txt", {"link": link})
    return Words("Learner Record: choose a new password", text)


def address(path: str) -> str:
    """The whole address of a page, from the settings and never from a request."""
    return f"{settings.SERVICE_ADDRESS}{path}"
