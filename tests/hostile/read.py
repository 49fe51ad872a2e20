"""Read one file as an import does, or as a document, in a process of its own; say what came of it.

Run with a path, and `document` or nothing: prints a line of JSON with `outcome`, `why`, `seconds`
and `megabytes`, the most memory that reading took beyond what the process had before.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from datetime import date
from pathlib import Path

from apps.formats import ctf, files, pupil_list
from apps.formats.problems import BrokenFile
from apps.formats.pupils import check_size

MB = 1024 * 1024
# Twice what the goal allows: past it the process dies, and the machine goes on.
HARD_LIMIT = 128 * MB


def memory(line: str) -> int:
    """A figure of this process's, in bytes."""
    for row in Path("/proc/self/status").read_text().splitlines():
        if row.startswith(line):
            return int(row.split()[1]) * 1024
    raise LookupError(line)


def read_as_document(data: bytes) -> None:
    """By every ending in turn. What is left is plain text, or it is refused."""
    left = []
    for form in files.FORMS.values():
        try:
            left.append(files.form_of(data, f"file{form.endings[0]}"))
        except BrokenFile as error:
            why = error
    if not left:
        raise why
    assert left == [files.TEXT]


def main() -> None:
    """Read the file named on the command line."""
    path = Path(sys.argv[1])
    before = memory("VmRSS")
    resource.setrlimit(resource.RLIMIT_AS, (memory("VmSize") + HARD_LIMIT,) * 2)
    started = time.perf_counter()
    outcome, why = "read", ""
    try:
        check_size(path.stat().st_size)
        data = path.read_bytes()
        if sys.argv[2:] == ["document"]:
            read_as_document(data)
            rows = []
        elif ctf.looks_like_xml(data):
            rows = ctf.read(data, today=date(2026, 11, 2)).rows
        else:
            rows = pupil_list.read(data)
    except BrokenFile as error:
        outcome, why = "refused", str(error)
    else:
        if rows and all(row.problems for row in rows):
            outcome, why = "refused", "; ".join(p.message for r in rows for p in r.problems)
    seconds = time.perf_counter() - started
    megabytes = (memory("VmHWM") - before) / MB
    print(json.dumps({"outcome": outcome, "why": why, "seconds": seconds, "megabytes": megabytes}))


if __name__ == "__main__":
    main()
