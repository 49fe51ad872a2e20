"""A person's way in: identities at providers, a lost second step, an account that is closed."""

from __future__ import annotations

from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.adapter import get_adapter as sessions_adapter
from allauth.usersessions.models import UserSession
from django.db import transaction

from apps.access import policy, selectors
from apps.access.grants import Actor
from apps.accounts import openid
from apps.accounts.models import User
from apps.audit import record as audit
from apps.common import clock
from apps.common.exceptions import Invalid, InvalidTransition, NotVisible
from apps.notifications import actions as notifications


@transaction.atomic
def connect_identity(*, by: Actor, user: User, account: SocialAccount) -> None:
    """Let a person sign in with an identity that they have just shown to be theirs.

    Never by e-mail address: they are signed in, or hold an invitation's code. Raises Invalid where
    the identity is connected already.
    """
    name = openid.provider(account.provider).name
    owner = SocialAccount.objects.filter(provider=account.provider, uid=account.uid).first()
    if owner and owner.user_id == user.pk:
        raise Invalid(f"That account at {name} is connected already.")
    if owner:
        raise Invalid(f"That account at {name} is connected with another person here.")
    account.user = user
    account.save(force_insert=True)
    audit.event(
        by=by,
        action="identity connected",
        subject_kind="user",
        subject_id=user.pk,
        detail={"provider": account.provider},
    )
    _tell(user, "identity", f"{name} is now a way to sign in as you.", f"connected:{account.pk}")


@transaction.atomic
def end_identity(*, by: Actor, connection_id: int) -> str:
    """One's own identity at a provider signs in no more; gives the provider's name.

    Raises NotVisible, or InvalidTransition where it is the only way in.
    """
    found = {row.pk: row for row in openid.connections(by.key)}
    if connection_id not in found:
        raise NotVisible
    user = User.objects.get(pk=by.key)
    keys = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN)
    passkey = any(key.wrap().is_passwordless for key in keys)
    if len(found) == 1 and not user.has_usable_password() and not passkey:
        raise InvalidTransition(
            "This is your only way to sign in. Choose your name at the top of the page, and set a "
            "password there first."
        )
    row = found[connection_id]
    row.delete()
    audit.event(
        by=by,
        action="identity ended",
        subject_kind="user",
        subject_id=user.pk,
        detail={"provider": row.provider},
    )
    _tell(user, "identity", f"{row.name} signs in as you no longer.", f"ended:{connection_id}")
    return str(row.name)


@transaction.atomic
def disable(*, by: Actor, user: User, why: str) -> None:
    """Close an account: its sessions end, and nothing of its roles works from the next request on.

    Raises Refused for one's own, NotVisible to all but administrators.
    """
    policy.check_can_close_account(by, user.pk)
    if not why.strip():
        raise Invalid("Say why.", {"why": "Say why, for the log"})
    if not user.is_active:
        raise InvalidTransition("This account is closed already.")
    _set_active(by, user, active=False, action="account closed", why=why.strip())
    _end_sessions(user)
    said = "An administrator closed your account. " + _ASK
    _tell(user, "account closed", said, f"closed:{user.pk}")


@transaction.atomic
def enable(*, by: Actor, user: User) -> None:
    """Open a closed account again: what roles it still holds work again.

    Raises as `disable` does.
    """
    policy.check_can_close_account(by, user.pk)
    if user.is_active:
        raise InvalidTransition("This account is open.")
    _set_active(by, user, active=True, action="account opened", why="")
    _tell(user, "account", "Your account is open again.", f"opened:{user.pk}")


@transaction.atomic
def reset_second_step(*, by: Actor, user: User, checked: str) -> None:
    """Take a lost second step from an account, so that its owner sets up another at sign-in.

    `checked` says how whoever does this knew that it was them. Their sessions end, and they and the
    others who look after people there are told. Raises Refused for one's own, and for people of
    whom the actor does not look after every role.
    """
    policy.check_can_reset_second_step(by, user.pk)
    if not checked.strip():
        raise Invalid("Say how.", {"checked": "Say how you checked that it is them"})
    if not Authenticator.objects.filter(user=user).delete()[0]:
        raise InvalidTransition("This person has set up no second step: there is none to reset.")
    _end_sessions(user)
    audit.event(
        by=by,
        action="second step reset",
        subject_kind="user",
        subject_id=user.pk,
        detail={"checked": checked.strip()},
    )
    text = f"{by.name} reset the second step of {user.name} at sign-in."
    others = set(selectors.who_looks_after(user.pk)) - {by.key, user.pk}
    _notify(list(others), "second step", text, "/people/", str(user.pk))
    said = f"{by.name} reset your second step at sign-in. If you did not ask for this, tell them."
    _tell(user, "second step", said, f"reset:{user.pk}")


_ASK = "Ask the person who looks after people and roles where you work if this is a mistake."


def _set_active(by: Actor, user: User, *, active: bool, action: str, why: str) -> None:
    user.is_active = active
    user.save(update_fields=["is_active"])
    audit.event(
        by=by,
        action=action,
        subject_kind="user",
        subject_id=user.pk,
        detail={"why": why} if why else {},
    )


def _end_sessions(user: User) -> None:
    sessions_adapter().end_sessions(list(UserSession.objects.filter(user=user)))


def _tell(user: User, kind: str, text: str, key: str) -> None:
    """An e-mail of these kinds goes at once, to somebody who cannot sign in too."""
    _notify([user.pk], kind, text, "/second-step/", key)


def _notify(recipients: list[UUID], kind: str, text: str, link: str, key: str) -> None:
    notifications.tell(
        recipients=recipients,
        learner_id=None,
        kind=kind,
        text=text,
        link=link,
        key=f"{kind}:{key}:{clock.now().isoformat()}",
    )
