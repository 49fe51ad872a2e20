"""Pages of the API go by key, never by offset: page 400 costs what page 1 does."""

from __future__ import annotations

from uuid import UUID

from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request


class KeyPagination(CursorPagination):
    """Oldest first; keys are in order of making."""

    ordering = "id"
    page_size_query_param = "page_size"
    max_page_size = 200

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Where the client is. Raises NotFound for a cursor that is none of ours."""
        cursor = super().decode_cursor(request)
        if cursor and cursor.position is not None:
            try:
                UUID(str(cursor.position))
            except ValueError:
                raise NotFound(self.invalid_cursor_message) from None
        return cursor
