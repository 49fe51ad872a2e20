"""Adoption: a new learner with a new number, and the earlier record sealed (domain.md).

One person who keeps the record proposes the new identity and the words to carry over; a second one
decides. Then, in one transaction, the new learner is there and nobody sees the old one any more. No
row that the application can read leads from one to the other: nothing here is logged by a person,
and the database keeps who decided with the link.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from apps.access import grants, rls
from apps.access.grants import Actor
from apps.audit import record as audit
from apps.common import clock
from apps.common.exceptions import Invalid, InvalidTransition
from apps.common.identifiers import parse_upn
from apps.learners.actions import add_learner, start_record
from apps.learners.models import Learner
from apps.lives import policy
from apps.lives.actions import closing
from apps.lives.changes import Changes
from apps.lives.former import former_words, named_in
from apps.lives.models import Adoption
from apps.notifications.actions import tell
from apps.reviews.actions.entry import open_first_at
from apps.reviews.models import DraftChange, LearnerRecord, Statement
from apps.settings.models import Setting

NAMES = ("legal_given", "legal_family", "known_given", "known_family")
# What a child is born with, or has whatever the name.
STAYS = ("sex", "ethnicity", "first_language", "free_school_meals", "english_additional_language")
ENDED = "The record was closed"


@transaction.atomic
def propose(
    *,
    by: Actor,
    learner_id: UUID,
    values: dict[str, Any],
    to_setting: Setting,
    year_group: int,
    starts_on: date,
    because: str,
    words: dict[UUID, str],
) -> Adoption:
    """Propose the new identity; `words` are statements in force to carry over, as they shall read.

    Raises Invalid for what is missing, and for words that have the former name.
    """
    policy.check_can_close(by, learner_id)
    learner = Learner.objects.get(pk=learner_id)
    values = _identity(learner, values, because)
    statements = _statements(learner, values, words)
    adoption = Adoption(
        learner=learner,
        values=values,
        statements=statements,
        to_setting=to_setting,
        year_group=year_group,
        starts_on=starts_on,
        because=because.strip(),
        held_by=closing.holder_of(learner),
        proposed_by_id=by.key,
        proposed_by_name=by.name,
        proposed_at=clock.now(),
    )
    try:
        with transaction.atomic():
            adoption.save(force_insert=True)
    except IntegrityError:
        raise InvalidTransition("An adoption waits for a second person already.") from None
    _note(by, adoption, "adoption proposed")
    tell(
        recipients=[adoption.held_by],
        learner_id=learner.id,
        kind="second person needed",
        text="A proposal waits for a second person.",
        link=f"/learners/{learner.id}/adoption/",
        key=f"adoption:{adoption.id}",
    )
    return adoption


def _identity(learner: Learner, values: dict[str, Any], because: str) -> dict[str, Any]:
    """The new identity, complete and checked."""
    wrong: dict[str, str] = {}
    new = {name: str(values.get(name, "")).strip() for name in NAMES}
    for name in ("legal_given", "known_given"):
        if not new[name]:
            wrong[name] = "Enter the new name."
    if not because.strip():
        wrong["because"] = "Say which order you have seen."
    upn = str(values.get("upn") or "").strip()
    if upn:
        try:
            upn = parse_upn(upn)
        except ValueError as error:
            wrong["upn"] = str(error)
    if upn and upn == learner.upn:
        wrong["upn"] = "This is the number of the earlier record. Ask for a new one."
    if all(new[name] == getattr(learner, name) for name in NAMES):
        wrong["legal_given"] = "This is the name of the earlier record."
    if wrong:
        raise Invalid("Nothing was proposed yet.", wrong)
    born = {
        "date_of_birth": str(learner.date_of_birth),
        "birth_date_certainty": learner.birth_date_certainty,
    }
    return {**new, "upn": upn or None, **born, **{name: getattr(learner, name) for name in STAYS}}


def _statements(
    learner: Learner, values: dict[str, Any], words: dict[UUID, str]
) -> list[dict[str, Any]]:
    """The drafts of the new record's first review; none has the former name."""
    family = learner.family.values_list("name", flat=True)
    joined = learner.joined_records.filter(undone_at=None).values_list("known_as", flat=True)
    names = [*family, *(word for name in joined for word in name.split())]
    former = former_words(learner, {name: values[name] for name in NAMES}, names)
    carried, wrong = [], {}
    in_force = Statement.objects.filter(pk__in=words, learner=learner, withdrawn_no=None)
    for statement in in_force.select_related("area", "level").order_by("kind", "order", "id"):
        draft = {
            "kind": statement.kind,
            "area": statement.area.code if statement.area else None,
            "level": statement.level.code if statement.level else None,
            "text": words[statement.id].strip(),
            "details": statement.details,
            "audience": statement.audience,
            "audience_reason": statement.audience_reason,
            "order": statement.order,
        }
        found = named_in(draft, former)
        if not draft["text"]:
            wrong[f"text-{statement.id}"] = "Enter the words, or do not carry this over."
        elif found and not named_in(draft["text"], former):
            wrong[f"text-{statement.id}"] = (
                "What was seen, or by whom, has a former name. Leave this out, and write it anew "
                "in the first review."
            )
        elif found:
            named = ", ".join(sorted(found))
            wrong[f"text-{statement.id}"] = f"Take the former name out: {named}."
        carried.append(draft)
    if wrong:
        raise Invalid("Nothing was proposed yet.", wrong)
    return carried


