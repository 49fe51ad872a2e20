"""Sign-in through providers; how one is told; the demo's switch."""

from __future__ import annotations

from django.urls import path

from apps.web.account import demo, openid, told

urlpatterns = [
    path("messages/choose/", told.page, name="choose-messages"),
    path("demo/second-step/", demo.second_step, name="demo-second-step"),
    path("sign-in/with/<slug:provider_id>/", openid.start, name="sign-in-with"),
    path("sign-in/with/<slug:provider_id>/back/", openid.back, name="openid_connect_callback"),
    path("sign-in/with/<slug:provider_id>/connect/", openid.connect, name="connect-provider"),
    path("sign-in/with/<slug:provider_id>/again/", openid.again, name="again-with"),
    path("sign-in/connections/<int:connection_id>/end/", openid.end, name="end-connection"),
]
