"""The providers of a deployment, as its environment names them."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env

WHOLE = {
    "OPENID_PROVIDERS": "dfe",
    "OPENID_DFE_NAME": "DfE Sign-in",
    "OPENID_DFE_ISSUER": "https://oidc.example",
    "OPENID_DFE_CLIENT_ID": "ours",
    "OPENID_DFE_CLIENT_SECRET": "secret",
}
SECOND = {
    name.replace("DFE", "ENTRA"): value for name, value in WHOLE.items() if "PROVIDERS" not in name
}


def test_none_is_named_where_nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENID_PROVIDERS", raising=False)
    assert env.openid_providers(insecure=False) == []


def test_one_is_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    more = {"OPENID_DFE_SCOPES": "openid, organisation", "OPENID_DFE_ORGANISATION": "1"}
    for name, value in {**WHOLE, **more}.items():
        monkeypatch.setenv(name, value)
    (provider,) = env.openid_providers(insecure=False)
    assert provider["provider_id"] == "dfe"
    assert provider["settings"] == {
        "server_url": "https://oidc.example",
        "scope": ["openid", "organisation"],
        "second_factor": [],
        "organisation": True,
    }


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"OPENID_PROVIDERS": "DfE"}, "OPENID_PROVIDERS"),
        ({"OPENID_PROVIDERS": "dfe,dfe"}, "OPENID_PROVIDERS"),
        ({"OPENID_PROVIDERS": "dfe,entra", **SECOND}, "OPENID_PROVIDERS"),
        ({"OPENID_DFE_NAME": ""}, "OPENID_DFE_NAME"),
        ({"OPENID_DFE_CLIENT_SECRET": ""}, "OPENID_DFE_CLIENT_SECRET"),
        ({"OPENID_DFE_ISSUER": "http://oidc.example"}, "OPENID_DFE_ISSUER"),
        ({"OPENID_DFE_ISSUER": "oidc.example"}, "OPENID_DFE_ISSUER"),
        ({"OPENID_DFE_ISSUER": "https://login.example/{tenantid}/v2.0"}, "OPENID_DFE_ISSUER"),
        ({"OPENID_DFE_ISSUER": "https://oidc.example/?a=b"}, "OPENID_DFE_ISSUER"),
        ({"OPENID_DFE_SCOPES": "email"}, "OPENID_DFE_SCOPES"),
        ({"OPENID_DFE_ORGANISATION": "yes"}, "OPENID_DFE_ORGANISATION"),
    ],
)
def test_what_is_odd_or_missing_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, str], named: str
) -> None:
    for name, value in {**WHOLE, **changes}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=named):
        env.openid_providers(insecure=False)
