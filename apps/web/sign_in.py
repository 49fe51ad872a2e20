"""What follows a sign-in: somebody new to a browser is told, in case it was not them."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import user_logged_in
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
def tell_of_a_new_device(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Keep that somebody signed in; a browser not seen before is told to them."""
    by = Actor(user_id=user.id, name=user.name)
    audit.event(by=by, action="signed in", subject_kind="user", subject_id=user.id)
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
