"""The open review: still true, new words in their place, undo, guides, phrases, another order."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from apps.common.exceptions import Invalid, InvalidTransition, Stale
from apps.framework import selectors as framework
from apps.learners import selectors as learners
from apps.reviews.actions import confirming, drafting, filling, phrases, signoff
from apps.reviews.models import DraftChange, Phrase, Review, Statement, StillTrue
from apps.reviews.workspace import workspace
from tests import factories as make
from tests.support import records
from tests.support.database import as_owner

pytestmark = pytest.mark.django_db

TALK = {"no_conversation_because": "The family did not want one this term"}
IN_PLACE = {"HX-Request": "true"}


class Case:
    """A school's record with an open review."""

    def __init__(self) -> None:
        self.school = make.setting()
        self.senco = make.staff("senco", self.school)
        self.robin = make.learner(self.school, known_given="Robin", legal_given="Robin")
        records.signed(self.senco, self.robin, self.school)
        self.review = records.open_one(self.senco, self.robin, self.school)
        self.by = make.acting_as(self.senco)

    def work(self):
        return workspace(
            self.by, learners.sight(self.by, self.robin.id), Review.objects.get(pk=self.review.id)
        )

    def statement(self, kind: str, number: int = 0) -> Statement:
        rows = Statement.objects.filter(learner=self.robin, kind=kind, withdrawn_no=None)
        return rows.order_by("order", "id")[number]

    def change(self, **values):
        return drafting.save_change(by=self.by, review_id=self.review.id, **values)

    def sign(self, **values) -> Review:
        review = Review.objects.get(pk=self.review.id)
        return signoff.sign_off(
            by=self.by, review_id=review.id, version=review.version, **(TALK | values)
        )

    def drafts(self):
        """What the open review changes, read as its SENCO: a browser has another's context."""
        self.by = make.acting_as(self.senco)
        return DraftChange.objects.filter(review=self.review)

    def browser(self) -> Client:
        client = Client()
        client.force_login(
            self.senco, backend="allauth.account.auth_backends.AuthenticationBackend"
        )
        return client


@pytest.fixture
def case() -> Case:
    return Case()


def texts(case: Case, kind: str) -> list[str]:
    lines = case.work().section(kind).lines
    return [line.shown["text"] if line.rewritten else line.shown.text for line in lines]


class TestStillTrue:
    """Looked at, and said to be so, with no word typed."""

    def test_of_one_statement_says_who(self, case: Case) -> None:
        support = case.statement("support")
        before = case.work().line(str(support.id)).last
        assert (before.by, before.now) == (case.senco.name, False)

        confirming.say_still_true(by=case.by, review_id=case.review.id, statement_id=support.id)
        confirming.say_still_true(by=case.by, review_id=case.review.id, statement_id=support.id)
        assert StillTrue.objects.count() == 1
        assert case.work().line(str(support.id)).last.now
        assert case.work().confirmed == 1

    def test_of_a_section_and_of_everything_is_one_row_each(self, case: Case) -> None:
        confirming.say_still_true(by=case.by, review_id=case.review.id, kind="support")
        assert case.work().confirmed == len(records.SUPPORTS)
        assert not case.work().section("support").to_confirm
        confirming.say_still_true(by=case.by, review_id=case.review.id)
        assert case.work().confirmed == case.work().in_force == len(records.statements())
        assert StillTrue.objects.count() == 2

    def test_is_taken_back(self, case: Case) -> None:
        confirming.say_still_true(by=case.by, review_id=case.review.id, kind="support")
        confirming.take_back(by=case.by, review_id=case.review.id, kind="support")
        assert case.work().confirmed == 0

    def test_is_refused_for_what_the_review_changes_and_gives_way_to_a_change(
        self, case: Case
    ) -> None:
        support = case.statement("support")
        confirming.say_still_true(by=case.by, review_id=case.review.id, statement_id=support.id)
        case.change(
            change="replace", statement_id=support.id, values={"kind": "support", "text": "More."}
        )
        assert not StillTrue.objects.exists()
        with pytest.raises(InvalidTransition, match="Undo the change first"):
            confirming.say_still_true(by=case.by, review_id=case.review.id, statement_id=support.id)

    def test_signing_off_as_unchanged_says_it_of_everything(self, case: Case) -> None:
        case.sign(nothing_changed=True)
        said = StillTrue.objects.get()
        assert (said.statement, said.kind, said.said_by) == (None, "", case.senco.name)

    def test_stays_when_the_review_is_signed(self, case: Case) -> None:
        confirming.say_still_true(by=case.by, review_id=case.review.id, kind="support")
        case.sign()
        with pytest.raises(InvalidTransition):
            confirming.take_back(by=case.by, review_id=case.review.id, kind="support")
        assert StillTrue.objects.all().delete()[0] == 0, "the database lets nobody take it back"
        with pytest.raises(DatabaseError), transaction.atomic():
            StillTrue.objects.create(
                review=case.review, learner=case.robin, said_by="X", said_at=case.review.opened_at
            )

    def test_the_family_reads_it_once_signed_and_not_before(self, case: Case) -> None:
        parent = make.parent(case.robin)
        make.acting_as(case.senco)
        confirming.say_still_true(by=case.by, review_id=case.review.id, kind="support")
        make.acting_as(parent)
        assert not StillTrue.objects.exists()
        make.acting_as(case.senco)
        case.sign()
        make.acting_as(parent)
        assert StillTrue.objects.count() == 1

    def test_three_terms_unchanged_ask_for_a_conversation(self, case: Case) -> None:
        assert not case.work().asks_conversation
        for _ in range(2):
            case.sign(nothing_changed=True)
            case.review = records.open_one(case.senco, case.robin, case.school)
        assert case.work().asks_conversation


