"""Reviews: opened, edited as a draft that only reviewers see, and signed off."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.views import IF_MATCH, PURPOSE, SETTING, Listing, Resource, tagged
from apps.audit import record as audit
from apps.reviews import policy
from apps.reviews.actions.drafting import drop_change, save_change, save_progress
from apps.reviews.actions.entry import open_interim
from apps.reviews.actions.signoff import sign_off
from apps.reviews.models import Audience, DraftChange, Kind, Progress, Review


class ReviewOut(serializers.Serializer):
    """A review; once signed off it has a number and a digest."""

    id = serializers.UUIDField()
    learner = serializers.UUIDField(source="learner_id")
    setting = serializers.UUIDField(source="setting_id", allow_null=True)
    kind = serializers.ChoiceField(Review.Kind.choices)
    state = serializers.ChoiceField(Review.State.choices)
    number = serializers.IntegerField(allow_null=True)
    year = serializers.IntegerField()
    term = serializers.CharField()
    due_on = serializers.DateField(allow_null=True)
    signed_off_at = serializers.DateTimeField(allow_null=True)
    sha256 = serializers.CharField()
    version = serializers.IntegerField()


class ChangeOut(serializers.Serializer):
    """A change that the open review will make."""

    id = serializers.UUIDField()
    change = serializers.ChoiceField(DraftChange.Change.choices)
    statement = serializers.UUIDField(source="statement_id", allow_null=True)
    values = serializers.DictField()


class ProgressMark(serializers.Serializer):
    """How far one outcome got."""

    outcome = serializers.UUIDField(source="outcome_id")
    mark = serializers.ChoiceField(Progress.Mark.choices)
    note = serializers.CharField(max_length=500, allow_blank=True, default="")


class OpenReviewOut(ReviewOut):
    """A review; the changes and progress of an open one only for those who may review."""

    changes = ChangeOut(many=True)
    progress = ProgressMark(many=True)


class ReviewIn(serializers.Serializer):
    """An interim review to open."""

    learner = serializers.UUIDField()
    setting = serializers.UUIDField(required=False)


class ValuesIn(serializers.Serializer):
    """What a statement says; which of these count depends on its kind."""

    kind = serializers.ChoiceField(Kind.choices)
    text = serializers.CharField(max_length=4000)
    area = serializers.CharField(max_length=60, required=False)
    level = serializers.CharField(max_length=40, required=False)
    details = serializers.DictField(required=False)
    audience = serializers.ChoiceField(Audience.choices, required=False)
    audience_reason = serializers.CharField(max_length=200, required=False)
    order = serializers.IntegerField(min_value=0, max_value=999, required=False)


class ChangeIn(serializers.Serializer):
    """A change: add a statement, or replace or withdraw the one in force that is named."""

    change = serializers.ChoiceField(DraftChange.Change.choices)
    statement = serializers.UUIDField(required=False)
    values = ValuesIn(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """What each kind of change needs."""
        change = attrs["change"]
        if (change == DraftChange.Change.ADD) == ("statement" in attrs):
            raise serializers.ValidationError(
                {"statement": "Name the statement to replace or withdraw, and none to add one."}
            )
        if (change == DraftChange.Change.WITHDRAW) == ("values" in attrs):
            raise serializers.ValidationError(
                {"values": "Send the words to add or replace, and none to withdraw."}
            )
        return attrs


class ProgressIn(serializers.Serializer):
    """How far outcomes got."""

    progress = ProgressMark(many=True, allow_empty=False)


class SignOffIn(serializers.Serializer):
    """The conversation with the family, or why there was none; whether nothing changed."""

    conversation_on = serializers.DateField(required=False)
    no_conversation_because = serializers.CharField(
        max_length=300, required=False, allow_blank=True, default=""
    )
    nothing_changed = serializers.BooleanField(default=False)


class Reviews(Listing):
    """The reviews of a setting."""

    scopes = {"GET": "records:read", "POST": "records:write"}

    @extend_schema(
        operation_id="list_reviews",
        parameters=[SETTING, OpenApiParameter("state", str, enum=Review.State.values)],
        responses=ReviewOut(many=True),
    )
    def get(self, request: Request) -> Response:
        """List the reviews of a setting."""
        actor, setting_id = self.acting()
        rows = policy.visible_to(actor).filter(setting_id=setting_id)
        if state := request.query_params.get("state"):
            rows = rows.filter(state=state)

        def seen(page: list[Review]) -> None:
            audit.listed(by=actor, learner_ids=[r.learner_id for r in page], what="reviews")

        return self.paged(rows, ReviewOut, seen)

    @extend_schema(operation_id="open_review", request=ReviewIn, responses={201: ReviewOut})
    def post(self, request: Request) -> Response:
        """Open an interim review; what is new goes into one that is open already."""
        sent = self.sent(ReviewIn)
        actor, learner, setting = self.keeping(sent["learner"], sent.get("setting"))
        review = open_interim(by=actor, learner=learner, setting=setting)
        return tagged(Response(ReviewOut(review).data, status=201), review.version)


class _OfReview(Resource):
    def shown(self, review: Review, status: int = 200) -> Response:
        """The review; what an open one will change only for those who may review."""
        review.refresh_from_db()
        actor, _ = self.reading(review.learner_id)
        audit.opened(by=actor, learner_id=review.learner_id, what="review")
        drafts = policy.can_review(actor, review.learner_id)
        signed = review.state == Review.State.SIGNED_OFF
        progress = review.progress.order_by("id") if signed or drafts else []
        whole = ReviewOut(review).data | {
            "changes": ChangeOut(review.changes.order_by("id"), many=True).data if drafts else [],
            "progress": ProgressMark(progress, many=True).data,
        }
        return tagged(Response(whole, status=status), review.version)


class OneReview(_OfReview):
    """One review."""

    scopes = {"GET": "records:read"}

    @extend_schema(operation_id="get_review", parameters=[PURPOSE], responses=OpenReviewOut)
    def get(self, request: Request, review_id: UUID) -> Response:
        """Read a review; the changes of an open one only where you may review."""
        return self.shown(policy.get(self.actor, review_id))


class Changes(_OfReview):
    """The changes of an open review."""

    scopes = {"POST": "records:write"}

    @extend_schema(
        operation_id="change_review",
        parameters=[IF_MATCH],
        request=ChangeIn,
        responses={201: OpenReviewOut},
    )
    def post(self, request: Request, review_id: UUID) -> Response:
        """Add, replace or withdraw a statement; a second change of one edits the first."""
        review = policy.get(self.actor, review_id)
        version, sent = self.version(), self.sent(ChangeIn)
        save_change(
            by=self.actor,
            review_id=review_id,
            version=version,
            change=sent["change"],
            values=sent.get("values"),
            statement_id=sent.get("statement"),
        )
        return self.shown(review, 201)


class OneChange(_OfReview):
    """One change of an open review."""

    scopes = {"DELETE": "records:write"}

    @extend_schema(
        operation_id="drop_change", parameters=[IF_MATCH], responses={200: OpenReviewOut}
    )
    def delete(self, request: Request, review_id: UUID, change_id: UUID) -> Response:
        """Take a change out again."""
        review = policy.get(self.actor, review_id)
        drop_change(by=self.actor, review_id=review_id, version=self.version(), change_id=change_id)
        return self.shown(review)


class ReviewProgress(_OfReview):
    """Progress on outcomes."""

    scopes = {"PUT": "records:write"}

    @extend_schema(
        operation_id="save_progress",
        parameters=[IF_MATCH],
        request=ProgressIn,
        responses=OpenReviewOut,
    )
    def put(self, request: Request, review_id: UUID) -> Response:
        """Say how far outcomes got."""
        review = policy.get(self.actor, review_id)
        version, sent = self.version(), self.sent(ProgressIn)
        marks = {p["outcome_id"]: (p["mark"], p["note"]) for p in sent["progress"]}
        save_progress(by=self.actor, review_id=review_id, version=version, marks=marks)
        return self.shown(review)


class SignOff(_OfReview):
    """Signing off."""

    scopes = {"POST": "records:write"}

    @extend_schema(
        operation_id="sign_off",
        parameters=[IF_MATCH],
        request=SignOffIn,
        responses=OpenReviewOut,
    )
    def post(self, request: Request, review_id: UUID) -> Response:
        """Sign a review off: its changes become the record, for ever."""
        review = policy.get(self.actor, review_id)
        version, sent = self.version(), self.sent(SignOffIn)
        sign_off(by=self.actor, review_id=review_id, version=version, **sent)
        return self.shown(review)
