"""OWASP ASVS 5.0, levels 1 and 2: our answer to each item, as a page (`python -m tests.asvs`)."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "docs" / "assurance" / "asvs.csv"
PAGE = ROOT / "docs" / "assurance" / "asvs.md"
ANSWERS = {
    "held": "held by the files named",
    "operator": "whoever runs the service sees to it",
    "none": "there is nothing of the kind here",
    "open": "not done",
}
HEAD = """# OWASP ASVS 5.0, levels 1 and 2

Made from `asvs.csv` by `python -m tests.asvs`; a test fails when the two differ or a file named is
missing. The words are ours: the standard has its own, by these numbers.
"""


def items() -> list[dict[str, str]]:
    """The rows of the data file."""
    with DATA.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def page() -> str:
    """The page as it should be."""
    rows = items()
    counted = Counter(row["answer"] for row in rows)
    summary = "\n".join(f"- **{a}**, {text}: {counted[a]}" for a, text in ANSWERS.items())
    lines = ["| item | level | what | answer | by | note |", "|---|---|---|---|---|---|"]
    for row in rows:
        by = ", ".join(f"`{path}`" for path in row["by"].split())
        cells = (f"V{row['item']}", row["level"], row["what"], row["answer"], by, row["note"])
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join([HEAD, summary, "", *lines, ""])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
