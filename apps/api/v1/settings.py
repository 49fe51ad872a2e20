"""Settings: nurseries, schools and colleges, with the numbers by which others know them."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.views import Listing, Resource
from apps.common.exceptions import NotVisible
from apps.settings.models import Setting, SettingIdentifier


class LocalAreaOut(serializers.Serializer):
    """One local authority area."""

    id = serializers.UUIDField()
    code = serializers.CharField()
    name = serializers.CharField()


class IdentifierOut(serializers.Serializer):
    """A number and from when to when it is the setting's."""

    kind = serializers.ChoiceField(SettingIdentifier.Kind.choices)
    value = serializers.CharField()
    starts_on = serializers.DateField(allow_null=True)
    ends_on = serializers.DateField(allow_null=True)


class SettingOut(serializers.Serializer):
    """A setting; `id` stays the same for ever, numbers have dates."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(Setting.Kind.choices)
    phase = serializers.ChoiceField(Setting.Phase.choices)
    status = serializers.ChoiceField(Setting.Status.choices)
    local_area = LocalAreaOut()
    identifiers = IdentifierOut(many=True)
    opened_on = serializers.DateField(allow_null=True)
    closed_on = serializers.DateField(allow_null=True)


def _settings() -> QuerySet[Setting]:
    identifiers = SettingIdentifier.objects.order_by("kind", "starts_on")
    return Setting.objects.select_related("local_area").prefetch_related(
        Prefetch("identifiers", identifiers)
    )


class Settings(Listing):
    """Every setting that is known."""

    scopes = {"GET": "settings:read"}

    @extend_schema(
        operation_id="list_settings",
        parameters=[
            OpenApiParameter("urn", str, description="The setting with this URN."),
            OpenApiParameter("local_area", str, description="Those of the area with this code."),
        ],
        responses=SettingOut(many=True),
    )
    def get(self, request: Request) -> Response:
        """List settings, or find one by its URN."""
        rows = _settings()
        if urn := request.query_params.get("urn"):
            rows = rows.filter(identifiers__kind="urn", identifiers__value=urn)
        if area := request.query_params.get("local_area"):
            rows = rows.filter(local_area__code=area)
        return self.paged(rows, SettingOut)


class OneSetting(Resource):
    """One setting."""

    scopes = {"GET": "settings:read"}

    @extend_schema(operation_id="get_setting", responses=SettingOut)
    def get(self, request: Request, setting_id: UUID) -> Response:
        """Read one setting."""
        found = _settings().filter(pk=setting_id).first()
        if found is None:
            raise NotVisible
        return Response(SettingOut(found).data)
