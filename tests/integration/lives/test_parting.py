"""A join that was a mistake is undone, and the pages on which people do both."""

from __future__ import annotations

import pytest
from django.urls import reverse

from apps.common.exceptions import Invalid, InvalidTransition, NotVisible, Refused
from apps.framework import selectors as framework
from apps.learners.actions import update_learner
from apps.learners.models import (
    FormerIdentifier,
    Learner,
)
from apps.lives.models import Closure
from apps.reviews.actions import drafting, signoff
from apps.reviews.models import Review
from tests import factories as make
from tests.support.database import as_owner
from tests.support.lives import (
    OTHER_UPN,
    browser,
    everything_holds,
    join,
    listed,
    part,
    readers_of,
    rows_of,
)

pytestmark = pytest.mark.django_db


class TestUndoing:
    def test_restores_the_exact_rows_of_both(self, senco, pair):
        kept, joined = pair
        make.parent(joined)
        rows, readers = rows_of(*pair), [readers_of(x) for x in pair]
        closure = join(senco, kept, joined)
        part(senco, closure)
        everything_holds()
        assert rows_of(*pair) == rows
        assert [readers_of(x) for x in pair] == readers

    def test_leaves_what_happened_since_with_the_one_that_went_on(self, senco, pair):
        kept, joined = pair
        closure = join(senco, kept, joined)
        by = make.acting_as(senco)
        first = Review.objects.get(learner=kept, state="open")
        grid = framework.published()
        signoff_everything(by, first, grid)
        parent = make.parent(kept)
        part(senco, closure)
        everything_holds()
        with as_owner():
            assert Review.objects.filter(learner=kept, state="signed off").count() == 2
            assert Review.objects.get(learner=joined, state="open").kind == "first"
        assert browser(parent).get(f"/family/{kept.id}/").status_code == 200

    def test_takes_the_joined_family_s_access_at_once(self, senco, pair):
        kept, joined = pair
        parent = make.parent(joined)
        closure = join(senco, kept, joined)
        part(senco, closure)
        family = browser(parent)
        assert family.get(f"/family/{kept.id}/").status_code == 404
        assert family.get(f"/family/{joined.id}/").status_code == 200

    def test_gives_numbers_back_although_the_kept_one_has_another_since(self, senco, pair):
        kept, joined = pair
        closure = join(senco, kept, joined)
        by = make.acting_as(senco)
        update_learner(by=by, learner=Learner.objects.get(pk=kept.id), values={"upn": OTHER_UPN})
        part(senco, closure)
        with as_owner():
            assert Learner.objects.get(pk=joined.id).upn == OTHER_UPN
            assert not FormerIdentifier.objects.filter(value=OTHER_UPN).exists()

    def test_needs_a_reason_and_is_done_once_by_those_who_may(self, school, senco, pair):
        kept, joined = pair
        closure = join(senco, kept, joined)
        with pytest.raises(Invalid):
            part(senco, closure, why=" ")
        with pytest.raises(Refused):
            part(make.staff("head", school), closure)
        with pytest.raises(NotVisible):
            part(make.staff("senco", make.setting(school.local_area)), closure)
        part(senco, closure)
        with pytest.raises(InvalidTransition):
            part(senco, closure)


class TestThePages:
    def test_compare_warn_of_twins_and_lose_nothing_typed(self, school, senco):
        ada = listed(school, senco, known_given="Ada", legal_given="Ada")
        ama = listed(school, senco, known_given="Ama", legal_given="Ama")
        desk = browser(senco)
        page = desk.get("/duplicates/").content.decode()
        assert "Perhaps twins" in page
        url = reverse("join-records", args=[ada.id, ama.id])
        assert "may be twins" in desk.get(url).content.decode()
        answer = desk.post(url, {"why": "Words that stay"}).content.decode()
        assert "Words that stay" in answer
        assert "Choose which record goes on" in answer

    def test_join_and_undo(self, senco, pair):
        kept, joined = pair
        desk = browser(senco)
        url = reverse("join-records", args=[kept.id, joined.id])
        sent = desk.post(url, {"goes_on": str(joined.id), "why": "One certificate", "sure": "on"})
        assert sent.url == reverse("earlier", args=[joined.id])
        with as_owner():
            closure = Closure.objects.get(learner=kept, undone_at=None)
        undo = desk.post(
            reverse("earlier", args=[joined.id]),
            {"closure": str(closure.id), "why": "They are cousins"},
        )
        assert undo.status_code == 302
        assert desk.get(f"/learners/{kept.id}/").status_code == 200

    def test_the_officer_s_cases(self, school, apart):
        desk = browser(make.staff("officer", school.local_area))
        page = desk.get("/area/duplicates/").content.decode()
        assert reverse("join-records", args=[apart[0].id, apart[1].id]) in page or (
            reverse("join-records", args=[apart[1].id, apart[0].id]) in page
        )


def signoff_everything(by, review, grid) -> None:
    for area in grid.areas:
        drafting.save_change(
            by=by,
            review_id=review.id,
            version=None,
            change="add",
            values=drafting.need_values(
                grid, area.code, "mild", [{"what": "Watches", "when": "2026-01-01"}], "Watches"
            ),
        )
    signoff.sign_off(
        by=by, review_id=review.id, version=None, no_conversation_because="Not yet reached"
    )
