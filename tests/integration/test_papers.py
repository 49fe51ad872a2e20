"""Papers: each for the audience of whoever asks, logged, and what leaves is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.audit.models import AccessEntry, Event
from apps.common import clock
from apps.framework import selectors as framework
from apps.learners.models import Learner, TeachingGroup, TeachingGroupMember
from apps.reviews import policy
from apps.reviews.actions import drafting, entry, signoff
from apps.reviews.actions.entry import Evidence, put_on_register
from apps.reviews.models import Contribution, PaperSent, Review, Statement, SupportCheck
from apps.settings.models import Setting
from tests import factories as make
from tests.integration.test_query_counts import counted
from tests.support.database import as_owner
from tests.support.lives import browser as fresh
from tests.support.papers import faults, text_of
from tests.support.sight import browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> Setting:
    return make.setting(make.local_area())


@pytest.fixture
def senco(school: Setting) -> User:
    return make.staff("senco", school)


def on_register(school: Setting, senco: User, **values: Any) -> Learner:
    learner = make.learner(school, **values)
    put_on_register(
        by=make.acting_as(senco),
        learner=learner,
        setting=school,
        area="communication-and-interaction",
        level="mild",
        evidence=Evidence("Watches others before joining in", "class", clock.today(), "Mr Ray"),
    )
    return learner


def says(learner: Learner, kind: str, text: str, **values: Any) -> Statement:
    with as_owner():
        return Statement.objects.create(
            record=learner.record,
            learner=learner,
            kind=kind,
            text=text,
            **{"introduced_no": 1, **values},
        )


@pytest.fixture
def robin(school: Setting, senco: User) -> Learner:
    robin = on_register(school, senco)
    says(robin, "strength", "Knows every train on the line.")
    says(robin, "adaptation", "A seat near the door.")
    says(robin, "harder", "A room that echoes.")
    says(robin, "support", "Time with Dr Vale.", audience="staff", audience_reason="Safeguarding")
    says(
        robin,
        "support",
        "Reading group.",
        details={"how_often": "three times a week", "minutes": 20, "group_size": 3},
    )
    return robin


def paper(client: Client, path: str, **sent: Any) -> str:
    """The words of a paper, having checked that it is one."""
    answer = client.post(path, sent) if sent else client.get(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/pdf"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert faults(answer.content) == []
    return text_of(answer)


def test_a_profile_says_who_what_helps_and_what_is_harder(senco: User, robin: Learner) -> None:
    read = paper(browser(senco), f"/learners/{robin.id}/profile.pdf")
    for words in (
        "Robin",
        robin.known_family,
        "Year 4",
        "Knows every train on the line.",
        "A seat near the door.",
        "three times a week, 20 minutes, 3 together",
        "What makes it harder for me",
        "As signed off on",
    ):
        assert words in read


def test_staff_read_what_is_for_staff_only_marked_so_and_a_family_does_not(
    senco: User, robin: Learner
) -> None:
    read = paper(browser(senco), f"/learners/{robin.id}/profile.pdf")
    assert "Time with Dr Vale. (staff only)" in read
    own = paper(browser(make.parent(robin)), f"/learners/{robin.id}/profile.pdf")
    assert "A seat near the door." in own
    assert "Dr Vale" not in own


def test_an_adult_from_whom_it_is_withheld_reads_no_place(
    senco: User, robin: Learner, school: Setting
) -> None:
    parent = make.parent(robin)
    says(robin, "support", f"A taxi to {school.name}.")
    with as_owner():
        robin.access.filter(grantee_id=parent.id).update(knows_where=False)
    own = paper(browser(parent), f"/learners/{robin.id}/profile.pdf")
    assert "Knows every train" in own
    assert school.name not in own


def test_a_profile_is_logged_as_opened(senco: User, robin: Learner) -> None:
    paper(browser(senco), f"/learners/{robin.id}/profile.pdf")
    with as_owner():
        entry = AccessEntry.objects.latest("id")
    assert (entry.kind, entry.what, entry.learner_ids) == ("opened", "profile as PDF", [robin.id])


def test_the_register_s_profiles_are_all_or_those_asked_for(
    school: Setting, senco: User, robin: Learner
) -> None:
    bo = on_register(school, senco, known_given="Bo")
    client = fresh(senco)
    every = paper(client, "/register/selected/", act="profiles", of="all")
    assert robin.known_family in every
    assert bo.known_family in every
    asked = paper(client, "/register/selected/", act="profiles", who=[str(bo.id)])
    assert robin.known_family not in asked
    assert bo.known_family in asked
    with as_owner():
        entry = AccessEntry.objects.latest("id")
    assert (entry.kind, entry.learner_ids) == ("opened", [bo.id])


def test_nobody_elses_learner_comes_with_the_selection(
    school: Setting, senco: User, robin: Learner
) -> None:
    other = make.setting()
    stranger = on_register(other, make.staff("senco", other), known_given="Stranger")
    who = [str(stranger.id), str(robin.id)]
    read = paper(fresh(senco), "/register/selected/", act="profiles", who=who)
    assert "Stranger" not in read
    assert robin.known_family in read
    broken = {"act": "profiles", "who": "x"}
    assert fresh(senco).post("/register/selected/", broken).status_code == 404


def test_a_teacher_prints_a_class_and_no_other(
    school: Setting, senco: User, robin: Learner
) -> None:
    bo = on_register(school, senco, known_given="Bo")
    teacher = make.staff("teacher", school, whole_setting=True)
    oak = TeachingGroup.objects.create(setting=school, name="Oak", year=2026)
    with as_owner():
        TeachingGroupMember.objects.create(group=oak, learner=robin)
    client = browser(teacher)
    every = paper(client, "/classes/profiles.pdf")
    assert bo.known_family in every
    one = paper(client, f"/classes/profiles.pdf?group={oak.id}")
    assert robin.known_family in one
    assert bo.known_family not in one


def test_a_cover_sheet_has_a_line_or_two_and_nothing_for_staff_only(
    school: Setting, senco: User, robin: Learner
) -> None:
    says(robin, "adaptation", "Instructions one at a time.")
    says(robin, "adaptation", "A third thing.")
    read = paper(browser(make.staff("teacher", school, whole_setting=True)), "/classes/cover.pdf")
    assert "A seat near the door." in read
    assert "A room that echoes." in read
    assert "A third thing." not in read
    assert "Dr Vale" not in read


def test_a_teacher_s_own_child_is_not_among_their_classes(
    school: Setting, senco: User, robin: Learner
) -> None:
    teacher = make.parent(robin)
    with as_owner():
        teacher.memberships.create(role="teacher", setting=school, starts_on=make.LONG_AGO)
    assert robin.known_family not in paper(browser(teacher), "/classes/profiles.pdf")


def signed_off(senco: User, robin: Learner, *, why: str) -> None:
    """The open review signed off, without a conversation."""
    by = make.acting_as(senco)
    review = Review.objects.get(learner=robin, state="open")
    needs = Statement.objects.filter(learner=robin, kind="need", withdrawn_no=None)
    judged = set(needs.values_list("area__code", flat=True))
    for area in framework.grid(review.framework_id).areas:
        if area.code not in judged:
            values = {"kind": "need", "area": area.code, "level": "universal", "text": "As for all"}
            drafting.save_change(
                by=by, review_id=review.id, version=None, change="add", values=values
            )
    signoff.sign_off(by=by, review_id=review.id, version=None, no_conversation_because=why)


def test_two_cycles_show_what_was_planned_and_what_came_of_it(senco: User, robin: Learner) -> None:
    by = make.acting_as(senco)
    outcome = {"kind": "outcome", "text": "Asks for a break", "details": {"target": "4 of 5"}}
    first = Review.objects.get(learner=robin, state="open")
    drafting.save_change(by=by, review_id=first.id, version=None, change="add", values=outcome)
    signed_off(senco, robin, why="They were away.")
    by = make.acting_as(senco)
    interim = entry.open_interim(by=by, learner=robin, setting=first.setting)
    aimed = Statement.objects.get(learner=robin, kind="outcome")
    marks = {aimed.id: ("achieved", "Every day now")}
    drafting.save_progress(by=by, review_id=interim.id, version=None, marks=marks)
    signed_off(senco, robin, why="They could not come.")
    read = paper(browser(senco), f"/learners/{robin.id}/evidence.pdf", x="1")
    for words in ("Aim: 4 of 5.", "Achieved", "Every day now", "They were away.", "They could not"):
        assert words in read
    assert read.count("Assess\n") == 2
    assert clock.today().isoformat() not in read  # dates are in words


def test_under_do_stands_what_checks_said_of_each_support_in_that_cycle(
    senco: User, robin: Learner
) -> None:
    for text, audience in (
        ("Language group", ""),
        ("Pencil grip", ""),
        ("A safe way out", "staff"),
    ):
        values = {"kind": "support", "text": text, "details": {"how_often": "daily"}}
        if audience:
            values |= {"audience": audience, "audience_reason": "It says where"}
        review = Review.objects.get(learner=robin, state="open")
        drafting.save_change(
            by=make.acting_as(senco), review_id=review.id, version=None, change="add", values=values
        )
    signed_off(senco, robin, why="They were away.")
    for text, half, answer, why in (
        ("Language group", 1, "as planned", ""),
        ("Language group", 2, "not", "No room."),
        ("A safe way out", 1, "partly", "The door was locked."),
    ):
        with as_owner():
            SupportCheck.objects.create(
                learner=robin,
                statement=Statement.objects.get(learner=robin, text=text),
                year=2026,
                term="autumn",
                half=half,
                answer=answer,
                why=why,
                author_name="Mrs Day",
                said_at=clock.now(),
            )
    read = " ".join(paper(browser(senco), f"/learners/{robin.id}/evidence.pdf", x="1").split())
    said = "as planned in 1 half term; not happening in 1 half term (No room)."
    assert f"daily. Checked: {said}" in read
    assert "Pencil grip daily. Not checked." in read
    assert "The door was locked" not in read


def test_an_evidence_pack_has_what_was_signed_and_is_told(
    senco: User, robin: Learner, school: Setting
) -> None:
    read = paper(browser(senco), f"/learners/{robin.id}/evidence.pdf", x="1")
    for words in ("Assess", "Plan", "Do", "Review", "Watches others before joining in", "Mild"):
        assert words in read
    assert "Dr Vale" not in read
    make.acting_as(senco)
    review = Review.objects.get(learner=robin, number=1)
    assert review.sha256 in read.replace("\n", "")
    sent = PaperSent.objects.get(learner=robin)
    assert (sent.kind, sent.role, sent.organisation) == ("evidence", "SENCO", school.name)
    assert Event.objects.filter(action="paper made for others", subject_id=sent.id).exists()
    told = browser(make.parent(robin)).get(f"/family/{robin.id}/looked/").content.decode()
    assert "Evidence for a request to others" in told


def test_what_somebody_kept_from_others_is_in_no_evidence(senco: User, robin: Learner) -> None:
    parent = make.parent(robin)
    review = Review.objects.get(learner=robin, number=1)
    with as_owner():
        for text, values in {
            "Kept from others": {"voice": "family"},
            "Shared with others": {"voice": "family", "others_may_see": True},
            "Not my parents": {"voice": "learner", "not_my_parents": True},
            "Ask me": {"voice": "learner", "ask_me_first": True},
        }.items():
            Contribution.objects.create(
                learner=robin,
                review=review,
                author=parent,
                author_name="Alex",
                going_well=text,
                said_at=clock.now() - timedelta(days=1),
                **values,
            )
    found = policy.contributions_to_pass_on(make.acting_as(senco)).filter(learner=robin)
    assert [c.going_well for c in found] == ["Shared with others"]


def test_the_normal_way_of_working_says_since_when_and_how_often(
    senco: User, robin: Learner
) -> None:
    says(robin, "adaptation", "Extra time, as before.", withdrawn_no=2)
    read = paper(browser(senco), f"/learners/{robin.id}/exams.pdf", x="1")
    today = f"{clock.today():%-d %B %Y}"
    assert "A seat near the door." in read
    assert today in read
    assert "three times a week" in read
    assert "Extra time" not in read
    assert "Dr Vale" not in read


def test_a_paper_for_others_is_made_by_whoever_keeps_the_record(
    school: Setting, senco: User, robin: Learner
) -> None:
    for person, status in {
        make.staff("teacher", school, whole_setting=True): 403,
        make.parent(robin): 403,
        make.staff("senco", make.setting()): 404,
    }.items():
        for kind in ("evidence", "exams"):
            assert browser(person).post(f"/learners/{robin.id}/{kind}.pdf").status_code == status
    with as_owner():
        assert not PaperSent.objects.exists()


def test_that_a_paper_left_is_never_unsaid(senco: User, robin: Learner) -> None:
    paper(browser(senco), f"/learners/{robin.id}/exams.pdf", x="1")
    make.acting_as(senco)
    for change in ("UPDATE reviews_papersent SET role = ''", "DELETE FROM reviews_papersent"):
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(change)


@pytest.mark.parametrize("path", ["/classes/profiles.pdf"])
def test_a_paper_on_many_is_as_many_queries_as_on_one(
    path: str, school: Setting, senco: User, robin: Learner
) -> None:
    client = browser(senco)

    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            paper(client, path)
        return len(counted(captured))

    count()
    one = count()
    for _ in range(10):
        says(on_register(school, senco), "strength", "Draws.")
    assert count() == one