class TestInItsPlace:
    """A script puts a part where it belongs; without one each answer leads back there."""

    def test_a_change_answers_with_its_line_and_the_state_of_the_review(self, case: Case) -> None:
        support = case.statement("support")
        address = f"/reviews/{case.review.id}/edit/{support.id}/"
        form = case.browser().get(address, headers=IN_PLACE).content.decode()
        assert "<html" not in form and f'id="place-{support.id}"' in form
        sent = {"text": "Language group, now daily", "minutes": "15", "version": "1"}
        part = case.browser().post(address, sent, headers=IN_PLACE)
        page = part.content.decode()
        assert part.status_code == 200 and "<html" not in page
        assert f'id="place-{support.id}"' in page and "Changed" in page
        assert 'id="review-state" hx-swap-oob="true"' in page and "1 change." in page

    def test_without_a_script_it_leads_back_to_the_place(self, case: Case) -> None:
        support = case.statement("support")
        address = f"/reviews/{case.review.id}/edit/{support.id}/"
        sent = {"text": "Language group, now daily", "version": "1"}
        answer = case.browser().post(address, sent)
        assert answer.url == f"/reviews/{case.review.id}/#place-{support.id}"

    def test_what_is_wrong_comes_back_with_the_words_and_stands_beside_the_field(
        self, case: Case
    ) -> None:
        address = f"/reviews/{case.review.id}/add/support/"
        sent = {"text": "Daily reading", "minutes": "many", "version": "1"}
        page = case.browser().post(address, sent, headers=IN_PLACE).content.decode()
        assert "Daily reading" in page and "There is a problem" in page
        assert "support-add_minutes_error" in page

    def test_a_new_statement_brings_the_way_to_add_another(self, case: Case) -> None:
        address = f"/reviews/{case.review.id}/add/strength/"
        sent = {"text": "Draws maps", "version": "1"}
        page = case.browser().post(address, sent, headers=IN_PLACE).content.decode()
        assert "Draws maps" in page and 'id="place-strength-add"' in page

    def test_taking_a_new_statement_out_leaves_nothing_in_its_place(self, case: Case) -> None:
        change = case.change(change="add", values={"kind": "strength", "text": "Draws maps"})
        sent = {"change": change.id, "version": "99"}
        page = case.browser().post(f"/reviews/{case.review.id}/drop/", sent, headers=IN_PLACE)
        assert "Draws maps" not in page.content.decode()
        assert not case.drafts().exists()

    def test_a_change_that_was_undone_meanwhile_keeps_the_words_as_a_new_one(
        self, case: Case
    ) -> None:
        change = case.change(change="add", values={"kind": "strength", "text": "Draws maps"})
        drafting.drop_change(by=case.by, review_id=case.review.id, change_id=change.id)
        address = f"/reviews/{case.review.id}/new/{change.id}/"
        sent = {"text": "Draws maps and plans", "kind": "strength", "version": "9"}
        assert case.browser().post(address, sent).status_code == 302
        assert case.drafts().get().values["text"] == "Draws maps and plans"

    def test_what_was_typed_and_not_sent_is_named_when_the_page_is_opened_again(
        self, case: Case
    ) -> None:
        browser = case.browser()
        address = f"/reviews/{case.review.id}/add/support/"
        browser.post(
            "/unsent/",
            {"page": address, "fields": {"text": ["Half a sentence"]}},
            content_type="application/json",
        )
        page = browser.get(f"/reviews/{case.review.id}/").content.decode()
        assert "did not save it" in page and address in page