@transaction.atomic
def decline(*, by: Actor, learner_id: UUID, because: str) -> Adoption:
    """The second person declines, or the first one thinks again; says why. Raises Invalid."""
    adoption = _waiting(by, learner_id)
    if adoption.proposed_by_id != by.key:
        policy.check_can_decide(by, adoption)
    if not because.strip():
        raise Invalid("Nothing was decided yet.", {"why": "Say why."})
    adoption.declined_by_id = by.person_id
    adoption.declined_at = clock.now()
    adoption.declined_because = because.strip()
    adoption.save(update_fields=["declined_by", "declined_at", "declined_because"])
    _note(by, adoption, "adoption declined")
    return adoption


@transaction.atomic
def carry_out(*, by: Actor, learner_id: UUID) -> None:
    """The second person agrees: the new learner is there, and nobody sees the old one any more.

    Raises Refused to whoever proposed it, Invalid where another learner has the new number.
    """
    adoption = _waiting(by, learner_id)
    policy.check_can_decide(by, adoption)
    if closing.unsettled(learner_id):
        raise InvalidTransition(
            "A legal hold or a decision that waits concerns this record. Settle that first."
        )
    held = policy.held_now(adoption)
    with rls.acting(grants.worker(adoption.to_setting_id)) as worker:
        new = _make(worker, adoption)
    with rls.acting(grants.worker(held)):
        old = closing.lock(learner_id)
        closing.stop(old, Changes(), ENDED)
    rls.set_context(by)
    with connection.cursor() as cursor:
        cursor.execute("SELECT lives_seal(%s, %s)", [adoption.id, new.id])


def _make(worker: Actor, adoption: Adoption) -> Learner:
    """The new learner with a record, and a first review that waits to be written and signed."""
    values, today = dict(adoption.values), clock.today()
    values["date_of_birth"] = date.fromisoformat(values["date_of_birth"])
    try:
        with transaction.atomic():
            new = add_learner(
                by=worker,
                setting=adoption.to_setting,
                values=values,
                year_group=adoption.year_group,
                starts_on=min(adoption.starts_on, today),
            )
    except IntegrityError:
        raise InvalidTransition(
            "The new UPN cannot be used. Decline this, and propose it with another number."
        ) from None
    start_record(by=worker, learner=new, setting=adoption.to_setting, on=today)
    LearnerRecord.objects.create(learner=new, started_on=today)
    first = open_first_at(by=worker, learner=new, setting=adoption.to_setting)
    DraftChange.objects.bulk_create(
        [
            DraftChange(
                review=first,
                learner=new,
                change=DraftChange.Change.ADD,
                values=draft,
                made_at=clock.now(),
            )
            for draft in adoption.statements
        ]
    )
    return new


def _waiting(by: Actor, learner_id: UUID) -> Adoption:
    adoption = policy.waiting(by, learner_id)
    if adoption is None:
        raise InvalidTransition("No adoption waits here.")
    return adoption


def _note(by: Actor, adoption: Adoption, action: str) -> None:
    audit.event(
        by=by,
        action=action,
        subject_kind="adoption",
        subject_id=adoption.id,
        learner_id=adoption.learner_id,
    )
