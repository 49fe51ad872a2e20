"""The second step at sign-in, which a provider that asked for it has taken already."""

from __future__ import annotations

from typing import Any

from allauth.mfa.stages import AuthenticateStage

from apps.accounts import second_factor


class SecondStep(AuthenticateStage):
    """Ours is asked, unless the provider's counts (`openid.Provider.counts`)."""

    def handle(self) -> tuple[Any, bool]:
        """Ask for it, or go on."""
        if second_factor.shown_by(self.request, self.login.user):
            return None, True
        return super().handle()
