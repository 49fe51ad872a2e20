"""Using an invitation: the role or the child that it is for."""

from __future__ import annotations

from allauth.socialaccount.models import SocialAccount
from django.db import connection, transaction

from apps.access import accounts, grants, rls
from apps.access import actions as access
from apps.access.asking import asked
from apps.access.grants import Actor
from apps.access.models import Invitation
from apps.accounts.models import User
from apps.common.exceptions import Invalid
from apps.learners.family import open_to_family
from apps.learners.models import FamilyMember


@transaction.atomic
def accept(*, invitation: Invitation, user: User) -> None:
    """Use an invitation up for the person whose address it was given for.

    A family member's record is opened under the context of whoever keeps it now, and no other: the
    child may have moved since. Raises Invalid where the role has ended meanwhile, the family's
    access was closed, or nobody keeps the record that the code was given for.
    """
    access.accept_staff(invitation=invitation, user=user)
    if invitation.family_member_id:
        with rls.acting(grants.worker()), connection.cursor() as cursor:
            cursor.execute("SELECT learners_keeper(%s)", [invitation.learner_id])
            (keeper,) = cursor.fetchone()
        asked()  # The code is the right that is asked for.
        with rls.acting(grants.worker(*([keeper] if keeper else []))) as worker:
            member = FamilyMember.objects.filter(pk=invitation.family_member_id).first()
            if member is None:
                raise Invalid("Ask the setting where the child is now for a new code.")
            open_to_family(by=worker, member=member, user_id=user.id)


@transaction.atomic
def join_with_identity(*, invitation: Invitation, account: SocialAccount) -> User:
    """Use an invitation up with an identity at a provider: a new account, without a password.

    The address is the invitation's, which its code was given for; the provider's does not matter.
    Raises Invalid where somebody has an account with that address, or with that identity.
    """
    if User.objects.filter(email=invitation.email).exists():
        raise Invalid("You have an account here already. Sign in first, then enter your code.")
    user = User.objects.create_user(invitation.email, invitation.name)
    by = Actor(user_id=user.id, name=user.name)
    with rls.acting(grants.worker()):
        accounts.connect_identity(by=by, user=user, account=account)
    accept(invitation=invitation, user=user)
    return user
