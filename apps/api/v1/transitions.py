"""Moves and their handovers, from either side."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.views import IF_MATCH, PURPOSE, SETTING, Listing, Resource, tagged
from apps.audit import record as audit
from apps.common.exceptions import Invalid, Stale
from apps.learners.selectors import sight
from apps.settings.models import Setting
from apps.transitions import policy
from apps.transitions.actions import planning, receiving
from apps.transitions.models import Package, SettlingIn, Transition


class TransitionOut(serializers.Serializer):
    """A move; each step of its handover has a date of its own."""

    id = serializers.UUIDField()
    learner = serializers.UUIDField(source="learner_id")
    kind = serializers.ChoiceField(Transition.Kind.choices)
    state = serializers.ChoiceField(Transition.State.choices)
    from_setting = serializers.UUIDField(source="from_setting_id", allow_null=True)
    from_area = serializers.UUIDField(source="from_area_id", allow_null=True)
    to_setting = serializers.UUIDField(source="to_setting_id", allow_null=True)
    starts_on = serializers.DateField()
    year_group = serializers.IntegerField()
    reason = serializers.CharField()
    end_reason = serializers.CharField()
    redirected_to = serializers.UUIDField(source="redirected_to_id", allow_null=True)
    shared_at = serializers.DateTimeField(allow_null=True)
    received_at = serializers.DateTimeField(allow_null=True)
    settling_in_at = serializers.DateTimeField(allow_null=True)
    accepted_at = serializers.DateTimeField(allow_null=True)
    completed_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()


class TransitionIn(serializers.Serializer):
    """A move to expect."""

    learner = serializers.UUIDField()
    kind = serializers.ChoiceField(Transition.Kind.choices)
    starts_on = serializers.DateField()
    year_group = serializers.IntegerField(min_value=-4, max_value=20)
    reason = serializers.CharField(max_length=200, required=False, default="")
    to_setting = serializers.UUIDField(required=False)


class DestinationIn(serializers.Serializer):
    """Where a place was offered and accepted."""

    to_setting = serializers.UUIDField()


class RedirectIn(serializers.Serializer):
    """Where the learner goes instead, if that is known, and why."""

    to_setting = serializers.UUIDField(required=False)
    why = serializers.CharField(max_length=300)


class WhyIn(serializers.Serializer):
    """A reason."""

    why = serializers.CharField(max_length=300)


class NothingIn(serializers.Serializer):
    """Nothing more to say."""


class SettlingInIn(serializers.Serializer):
    """What is planned to settle the learner in."""

    kind = serializers.ChoiceField(SettlingIn.Kind.choices)
    on = serializers.DateField()
    what = serializers.CharField(max_length=300)


class DayOneIn(serializers.Serializer):
    """How one support is carried out from day one."""

    support = serializers.UUIDField()
    how = serializers.CharField(max_length=500)


class AcceptIn(serializers.Serializer):
    """How each support is carried out from day one."""

    day_one = DayOneIn(many=True)


class PackageOut(serializers.Serializer):
    """What was handed over: files, and the manifest that lists each with its SHA-256."""

    number = serializers.IntegerField()
    review_number = serializers.IntegerField()
    files = serializers.DictField(source="content", child=serializers.CharField())
    manifest = serializers.CharField()
    sha256 = serializers.CharField()
    made_at = serializers.DateTimeField()


def _setting(key: UUID | None) -> Setting | None:
    if key is None:
        return None
    found = Setting.objects.select_related("local_area").filter(pk=key).first()
    if found is None:
        raise Invalid("There is no such setting.", {"to_setting": "Choose another setting."})
    return found


class Transitions(Listing):
    """Moves out of and into a setting."""

    scopes = {"GET": "transitions:read", "POST": "transitions:write"}

    @extend_schema(
        operation_id="list_transitions",
        parameters=[SETTING, OpenApiParameter("direction", str, enum=["out", "in"], required=True)],
        responses=TransitionOut(many=True),
    )
    def get(self, request: Request) -> Response:
        """List moves out of a setting, or into it from *shared* on."""
        actor, setting_id = self.acting()
        rows = policy.visible_to(actor)
        direction = request.query_params.get("direction")
        if direction == "out":
            rows = rows.filter(from_setting_id=setting_id)
        elif direction == "in":
            rows = rows.filter(to_setting_id=setting_id, shared_at__isnull=False)
        else:
            raise Invalid("Say which way.", {"direction": "Choose out or in."})

        def seen(page: list[Transition]) -> None:
            audit.listed(by=actor, learner_ids=[m.learner_id for m in page], what="moves")

        return self.paged(rows, TransitionOut, seen)

    @extend_schema(
        operation_id="expect_transition", request=TransitionIn, responses={201: TransitionOut}
    )
    def post(self, request: Request) -> Response:
        """Plan a move, its destination known or not."""
        sent = self.sent(TransitionIn)
        learner = sight(self.actor, sent.pop("learner")).learner
        to_setting = _setting(sent.pop("to_setting", None))
        move = planning.expect(by=self.actor, learner=learner, to_setting=to_setting, **sent)
        return tagged(Response(TransitionOut(move).data, status=201), move.version)


class OneTransition(Resource):
    """One move."""

    scopes = {"GET": "transitions:read"}

    @extend_schema(operation_id="get_transition", parameters=[PURPOSE], responses=TransitionOut)
    def get(self, request: Request, transition_id: UUID) -> Response:
        """Read a move and the steps of its handover."""
        move = policy.get(self.actor, transition_id)
        actor, _ = self.reading(move.learner_id)
        audit.opened(by=actor, learner_id=move.learner_id, what="handover")
        return tagged(Response(TransitionOut(move).data), move.version)


class Packages(Resource):
    """What was handed over."""

    scopes = {"GET": "transitions:read"}

    @extend_schema(
        operation_id="list_packages", parameters=[PURPOSE], responses=PackageOut(many=True)
    )
    def get(self, request: Request, transition_id: UUID) -> Response:
        """Read the packages of a move: the first, then one for each later change."""
        move = policy.get(self.actor, transition_id)
        actor, _ = self.reading(move.learner_id)
        audit.opened(by=actor, learner_id=move.learner_id, what="package")
        rows = Package.objects.filter(transition=move).order_by("number")
        return Response(PackageOut(rows, many=True).data)


class _Step(Resource):
    """One step of a handover, taken on the version that was read."""

    scopes = {"POST": "transitions:write"}
    body: type[serializers.Serializer] = NothingIn

    def take(self, transition_id: UUID, sent: dict[str, Any]) -> Any:
        """Call the step's action."""
        raise NotImplementedError

    def post(self, request: Request, transition_id: UUID) -> Response:
        """Take the step."""
        move = policy.get(self.actor, transition_id)
        version, sent = self.version(), self.sent(self.body)
        if planning.locked(self.actor, transition_id).version != version:
            raise Stale("Somebody changed this move since you read it. Read it again.")
        self.take(transition_id, sent)
        move.refresh_from_db()
        return tagged(Response(TransitionOut(move).data), move.version)


