"""What a handover carries: an immutable snapshot of the record as signed off, with its digests."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from apps.reviews.canonical import canonical
from apps.reviews.models import Contribution, Review, Slip
from apps.reviews.slips import for_package
from apps.transitions.models import Package, Transition


def build(
    move: Transition,
    reviews: list[Review],
    contributions: list[Contribution],
    slips: list[Slip],
) -> Package:
    """The package of a move: files by name, a manifest that lists each with its SHA-256.

    `reviews` are the signed-off ones in order; the last is the record handed over. The digest is
    of the RFC 8785 manifest, so one number proves every file.
    """
    latest = reviews[-1]
    history = [{"number": r.number, "sha256": r.sha256, "record": r.canonical} for r in reviews]
    files: dict[str, str] = {
        "record.json": latest.canonical,
        "history.json": canonical(history)[0],
        "voices.json": canonical([_voice(c) for c in contributions])[0],
        "slips.json": canonical(for_package(slips))[0],
    }
    manifest, digest = canonical(
        {
            "schema": "learner-record-package/1",
            "transition": str(move.id),
            "review": latest.number,
            "files": [
                {"name": name, "bytes": len(text.encode()), "sha256": sha256(text)}
                for name, text in sorted(files.items())
            ],
        }
    )
    return Package(
        transition=move,
        learner_id=move.learner_id,
        review_number=latest.number or 0,
        content=files,
        manifest=manifest,
        sha256=digest,
    )


def sha256(text: str) -> str:
    """The SHA-256 of a text's UTF-8 bytes, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def verify(package: Package) -> bool:
    """Whether every file and the manifest still have the digests that were handed over."""
    listed = json.loads(package.manifest)["files"]
    whole = sha256(package.manifest) == package.sha256
    return whole and all(sha256(package.content[f["name"]]) == f["sha256"] for f in listed)


def _voice(c: Contribution) -> dict[str, Any]:
    return {
        "voice": c.voice,
        "said_on": c.said_at.date().isoformat(),
        "going_well": c.going_well,
        "harder": c.harder,
        "would_help": c.would_help,
    }
