"""The National Framework and the toolkit, as data."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.views import Resource
from apps.framework import selectors
from apps.framework.models import FrameworkVersion, PracticeGuide


class VersionOut(serializers.Serializer):
    """A version of the framework."""

    number = serializers.CharField()
    title = serializers.CharField()
    status = serializers.ChoiceField(FrameworkVersion.Status.choices)
    illustrative = serializers.BooleanField()
    published_on = serializers.DateField(allow_null=True)
    register_rank = serializers.IntegerField()
    statutory_rank = serializers.IntegerField()


class AreaOut(serializers.Serializer):
    """An area of need."""

    code = serializers.CharField()
    name = serializers.CharField()
    family_name = serializers.CharField()
    summary = serializers.CharField()
    includes = serializers.CharField()


class LevelOut(serializers.Serializer):
    """A level of need; rank 0 is universal."""

    code = serializers.CharField()
    rank = serializers.IntegerField()
    name = serializers.CharField()
    family_wording = serializers.CharField()
    definition = serializers.CharField()


class DescriptorOut(serializers.Serializer):
    """What needs in one area at one level look like, and what can be expected."""

    area = serializers.CharField(source="area.code")
    level = serializers.CharField(source="level.code")
    professional = serializers.CharField()
    family = serializers.CharField()
    young_person = serializers.CharField()
    expected = serializers.ListField(child=serializers.CharField())
    look_for = serializers.ListField(child=serializers.CharField())


class GridOut(serializers.Serializer):
    """A version whole: its areas, levels and descriptors."""

    version = VersionOut()
    areas = AreaOut(many=True)
    levels = LevelOut(many=True)
    descriptors = DescriptorOut(many=True)


class BoxOut(serializers.Serializer):
    """A box of the grid."""

    area = serializers.CharField(source="area.code")
    level = serializers.CharField(source="level.code")


class SourceOut(serializers.Serializer):
    """Where a guide's advice comes from."""

    title = serializers.CharField()
    url = serializers.CharField()


class GuideOut(serializers.Serializer):
    """A practice guide of the toolkit."""

    code = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    what_it_is = serializers.CharField()
    how = serializers.ListField(child=serializers.CharField())
    who = serializers.CharField()
    how_often = serializers.CharField()
    phases = serializers.ListField(child=serializers.CharField())
    needs = serializers.ListField(child=serializers.CharField())
    strength = serializers.ChoiceField(PracticeGuide.Strength.choices)
    cost = serializers.CharField()
    sources = SourceOut(many=True)
    boxes = BoxOut(many=True, help_text="The needs that it is for, each by itself.")
    together = BoxOut(
        many=True,
        help_text="Needs that it is for when a learner has all of them, each from this level on.",
    )


class Versions(Resource):
    """Every version of the framework."""

    scopes = {"GET": "framework:read"}

    @extend_schema(operation_id="list_framework_versions", responses=VersionOut(many=True))
    def get(self, request: Request) -> Response:
        """List the versions, newest first."""
        return Response(VersionOut(selectors.all_versions(), many=True).data)


class OneVersion(Resource):
    """One version, whole."""

    scopes = {"GET": "framework:read"}

    @extend_schema(operation_id="get_framework_version", responses=GridOut)
    def get(self, request: Request, number: str) -> Response:
        """Read a version by its number, or `current` for the published one."""
        grid = selectors.published() if number == "current" else selectors.version(number)
        parts = {
            "version": grid.version,
            "areas": grid.areas,
            "levels": grid.levels,
            "descriptors": list(grid.boxes.values()),
        }
        return Response(GridOut(parts).data)


class Guides(Resource):
    """The toolkit."""

    scopes = {"GET": "framework:read"}

    @extend_schema(
        operation_id="list_practice_guides",
        parameters=[OpenApiParameter(n, str) for n in ("area", "level", "phase")],
        responses=GuideOut(many=True),
    )
    def get(self, request: Request) -> Response:
        """List practice guides, all of them or those for a box or a phase."""
        chosen = {n: request.query_params.get(n, "") for n in ("area", "level", "phase")}
        return Response(GuideOut(selectors.guides(**chosen), many=True).data)
