"""The page of what is kept and deleted, and a learner's legal hold."""

from __future__ import annotations

import pytest
from django.test import Client

from apps.common import clock
from apps.rights import disposal, retention
from apps.rights.models import Disposal, LegalHold, RetentionChange, Tombstone
from tests import factories as make
from tests.integration.test_disposal import BORN, named  # noqa: F401 - a fixture
from tests.integration.test_redaction_pages import confirmed, page, signed_in
from tests.support.database import as_owner
from tests.support.named import Named

pytestmark = pytest.mark.django_db


@pytest.fixture
def due(named: Named) -> Disposal:  # noqa: F811 - the fixture
    disposal.find()
    make.acting_as(named.senco)
    return Disposal.objects.get()


def test_two_people_delete_what_is_due_from_the_queue(named: Named, due: Disposal) -> None:  # noqa: F811
    senco, head = signed_in(named.senco), signed_in(named.head)
    shown = page(senco, "/keeping/")
    assert f"born {BORN:%-d %B %Y}" in shown
    assert "31 years from birth" in shown
    chosen = {"due-which": [str(due.id)], "due-because": "Its time has come", "do": "propose"}
    confirmed(senco, "/keeping/", chosen)
    assert "somebody else decides" in page(senco, "/keeping/")
    shown = page(head, "/keeping/")
    assert "Nobody can bring it back" in shown
    confirmed(head, "/keeping/", {"wait-which": [str(due.id)], "do": "agree"})
    assert "Being deleted" in page(head, "/keeping/")
    disposal.work(due.id)
    shown = page(head, "/keeping/")
    assert str(named.robin.id) in shown
    assert "Goneaway" not in shown


def test_nothing_typed_is_lost_where_something_is_missing(named: Named, due: Disposal) -> None:  # noqa: F811
    senco = signed_in(named.senco)
    sent = senco.post("/keeping/", {"due-because": "Its time has come", "do": "propose"})
    assert "Its time has come" in sent.content.decode()
    assert "Choose at least one" in sent.content.decode()
    sent = confirmed(senco, "/keeping/", {"due-which": [str(due.id)], "do": "keep"})
    assert "Enter why it is kept longer" in sent.content.decode()


def test_whoever_leads_changes_the_schedule_and_the_page_says_who_and_why(named: Named) -> None:  # noqa: F811
    head = signed_in(named.head)
    answer = confirmed(head, "/keeping/schedule/", {"years": "200", "reason": "Ours"})
    assert "Enter a number from 25 to 100" in answer.content.decode()
    head.post("/keeping/schedule/", {"years": "40", "reason": "The trust's policy"})
    shown = page(head, "/keeping/")
    assert "40 years from the date of birth" in shown
    assert f"Changed here by {named.head.name}" in shown
    with as_owner():
        assert RetentionChange.objects.count() == 1


def test_a_hold_is_placed_and_ended_from_the_record(named: Named) -> None:  # noqa: F811
    head, address = signed_in(named.head), f"/learners/{named.robin.id}/hold/"
    assert address in page(head, f"/learners/{named.robin.id}/")
    today = clock.today()
    said = {"reason": "A claim was brought", "hold": "place"}
    for name, value in zip("012", (today.day, today.month, today.year + 1), strict=True):
        said[f"look_again_on_{name}"] = str(value)
    assert head.post(address, said).status_code == 302
    assert "A claim was brought" in page(head, "/keeping/")
    assert head.post(address, {"because": "Settled", "hold": "end"}).status_code == 302
    with as_owner():
        assert LegalHold.objects.get().ended_because == "Settled"


def test_everybody_reads_how_long_things_are_kept() -> None:
    shown = page(Client(), "/privacy/")
    for rule in retention.schedule():
        assert rule.title in shown
    assert f"{retention.rule('record').years} years from the date of birth" in shown


def test_a_neighbour_sees_an_empty_page_of_their_own(named: Named, due: Disposal) -> None:  # noqa: F811
    shown = page(signed_in(named.new_senco), "/keeping/")
    assert "No record is due" in shown
    assert not Tombstone.objects.exists()
