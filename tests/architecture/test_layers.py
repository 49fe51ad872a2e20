"""Imports point down, and a foreign key is an import."""

from __future__ import annotations

import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

from django.apps import apps
from django.conf import settings

ROOT: Path = settings.BASE_DIR


def layers() -> dict[str, int]:
    """Each app's height: the higher may know the lower, apps of one height know nothing of each."""
    contracts = ConfigParser()
    contracts.read(ROOT / ".importlinter")
    lines = contracts["importlinter:contract:layers"]["layers"].strip().splitlines()
    levels = [line for line in lines if not line.startswith("#")]
    return {
        app.strip(): height
        for height, line in enumerate(reversed(levels))
        for app in line.split("|")
    }


def test_imports_hold_to_the_contracts() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def app_of(model: type) -> str:
    """The app of one of our models; empty for another's."""
    package, app, *_ = model.__module__.split(".")
    return app if package == "apps" else ""


def test_no_foreign_key_points_up() -> None:
    height = layers()
    upwards = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.concrete and field.is_relation and (app := app_of(model))
        if (target := app_of(field.related_model)) and target != app
        if height[app] <= height[target]
    ]
    assert upwards == []
    assert height["transitions"] > height["reviews"] > height["learners"] > height["common"]
