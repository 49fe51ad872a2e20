"""Words that the law says must go are sealed everywhere, and only by two people."""

from __future__ import annotations

import hashlib
import json

import pytest
import rfc8785
from django.db import DatabaseError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.access import grants, rls
from apps.accounts.models import UnsentForm
from apps.audit import seals
from apps.audit.models import Change
from apps.common import clock
from apps.common.exceptions import Invalid, InvalidTransition, NotVisible, Refused
from apps.learners.models import LearnerAccess
from apps.notifications.models import Notification
from apps.reviews.models import Contribution, DraftChange, Statement
from apps.rights import actions as copies
from apps.rights import redaction, selectors
from apps.rights.models import Export, Redaction, Resealed
from apps.settings.models import LocalArea, Setting
from apps.transitions.models import Package
from apps.transitions.package import verify
from tests import factories as make
from tests.support import named as world
from tests.support.database import as_owner
from tests.support.named import NAME, Named
from tests.support.papers import texts_in

pytestmark = pytest.mark.django_db

WORD = "otherchild"


@pytest.fixture
def named() -> Named:
    return world.build()


def sql(statement: str, *values: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def tables_with(word: str) -> set[str]:
    """The tables in which the current role finds a word, in any column of any row."""
    names = sql(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind IN ('r', 'p') AND NOT relispartition AND has_table_privilege(oid, 'SELECT')"
    )
    return {name for (name,) in names if sql(
        f'SELECT 1 FROM "{name}" t WHERE to_jsonb(t)::text ILIKE %s LIMIT 1', f"%{word}%"
    )}  # fmt: skip


def every_context(named: Named) -> list[grants.Actor]:
    """Everyone there is, the worker for every organisation, and nobody."""
    people = [named.senco, named.head, named.teacher, named.parent, named.new_senco]
    places = [*Setting.objects.all(), *LocalArea.objects.all()]
    officers = [make.staff("officer", area) for area in LocalArea.objects.all()]
    return [
        *(grants.person(p.id, p.name, clock_may_shift=True) for p in [*people, *officers]),
        grants.worker(*(place.id for place in places)),
        grants.operator(),
        grants.NOBODY,
    ]


def test_the_words_stand_in_every_kind_of_place_before(named: Named) -> None:
    make.acting_as(named.senco)
    assert tables_with(WORD) >= {
        "reviews_review", "reviews_statement", "reviews_draftchange", "reviews_contribution",
        "transitions_package", "audit_change", "accounts_unsentform",
    }  # fmt: skip


def test_afterwards_no_role_of_the_application_finds_them_in_any_table(named: Named) -> None:
    world.redact(named)
    found = {}
    for actor in every_context(named):
        rls.set_context(actor)
        found[actor.name] = tables_with(WORD)
    assert not any(found.values()), found
    assert len(found) > 5


def test_a_court_reads_them_from_the_log_which_is_as_it_was_sealed(named: Named) -> None:
    seals.seal_waiting()
    world.redact(named)
    seals.seal_waiting()
    with as_owner():
        seals.verify(connection)
        kept = Change.objects.filter(learner_id=named.robin.id, table_name="reviews_statement")
        assert any(NAME in str(change.old_values) for change in kept)


def test_every_place_shows_that_and_when(named: Named) -> None:
    world.redact(named)
    make.acting_as(named.senco)
    today = clock.today()
    mark = f"[redacted on {today.day} {today:%B %Y}]"
    need = Statement.objects.get(learner=named.robin, kind="need")
    assert need.details["evidence"][0]["what"] == f"Quarrels with {mark}, then plays alone"
    draft = DraftChange.objects.get(learner=named.robin, values__kind="strength")
    assert draft.values["text"] == f"Sings, even beside {mark}."
    assert Contribution.objects.get(learner=named.robin).harder == f"“{mark}”\nsits near"
    assert mark in named.signed.canonical
    assert mark in UnsentForm.objects.get(user=named.senco).fields["text"][0]


def test_the_record_verifies_against_its_new_digest_and_the_first_is_kept(named: Named) -> None:
    make.acting_as(named.senco)
    first = named.signed.sha256
    world.redact(named)
    make.acting_as(named.senco)
    signed = named.signed
    assert signed.sha256 != first
    assert hashlib.sha256(signed.canonical.encode()).hexdigest() == signed.sha256
    assert rfc8785.dumps(json.loads(signed.canonical)).decode() == signed.canonical
    kept = Resealed.objects.get(row_id=signed.id)
    assert (kept.first_sha256, kept.sha256) == (first, signed.sha256)


def test_whoever_holds_a_package_gets_what_is_left_of_it_as_another(named: Named) -> None:
    make.acting_as(named.new_senco)
    first = Package.objects.get(transition=named.move).sha256
    done = world.redact(named)
    make.acting_as(named.new_senco)
    old, new = Package.objects.filter(transition=named.move).order_by("number")
    assert verify(old) and verify(new)
    assert (new.number, new.redaction_id, new.content) == (2, done.id, old.content)
    assert json.loads(new.manifest)["redacted_on"] == clock.today().isoformat()
    assert Resealed.objects.get(row_id=old.id).first_sha256 == first
    history = json.loads(new.content["history.json"])[0]
    assert hashlib.sha256(history["record"].encode()).hexdigest() == history["sha256"]
    told = Notification.objects.filter(recipient_id=named.new.id, kind="redacted")
    assert "sent to you" in told.get().text


def test_a_parent_whose_right_has_ended_is_not_told(named: Named) -> None:
    with as_owner():
        LearnerAccess.objects.filter(grantee_id=named.parent.id).update(ends_on=clock.today())
    world.redact(named)
    with as_owner():
        told = Notification.objects.filter(recipient_id=named.parent.id, kind="redacted")
        assert not told.exists()


def test_the_family_is_told(named: Named) -> None:
    world.redact(named)
    make.acting_as(named.parent)
    assert Notification.objects.filter(recipient_id=named.parent.id, kind="redacted").exists()


def test_a_parent_who_may_not_know_where_the_learner_is_reads_of_no_package(named: Named) -> None:
    world.redact(named)
    by = make.acting_as(named.parent)
    assert "a package that was sent" in {
        place.name for done in selectors.redactions_of(by, named.robin.id) for place in done.places
    }
    with as_owner():
        sql(
            "UPDATE learners_learneraccess SET knows_where = false WHERE grantee_id = %s",
            named.parent.id,
        )
    by = make.acting_as(named.parent)
    assert selectors.redactions_of(by, named.robin.id) == []
    assert not Resealed.objects.exists()


def test_copies_made_before_are_gone_and_one_made_since_has_the_mark(named: Named) -> None:
    world.redact(named)
    by = make.acting_as(named.senco)
    with pytest.raises(InvalidTransition, match="Ask for another"):
        copies.take_out(by=by, export=Export.objects.get(learner=named.robin))
    again = copies.ask(
        by=by, learner=named.robin, holder_id=named.school.id, copy_for="Alex", identity="Known"
    )
    copies.work(again.id)
    content = copies.take_out(by=make.acting_as(named.senco), export=again)
    texts = list(texts_in(content).values())
    assert any("[redacted on" in text for text in texts)
    assert not any(WORD in text.casefold() for text in texts)


def test_one_person_alone_redacts_nothing(named: Named) -> None:
    proposed = world.propose(named)
    with pytest.raises(Refused, match="somebody else"):
        redaction.agree(by=make.acting_as(named.senco), decision_id=proposed.decision_id)
    make.acting_as(named.senco)
    with pytest.raises(DatabaseError, match="two people"), transaction.atomic():
        sql("SELECT rights_redact(%s, now())", proposed.id)
    assert WORD.title() in named.signed.canonical


@pytest.mark.parametrize("who", ["teacher", "parent", "new_senco"])
def test_nobody_else_proposes_or_learns_where_words_stand(named: Named, who: str) -> None:
    by = make.acting_as(getattr(named, who))
    with pytest.raises((Refused, NotVisible)):
        redaction.check(
            by=by, learner=named.robin, words=NAME, ground="another child", because="It does"
        )


def test_declining_leaves_the_words_and_forgets_what_was_proposed(named: Named) -> None:
    proposed = world.propose(named)
    by = make.acting_as(named.head)
    with pytest.raises(Invalid):
        redaction.decline(by=by, decision_id=proposed.decision_id, because=f"{NAME} does not mind")
    redaction.decline(by=by, decision_id=proposed.decision_id, because="The family agreed to it")
    assert Redaction.objects.get(pk=proposed.id).words == ""
    assert WORD.title() in named.signed.canonical
    with pytest.raises(InvalidTransition):
        redaction.agree(by=by, decision_id=proposed.decision_id)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"words": "Nobody of this name"}, "words"),
        ({"words": "of"}, "words"),
        ({"words": " ,.!"}, "words"),
        ({"ground": "embarrassing"}, "ground"),
        ({"because": ""}, "because"),
        ({"because": "It says JAMIE  otherchild zoë"}, "because"),
    ],
)
def test_a_proposal_says_which_words_why_and_does_not_repeat_them(
    named: Named, changed: dict[str, str], field: str
) -> None:
    said = {"words": NAME, "ground": "another child", "because": "It names a child", **changed}
    with pytest.raises(Invalid) as refused:
        redaction.propose(by=make.acting_as(named.senco), learner=named.robin, **said)
    assert field in refused.value.fields


