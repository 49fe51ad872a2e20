"""Every page answers for the person it is for."""

from __future__ import annotations

import pytest
from django.test import Client

from apps.common import clock
from apps.reviews.actions.entry import Evidence, put_on_register
from apps.reviews.models import Review
from tests import factories as make

pytestmark = pytest.mark.django_db


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/framework/",
        "/framework/0.2-draft/",
        "/framework/0.1/cognition-and-learning/mild/",
        "/toolkit/",
        "/toolkit/?words=phonics&phase=primary",
        "/toolkit/visual-support/",
        "/about/",
        "/privacy/",
        "/accessibility/",
        "/sign-in/",
        "/join/",
        "/password/forgotten/",
    ],
)
def test_anyone_can_read_the_public_pages(path: str) -> None:
    assert Client().get(path).status_code == 200


def test_a_record_shows_its_need_from_the_first_entry_on() -> None:
    school = make.setting()
    senco = make.staff("senco", school)
    robin = make.learner(school)
    put_on_register(
        by=make.acting_as(senco),
        learner=robin,
        setting=school,
        area="communication-and-interaction",
        level="mild",
        evidence=Evidence("Watches others first", "class", clock.today(), "Mr Ray"),
    )
    page = signed_in(senco).get(f"/learners/{robin.id}/").content.decode()
    assert "Watches others first" in page and "Level in force" in page


def test_a_senco_walks_her_pages() -> None:
    school = make.setting()
    senco = make.staff("senco", school)
    robin = make.learner(school)
    client = signed_in(senco)
    assert client.get("/home/").status_code == 200
    assert client.get("/register/").status_code == 200
    assert b"Exampleson" in client.post("/register/add/", {"words": "exampl"}).content
    answer = client.post(
        f"/learners/{robin.id}/entry/",
        {
            "area": "communication-and-interaction",
            "level": "mild",
            "what": "Watches others",
            "where": "class",
        },
    )
    assert answer.status_code == 302, answer.content.decode()[:3000]
    make.acting_as(senco)
    review = Review.objects.get(state="open")
    for path in [
        "/home/",
        "/register/",
        "/register/?area=communication-and-interaction&level=mild",
        "/register/?sort=level",
        "/reviews/",
        "/moves/",
        "/people/",
        f"/learners/{robin.id}/",
        f"/learners/{robin.id}/looked/",
        f"/learners/{robin.id}/reviews/1/",
        f"/learners/{robin.id}/family/",
        f"/learners/{robin.id}/move/",
        f"/reviews/{review.id}/",
        f"/reviews/{review.id}/level/cognition-and-learning/",
        f"/reviews/{review.id}/add/support/",
        f"/reviews/{review.id}/progress/",
        f"/reviews/{review.id}/sign-off/",
        f"/reviews/{review.id}/unchanged/",
    ]:
        assert client.get(path).status_code == 200, path


def test_other_people_walk_theirs() -> None:
    school = make.setting()
    senco = make.staff("senco", school)
    robin = make.learner(school)
    put_on_register(
        by=make.acting_as(senco),
        learner=robin,
        setting=school,
        area="communication-and-interaction",
        level="mild",
        evidence=Evidence("Watches others", "class", clock.today(), "Mr Ray"),
    )
    mother = make.parent(robin)
    teacher = make.staff("teacher", school, whole_setting=True)
    officer = make.staff("officer", school.local_area)
    admin = make.staff("administrator")
    make.acting_as(senco)
    review = Review.objects.get(number=1)
    walks = [
        (
            mother,
            [
                "/home/",
                f"/family/{robin.id}/",
                f"/family/{robin.id}/say/",
                f"/family/{robin.id}/looked/",
                f"/family/reviews/{review.id}/",
            ],
        ),
        (teacher, ["/classes/", f"/classes/{robin.id}/"]),
        (
            officer,
            ["/area/", "/area/moves/", f"/area/settings/{school.id}/", f"/learners/{robin.id}/"],
        ),
        (admin, ["/organisations/", f"/organisations/{school.id}/"]),
    ]
    for person, paths in walks:
        client = signed_in(person)
        for path in paths:
            assert client.get(path, follow=True).status_code == 200, (person, path)
    said = f"/learners/{robin.id}/reviews/1/"  # what a parent agrees with can be read from there
    client = signed_in(mother)
    assert said in client.get(f"/family/reviews/{review.id}/").content.decode()
    shown = client.get(said).content.decode()
    assert "Talking, understanding and being with others" in shown and "Mild" not in shown


@pytest.mark.parametrize(
    "path",
    [
        "/framework/%00/",
        "/toolkit/?words=%00",
        "/register/?year=%00&area=x%00&after=%00",
        "/register/?year=99999999999999999999&area=x'&level=--&after=1&sort=%FF",
        "/register/?area=communication-and-interaction&level=nonsense",
        "/home/?next=//elsewhere.example",
        "/api/v1/settings/?urn=%00",
        "/api/v1/settings/?cursor=nonsense&page_size=-1",
    ],
)
def test_an_odd_address_gets_an_answer_and_no_crash(path: str) -> None:
    school = make.setting()
    client = Client(headers={"Authorization": make.api_client(school)[1]})
    client.force_login(
        make.staff("senco", school), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    assert client.get(path).status_code < 500
