"""Asking for views: by one button, for many reviews at once, with polite reminders."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q

from apps.access.grants import Actor
from apps.audit import record as audit
from apps.common import clock
from apps.common.doorbell import ring
from apps.common.exceptions import Invalid, InvalidTransition, NotVisible
from apps.jobs import actions as jobs
from apps.jobs.models import Job
from apps.notifications.actions import tell
from apps.post import choices
from apps.post.models import When
from apps.reviews import asking, links, policy
from apps.reviews.actions.drafting import open_review
from apps.reviews.asking import Person
from apps.reviews.models import Ask, AskingChoice, Contribution, Review
from apps.settings.models import Setting

# A link goes on working for so long after the day by which an answer was asked for.
LINK_AFTER_DUE = timedelta(days=14)
# Nobody is asked for longer than a year ahead: that is a slip of typing.
LATEST = timedelta(days=366)
# The first of two reminders comes so long before that day; the second on it.
REMIND_BEFORE = timedelta(days=3)


@transaction.atomic
def choose_whom_to_ask(
    *,
    by: Actor,
    setting: Setting,
    tutor: bool,
    teachers: int,
    family: bool,
    specialists: bool,
) -> AskingChoice:
    """Whom this setting asks in each review from now on. Raises Refused, Invalid."""
    policy.check_can_open_term(by, setting.id)
    if not 0 <= teachers <= 9:  # noqa: PLR2004 - the column's own bound
        raise Invalid("Choose fewer teachers.", {"teachers": "Enter a number from 0 to 9."})
    choice, _ = AskingChoice.objects.update_or_create(
        setting=setting,
        defaults={
            "tutor": tutor,
            "teachers": teachers,
            "family": family,
            "specialists": specialists,
        },
    )
    audit.event(by=by, action="chose whom to ask", subject_kind="setting", subject_id=setting.id)
    return choice


ASKING = "ask for views"


def have_views_asked_for(
    *, by: Actor, setting: Setting, due_on: date, only: Collection[UUID] | None = None
) -> Job:
    """Have the worker ask, as `ask_for_views` does, in all of a setting's open reviews or in those
    of `only` these learners.

    Returns the job; the one that runs already, where it does the same. Raises Refused, Invalid
    where the day is past, InvalidTransition where none of them has a review open.
    """
    policy.check_can_open_term(by, setting.id)
    _check_day(due_on)
    reviews = asking.open_reviews(by, setting.id, only)
    learners = list(reviews.order_by("due_on", "id").values_list("learner_id", flat=True))
    if not learners:
        raise InvalidTransition("None of them has a review open. Open their reviews first.")
    values = {"due_on": due_on.isoformat()}
    return jobs.start(by=by, setting=setting, kind=ASKING, learner_ids=learners, values=values)


@transaction.atomic
def ask_for_views(*, by: Actor, review_ids: Iterable[UUID], due_on: date) -> int:
    """Ask whom the setting's choice asks in each of these open reviews; how many were asked anew.

    Safe to repeat: nobody is asked twice, and who has answered is left alone. A review that is not
    open, or that the actor may not lock since they do not write it, is passed over. Raises Refused,
    Invalid where the day is past.
    """
    # Two who ask at once wait for one another here: the second finds whom the first has asked.
    reviews = list(
        policy.visible_to(by)
        .select_for_update(of=("self",))
        .filter(pk__in=list(review_ids), state=Review.State.OPEN)
        .select_related("learner")
        .prefetch_related("asks")
        .order_by("pk")
    )
    by_setting: dict[UUID | None, list[Review]] = {}
    for review in reviews:
        by_setting.setdefault(review.setting_id, []).append(review)
    asked = 0
    for setting_id, here in by_setting.items():
        if setting_id is None:
            continue
        found = asking.people(by, here, asking.choice_of(by, setting_id))
        for review in here:
            chosen = [person for person in found[review.id] if person.chosen]
            asked += len(_ask(by, review, chosen, due_on))
    return asked


@transaction.atomic
def ask(*, by: Actor, review_id: UUID, people: Iterable[Person], due_on: date) -> list[Ask]:
    """Ask these people what they think, for an open review and by a day.

    Raises NotVisible, Refused, InvalidTransition where the review is not open, Invalid.
    """
    review = open_review(by=by, review_id=review_id)
    people = list(people)
    if not people:
        raise Invalid("Choose somebody to ask.", {"people": "Choose at least one person to ask."})
    for person in people:
        if person.user_id is None:
            _check_address(person)
    return _ask(by, review, people, due_on)


def _check_address(person: Person) -> None:
    try:
        validate_email(person.email)
    except ValidationError:
        raise Invalid(
            "Check the e-mail address.",
            {"email": "Enter an e-mail address, like name@example.org."},
        ) from None
    if not person.name:
        raise Invalid("Say who it is.", {"name": "Enter the name of the person to ask."})


def _ask(by: Actor, review: Review, people: list[Person], due_on: date) -> list[Ask]:
    policy.check_can_review(by, review.learner_id)
    _check_day(due_on)
    known = {_who(a.user_id, a.family_member_id, a.email): a for a in review.asks.all()}
    asked = []
    for person in people:
        row = known.get(_who(person.user_id, person.member_id, person.email))
        if row and row.state != Ask.State.WITHDRAWN:
            continue
        row = row or Ask(review=review, learner_id=review.learner_id)
        _put(row, person, by, due_on)
        asked.append(row)
    for row in asked:
        row.save()
    if asked:
        _tell(asked, _week())
        if review.setting_id and any(row.link_digest for row in asked):
            ring("reviews.send_links", review.setting_id)
        audit.event(
            by=by,
            action="asked for views",
            subject_kind="review",
            subject_id=review.id,
            learner_id=review.learner_id,
            detail={"asked": len(asked), "due_on": due_on.isoformat()},
        )
    return asked


def _check_day(due_on: date) -> None:
    if due_on < clock.today():
        raise Invalid("Choose another day.", {"due_on": "Enter today or a day still to come."})
    if due_on > clock.today() + LATEST:
        raise Invalid("Choose another day.", {"due_on": "Enter a day within a year from now."})


def _who(user_id: UUID | None, member_id: UUID | None, email: str) -> object:
    return member_id or user_id or email.lower()


def _put(row: Ask, person: Person, by: Actor, due_on: date) -> None:
    row.voice, row.name, row.email = person.voice, person.name, person.email.lower()
    row.user_id, row.family_member_id = person.user_id, person.member_id
    row.asked_by, row.asked_at, row.due_on = by.name, clock.now(), due_on
    row.state, row.reminders, row.mails = Ask.State.ASKED, 0, 0
    row.attempts, row.not_before, row.last_error = 0, None, ""
    row.link_digest, row.link_ends_on = "", None
    if row.user_id is None:
        row.link_digest = links.digest_of(links.token_of(row))
        row.link_ends_on = due_on + LINK_AFTER_DUE


@transaction.atomic
def withdraw(*, by: Actor, ask_id: UUID) -> Ask:
    """Ask them no more: reminders stop, and their link ends. Raises NotVisible, Refused."""
    rows = policy.asks_visible(by).select_for_update(of=("self",))
    row = rows.filter(pk=ask_id).first()
    if row is None:
        raise NotVisible
    policy.check_can_review(by, row.learner_id)
    if row.state != Ask.State.ASKED:
        raise InvalidTransition("They have answered already, or are not asked any more.")
    row.state, row.link_digest, row.link_ends_on = Ask.State.WITHDRAWN, "", None
    row.save(update_fields=["state", "link_digest", "link_ends_on"])
    audit.event(
        by=by,
        action="asked no more",
        subject_kind="review",
        subject_id=row.review_id,
        learner_id=row.learner_id,
    )
    return row


def remind_due(*, by: Actor, setting: Setting) -> int:
    """Remind who has not answered, three days before and on the day; how many were reminded.

    Teachers get at most one message a week, and one more where it cannot wait. Safe to repeat.
    """
    policy.check_can_open_term(by, setting.id)
    today = clock.today()
    waiting = Ask.objects.filter(
        Q(reminders=0, due_on__lte=today + REMIND_BEFORE) | Q(reminders=1, due_on__lte=today),
        policy.may_answer(),
        state=Ask.State.ASKED,
        review__setting=setting,
        review__state=Review.State.OPEN,
        due_on__gte=today,
        asked_at__date__lt=today,
    )
    due = list(waiting.select_for_update(of=("self",), skip_locked=True))
    for row in due:
        row.reminders = 2 if row.due_on == today else 1
        row.save(update_fields=["reminders"])
    _tell(due, _week(), again=True)
    return len(due)


def _week() -> str:
    year, week, _ = clock.today().isocalendar()
    return f"{year}-{week}"


def _tell(asks: list[Ask], week: str, *, again: bool = False) -> None:
    """Tell those who sign in; whom the weekly digest would reach on the day or later, before it."""
    digest = choices.due(When.WEEKLY).date()
    _tell_of("views asked for", [a for a in asks if a.due_on > digest], week, again=again)
    _tell_of("views asked for soon", [a for a in asks if a.due_on <= digest], week, again=again)


def _tell_of(kind: str, asks: list[Ask], week: str, *, again: bool) -> None:
    """Teachers are told of all their learners at once, and of each kind at most once a week."""
    at_work = [a.user_id for a in asks if a.user_id and a.voice == Contribution.Voice.TEACHER]
    referred = [a.user_id for a in asks if a.user_id and a.voice == Contribution.Voice.SPECIALIST]
    for recipients, link in ((at_work, "/classes/round/"), (referred, "/referred/")):
        tell(
            recipients=recipients,
            learner_id=None,
            kind=kind,
            text="You are asked what you see, for reviews that are coming.",
            link=link,
            key=f"{kind}:{week}:{link}",
        )
    for row in asks:
        if row.user_id and row.family_member_id:
            tell(
                recipients=[row.user_id],
                learner_id=row.learner_id,
                kind=kind,
                text="A reminder: you are asked what you think, before a review."
                if again
                else "You are asked what you think, before a review.",
                link=f"/family/{row.learner_id}/say/",
                # Who was asked no more and is asked again has the same row, and hears of it again.
                key=f"views asked for:{row.id}:{row.asked_at.timestamp()}:{row.reminders}",
            )
