"""The long form of what must never go wrong: goal, figure, pass (`make assure`).

Each goal is held by tests that `make test` runs in a short form; here they run long, and say how
much they tried. R7 and R8 are of `make chaos`; R10 and R11 of operations.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[1]
LARGEST = {"seconds", "megabytes"}  # of these the largest counts; of all others the sum


@dataclass(frozen=True)
class Goal:
    """A goal, the tests that hold it, and how long they run here."""

    code: str
    goal: str
    tests: list[str]
    longer: dict[str, str] = field(default_factory=dict)


GOALS = [
    Goal("rules", "rules 1 to 5 and 7 hold in every life", ["tests/properties/test_lives.py",
         "tests/properties/test_handovers.py", "tests/properties/test_joins.py",
         "tests/properties/test_signed_reviews.py", "tests/properties/test_packages.py"],
         {"EXAMPLES": "300"}),
    Goal("texts", "any text, file or number is read or refused", ["tests/unit/common",
         "tests/unit/formats", "tests/unit/reviews", "tests/integration/test_redaction.py"]),
    Goal("R1", "every answer is the expected one", ["tests/access/test_matrix.py",
         "tests/access/test_api_matrix.py", "tests/access/test_relations.py",
         "tests/access/test_matrix_others.py"]),
    Goal("R2", "either wall alone shows nothing", ["tests/access/test_walls.py",
         "tests/access/test_referrals.py", "tests/access/test_openings.py",
         "tests/access/test_looked_after.py", "tests/access/test_role_dates.py",
         "tests/access/test_figures.py", "tests/access/test_whereabouts.py",
         "tests/access/test_withholding.py", "tests/access/test_red_team.py",
         "tests/integration/test_rules_in_the_database.py", "tests/access/test_fails_shut.py"]),
    Goal("R3", "no foreign row through a pool", ["tests/soak"], {"REQUESTS": "100000"}),
    Goal("R4", "no staff-only field in a family's response", ["tests/access/test_canaries.py"]),
    Goal("R5", "what is shown is what is logged", ["tests/access/test_walls.py::"
         "test_the_learners_in_a_page_are_those_in_its_log"]),
    Goal("R6", "every tampering is found and named", ["tests/integration/test_audit_seals.py"]),
    Goal("R9", "no save lost, no word lost", ["tests/properties/test_lost_updates.py",
         "tests/browser/test_unsent.py"], {"THREADS": "50", "SAVES": "20"}),
    Goal("R12", "every hostile file refused", ["tests/hostile"]),
    Goal("R13", "no gap in the database's catalogue", ["tests/architecture/test_catalogue.py"]),
    Goal("R14", "no server error, broken schema or hole", ["tests/api/test_fuzz.py"],
         {"CASES": "300"}),
]  # fmt: skip


def run(goal: Goal) -> tuple[bool, str]:
    """Whether the goal is met, and the figures."""
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *goal.tests],
            cwd=ROOT,
            env={**os.environ, "EVER_NEW": "1", **goal.longer},
            capture_output=True,
            text=True,
            check=False,
        )
        if not report.exists():
            return False, ran.stdout[-300:] + ran.stderr[-300:]
        suite = ElementTree.parse(report).getroot()[0]  # noqa: S314  our own file
    figures: dict[str, float] = defaultdict(float)
    for found in suite.iter("property"):
        name, value = found.attrib["name"], float(found.attrib["value"])
        figures[name] = max(figures[name], value) if name in LARGEST else figures[name] + value
    wrong = int(suite.attrib["failures"]) + int(suite.attrib["errors"])
    skipped = int(suite.attrib["skipped"])
    said = [f"{int(suite.attrib['tests'])} tests, {wrong} wrong"]
    said += [f"{skipped} skipped"] if skipped else []
    said += [f"{value:,.2f} {name}" if name in LARGEST else f"{value:,.0f} {name}"
             for name, value in figures.items()]  # fmt: skip
    if ran.returncode:
        sys.stderr.write(ran.stdout[-2000:])
    return ran.returncode == 0 and not skipped, ", ".join(said)


def main() -> int:
    """Run every goal, or those named on the command line; 0 when all are met."""
    wanted = sys.argv[1:]
    met = True
    for goal in GOALS:
        if wanted and goal.code not in wanted:
            continue
        passed, figure = run(goal)
        met = met and passed
        print(f"{goal.code:<6}{goal.goal:<44}{'pass' if passed else 'FAIL':<6}{figure}", flush=True)
    return 0 if met else 1


if __name__ == "__main__":
    raise SystemExit(main())