def _step(operation: str, body: type[serializers.Serializer]) -> Any:
    """The schema of a step."""
    return extend_schema_view(
        post=extend_schema(
            operation_id=operation, parameters=[IF_MATCH], request=body, responses=TransitionOut
        )
    )


@_step("name_destination", DestinationIn)
class NameDestination(_Step):
    """A place was offered and accepted."""

    body = DestinationIn

    def take(self, transition_id: UUID, sent: dict[str, Any]) -> Any:
        """Name it."""
        setting = _setting(sent["to_setting"])
        assert setting is not None
        return planning.name_destination(
            by=self.actor, transition_id=transition_id, to_setting=setting
        )


@_step("share_record", NothingIn)
class Share(_Step):
    """Release the package."""

    def take(self, transition_id: UUID, sent: dict[str, Any]) -> Any:
        """Share."""
        return planning.share(by=self.actor, transition_id=transition_id)


@_step("redirect_transition", RedirectIn)
class Redirect(_Step):
    """The learner goes elsewhere."""

    body = RedirectIn

    def take(self, transition_id: UUID, sent: dict[str, Any]) -> Any:
        """Redirect."""
        return planning.redirect(
            by=self.actor,
            transition_id=transition_id,
            to_setting=_setting(sent.get("to_setting")),
            why=sent["why"],
        )


@_step("withdraw_transition", WhyIn)
class Withdraw(_Step):
    """The move will not happen."""

    body = WhyIn

    def take(self, transition_id: UUID, sent: dict[str, Any]) -> Any:
        """Withdraw."""
        return planning.withdraw(by=self.actor, transition_id=transition_id, why=sent["why"])


@_step("receive_record", NothingIn)
class Receive(_Step):
    """The destination opened the record."""

    def take(self, transition_id: UUID, sent: dict[str, Any]) -> Any:
        """Receive."""
        return receiving.receive(by=self.actor, transition_id=transition_id)


@_step("plan_settling_in", SettlingInIn)
class PlanSettlingIn(_Step):
    """A visit, meeting or conversation."""

    body = SettlingInIn

    def take(self, transition_id: UUID, sent: dict[str, Any]) -> Any:
        """Plan it."""
        return receiving.plan_settling_in(by=self.actor, transition_id=transition_id, **sent)


@_step("accept_record", AcceptIn)
class Accept(_Step):
    """The destination is ready."""

    body = AcceptIn

    def take(self, transition_id: UUID, sent: dict[str, Any]) -> Any:
        """Accept."""
        day_one = {d["support"]: d["how"] for d in sent["day_one"]}
        return receiving.accept(by=self.actor, transition_id=transition_id, day_one=day_one)
