"""Where the content of documents lies: a folder outside the web root, each file by its SHA-256.

A file is written whole under another name and then moved, so that one under its digest is complete.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.conf import settings

# Files that no row names are left this long: the row of a new one may not be committed yet.
LEFT_SECONDS = 24 * 60 * 60


class Damaged(Exception):
    """A file of the store is missing, or is not what was put there."""


def keep(data: bytes) -> str:
    """Put content into the store; returns its digest. The same content lies there once."""
    digest = hashlib.sha256(data).hexdigest()
    path = _path(digest)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(path)
    return digest


def read(digest: str) -> bytes:
    """Content by its digest. Raises Damaged."""
    try:
        data = _path(digest).read_bytes()
    except FileNotFoundError as error:
        raise Damaged(digest) from error
    if hashlib.sha256(data).hexdigest() != digest:
        raise Damaged(digest)
    return data


def forget_all_but(digests: Iterable[str]) -> int:
    """Delete every file, of a day ago or before, that is not among these; returns how many."""
    wanted, before, gone = set(digests), time.time() - LEFT_SECONDS, 0
    for path in _files():
        if path.name not in wanted and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def _files() -> Iterator[Path]:
    yield from Path(settings.DOCUMENTS_FOLDER).glob("[0-9a-f][0-9a-f]/*")


def _path(digest: str) -> Path:
    return Path(settings.DOCUMENTS_FOLDER) / digest[:2] / digest
