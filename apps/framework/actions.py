"""Loading a framework version or the toolkit from its data file. Nothing here knows how many areas
or levels a version has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from apps.common.exceptions import Invalid
from apps.framework import selectors
from apps.framework.models import Area, Descriptor, FrameworkVersion, Level, PracticeGuide

DATA = Path(__file__).parent / "data"


def shipped() -> list[Path]:
    """The versions that the project ships, in order."""
    return [DATA / "national-framework-0.1.yaml", DATA / "layers-draft.yaml"]


@transaction.atomic
def load_version(path: Path) -> tuple[FrameworkVersion, bool]:
    """Load a version; returns it and whether it was new.

    A version that is there already stays as it is: a new wording is a new version.
    Raises Invalid when a box is missing or named twice.
    """
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    found = FrameworkVersion.objects.filter(number=data["version"]).first()
    if found:
        return found, False
    ranks = {level["code"]: level["rank"] for level in data["levels"]}
    transaction.on_commit(selectors.forget)
    version = FrameworkVersion.objects.create(
        number=data["version"],
        title=data["title"],
        status=data["status"],
        illustrative=data["illustrative"],
        published_on=data.get("published_on"),
        notes=data.get("notes", ""),
        register_rank=ranks[data["register_threshold"]],
        statutory_rank=ranks[data["statutory_threshold"]],
    )
    areas = {a["code"]: _area(version, order, a) for order, a in enumerate(data["areas"])}
    levels = {v["code"]: _level(version, v) for v in data["levels"]}
    boxes = {(d["area"], d["level"]) for d in data["descriptors"]}
    if len(boxes) != len(data["descriptors"]) or len(boxes) != len(areas) * len(levels):
        raise Invalid(f"{path.name}: every area needs one descriptor at every level.")
    Descriptor.objects.bulk_create(
        Descriptor(
            version=version,
            area=areas[d["area"]],
            level=levels[d["level"]],
            professional=d["professional"].strip(),
            family=d["family"].strip(),
            young_person=d["young_person"].strip(),
            expected=d["expected"],
            look_for=d["look_for"],
        )
        for d in data["descriptors"]
    )
    return version, True


def _area(version: FrameworkVersion, order: int, a: dict[str, Any]) -> Area:
    return Area.objects.create(
        version=version,
        order=order,
        code=a["code"],
        name=a["name"],
        short_name=a["short_name"],
        family_name=a["family_name"],
        summary=a["summary"].strip(),
        includes=a.get("includes", "").strip(),
    )


def _level(version: FrameworkVersion, v: dict[str, Any]) -> Level:
    return Level.objects.create(
        version=version,
        code=v["code"],
        rank=v["rank"],
        name=v["name"],
        family_wording=v["family_wording"].strip(),
        definition=v["definition"].strip(),
    )


@transaction.atomic
def load_toolkit(path: Path = DATA / "toolkit.yaml") -> int:
    """Load the practice guides, new and changed; returns how many there are.

    Raises Invalid when a guide names a box that no version has, or needs together of one area.
    """
    guides = yaml.safe_load(path.read_text(encoding="utf-8"))["guides"]
    boxes = {
        (d.area.code, d.level.code): d
        for d in Descriptor.objects.select_related("area", "level").filter(
            version__status=FrameworkVersion.Status.PUBLISHED
        )
    }
    for g in guides:
        guide, _ = PracticeGuide.objects.update_or_create(
            code=g["code"],
            defaults={
                "title": g["title"],
                "summary": g["summary"].strip(),
                "what_it_is": g["what_it_is"].strip(),
                "how": g["how"],
                "who": g["who"],
                "how_often": g["how_often"],
                "phases": g["phases"],
                "needs": g.get("needs", []),
                "strength": g["evidence"]["strength"],
                "strength_reason": g["evidence"]["why"].strip(),
                "cost": g["cost"],
                "sources": g["sources"],
            },
        )
        single = [(b["area"], level) for b in g.get("boxes", []) for level in b["levels"]]
        together = [(b["area"], b["level"]) for b in g.get("together", [])]
        unknown = [box for box in (*single, *together) if box not in boxes]
        if unknown:
            raise Invalid(f"{g['code']} names a box that is not in the framework: {unknown[0]}.")
        if len({area for area, _ in together}) != len(together) or len(together) == 1:
            raise Invalid(f"{g['code']}: needs together are of two areas or more, each once.")
        guide.boxes.set([boxes[box] for box in single])
        guide.together.set([boxes[box] for box in together])
    return len(guides)
