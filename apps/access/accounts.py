"""How a person signs in: connecting an identity at a provider, and ending that."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import transaction

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
    passkey = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN)
    if len(found) == 1 and not user.has_usable_password() and not passkey.exists():
        raise InvalidTransition(
            "This is your only way to sign in. Set a password first: sign out, and choose "
            "“I have forgotten my password”."
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


def _tell(user: User, kind: str, text: str, key: str) -> None:
    notifications.tell(
        recipients=[user.pk],
        learner_id=None,
        kind=kind,
        text=text,
        link="/second-step/",
        key=f"{kind}:{key}:{clock.now().isoformat()}",
    )
