"""What every view of the API shares: who asks, for whom, on which version."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer, Serializer
from rest_framework.views import APIView

from apps.access.grants import Actor
from apps.api.errors import VersionNeeded
from apps.api.pagination import KeyPagination
from apps.common.exceptions import Invalid, NotVisible
from apps.learners import selectors as learners
from apps.learners.models import Learner
from apps.learners.policy import check_can_hold
from apps.learners.selectors import Sight
from apps.reviews import policy as reviews_policy
from apps.settings.models import Setting

SETTING = OpenApiParameter(
    "setting", UUID, description="The setting to act for; needed when there are several."
)
IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="The ETag of what was read. Without it 428; when somebody saved since, 412.",
)
LONGEST_VERSION = 9  # digits
PURPOSE = OpenApiParameter(
    "Purpose",
    str,
    OpenApiParameter.HEADER,
    description="Why a local area opens a record: move, moderation, concern or panel.",
)


class Resource(APIView):
    """A view: `scopes` maps each of its methods to the scope that it needs."""

    scopes: dict[str, str] = {}

    @property
    def actor(self) -> Actor:
        """Who asks."""
        actor: Actor = self.request.user  # type: ignore[assignment]
        return actor

    def acting(self, wanted: UUID | None = None) -> tuple[Actor, UUID]:
        """The actor at the setting named, or at their only one. Raises Invalid, NotVisible."""
        places = [p.organisation_id for p in self.actor.places if p.role.held_at == "setting"]
        named = str(wanted or self.request.query_params.get("setting") or "").lower()
        if not named and len(places) != 1:
            raise Invalid("Say for which setting.", {"setting": "Name one of your settings."})
        for place in places:
            if place and named in {"", str(place)}:
                return self.actor.at(place), place
        raise NotVisible

    def keeping(self, learner_id: UUID, named: UUID | None) -> tuple[Actor, Learner, Setting]:
        """The actor at the setting named, or at the one that keeps this learner's record."""
        learner = learners.sight(self.actor, learner_id).learner
        check_can_hold(self.actor, learner_id)
        kept_at = learners.keeper(learner_id)
        actor, setting_id = self.acting(named or (kept_at.id if kept_at else None))
        return actor, learner, Setting.objects.get(pk=setting_id)

    def reading(self, learner_id: UUID) -> tuple[Actor, Sight]:
        """The actor, at an organisation of theirs that sees this learner, and how they see them.

        Raises NotVisible, and PurposeNeeded for a local area that does not say why.
        """
        seen = learners.sight(self.actor, learner_id)
        return reviews_policy.reading(self.actor, seen, self.actor.purpose), seen

    def sent(self, kind: type[Serializer]) -> dict[str, Any]:
        """The body, checked."""
        serializer = kind(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        values: dict[str, Any] = serializer.validated_data
        return values

    def version(self) -> int:
        """The version on which a write was made. Raises VersionNeeded, or Invalid for nonsense."""
        tag = self.request.headers.get("If-Match", "")
        if not tag:
            raise VersionNeeded
        plain = tag.removeprefix("W/").strip('"')
        if not (plain.isascii() and plain.isdigit() and len(plain) <= LONGEST_VERSION):
            raise Invalid("If-Match is not an ETag of ours. Send the ETag that you read.")
        return int(plain)


class Listing(Resource):
    """A view whose answer comes in pages, by key."""

    pagination_class = KeyPagination

    def paged(
        self,
        rows: QuerySet[Any],
        kind: type[BaseSerializer],
        seen: Callable[[list[Any]], None] | None = None,
    ) -> Response:
        """One page of rows; `seen` is told the rows that are shown."""
        pages = self.pagination_class()
        page = pages.paginate_queryset(rows, self.request, view=self) or []
        if seen:
            seen(page)
        return pages.get_paginated_response(kind(page, many=True).data)


def tagged(response: Response, version: int) -> Response:
    """The response with its version as ETag."""
    response["ETag"] = f'"{version}"'
    return response
