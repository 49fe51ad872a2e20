"""Every personal field is classified: who reads it, whether a copy has it, what becomes of it."""

from __future__ import annotations

from collections import Counter

from django.apps import apps
from django.db.models import Model

from apps.rights.classification import classification

ERASURES = {"record", "log", "account", "work"}
# Of no person: groups without their members, connected systems, seals, phrases without a name.
IMPERSONAL = {
    "access.ApiClient",
    "access.ApiClientGrant",
    "audit.Checkpoint",
    "audit.Seal",
    "common.ClockShift",
    "learners.TeachingGroup",
    "reviews.AskingChoice",
    "reviews.Phrase",
}
IMPERSONAL_APPS = {"education_settings", "framework"}


def ours() -> dict[str, type[Model]]:
    return {m._meta.label: m for m in apps.get_models() if m.__module__.startswith("apps.")}


def test_every_model_is_classified_or_says_nothing_of_anyone() -> None:
    impersonal = {
        label for label, model in ours().items() if model._meta.app_label in IMPERSONAL_APPS
    }
    classified = {c.model for c in classification()}
    assert classified == set(ours()) - impersonal - IMPERSONAL


def test_every_field_of_them_is_in_one_group() -> None:
    wrong = {}
    for c in classification():
        said = Counter(c.family + c.staff + c.system)
        there = {field.name for field in ours()[c.model]._meta.concrete_fields}
        if set(said) != there or said.total() != len(said):
            wrong[c.model] = (set(said) ^ there, [name for name, n in said.items() if n > 1])
    assert wrong == {}


def test_every_model_has_a_class_of_erasure_and_a_title() -> None:
    assert {c.erasure for c in classification()} == ERASURES
    assert all(c.title for c in classification())


def test_every_table_with_a_learner_is_among_them() -> None:
    with_learner = {
        label
        for label, model in ours().items()
        if any(field.attname == "learner_id" for field in model._meta.concrete_fields)
    }
    assert with_learner <= {c.model for c in classification()}