def test_codes_keys_and_parts_of_words_are_never_redacted(named: Named) -> None:
    with as_owner():
        sql("UPDATE learners_familymember SET basis = 'He needs the need of needs'")
    world.redact(named, "need")
    make.acting_as(named.senco)
    assert named.robin.family.get().basis.startswith("He needs the [redacted on")
    assert {s["kind"] for s in json.loads(named.signed.canonical)["statements"]} == {"need"}


FROZEN = [
    "UPDATE reviews_review SET canonical = '{}' WHERE state <> 'open'",
    "UPDATE reviews_statement SET text = 'Something else'",
    "UPDATE reviews_contribution SET harder = 'Something else'",
    "UPDATE transitions_package SET content = '{}'",
]


@pytest.mark.parametrize("change", FROZEN)
def test_nothing_else_changes_what_is_frozen(named: Named, change: str) -> None:
    make.acting_as(named.senco)
    sql("SELECT set_config('lr.rewriting', %s, true)", str(named.robin.id))
    with pytest.raises(DatabaseError), transaction.atomic():
        sql(change)
    with pytest.raises(DatabaseError), transaction.atomic(), as_owner():
        sql("SELECT set_config('lr.rewriting', '', true)")
        sql(change)


def test_nobody_rewrites_where_words_were_redacted(named: Named) -> None:
    world.redact(named)
    make.acting_as(named.senco)
    for change in ("UPDATE rights_resealed SET first_sha256 = ''", "DELETE FROM rights_resealed"):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            sql(change)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abcXYZ_09", min_size=1), inner),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(value=VALUES)
def test_the_database_writes_canonical_json_as_we_do(value: object) -> None:
    text = rfc8785.dumps(value).decode()
    assert sql("SELECT rights_canonical(%s::jsonb)", text) == [(text,)]