class TestFilling:
    """Shorter ways to fill a review."""

    def test_what_a_form_does_not_ask_stays_as_it_was(self, case: Case) -> None:
        support = case.statement("support", 1)
        sent = {"text": support.text, "how_often": "Daily", "version": "1"}
        case.browser().post(f"/reviews/{case.review.id}/edit/{support.id}/", sent)
        draft = case.drafts().get()
        assert draft.values["details"] == {"how_often": "Daily"}
        assert draft.values["order"] == support.order

    def test_areas_that_nobody_judged_are_universal_by_one_act(self) -> None:
        school = make.setting()
        senco = make.staff("senco", school)
        robin = make.learner(school)
        by = make.acting_as(senco)
        records.entry.put_on_register(
            by=by, learner=robin, setting=school, area="cognition-and-learning", level="mild",
            evidence=records.entry.Evidence("Seen", "class", records.clock.today(), "Mr Ray"),
        )  # fmt: skip
        first = Review.objects.get(learner=robin, state="open")
        assert filling.rest_universal(by=by, review_id=first.id) == 3
        assert filling.rest_universal(by=by, review_id=first.id) == 0
        first.refresh_from_db()
        signoff.sign_off(by=by, review_id=first.id, version=first.version, **TALK)
        assert Statement.objects.filter(kind="need", withdrawn_no=None).count() == 4

    def test_a_guide_of_the_box_becomes_a_support_once(self, case: Case) -> None:
        area = "communication-and-interaction"
        guide = next(o.guide for o in case.work().guides[area] if not o.others)
        assert area in {b.area.code for b in guide.boxes.all()}
        for _ in range(2):
            filling.adopt_guide(by=case.by, review_id=case.review.id, guide=guide.code, area=area)
        draft = case.drafts().get()
        assert draft.values["details"]["guide"] == guide.code
        assert guide.code in case.work().adopted
        case.sign()
        support = Statement.objects.get(details__guide=guide.code)
        assert support.area.code == area

    def test_a_section_is_read_in_another_order_and_the_text_signed_keeps_its_own(
        self, case: Case
    ) -> None:
        before = texts(case, "support")
        third = case.statement("support", 2)
        signed_before = Review.objects.get(learner=case.robin, number=2).canonical
        filling.read_earlier(by=case.by, review_id=case.review.id, key=third.id)
        filling.read_earlier(by=case.by, review_id=case.review.id, key=third.id)
        filling.read_earlier(by=case.by, review_id=case.review.id, key=third.id)
        expected = [before[2], *before[:2], *before[3:]]
        assert texts(case, "support") == expected
        case.sign()
        in_force = Statement.objects.filter(kind="support", withdrawn_no=None).order_by("order")
        assert [s.text for s in in_force] == expected
        assert len(in_force) == len(before), "nothing was rewritten"
        assert Review.objects.get(learner=case.robin, number=2).canonical == signed_before
        with pytest.raises(DatabaseError), transaction.atomic():
            Statement.objects.filter(pk=third.pk).update(text="Other words")

    def test_whoever_undoes_what_another_has_changed_since_is_late(self, case: Case) -> None:
        change = case.change(change="add", values={"kind": "strength", "text": "Draws maps"})
        seen = change.version
        case.change(
            change="add", change_id=change.id, values={"kind": "strength", "text": "Draws plans"}
        )
        with pytest.raises(Stale):
            drafting.drop_change(
                by=case.by, review_id=case.review.id, change_id=change.id, seen=seen
            )


class TestPhrases:
    """A setting's own words, used again, and never another child's."""

    def test_are_kept_once_and_offered_where_they_fit(self, case: Case) -> None:
        sent = {"text": "Time to answer: count to ten", "keep_phrase": "on", "version": "1"}
        for _ in range(2):
            case.browser().post(f"/reviews/{case.review.id}/add/support/", sent)
        make.acting_as(case.senco)
        assert Phrase.objects.get().text == sent["text"]
        page = case.browser().get(f"/reviews/{case.review.id}/add/support/").content.decode()
        assert "Phrases of this setting" in page
        other = case.browser().get(f"/reviews/{case.review.id}/add/strength/").content.decode()
        assert "Phrases of this setting" not in other

    @pytest.mark.parametrize("words", ["Give Robin time", "robin’s own chair"])
    def test_name_nobody(self, case: Case, words: str) -> None:
        sent = {"text": words, "keep_phrase": "on", "version": "1"}
        page = case.browser().post(f"/reviews/{case.review.id}/add/support/", sent)
        assert "names nobody" in page.content.decode() and words in page.content.decode()
        assert not case.drafts().exists() and not Phrase.objects.exists()

    def test_are_the_setting_s_own(self, case: Case) -> None:
        phrases.keep_phrase(by=case.by, setting_id=case.school.id, kind="support", text="Wait.")
        other = make.setting()
        make.acting_as(make.staff("senco", other))
        assert not Phrase.objects.exists()

    def test_too_long_is_said(self, case: Case) -> None:
        with pytest.raises(Invalid, match="500 characters"):
            phrases.keep_phrase(
                by=case.by, setting_id=case.school.id, kind="support", text="x" * 501
            )


def test_a_need_judged_by_an_older_framework_shows_both_descriptions(case: Case) -> None:
    newer = next(v for v in framework.all_versions() if v.status != "published")
    with as_owner():
        Review.objects.filter(pk=case.review.id).update(framework=newer)
    area = framework.grid(newer.id).areas[0].code
    page = case.browser().get(f"/reviews/{case.review.id}/level/{area}/").content.decode()
    older = framework.published().box(area, records.AREAS[area][0])
    assert "The National Framework has changed" in page
    assert older.professional in page
