"""Using an invitation: the account, and the role or the child that it is for."""

from __future__ import annotations

from django.db import transaction

from apps.access import actions as access
from apps.access import grants, rls
from apps.accounts.models import User
from apps.learners.actions import open_to_family
from apps.learners.models import FamilyMember


@transaction.atomic
def accept(*, code: str, email: str, password: str) -> User:
    """Accept an invitation; returns the account, made if there was none with this address.

    The caller has checked the password of an account that exists. A family member's record is
    opened under the context of the setting that invited them, and no other.
    Raises Invalid with the same words whatever is wrong with code or address.
    """
    invitation = access.find_invitation(code=code, email=email)
    user = User.objects.filter(email=invitation.email).first()
    if user is None:
        user = User.objects.create_user(invitation.email, invitation.name, password)
    access.accept_staff(invitation=invitation, user=user)
    if invitation.family_member_id and invitation.setting_id:
        with rls.acting(grants.worker(invitation.setting_id)) as worker:
            member = FamilyMember.objects.get(pk=invitation.family_member_id)
            open_to_family(by=worker, member=member, user_id=user.id)
    return user
