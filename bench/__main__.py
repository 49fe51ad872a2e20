"""Measure P1 to P6, P12, P15 and P17 of the goals; print a table and write it as JSON."""

from __future__ import annotations

import argparse
import json
import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from bench import ground, weight
from config import embedded

ROUNDS = 5
VISITS = 40
SECONDS = 2


@dataclass
class Figure:
    """A ratio: both sides in milliseconds or pages a second, alternating, with min and max."""

    name: str
    goal: str
    ours: list[float]
    floor: list[float]
    unit: str
    met: bool

    @property
    def ratio(self) -> float:
        """The medians' ratio."""
        return median(self.ours) / median(self.floor)

    def row(self) -> str:
        """A line of the table."""
        sides = [
            f"{median(s):9.2f} ({min(s):.2f} to {max(s):.2f})" for s in (self.ours, self.floor)
        ]
        answer = "" if self.goal == "-" else "yes" if self.met else "NO"
        return f"{self.name:<46}{self.ratio:>8.2f}  {self.goal:<8}{answer:<5}" + "  ".join(
            f"{side:<30}" for side in sides
        )


def alternate(ours: Callable[[], float], floor: Callable[[], float]) -> list[list[float]]:
    """Both sides, in turn."""
    pairs = [(ours(), floor()) for _ in range(ROUNDS)]
    return [list(side) for side in zip(*pairs, strict=True)]


@dataclass
class Measured:
    """What a run found."""

    figures: list[Figure]
    queries: dict[str, int]
    profiles: tuple[str, float]
    weights: dict[str, float]


def measure(postgres: embedded.Postgres) -> Measured:
    """Everything, on a register in the middle of the area and a record that is under review."""
    import django

    django.setup()
    from django.conf import settings

    settings.ROOT_URLCONF = "bench.plain"
    from django.core.wsgi import get_wsgi_application

    from apps.accounts.models import User
    from apps.reviews.models import Review
    from apps.settings.models import Setting
    from bench import floor, load, papers
    from bench.pages import Visitor

    setting = Setting.objects.order_by("id")[Setting.objects.count() // 2]
    senco = User.objects.get(memberships__setting=setting)
    visitor = Visitor(get_wsgi_application(), senco)
    from django.db import connections

    review = Review.objects.using("owner").filter(setting=setting, state="open")[0]
    connections["owner"].close()
    pages = {
        "register": "/register/",
        "record": f"/learners/{review.learner_id}/",
        "review": f"/reviews/{review.id}/",
        "plain Django register": f"/plain/{setting.id}/",
    }
    figures, queries = [], {}
    for name, path in pages.items():
        body = visitor.get(path)
        assert visitor.get(path)[:200] == body[:200]
        sql = visitor.sql(path)
        queries[name] = len(sql)
        visitor.timed(path, VISITS)
        ours, base = alternate(
            lambda path=path: median(visitor.timed(path, VISITS)),  # type: ignore[misc]
            lambda sql=sql: floor.milliseconds(postgres, sql, SECONDS),  # type: ignore[misc]
        )
        number = {"register": "P1 ", "record": "P2 "}.get(name, "   ")
        figures.append(Figure(f"{number}{name} page / its SQL", "<= 15", ours, base, "ms", True))
        figures[-1].met = figures[-1].ratio <= 15
        if not number.strip():
            figures[-1].goal = "-"
    figures += wall(postgres, visitor.application, senco, setting)
    with load.server("config.wsgi", 8801), load.server("bench.empty", 8802):
        for port, path in ((8801, pages["register"]), (8802, "/")):  # warm both sides
            load.pages_per_second(port, path, visitor.cookie, SECONDS)
        weights = weight.of_page(f"http://localhost:8801{pages['register']}", visitor.cookie)
        ours, base = alternate(
            lambda: load.pages_per_second(8801, pages["register"], visitor.cookie, SECONDS),
            lambda: load.pages_per_second(8802, "/", "", SECONDS),
        )
    figures.append(
        Figure("P3 register pages/s / empty pages/s", ">= 0.20", ours, base, "pages/s", True)
    )
    figures[-1].met = figures[-1].ratio >= 0.20
    return Measured(figures, queries, papers.line(senco, setting.id), weights)


def wall(postgres: embedded.Postgres, application: Any, senco: Any, setting: Any) -> list[Figure]:
    """P4 to P6: what the second wall costs each of three people."""
    from bench import walls

    measured: list[tuple[str, float, Any]] = []
    for who, visit in walls.people(senco, setting).items():
        measured.append((f"P4 {who}'s page / without the wall", 1.10, walls.pages(
            postgres, application, visit)))  # fmt: skip
        measured.append((f"P5 forgotten WHERE of a {who} / by hand", 1.5, walls.forgotten_where(
            postgres, visit[0])))  # fmt: skip
    measured.append(("P6 name search / without the wall", 1.5, walls.name_search(
        postgres, senco, setting.id)))  # fmt: skip
    figures = []
    for name, goal, sides in measured:
        ours, base = alternate(*sides)
        figures.append(Figure(name, f"<= {goal:.2f}", ours, base, "ms", True))
        figures[-1].met = figures[-1].ratio <= goal
    return figures


def main() -> None:
    """Run, print, write."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--learners", type=int, default=17_000)
    parser.add_argument("--json", type=Path, default=Path("build/bench.json"))
    options = parser.parse_args()
    ground.use()
    with ground.running(options.learners) as postgres:
        found = measure(postgres)
    machine = f"{platform.machine()}, Python {platform.python_version()}, PostgreSQL 18"
    print(f"\n{options.learners:,} learners on registers; {machine}")
    print(f"{'':<46}{'ratio':>8}  {'goal':<8}{'met':<5}{'ours: median (range)':<32}floor")
    for figure in found.figures:
        print(figure.row())
    for name, goal in (("register", 8), ("record", 10)):
        met = "yes" if found.queries[name] <= goal else "NO"
        print(f"P12 queries of the {name} page{'':<20}{found.queries[name]:>6}  <= {goal:<5}{met}")
    for name in ("review", "plain Django register"):
        print(f"    queries of the {name}{'':<{32 - len(name)}}{found.queries[name]:>6}")
    print(found.profiles[0])
    print("\n".join(weight.lines(found.weights)))
    options.json.parent.mkdir(exist_ok=True)
    options.json.write_text(
        json.dumps(
            {
                "learners": options.learners,
                "machine": machine,
                "figures": [{**asdict(f), "ratio": f.ratio} for f in found.figures],
                "queries": found.queries,
                "profiles a second": found.profiles[1],
                "kilobytes of a register page": found.weights,
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
