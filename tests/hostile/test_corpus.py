"""Every hostile file is refused, with a sentence, in little time and memory (goal R12)."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.hostile.corpus import CORPUS, HEADER

ROOT = Path(__file__).resolve().parents[2]
MOST_SECONDS, MOST_MEGABYTES = 1.0, 64


def outcome(path: Path, *how: str) -> dict[str, Any]:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.hostile.read", str(path), *how],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-500:]
    return dict(json.loads(ran.stdout))


@pytest.mark.parametrize("make", CORPUS, ids=lambda make: make.__name__)
def test_it_is_refused_with_a_sentence_in_little_time_and_memory(
    make: Any, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    path = tmp_path / "file"
    path.write_bytes(make())
    found = outcome(path)
    record_property("files", 1)
    record_property("seconds", found["seconds"])
    record_property("megabytes", found["megabytes"])
    assert found["outcome"] == "refused"
    assert found["why"].strip().endswith((".", "?"))
    assert "Traceback" not in found["why"]
    # The clock of a busy machine: the full form gives the figures.
    assert found["seconds"] < 5 * MOST_SECONDS
    assert found["megabytes"] < MOST_MEGABYTES


@pytest.mark.parametrize("make", CORPUS, ids=lambda make: make.__name__)
def test_as_a_document_it_is_refused_too_or_is_plain_text(make: Any, tmp_path: Path) -> None:
    path, data = tmp_path / "file", make()
    path.write_bytes(data)
    found = outcome(path, "document")
    if found["outcome"] == "read":
        assert data.startswith(HEADER) or not data.strip(b"a,c0123456789\n")
    else:
        assert found["why"].strip().endswith((".", "?"))
    assert found["seconds"] < 5 * MOST_SECONDS
    assert found["megabytes"] < MOST_MEGABYTES
