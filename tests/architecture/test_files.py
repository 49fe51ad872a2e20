"""What every committed file keeps to."""

from __future__ import annotations

import re
import subprocess
from importlib import import_module
from pathlib import Path

import pytest
from django.conf import settings
from django.db.migrations.loader import MigrationLoader

ROOT: Path = settings.BASE_DIR
MOST_LINES = 400

# The words that pages and made-up records never use of a person, a family or a duty.
REFUSED_WORDS = re.compile(
    r"\b(suffer(s|ing)?|fail(s|ed|ing)? (his|her|their|the (pupil|child|learner|student))"
    r"|failing|challenging behaviours?|(high|low)[ -]functioning|wheelchair[ -]bound"
    r"|normal peers|hard[ -]to[ -]reach|mums?|dads?|SEN (child|children|pupils?|kids?)"
    r"|custody|non-?verbal|special needs)\b",
    re.IGNORECASE,
)


def committed(*patterns: str) -> list[Path]:
    """Files that git keeps and that are still there."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()]


def text_of(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="ignore")


def where(pattern: re.Pattern[str], files: list[Path]) -> list[str]:
    """`file:line: word` of each match."""
    return [
        f"{file.relative_to(ROOT)}:{number}: {found.group()}"
        for file in files
        for number, line in enumerate(text_of(file).splitlines(), 1)
        if (found := pattern.search(line))
    ]


def test_no_file_is_longer_than_a_person_reads() -> None:
    kinds = ("apps/*.py", "config/*.py", "tests/*.py", "templates/*.html", "frontend/*")
    files = [file for file in committed(*kinds) if file.parent.name != "migrations"]
    lines = {str(file.relative_to(ROOT)): len(text_of(file).splitlines()) for file in files}
    assert len(files) > 50
    assert {name for name, count in lines.items() if count > MOST_LINES} == set()


def test_pages_and_made_up_records_use_no_refused_word() -> None:
    files = committed(
        "templates", "apps/web", "apps/seeding", "apps/framework/data", "apps/*/actions"
    )
    assert where(REFUSED_WORDS, files) == []


@pytest.mark.parametrize("refused", ["a suffering child", "Mum says", "a hard-to-reach family"])
def test_the_refused_words_are_found(refused: str) -> None:
    assert REFUSED_WORDS.search(refused)


def test_no_file_names_a_package_registry_or_a_machine() -> None:
    registry_or_place = re.compile(
        r"pypi\.org|pythonhosted\.org|npmjs\.(org|com)|(?<![\w.])/(?:work|root|Users)/",
        re.IGNORECASE,
    )
    assert where(registry_or_place, committed()) == []


def test_the_lock_files_pin_by_hash_and_hold_no_address() -> None:
    lock = text_of(ROOT / "requirements.lock")
    assert lock.count("==") <= lock.count("--hash=sha256:")
    assert "://" not in lock
    assert '"resolved"' not in text_of(ROOT / "package-lock.json")


def test_every_migration_is_named_and_can_be_undone() -> None:
    ours = [
        migration
        for migration in MigrationLoader(None).disk_migrations.values()
        if migration.__module__.startswith("apps.")
    ]
    assert len(ours) > 10
    assert [m.name for m in ours if re.search(r"_auto_|_\d{8}", m.name)] == []
    undoable = {str(m): all(o.reversible for o in m.operations) for m in ours}
    assert [name for name, can in undoable.items() if not can] == []


def test_every_task_is_named_after_its_app() -> None:
    """A task is sent by name from below, so its name is an interface."""
    for file in committed("apps/*/tasks.py"):
        app = file.parent.name
        names = re.findall(r'shared_task\(name="([^"]+)"', text_of(file))
        assert names
        assert all(name.startswith(f"{app}.") for name in names)
        import_module(f"apps.{app}.tasks")
