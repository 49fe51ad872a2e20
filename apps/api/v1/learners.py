"""Learners of the organisations granted: who they are and where, nothing of their needs."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.views import PURPOSE, SETTING, Listing, Resource, tagged
from apps.audit import record as audit
from apps.common.identifiers import parse_upn
from apps.learners import selectors
from apps.learners.models import Enrolment, Learner


class LearnerOut(serializers.Serializer):
    """A learner."""

    id = serializers.UUIDField()
    upn = serializers.CharField(allow_null=True)
    uln = serializers.CharField(allow_null=True)
    legal_given = serializers.CharField()
    legal_family = serializers.CharField()
    known_given = serializers.CharField()
    known_family = serializers.CharField()
    family_name_first = serializers.BooleanField()
    date_of_birth = serializers.DateField()
    birth_date_certainty = serializers.ChoiceField(Learner.BirthDateCertainty.choices)
    version = serializers.IntegerField()


class EnrolmentOut(serializers.Serializer):
    """A learner at a setting."""

    id = serializers.UUIDField()
    learner = LearnerOut()
    setting = serializers.UUIDField(source="setting_id")
    kind = serializers.ChoiceField(Enrolment.Kind.choices)
    year_group = serializers.IntegerField()
    class_name = serializers.CharField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(allow_null=True)


class UpnIn(serializers.Serializer):
    """A UPN; never in an address."""

    upn = serializers.CharField(max_length=13)

    def validate_upn(self, value: str) -> str:
        """Well formed, or refused with why."""
        try:
            return parse_upn(value)
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from None


class Enrolments(Listing):
    """Who is enrolled at a setting now."""

    scopes = {"GET": "learners:read"}

    @extend_schema(
        operation_id="list_learners", parameters=[SETTING], responses=EnrolmentOut(many=True)
    )
    def get(self, request: Request) -> Response:
        """List the learners enrolled at a setting."""
        actor, setting_id = self.acting()

        def seen(rows: list[Enrolment]) -> None:
            audit.listed(by=actor, learner_ids=[r.learner_id for r in rows], what="learners")

        return self.paged(selectors.enrolled_at(actor, setting_id), EnrolmentOut, seen)


class OneLearner(Resource):
    """One learner."""

    scopes = {"GET": "learners:read"}

    @extend_schema(operation_id="get_learner", parameters=[PURPOSE], responses=LearnerOut)
    def get(self, request: Request, learner_id: UUID) -> Response:
        """Read who a learner is."""
        actor, seen = self.reading(learner_id)
        audit.opened(by=actor, learner_id=learner_id, what="learner")
        return tagged(Response(LearnerOut(seen.learner).data), seen.learner.version)


class FindLearner(Resource):
    """Finding a learner by number, among those who can be seen."""

    scopes = {"POST": "learners:read"}

    @extend_schema(
        operation_id="find_learner", request=UpnIn, responses={200: LearnerOut(many=True)}
    )
    def post(self, request: Request) -> Response:
        """Find the learner who has or had a UPN; an empty list when you can see none."""
        upn = self.sent(UpnIn)["upn"]
        found = list(selectors.with_upn(self.actor, upn))
        audit.listed(by=self.actor, learner_ids=[f.id for f in found], what="learner by number")
        return Response(LearnerOut(found, many=True).data)
