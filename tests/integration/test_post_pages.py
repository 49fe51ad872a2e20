"""A link to a new password that tells nobody who has an account; and choosing how one is told."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.post import choices
from apps.post.models import Message
from tests import factories as make
from tests.support.database import as_owner
from tests.support.mail import send_due

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def school():
    return make.setting()


@pytest.fixture
def senco(school) -> User:
    return make.staff("senco", school)


@pytest.fixture
def parent(school) -> User:
    return make.parent(make.learner(school))


class TestNewPassword:
    def test_the_request_does_the_same_for_every_address(self, parent):
        counts = []
        for address in (parent.email, "nobody@example.test"):
            client = Client()
            client.get("/password/forgotten/")
            with as_owner():
                before = Message.objects.count()
            with CaptureQueriesContext(connection) as asked:
                answer = client.post("/password/forgotten/", {"email": address})
            assert answer["Location"] == "/password/sent/"
            said = [q["sql"] for q in asked if "SAVEPOINT" not in q["sql"]]
            counts.append([re.sub(r"'[^']*'", "", sql) for sql in said])
            with as_owner():
                assert Message.objects.count() == before + 1
        assert counts[0] == counts[1]
        assert "accounts_user" not in " ".join(counts[0])
        assert mail.outbox == []

    def test_the_worker_sends_the_link_to_whoever_has_an_account(self, parent):
        Client().post("/password/forgotten/", {"email": parent.email.upper()})
        Client().post("/password/forgotten/", {"email": "nobody@example.test"})
        send_due()
        [sent] = mail.outbox
        assert sent.to == [parent.email]
        assert parent.name not in sent.body
        link = re.search(r"http://localhost:\d+(/password/new/\S+)", sent.body)
        assert link
        client = Client()
        page = client.get(link[1], follow=True)
        new = "orchard-lantern-violet-9"
        form = {"password1": new, "password2": new}
        client.post(page.redirect_chain[-1][0], form)
        assert client.login(email=parent.email, password=new)

    def test_nothing_is_kept_of_who_asked(self, parent):
        for address in (parent.email, "nobody@example.test"):
            Client().post("/password/forgotten/", {"email": address})
        send_due()
        with as_owner():
            assert not Message.objects.exists()

    def test_a_closed_account_gets_none(self, parent):
        User.objects.filter(pk=parent.pk).update(is_active=False)
        Client().post("/password/forgotten/", {"email": parent.email})
        send_due()
        assert mail.outbox == []


class TestThePage:
    def sign_in(self, person: User) -> Client:
        client = Client()
        client.force_login(person, backend=BACKEND)
        return client

    def test_shows_what_counts_and_keeps_what_is_chosen(self, parent):
        client = self.sign_in(parent)
        page = client.get("/messages/choose/").content.decode()
        assert parent.email in page
        sent = {"email": "weekly", "sms": "at once", "number": "07700 900123"}
        assert client.post("/messages/choose/", sent).status_code == 302
        now = choices.of(make.acting_as(parent))
        assert (now["email"].when, now["sms"]) == (
            "weekly",
            choices.Chosen("at once", "+447700900123"),
        )

    def test_says_beside_the_number_what_is_wrong_and_keeps_what_was_typed(self, parent):
        client = self.sign_in(parent)
        sent = {"email": "weekly", "sms": "at once", "number": "12"}
        page = client.post("/messages/choose/", sent).content.decode()
        assert "Enter a mobile number of the United Kingdom" in page
        assert 'value="12"' in page

    def test_offers_staff_no_text_messages(self, senco):
        page = self.sign_in(senco).get("/messages/choose/").content.decode()
        assert "By text message" not in page
