"""A redaction looks everywhere: each column with words that people type is among its places."""

from __future__ import annotations

import re

import pytest
from django.apps import apps
from django.db import connection, models

from apps.rights.classification import classification

pytestmark = pytest.mark.django_db

# Texts that a redaction leaves: who somebody is, codes, names of those who act, and its own rows.
LEFT = {
    "learners.Learner", "learners.FormerIdentifier", "learners.LearnerAccess",
    "learners.CensusCode", "register.RegisterEntry", "imports.IdentifierCheck",
    "access.Invitation", "audit.Event", "audit.AccessEntry", "audit.Change",
    "rights.Redaction", "rights.Resealed",
}  # fmt: skip
LEFT_FIELDS = {
    "class_name", "name", "email", "telephone", "language", "author_name", "signed_off_name",
    "said_by", "noted_by", "settled_by", "chosen_by", "offered_by_name", "interpreter",
    "assessed_by", "set_by", "asked_by", "written_down_by", "link_digest", "name_key",
    "closed_by_name", "undone_by_name", "proposed_by_name", "role", "organisation", "brought_by",
    "area",
    "sha256", "manifest", "reader", "last_error", "link", "key", "kind", "content_type",
}  # fmt: skip


def test_every_column_with_words_about_a_learner_is_searched() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'rights_found'")
        (source,) = cursor.fetchone()
    searched = set(re.findall(r"\('(\w+)', '(\w+)', '\w+', \d+\)", source))
    typed = set()
    for c in classification():
        model = apps.get_model(c.model)
        if c.model in LEFT or "learner_id" not in {f.attname for f in model._meta.concrete_fields}:
            continue
        for field in model._meta.concrete_fields:
            text = isinstance(field, models.CharField | models.TextField | models.JSONField)
            if text and not field.choices and field.name not in LEFT_FIELDS:
                typed.add((model._meta.db_table, field.column))
    who_somebody_will_be = {("lives_adoption", "values")}
    assert typed - searched == who_somebody_will_be
    assert len(searched) > 20
