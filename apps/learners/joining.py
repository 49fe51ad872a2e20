"""Using an invitation: the role or the child that it is for."""

from __future__ import annotations

from django.db import transaction

from apps.access import actions as access
from apps.access import grants, rls
from apps.access.models import Invitation
from apps.accounts.models import User
from apps.learners.actions import open_to_family
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
