"""Registers and Learner Records."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.v1.learners import LearnerOut
from apps.api.v1.reviews import ReviewOut
from apps.api.views import PURPOSE, SETTING, Listing, Resource, tagged
from apps.audit import record as audit
from apps.common.exceptions import NotVisible
from apps.reviews import registers, selectors
from apps.reviews.actions.entry import Evidence, put_on_register
from apps.reviews.models import Audience, Kind


class LevelInForce(serializers.Serializer):
    """A level in force; rank 0 is universal."""

    level = serializers.CharField()
    rank = serializers.IntegerField()


class EntryOut(serializers.Serializer):
    """A learner on a register, with the levels by area of need; one not judged yet is absent."""

    id = serializers.UUIDField()
    learner = serializers.UUIDField(source="learner_id")
    setting = serializers.UUIDField(source="setting_id", allow_null=True)
    local_area = serializers.UUIDField(source="local_area_id", allow_null=True)
    also_here = serializers.BooleanField()
    levels = serializers.DictField(child=LevelInForce())
    has_plan = serializers.BooleanField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(allow_null=True)


class EvidenceIn(serializers.Serializer):
    """What was seen, where, when and by whom."""

    what = serializers.CharField(max_length=4000)
    where = serializers.CharField(max_length=200, allow_blank=True, default="")
    when = serializers.DateField()
    by = serializers.CharField(max_length=200, allow_blank=True, default="")


class EntryIn(serializers.Serializer):
    """A learner to put on the register: one area, one level, one piece of evidence."""

    learner = serializers.UUIDField()
    setting = serializers.UUIDField(required=False)
    area = serializers.CharField(max_length=60)
    level = serializers.CharField(max_length=40)
    evidence = EvidenceIn()


class StatementOut(serializers.Serializer):
    """One thing that the record says."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(Kind.choices)
    area = serializers.CharField(source="area.code", default=None, allow_null=True)
    level = serializers.CharField(source="level.code", default=None, allow_null=True)
    text = serializers.CharField()
    details = serializers.DictField()
    audience = serializers.ChoiceField(Audience.choices)
    introduced_no = serializers.IntegerField()


class ProgressOut(serializers.Serializer):
    """How far an outcome got at the last review."""

    outcome = serializers.CharField()
    mark = serializers.CharField()
    note = serializers.CharField()


class RecordOut(serializers.Serializer):
    """A Learner Record now."""

    learner = LearnerOut()
    held_by = serializers.CharField()
    entries = EntryOut(many=True)
    statements = StatementOut(many=True)
    progress = ProgressOut(many=True)
    reviews = ReviewOut(many=True)


class Register(Listing):
    """A setting's additional-needs register."""

    scopes = {"GET": "records:read", "POST": "records:write"}

    @extend_schema(
        operation_id="list_register", parameters=[SETTING], responses=EntryOut(many=True)
    )
    def get(self, request: Request) -> Response:
        """List who is on a setting's register now."""
        actor, setting_id = self.acting()

        def seen(rows: list[Any]) -> None:
            audit.listed(by=actor, learner_ids=[r.learner_id for r in rows], what="register")

        return self.paged(registers.current_entries(actor, setting_id), EntryOut, seen)

    @extend_schema(operation_id="put_on_register", request=EntryIn, responses={201: ReviewOut})
    def post(self, request: Request) -> Response:
        """Put a learner on the register; the answer is the entry review, signed off."""
        sent = self.sent(EntryIn)
        actor, learner, setting = self.keeping(sent["learner"], sent.get("setting"))
        review = put_on_register(
            by=actor,
            learner=learner,
            setting=setting,
            area=sent["area"],
            level=sent["level"],
            evidence=Evidence(**sent["evidence"]),
        )
        return tagged(Response(ReviewOut(review).data, status=201), review.version)


class Record(Resource):
    """One Learner Record."""

    scopes = {"GET": "records:read"}

    @extend_schema(operation_id="get_record", parameters=[PURPOSE], responses=RecordOut)
    def get(self, request: Request, learner_id: UUID) -> Response:
        """Read a Learner Record as it is in force."""
        actor, seen = self.reading(learner_id)
        audit.opened(by=actor, learner_id=learner_id, what="record")
        record = selectors.record(actor, seen)
        if not record.reviews:
            raise NotVisible("There is no Learner Record of this learner yet.")
        whole = {
            "learner": seen.learner,
            "held_by": record.holder_name,
            "entries": record.entries,
            "statements": record.statements,
            "progress": list(record.progress.values()),
            "reviews": record.reviews,
        }
        return Response(RecordOut(whole).data)


class SignedRecord(Resource):
    """A Learner Record as it was signed off."""

    scopes = {"GET": "records:read"}

    @extend_schema(
        operation_id="get_signed_record",
        parameters=[PURPOSE],
        responses=OpenApiResponse(
            OpenApiTypes.OBJECT, description="The canonical record; Digest is its SHA-256."
        ),
    )
    def get(self, request: Request, learner_id: UUID, number: int) -> HttpResponse:
        """Read the record of a signed-off review, byte for byte as signed (RFC 8785)."""
        actor, seen = self.reading(learner_id)
        audit.opened(by=actor, learner_id=learner_id, what="past review")
        reviews = selectors.record(actor, seen).reviews
        review = next((r for r in reviews if r.number == number), None)
        if review is None:
            raise NotVisible
        response = HttpResponse(review.canonical, content_type="application/json")
        response["Content-SHA-256"] = review.sha256
        return response
