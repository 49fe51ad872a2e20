"""Systems connected to the API, by an administrator's pages: true at the next request."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from oauth2_provider.models import AccessToken

from apps.access import clients
from apps.access.models import ApiClient
from apps.audit.models import Event
from apps.common import clock
from apps.common.exceptions import NotVisible
from tests import factories as make
from tests.integration.test_accounts import stepped_up
from tests.integration.test_sign_in import sign_in
from tests.support.database import as_owner

pytestmark = pytest.mark.django_db

CODE = re.compile(r'class="lr-code">([^<]+)<')


@pytest.fixture
def school():
    return make.setting()


@pytest.fixture
def administrator() -> Client:
    return stepped_up(make.staff("administrator"))


def urn(setting: Any) -> str:
    return str(setting.identifiers.get(kind="urn").value)


def sent(*settings: Any, **changes: Any) -> dict[str, Any]:
    values = {"name": "Bright MIS", "scopes": ["learners:read"], "local_areas": ""}
    return {**values, "settings": "\n".join(map(urn, settings)), **changes}


class System:
    """A connected system as whoever runs it knows it."""

    def __init__(self, page: str) -> None:
        self.id, self.secret = CODE.findall(page)

    def token(self) -> str:
        answer = Client().post(
            "/api/token/",
            {
                "grant_type": "client_credentials",
                "client_id": self.id,
                "client_secret": self.secret,
            },
        )
        return str(answer.json().get("access_token", ""))

    def learners(self, token: str) -> int | None:
        answer = Client().get("/api/v1/learners/", headers={"Authorization": f"Bearer {token}"})
        return len(answer.json()["results"]) if answer.status_code == 200 else None


@pytest.fixture
def system(administrator: Client, school) -> System:
    make.learner(school)
    return System(administrator.post("/systems/connect/", sent(school)).content.decode())


@pytest.fixture
def address(system: System) -> str:
    return f"/systems/{ApiClient.objects.get().id}/"


def logged() -> list[str]:
    with as_owner():
        found = Event.objects.filter(action__startswith="system").order_by("id")
        return list(found.values_list("action", flat=True))


class TestConnecting:
    def test_gives_a_secret_once(self, administrator: Client, system: System, address: str) -> None:
        assert system.learners(system.token()) == 1
        assert system.secret not in administrator.get(address).content.decode()
        assert system.id in administrator.get(address).content.decode()
        assert logged() == ["system connected"]

    def test_asks_again_who_one_is(self, school) -> None:
        client = sign_in(make.staff("administrator"))
        asked = client.post("/systems/connect/", sent(school))
        assert asked["Location"].startswith("/sign-in/again/")
        assert not ApiClient.objects.exists()

    def test_what_comes_back_then_goes_where_it_came_from(self, school) -> None:
        client = sign_in(make.staff("administrator"))
        asked = client.post("/systems/connect/", sent(school, scopes=[]))
        page = client.post(asked["Location"], {"password": make.PASSWORD}).content.decode()
        assert "What may it do? Choose at least one" in page
        assert '<form method="post" action="/systems/connect/"' in page

    @pytest.mark.parametrize(
        ("changes", "says"),
        [
            ({"settings": "123"}, "There is no setting with the URN 123"),
            ({"settings": ""}, "Name at least one setting or local area"),
            ({"settings": "", "local_areas": "zzz"}, "There is no local area with the code zzz"),
            ({"scopes": []}, "What may it do? Choose at least one"),
            ({"scopes": ["everything"]}, "everything is not one of the available choices"),
            ({"last_day_0": "1", "last_day_1": "1", "last_day_2": "2020"}, "and not past"),
            ({"starts_on_0": "1", "starts_on_1": "1", "starts_on_2": "2020"}, "cannot be past"),
        ],
    )
    def test_says_what_is_wrong_and_loses_nothing(
        self, administrator: Client, school, changes: dict[str, Any], says: str
    ) -> None:
        page = administrator.post("/systems/connect/", sent(school, **changes)).content.decode()
        assert says in page
        assert 'value="Bright MIS"' in page
        assert not ApiClient.objects.exists()

    def test_until_a_day(self, administrator: Client, school) -> None:
        make.learner(school)
        last = clock.today() + timedelta(days=30)
        parts = {"last_day_0": last.day, "last_day_1": last.month, "last_day_2": last.year}
        page = administrator.post("/systems/connect/", sent(school, **parts)).content.decode()
        System(page)
        (grant,) = clients.current(ApiClient.objects.get())
        assert grant.last_day == last

    def test_of_a_system_that_begins_later_gives_nothing_yet(
        self, administrator: Client, school
    ) -> None:
        make.learner(school)
        day = clock.today() + timedelta(days=3)
        parts = {"starts_on_0": day.day, "starts_on_1": day.month, "starts_on_2": day.year}
        page = administrator.post("/systems/connect/", sent(school, **parts)).content.decode()
        system = System(page)
        assert not system.learners(system.token())

    def test_is_an_administrators_alone(self, school) -> None:
        senco = make.staff("senco", school)
        client = stepped_up(senco)
        assert client.post("/systems/connect/", sent(school)).status_code == 404
        with pytest.raises(NotVisible):
            clients.connect_system(
                by=make.acting_as(senco), name="x", scopes=[], settings=[school], local_areas=[]
            )


class TestChanging:
    def test_what_it_acts_for_is_true_at_its_next_request(
        self, administrator: Client, system: System, address: str
    ) -> None:
        other = make.setting()
        token = system.token()
        assert administrator.post(address, sent(other)).status_code == 302
        assert not AccessToken.objects.exists()
        assert system.learners(token) is None
        assert system.learners(system.token()) == 0
        assert logged() == ["system connected", "system changed"]

    def test_shows_what_it_is_now(self, administrator: Client, address: str, school) -> None:
        page = administrator.get(address).content.decode()
        assert f">\n{urn(school)}</textarea>" in page
        assert re.search(r'value="learners:read"[^>]*checked', page)

    def test_a_scope_that_is_taken_ends_with_an_old_token_too(
        self, administrator: Client, system: System, address: str, school
    ) -> None:
        token = system.token()
        client = ApiClient.objects.get()
        client.scopes = ["settings:read"]  # as if the token had been kept
        client.save()
        assert system.learners(token) is None

    def test_a_setting_that_is_named_again_keeps_its_first_day(
        self, administrator: Client, system: System, address: str, school
    ) -> None:
        client = ApiClient.objects.get()
        client.grants.update(starts_on=make.LONG_AGO)
        administrator.post(address, sent(school, make.setting()))
        first, second = clients.current(client)
        assert (first.setting_id, first.starts_on) == (school.id, make.LONG_AGO)
        assert second.starts_on == clock.today()


class TestANewSecret:
    def test_ends_the_old_one_and_its_tokens(
        self, administrator: Client, system: System, address: str
    ) -> None:
        token = system.token()
        new = System(administrator.post(f"{address}secret/").content.decode())
        assert new.id == system.id
        assert system.learners(token) is None
        assert system.token() == ""
        assert new.learners(new.token()) == 1


class TestTheEnd:
    def test_is_at_once_and_its_name_stays(
        self, administrator: Client, system: System, address: str
    ) -> None:
        token = system.token()
        administrator.post(f"{address}end/")
        assert system.learners(token) is None
        assert system.token() == ""
        assert "Bright MIS" in administrator.get("/systems/").content.decode()
        assert logged()[-1] == "system ended"

    def test_is_once_and_nothing_follows(
        self, administrator: Client, system: System, address: str, school
    ) -> None:
        administrator.post(f"{address}end/")
        assert administrator.post(f"{address}end/").status_code == 409
        assert administrator.post(f"{address}secret/").status_code == 409
        assert administrator.post(address, sent(school)).status_code == 409
