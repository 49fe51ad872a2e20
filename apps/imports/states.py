"""The life of an import."""

from apps.common.states import Life
from apps.imports.models import Import

S = Import.State

LIFE: Life = {
    S.STAGED: frozenset({S.COMMITTING, S.DISCARDED}),
    S.BROKEN: frozenset(),
    S.COMMITTING: frozenset({S.COMMITTED}),
    S.COMMITTED: frozenset(),
    S.DISCARDED: frozenset(),
}
