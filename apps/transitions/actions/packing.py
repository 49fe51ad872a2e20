"""A package as one file, for whoever was handed it: what it says, and the documents it names."""

from __future__ import annotations

import io
import json
import zipfile

from apps.access.grants import Actor
from apps.common.exceptions import DomainError, NotVisible
from apps.documents import actions as documents
from apps.transitions.models import Package

GONE = "This document was withdrawn from what was handed over."


def as_one_file(*, by: Actor, package: Package) -> bytes:
    """The ZIP: the manifest, each file and each document that it lists, under its name there.

    The actor was asked for with the package (`policy.package`). A document that had to go since, or
    is damaged, is a note that says so.
    """
    inside: dict[str, str | bytes] = {"manifest.json": package.manifest, **package.content}
    # As the manifest calls it: a redaction marks words in what is said of documents, names too.
    names = [listed["name"] for listed in json.loads(package.manifest).get("documents", [])]
    for name, row in zip(names, package.documents, strict=True):
        try:
            inside[name] = documents.content_handed_over(by=by, document_id=row["id"])
        except NotVisible:
            inside[f"{name}.txt"] = GONE
        except DomainError as damaged:
            inside[f"{name}.txt"] = str(damaged)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, data in inside.items():
            bundle.writestr(name, data)
    return out.getvalue()
