"""The pages of redaction: proposed, decided, and seen to have been done."""

from __future__ import annotations

import hashlib

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from apps.access import grants, rls
from apps.accounts.models import User
from apps.common import clock
from apps.learners.actions import pass_record
from apps.reviews.actions.noticing import notice
from apps.reviews.actions.places import refresh_register
from apps.rights import redaction
from apps.rights.models import Decision, Redaction
from tests import factories as make
from tests.integration.test_held_before import days_later
from tests.support import named as world
from tests.support.database import as_owner
from tests.support.named import NAME, Named

pytestmark = pytest.mark.django_db

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
REASON = "The other child's parents asked in writing"


@pytest.fixture
def named() -> Named:
    return world.build()


def signed_in(person: User) -> Client:
    """Somebody who signed in a while ago."""
    client = Client()
    client.force_login(person, backend=BACKEND)
    return client


def confirmed(client: Client, address: str, said: dict[str, str]) -> HttpResponse:
    """What a form answers when its sender, asked, shows again who they are."""
    asked = client.post(address, said)
    assert asked["Location"].startswith("/sign-in/again/"), asked["Location"]
    answer: HttpResponse = client.post(asked["Location"], {"password": make.PASSWORD})
    return answer


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def settle() -> None:
    """Ask now what the database asks when a transaction ends, on the day that it is."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def proposed(named: Named) -> tuple[Client, str]:
    senco = signed_in(named.senco)
    address = f"/learners/{named.robin.id}/redact/"
    said = {"words": NAME, "ground": "another child", "because": REASON}
    checked = senco.post(address, said).content.decode()
    assert "These words stand in" in checked
    assert not Decision.objects.exists()
    confirmed(senco, address, {**said, "checked": NAME})
    with as_owner():
        return senco, f"/decisions/{Decision.objects.get().id}/"


def test_it_is_proposed_after_a_look_at_where_the_words_stand(named: Named) -> None:
    senco, decision = proposed(named)
    assert "It waits for somebody else" in page(senco, decision)


def test_nothing_typed_is_lost_where_something_is_missing(named: Named) -> None:
    senco = signed_in(named.senco)
    answer = senco.post(f"/learners/{named.robin.id}/redact/", {"words": NAME, "because": REASON})
    assert NAME in answer.content.decode()
    assert "Why does the law say so? Choose one." in answer.content.decode()


def test_it_waits_on_the_first_page_of_whoever_decides(named: Named) -> None:
    senco, decision = proposed(named)
    second = make.staff("senco", named.school)
    assert decision in page(signed_in(named.head), "/register/")
    assert decision in page(signed_in(second), "/home/")
    assert decision not in page(senco, "/home/")


def test_whoever_decides_reads_no_sentence_that_the_record_does_not_show_them(named: Named) -> None:
    seen = f"Hides when {NAME} comes near"
    by = make.acting_as(named.teacher)
    notice(by=by, learner=named.robin, seen=seen, family_knows="not yet")
    _, decision = proposed(named)
    head = page(signed_in(named.head), decision)
    assert "Quarrels with [redacted], then plays alone" in head
    assert "Hides when" not in head


def test_the_second_person_agrees_and_everyone_reads_that_and_when(named: Named) -> None:
    senco, decision = proposed(named)
    head = signed_in(named.head)
    shown = page(head, decision)
    assert NAME in shown
    assert "Quarrels with [redacted], then plays alone" in shown  # how it will read
    confirmed(head, decision, {"answer": "agree"})
    learner = named.robin.id
    for client, address in [
        (senco, f"/learners/{learner}/"),
        (head, decision),
        (signed_in(named.parent), f"/family/{learner}/"),
        (signed_in(named.teacher), f"/learners/{learner}/reviews/1/"),
        (signed_in(named.new_senco), f"/moves/{named.move.id}/"),
    ]:
        assert "Otherchild" not in page(client, address)
    family = page(signed_in(named.parent), f"/family/{learner}/")
    assert "Words that were redacted" in family
    assert "[redacted on" in family
    past = page(senco, f"/learners/{learner}/reviews/1/")
    assert "Words were redacted here on" in past
    assert "As signed" in past
    assert "As signed" not in page(signed_in(named.parent), f"/learners/{learner}/reviews/1/")


def test_a_connected_system_reads_the_mark_and_the_new_digest(named: Named) -> None:
    world.redact(named)
    _, token = make.api_client(named.school)
    address = f"/api/v1/records/{named.robin.id}/"
    for path in (address, f"{address}reviews/1/"):
        answer = Client().get(path, headers={"authorization": token})
        assert answer.status_code == 200
        text = answer.content.decode()
        assert "[redacted on" in text
        assert "Otherchild" not in text
    assert answer["Content-SHA-256"] == hashlib.sha256(answer.content).hexdigest()


def test_a_school_that_held_the_record_reads_the_mark_and_is_told(named: Named) -> None:
    new_head = make.staff("head", named.new)
    with days_later(30):
        with rls.acting(grants.worker(named.school.id, named.new.id)) as worker:
            pass_record(
                by=worker, learner=named.robin, to=named.new, on=clock.today(), year_group=7
            )
            refresh_register(by=worker, learner=named.robin)
            settle()
        proposed = redaction.propose(
            by=make.acting_as(named.new_senco),
            learner=named.robin,
            words=NAME,
            ground="another child",
            because=REASON,
        )
        redaction.agree(by=make.acting_as(new_head), decision_id=proposed.decision_id)
        settle()
        before = signed_in(named.senco)
        address = f"/records-held-before/{named.robin.id}/"
        shown = page(before, address)
        assert "Otherchild" not in shown
        assert "Words were redacted here on" in shown
        assert address in page(before, "/home/")


def test_declining_says_why_beside_the_field(named: Named) -> None:
    _, decision = proposed(named)
    head = signed_in(named.head)
    answer = confirmed(head, decision, {"answer": "decline"})
    assert "Enter why you decline" in answer.content.decode()
    assert head.post(decision, {"answer": "decline", "because": "Not so"}).status_code == 302
    rls.set_context(grants.person(named.head.id, "", clock_may_shift=True))
    assert Redaction.objects.get().words == ""


def test_whoever_proposed_it_cannot_decide_by_form(named: Named) -> None:
    senco, decision = proposed(named)
    assert senco.post(decision, {"answer": "agree"}).status_code == 403


def test_a_second_of_two_answers_finds_it_decided(named: Named) -> None:
    _, decision = proposed(named)
    head, lead = signed_in(named.head), signed_in(make.staff("safeguarding-lead", named.school))
    confirmed(head, decision, {"answer": "agree"})
    assert confirmed(lead, decision, {"answer": "agree"}).status_code == 409
