"""The link between a sealed record and the one that follows it: opened on a court's order alone."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from apps.audit.models import Event
from apps.common import clock
from apps.learners.models import Learner
from apps.lives.actions import adoption
from tests import factories as make
from tests.support.database import as_owner
from tests.support.lives import put_on


def test_it_is_opened_on_an_order_and_that_is_logged_first(fresh_database: str) -> None:
    with transaction.atomic():
        school = make.setting()
        senco, head = make.staff("senco", school), make.staff("head", school)
        old = put_on(make.learner(school), school, senco)
        adoption.propose(
            by=make.acting_as(senco),
            learner_id=old.id,
            values={"legal_given": "Linnet", "known_given": "Linnet", "known_family": "Field"},
            to_setting=school,
            year_group=4,
            starts_on=clock.today(),
            because="Adoption order of 3 March",
            words={},
        )
        adoption.carry_out(by=make.acting_as(head), learner_id=old.id)
    with transaction.atomic(), as_owner():
        new = Learner.objects.get(known_given="Linnet")
    said = io.StringIO()
    call_command("adoption_link", str(new.id), order="Family Court, 7 of 2026", stdout=said)
    assert f"earlier record: {old.id}" in said.getvalue()
    with pytest.raises(CommandError, match="No adoption"):
        call_command("adoption_link", str(head.id), order="Family Court, 7 of 2026")
    with pytest.raises(CommandError, match="Give the court"):
        call_command("adoption_link", str(old.id), order=" ")
    with transaction.atomic(), as_owner():
        asked = Event.objects.filter(action="adoption link opened")
        assert [e.detail["asked"] for e in asked.order_by("id")] == [str(new.id), str(head.id)]
