"""Settings from GIAS: local areas, groups, settings with dated identifiers, links.

One URN is one setting, for ever. What has not changed is left alone, so that the same file twice
changes nothing. Called by a command that an operator runs; no learner is touched.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice

from django.db import transaction

from apps.common import clock
from apps.formats.gias import Establishment, Link
from apps.formats.problems import RowProblem
from apps.imports.gias import STATUS, kind_of, phase_of
from apps.settings.models import (
    LocalArea,
    Setting,
    SettingGroup,
    SettingIdentifier,
    SettingLink,
)

AT_A_TIME = 2000
# A statement has room for 65,535 values, and a change needs two for each field.
CHANGES_AT_A_TIME = 500
LONG_AGO = date(1900, 1, 1)
FIELDS = [
    "name",
    "kind",
    "phase",
    "status",
    "gias_type",
    "local_area",
    "group",
    "low_age",
    "high_age",
    "roll",
    "opened_on",
    "closed_on",
    "address",
    "postcode",
    "telephone",
    "website",
    "source_digest",
]


@dataclass
class Counts:
    """What a file did, row by row: every row is one of these."""

    added: int = 0
    changed: int = 0
    same: int = 0
    problems: list[RowProblem] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """How many rows were read."""
        return self.added + self.changed + self.same + len(self.problems)


@transaction.atomic
def load_settings(
    rows: Iterable[Establishment | RowProblem], *, say: Callable[[int], None] = lambda n: None
) -> Counts:
    """Load establishments; `say` is told how many rows are done, now and then."""
    counts = Counts()
    areas = {a.code: a for a in LocalArea.objects.all()}
    groups = {(g.kind, g.uid): g for g in SettingGroup.objects.all()}
    known = {
        i.value: (i.setting_id, i.setting.source_digest)
        for i in SettingIdentifier.objects.filter(kind="urn").select_related("setting")
    }
    for some in _batches(rows):
        new, changed = [], []
        for row in some:
            if isinstance(row, RowProblem):
                counts.problems.append(row)
                continue
            setting = _setting(row, _area(row, areas), _group(row, groups))
            setting_id, digest = known.get(row.urn, (None, ""))
            if setting_id is None:
                known[row.urn] = (setting.id, setting.source_digest)
                new.append((row, setting))
            elif digest != setting.source_digest:
                setting.id = setting_id
                changed.append((row, setting))
            else:
                counts.same += 1
        Setting.objects.bulk_create([s for _, s in new])
        SettingIdentifier.objects.bulk_create([i for r, s in new for i in _identifiers(r, s)])
        Setting.objects.bulk_update([s for _, s in changed], FIELDS, batch_size=CHANGES_AT_A_TIME)
        for row, setting in changed:
            _renumber(row, setting)
        counts.added += len(new)
        counts.changed += len(changed)
        say(counts.rows)
    return counts


def _batches(rows: Iterable[object]) -> Iterator[list]:
    iterator = iter(rows)
    while some := list(islice(iterator, AT_A_TIME)):
        yield some


def _setting(row: Establishment, area: LocalArea, group: SettingGroup | None) -> Setting:
    return Setting(
        name=row.name[:200],
        kind=kind_of(row),
        phase=phase_of(row),
        status=STATUS.get(row.status_code, Setting.Status.OPEN),
        gias_type=row.type_name[:80],
        local_area=area,
        group=group,
        low_age=row.low_age,
        high_age=row.high_age,
        roll=row.roll,
        opened_on=row.opened_on,
        closed_on=row.closed_on,
        address=row.address[:300],
        postcode=row.postcode[:8],
        telephone=row.telephone[:30],
        website=row.website[:200],
        source_digest=hashlib.sha256(repr(row).split(", ", 1)[1].encode()).hexdigest(),
    )


def _area(row: Establishment, areas: dict[str, LocalArea]) -> LocalArea:
    if row.la_code not in areas:
        areas[row.la_code] = LocalArea.objects.create(
            code=row.la_code[:3],
            name=row.la_name[:100],
            region=row.region[:60],
            starts_on=LONG_AGO,
        )
    return areas[row.la_code]


def _group(row: Establishment, groups: dict[tuple[str, str], SettingGroup]) -> SettingGroup | None:
    for kind, uid, name in (
        ("trust", row.trust_uid, row.trust_name),
        ("federation", row.federation_uid, row.federation_name),
    ):
        if uid:
            if (kind, uid) not in groups:
                groups[(kind, uid)] = SettingGroup.objects.create(
                    kind=kind, uid=uid[:10], name=name[:200]
                )
            return groups[(kind, uid)]
    return None


def _identifiers(row: Establishment, setting: Setting) -> list[SettingIdentifier]:
    starts = row.opened_on
    made = [SettingIdentifier(setting=setting, kind="urn", value=row.urn, starts_on=starts)]
    for kind, value in _numbers(row).items():
        made.append(SettingIdentifier(setting=setting, kind=kind, value=value, starts_on=starts))
    return made


def _numbers(row: Establishment) -> dict[str, str]:
    """The numbers besides the URN: these can change."""
    numbers = {}
    if row.number:
        numbers["laestab"] = f"{row.la_code}{row.number}"
    if row.ukprn:
        numbers["ukprn"] = row.ukprn
    return numbers


def _renumber(row: Establishment, setting: Setting) -> None:
    """A number that changed ends today and the new one begins."""
    today = clock.today()
    for kind, value in _numbers(row).items():
        current = SettingIdentifier.objects.filter(setting=setting, kind=kind, ends_on=None)
        if not current.filter(value=value).exists():
            current.update(ends_on=today)
            SettingIdentifier.objects.create(
                setting=setting, kind=kind, value=value, starts_on=today
            )


@transaction.atomic
def load_links(rows: Iterable[Link | RowProblem]) -> Counts:
    """Load links between settings; either side may be loaded later."""
    counts = Counts()
    ids = dict(SettingIdentifier.objects.filter(kind="urn").values_list("value", "setting_id"))
    known = set(SettingLink.objects.values_list("urn", "link_urn", "gias_type", "established_on"))
    new = []
    for row in rows:
        if isinstance(row, RowProblem):
            counts.problems.append(row)
            continue
        key = (row.urn, row.link_urn, row.type, row.established_on)
        if key in known:
            counts.same += 1
            continue
        known.add(key)
        new.append(
            SettingLink(
                urn=row.urn,
                link_urn=row.link_urn,
                link_name=row.name[:200],
                kind=row.kind,
                gias_type=row.type[:100],
                established_on=row.established_on,
            )
        )
    SettingLink.objects.bulk_create(new, batch_size=AT_A_TIME)
    counts.added = len(new)
    _join_links(ids)
    return counts


def _join_links(ids: dict) -> None:
    """Fill in the settings of links as far as they are loaded."""
    loose = [
        link
        for link in SettingLink.objects.filter(setting=None)
        | SettingLink.objects.filter(linked=None)
        if link.urn in ids or link.link_urn in ids
    ]
    for link in loose:
        link.setting_id = ids.get(link.urn)
        link.linked_id = ids.get(link.link_urn)
    SettingLink.objects.bulk_update(loose, ["setting", "linked"], batch_size=AT_A_TIME)
