"""Who may use the API: deny by default."""

from __future__ import annotations

from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission


class ClientAuthentication(BaseAuthentication):
    """To be replaced."""


class ScopePermission(BasePermission):
    """To be replaced."""
