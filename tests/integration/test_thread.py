"""The whole thread through the domain, each step under the context of whoever takes it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from apps.access import rls
from apps.common import clock
from apps.learners.models import Enrolment, RecordHolder
from apps.register.models import RegisterEntry
from apps.reviews.actions import drafting, signoff, term, voices
from apps.reviews.actions.entry import Evidence, put_on_register
from apps.reviews.models import Acknowledgement, Review, Statement
from apps.transitions import policy as moves_policy
from apps.transitions.actions import delivery, planning, receiving
from apps.transitions.models import Delivery, Transition
from apps.transitions.package import verify
from tests import factories as make

pytestmark = pytest.mark.django_db

AREAS = {
    "communication-and-interaction": "moderate",
    "cognition-and-learning": "universal",
    "social-emotional-and-mental-health": "mild",
    "physical-and-sensory": "universal",
}


def write_first_review(by, review: Review) -> None:
    for area, level in AREAS.items():
        drafting.save_change(
            by=by,
            review_id=review.id,
            version=None,
            change="add",
            values={
                "kind": "need",
                "area": area,
                "level": level,
                "text": "Follows one part of a longer instruction.",
                "details": {"evidence": [{"what": "Waits and watches others", "where": "class"}]},
            },
        )
    for kind, text in [
        ("strength", "Builds bridges that hold."),
        ("support", "Language group with Mrs Day."),
        ("outcome", "Follow two-part instructions."),
    ]:
        drafting.save_change(
            by=by,
            review_id=review.id,
            version=None,
            change="add",
            values={"kind": kind, "text": text, "details": {}},
        )


def test_a_record_begins_grows_and_passes_to_the_next_setting() -> None:
    area = make.local_area()
    primary, secondary = make.setting(area), make.setting(area, phase="secondary")
    senco, next_senco = make.staff("senco", primary), make.staff("senco", secondary)
    officer = make.staff("officer", area)
    robin = make.learner(primary, year_group=6)
    mother = make.parent(robin)

    by = make.acting_as(senco)
    entry = put_on_register(
        by=by,
        learner=robin,
        setting=primary,
        area="communication-and-interaction",
        level="mild",
        evidence=Evidence("Watches others to know what to do", "class", clock.today(), "Mr Ray"),
    )
    assert entry.state == "signed off" and entry.number == 1
    assert RegisterEntry.objects.get().highest_rank == 1
    first = Review.objects.get(state="open")
    assert first.kind == "first"

    by = make.acting_as(mother)
    said = voices.contribute(by=by, learner=robin, going_well="Loves the bridge club.")
    assert said.review_id == first.id

    by = make.acting_as(senco)
    write_first_review(by, first)
    first.refresh_from_db()
    signoff.sign_off(
        by=by, review_id=first.id, version=first.version, conversation_on=clock.today()
    )
    assert Statement.objects.filter(withdrawn_no=None, kind="need").count() == 4
    assert RegisterEntry.objects.get().highest_rank == 2

    by = make.acting_as(mother)
    voices.acknowledge(by=by, review_id=first.id, agrees=True)
    assert Acknowledgement.objects.count() == 1

    by = make.acting_as(senco)
    move = planning.expect(
        by=by,
        learner=robin,
        kind="phase",
        starts_on=clock.today() + timedelta(days=10),
        year_group=7,
        to_setting=secondary,
    )
    by = make.acting_as(next_senco)
    assert not moves_policy.visible_to(by).exists()
    by = make.acting_as(senco)
    planning.share(by=by, transition_id=move.id)
    row = Delivery.objects.get(work="package")
    rls.clear_context()
    assert delivery.work(row.id) is True
    assert delivery.work(row.id) is False

    by = make.acting_as(next_senco)
    move = moves_policy.get(by, move.id)
    assert verify(move.packages.get())
    receiving.receive(by=by, transition_id=move.id)
    receiving.plan_settling_in(
        by=by, transition_id=move.id, kind="visit", on=clock.today(), what="A quiet visit"
    )
    support = Statement.objects.get(kind="support")
    receiving.accept(by=by, transition_id=move.id, day_one={support.id: "Miss Fox, Tuesdays"})

    by = make.acting_as(officer)
    assert moves_policy.visible_to(by).get().state == "accepted"

    rls.clear_context()
    with clock.shifted(10):
        pass_row = Delivery.objects.none()
        from apps.access import grants

        with rls.acting(grants.worker()):
            pass_row = Delivery.objects.get(work="pass")
    from apps.common.models import ClockShift
    from tests.support.database import as_owner

    with as_owner():
        ClockShift.objects.create(days=10)
    assert delivery.work(pass_row.id) is True
    assert delivery.work(pass_row.id) is False

    by = make.acting_as(next_senco)
    assert Transition.objects.get().state == "completed"
    assert RecordHolder.objects.get(ends_on=None).setting_id == secondary.id
    assert Enrolment.objects.get(ends_on=None).setting_id == secondary.id
    assert RegisterEntry.objects.get(ends_on=None).setting_id == secondary.id
    term.open_term(by=by, setting=secondary)
    clock.set_shift(0)
