"""What a handover carries: an immutable snapshot of the record as signed off, with its digests."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from apps.documents.models import Document
from apps.formats.files import FORMS
from apps.reviews.canonical import canonical
from apps.reviews.models import Contribution, Review, Slip
from apps.reviews.slips import for_package
from apps.transitions.models import DOCUMENTS, Package, Transition


def build(
    move: Transition,
    reviews: list[Review],
    contributions: list[Contribution],
    slips: list[Slip],
    documents: list[Document],
) -> Package:
    """The package of a move: files by name, a manifest that lists each with its SHA-256.

    `reviews` are the signed-off ones in order; the last is the record handed over. The digest is
    of the RFC 8785 manifest, so one number proves every file and every document. What a document is
    called is in a file of its own: a redaction looks for words there, and the manifest has none.
    """
    latest = reviews[-1]
    history = [{"number": r.number, "sha256": r.sha256, "record": r.canonical} for r in reviews]
    named = [_document(number, d) for number, d in enumerate(documents, 1)]
    files: dict[str, str] = {
        "record.json": latest.canonical,
        "history.json": canonical(history)[0],
        "voices.json": canonical([_voice(c) for c in contributions])[0],
        "slips.json": canonical(for_package(slips))[0],
        DOCUMENTS: canonical(named)[0],
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
            "documents": [{key: d[key] for key in ("name", "bytes", "sha256")} for d in named],
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
    """Whether every file and the manifest still have the digests that were handed over.

    The content of a document has the digest that the manifest lists, or the store hands out none.
    """
    manifest = json.loads(package.manifest)
    whole = sha256(package.manifest) == package.sha256
    same = all(sha256(package.content[f["name"]]) == f["sha256"] for f in manifest["files"])
    listed = [d["sha256"] for d in manifest.get("documents", [])]
    return whole and same and listed == [d["sha256"] for d in package.documents]


def _document(number: int, d: Document) -> dict[str, Any]:
    """What a package says of a document; staff-only as a statement is, with the reason."""
    ending = FORMS[d.content_type].endings[0]
    return {
        "id": str(d.id),
        "name": f"documents/{number:03d}{ending}",
        "title": d.title,
        "file_name": d.file_name,
        "content_type": d.content_type,
        "bytes": d.size,
        "sha256": d.sha256,
        "audience": d.audience,
        "audience_reason": d.audience_reason,
        "added_on": d.added_at.date().isoformat(),
    }


def _voice(c: Contribution) -> dict[str, Any]:
    """What a package says of a contribution; from whom it is kept goes with it, as it was said."""
    return {
        "voice": c.voice,
        "said_on": c.said_at.date().isoformat(),
        "going_well": c.going_well,
        "harder": c.harder,
        "would_help": c.would_help,
        "others_may_see": c.others_may_see,
        "not_my_parents": c.not_my_parents,
    }
