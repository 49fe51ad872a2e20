"""What goes with signing in and out: the log of it, and a notice of a browser not seen before."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.account.signals import user_logged_in
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed
from django.contrib.auth.signals import user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from apps.access import grants, rls
from apps.access.grants import Actor
from apps.accounts import devices
from apps.accounts.models import User
from apps.audit import record as audit
from apps.common import clock
from apps.notifications.actions import tell
from apps.web.account.signing_in import work_for_the_named


@receiver(user_logged_in)
def signed_in(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Keep that somebody signed in, and how; a browser not seen before is told to them."""
    methods = [record["method"] for record in get_authentication_records(request, user)]
    _log("signed in", request, user, how=methods)
    work_for_the_named(request, user)
    if devices.recognise(request, user):
        with rls.acting(grants.worker()):
            tell(
                recipients=[user.id],
                learner_id=None,
                kind="new device",
                text="Somebody signed in as you with a browser that you had not used here before. "
                "If it was not you, sign out everywhere else and change your password.",
                link="/signed-in/",
                key=f"new-device:{user.id}:{clock.now().isoformat()}",
            )


@receiver(user_logged_out)
def signed_out(request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    """Keep that somebody signed out, or was; their browser is told to forget what it kept."""
    if user:
        _log("signed out", request, user)
        devices.forget_pages(request)


@receiver(user_login_failed)
def not_signed_in(request: HttpRequest | None, credentials: dict[str, Any], **kwargs: Any) -> None:
    """Keep that a password was wrong, and whose; never what was typed."""
    typed = str(credentials.get("email") or credentials.get("username") or "").strip().lower()
    person = getattr(request, "user", None)
    known = person if isinstance(person, User) else User.objects.filter(email=typed).first()
    if request:
        _log("sign-in not done", request, known, why="password")


@receiver(authentication_failed)
def second_step_not_shown(
    request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any
) -> None:
    """Keep that a code or a key was not right."""
    _log("second step not shown", request, user, why=str(authenticator.type))


def _log(action: str, request: HttpRequest, user: User | None, **detail: Any) -> None:
    """Who is nobody's word until they have signed in: a failed attempt names only whose it was."""
    own = action in {"signed in", "signed out"}
    by = Actor(user_id=user.pk, name=user.name) if user and own else grants.NOBODY
    audit.event(
        by=by,
        action=action,
        subject_kind="user",
        subject_id=user.pk if user else None,
        detail={**detail, "from": get_adapter(request).get_client_ip(request)},
    )
