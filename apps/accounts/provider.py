"""Sign-in through an OpenID provider: what is asked of one, and what of its answer is checked.

django-allauth does the code flow with PKCE and the state; it finds this module by its name. What it
leaves open is closed here: a nonce, the signature, the issuer, an ID token that has to be there,
and nothing taken from the address or matched by e-mail. An identity is the issuer's, and its `sub`.
"""

from __future__ import annotations

from typing import Any

import jwt
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest

# Signatures by a key pair alone: a shared secret or none at all proves nothing of who signed.
ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
_NEEDED = ["iss", "sub", "aud", "exp", "iat", "nonce"]
_LEEWAY = 30  # seconds by which two clocks may differ
_LONGEST = 191  # characters that the library keeps of an identity
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class Adapter(OpenIDConnectOAuth2Adapter):
    """The talk with one provider. Raises OAuth2Error for an answer that does not hold."""

    @property
    def openid_config(self) -> dict[str, Any]:
        """What the provider says of itself; it has to be the issuer that was configured."""
        config = super().openid_config
        if config.get("issuer") != self.get_provider().issuer:
            raise OAuth2Error("The provider names another issuer than the one configured.")
        if missing := [name for name in _ENDPOINTS if not config.get(name)]:
            raise OAuth2Error(f"The provider does not say its {missing[0]}.")
        return config

    def complete_login(
        self, request: HttpRequest, app: Any, token: Any, **kwargs: Any
    ) -> SocialLogin:
        """Who came back, by the ID token of this answer."""
        claims = self._verified(app, kwargs["response"].get("id_token"))
        if app.settings["organisation"]:
            said = self._fetch_user_info(token.token)
            if said.get("sub") != claims["sub"]:
                raise OAuth2Error("The provider told us of somebody else.")
            claims["organisation"] = said.get("organisation")
        return self.get_provider().sociallogin_from_response(request, claims)

    def _verified(self, app: Any, id_token: str | None) -> dict[str, Any]:
        try:
            claims: dict[str, Any] = jwt.decode(
                id_token or "",
                self._key_of(id_token or ""),
                algorithms=ALGORITHMS,
                issuer=self.openid_config["issuer"],
                audience=app.client_id,
                leeway=_LEEWAY,
                options={"require": _NEEDED},
            )
        except (jwt.PyJWTError, ValueError) as wrong:
            raise OAuth2Error(f"The ID token does not hold: {wrong}") from wrong
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", "" if several else app.client_id) != app.client_id:
            raise OAuth2Error("The ID token was made for another service.")
        return claims

    def _key_of(self, id_token: str) -> jwt.PyJWK:
        """The provider's public key with which a token says that it is signed."""
        name = jwt.get_unverified_header(id_token).get("kid")
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
        keys = jwt.PyJWKSet.from_dict(answer.json()).keys
        found = [k for k in keys if k.public_key_use in {None, "sig"} and name in {None, k.key_id}]
        if len(found) != 1:
            raise OAuth2Error("The ID token is signed with a key that is not the provider's.")
        return found[0]


class Provider(OpenIDConnectProvider):
    """One configured provider (`OPENID_PROVIDERS` in docs/running.md)."""

    oauth2_adapter_class = Adapter
    pkce_enabled_default = True

    @property
    def issuer(self) -> str:
        """The issuer, as its tokens have to name it."""
        return str(self.app.settings["server_url"])

    def wk_server_url(self, url: str) -> str:
        """Where the provider says of itself what it is."""
        return url.removesuffix("/") + "/.well-known/openid-configuration"

    def extract_uid(self, data: dict[str, Any]) -> str:
        """The identity: an issuer's `sub` is never mistaken for another issuer's."""
        uid = f"{data['iss']} {data['sub']}"
        if len(uid) > _LONGEST:
            raise OAuth2Error("The provider's name for this person is too long.")
        return uid

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """What is kept: the address, by which its owner knows which of their accounts it is."""
        return {"email": str(data.get("email", ""))[:254]}

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, Any]:
        """Nothing: a provider makes no account."""
        return {}

    def extract_email_addresses(self, data: dict[str, Any]) -> list[Any]:
        """None: nobody is found by e-mail."""
        return []

    def sociallogin_from_response(self, request: HttpRequest, response: Any) -> SocialLogin:
        """Who came back, with all that the provider said of them this time."""
        login = super().sociallogin_from_response(request, response)
        login.claims = response
        return login


provider_classes = [Provider]
