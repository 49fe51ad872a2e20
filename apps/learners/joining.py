"""Using an invitation: the role or the child that it is for."""

from __future__ import annotations

from allauth.socialaccount.models import SocialAccount
from django.db import transaction

from apps.access import accounts, grants, rls
from apps.access import actions as access
from apps.access.grants import Actor
from apps.access.models import Invitation
from apps.accounts.models import User
from apps.common.exceptions import Invalid
from apps.learners.family import open_to_family
from apps.learners.models import FamilyMember


@transaction.atomic
def accept(*, invitation: Invitation, user: User) -> None:
    """Use an invitation up for the person whose address it was given for.

    A family member's record is opened under the context of the setting that invited them, and no
    other. Raises Invalid where the role has ended meanwhile or the family's access was closed.
    """
    access.accept_staff(invitation=invitation, user=user)
    if invitation.family_member_id and invitation.setting_id:
        with rls.acting(grants.worker(invitation.setting_id)) as worker:
            member = FamilyMember.objects.get(pk=invitation.family_member_id)
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
