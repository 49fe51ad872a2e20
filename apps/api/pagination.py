"""Pages of the API go by key, never by offset: page 400 costs what page 1 does."""

from __future__ import annotations

from rest_framework.pagination import CursorPagination


class KeyPagination(CursorPagination):
    """Oldest first; keys are in order of making."""

    ordering = "id"
    page_size_query_param = "page_size"
    max_page_size = 200
