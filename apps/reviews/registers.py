"""Reading a setting's register: its list, narrowed and sorted, its figures, its columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, JSONObject

from apps.access.grants import Actor
from apps.common import clock
from apps.framework import selectors as framework
from apps.learners import selectors as learners
from apps.learners.models import CensusCode, EHCPlan, Enrolment
from apps.learners.names import name_key
from apps.learners.policy import seen_by
from apps.register.models import RegisterEntry, SavedView
from apps.reviews import meetings
from apps.reviews.models import Kind, Review, Statement
from apps.settings.calendar import CalendarTerm
from apps.settings.models import Setting

PAGE = 25
YEAR = re.compile(r"-?[0-9]{1,2}")
# What a person may choose to see of each learner; the first four are shown to whoever chose none.
COLUMNS = {
    "year": "Year and class",
    "levels": "Levels",
    "review": "Review",
    "since": "Since",
    "supports": "Supports in force",
    "signed": "Last signed off",
    "census": "Census code",
    "born": "Date of birth",
    "upn": "UPN",
}
USUAL = ("year", "levels", "review", "since")


@dataclass(frozen=True)
class Filters:
    """What narrows a register; empty means everything."""

    year: str = ""
    class_name: str = ""
    area: str = ""
    level: str = ""
    support: str = ""  # words of a support in force
    review: str = ""  # "open", "overdue", "signed", "none"
    since: str = ""  # "term": new this term
    also: str = ""  # "here": held by another setting, and learning here too
    plan: str = ""  # "yes"
    family: str = ""  # "met", "unmet": whether anybody spoke with them this term
    words: str = ""
    sort: str = "name"  # "name", "level", "year", "review"
    after: str = ""


def current_entries(actor: Actor, setting_id: UUID) -> QuerySet[RegisterEntry]:
    """Who is on a setting's register now, of those whom the actor may see."""
    return RegisterEntry.objects.filter(
        seen_by(actor, "learner_id"), setting_id=setting_id, ends_on=None
    )


def entries(
    actor: Actor, setting_id: UUID, filters: Filters, term: CalendarTerm
) -> tuple[QuerySet[Any], list[str]]:
    """The register's entries that the filters leave, and the fields by which they are sorted."""
    today = clock.today()
    open_review = Review.objects.filter(learner_id=OuterRef("learner_id"), state=Review.State.OPEN)
    signed = Review.objects.filter(
        learner_id=OuterRef("learner_id"),
        state=Review.State.SIGNED_OFF,
        year=term.year,
        term=term.term.value,
        kind__in=[Review.Kind.TERMLY, Review.Kind.FIRST],
    )
    rows: QuerySet[Any] = current_entries(actor, setting_id).filter(
        Q(learner__enrolments__ends_on=None) | Q(learner__enrolments__ends_on__gt=today),
        learner__enrolments__setting_id=setting_id,
        learner__enrolments__starts_on__lte=today,
    )
    rows = rows.annotate(
        year=F("learner__enrolments__year_group"),
        class_name=F("learner__enrolments__class_name"),
        open_kind=Subquery(open_review.values("kind")[:1]),
        open_id=Subquery(open_review.values("id")[:1]),
        due_on=Subquery(open_review.values("due_on")[:1]),
        signed=Exists(signed),
    )
    rows = _narrowed(rows, filters, today, term.starts_on)
    order = {
        "level": ["-highest_rank", "learner__name_key", "id"],
        "year": ["year", "class_name", "learner__name_key", "id"],
        "review": ["due_first", "learner__name_key", "id"],
    }.get(filters.sort, ["learner__name_key", "id"])
    if filters.sort == "review":
        rows = rows.annotate(due_first=Coalesce("due_on", date.max))
    return rows, order


_NAMES = ("learner__known_given", "learner__known_family", "learner__family_name_first")
_SHOWN = (
    "id",
    "learner_id",
    *_NAMES,
    "year",
    "class_name",
    "levels",
    "highest_rank",
    "has_plan",
    "also_here",
    "brought_over",
    "starts_on",
    "open_kind",
    "open_id",
    "due_on",
    "signed",
)


def register_rows(
    actor: Actor,
    setting_id: UUID,
    filters: Filters,
    term: CalendarTerm,
    columns: Iterable[str] = USUAL,
) -> list[dict[str, Any]]:
    """One page of a register and one row more if there is a next page: a single query.

    Each row: learner, names, year group, class, levels by area, plan, since, the review's state,
    and what the columns ask for besides.
    """
    rows, order = entries(actor, setting_id, filters, term)
    more = _columns(columns)
    rows = go_on_after(rows.annotate(**more), filters.after, order)
    return list(rows.order_by(*order).values(*_SHOWN, *more)[: PAGE + 1])


def unlisted(actor: Actor, setting_id: UUID, words: str = "") -> QuerySet[Enrolment]:
    """Who learns at a setting and is not on its register now, by name."""
    listed = RegisterEntry.objects.filter(setting_id=setting_id, ends_on=None)
    rows = learners.enrolled_at(actor, setting_id, words)
    return rows.exclude(learner__in=listed.values("learner_id"))


def nearly_called(actor: Actor, setting_id: UUID, words: str) -> list[dict[str, Any]]:
    """Who on the register has nearly this name: learner and names."""
    rows = learners.nearly_called(current_entries(actor, setting_id), words)
    return list(rows.order_by("learner__name_key").values("learner_id", *_NAMES))


def chosen(
    actor: Actor,
    setting_id: UUID,
    filters: Filters,
    term: CalendarTerm,
    *,
    only: Iterable[UUID] | None = None,
    columns: Iterable[str] = COLUMNS,
) -> list[dict[str, Any]]:
    """Every row that the filters leave, in order; of them `only` these learners where given."""
    rows, order = entries(actor, setting_id, filters, term)
    if only is not None:
        rows = rows.filter(learner_id__in=list(only))
    more = _columns(columns)
    return list(rows.annotate(**more).order_by(*order).values(*_SHOWN, *more))


def _columns(names: Iterable[str]) -> dict[str, Any]:
    """The values of columns that an entry does not have itself, as one query's subqueries."""
    learner = OuterRef("learner_id")
    supports = Statement.objects.filter(learner_id=learner, kind=Kind.SUPPORT, withdrawn_no=None)
    signed = Review.objects.filter(learner_id=learner, state=Review.State.SIGNED_OFF)
    code = CensusCode.objects.filter(learner_id=learner, ends_on=None)
    each = {
        "supports": Subquery(supports.values("learner_id").annotate(n=Count("id")).values("n")),
        "last_signed": Subquery(signed.order_by("-number").values("signed_off_at")[:1]),
        "census": Subquery(code.values("code")[:1]),
        "born": F("learner__date_of_birth"),
        "upn": F("learner__upn"),
    }
    wanted = {"last_signed" if name == "signed" else name for name in names}
    return {name: value for name, value in each.items() if name in wanted}


def _narrowed(
    rows: QuerySet[Any], filters: Filters, today: date, term_start: date
) -> QuerySet[Any]:
    if YEAR.fullmatch(filters.year):
        rows = rows.filter(year=int(filters.year))
    if filters.class_name:
        rows = rows.filter(class_name=filters.class_name)
    known = {area.code for area in framework.published().areas}
    if filters.area and filters.area not in known:
        return rows.none()
    if filters.area and filters.level:
        rows = rows.filter(**{f"levels__{filters.area}__level": filters.level})
    elif filters.area:
        rows = rows.filter(**{f"levels__{filters.area}__rank__gt": 0})
    elif filters.level:
        at_level = [Q(**{f"levels__{area}__level": filters.level}) for area in sorted(known)]
        rows = rows.filter(reduce(or_, at_level))
    if filters.support:
        supports = Statement.objects.filter(
            learner_id=OuterRef("learner_id"),
            kind=Kind.SUPPORT,
            withdrawn_no=None,
            text__icontains=filters.support,
        )
        rows = rows.filter(Exists(supports))
    reviews = {
        "open": ~Q(open_id=None),
        "overdue": Q(due_on__lt=today),
        "signed": Q(signed=True),
        "none": Q(open_id=None, signed=False),
    }
    rows = rows.filter(reviews.get(filters.review, Q()))
    if filters.since == "term":
        rows = rows.filter(starts_on__gte=term_start)
    if filters.also == "here":
        rows = rows.filter(also_here=True)
    if filters.plan == "yes":
        rows = rows.filter(has_plan=True)
    if filters.family in {"met", "unmet"}:
        met = meetings.spoken_with_since(term_start)
        rows = rows.filter(met if filters.family == "met" else ~met)
    for word in name_key(filters.words).split():
        rows = rows.filter(learner__name_key__contains=word)
    return rows


def go_on_after(rows: QuerySet[Any], after: str, order: Sequence[str]) -> QuerySet[Any]:
    """Go on after the row with this key: by its place in the order, never by counting rows."""
    if not after:
        return rows
    try:
        last = rows.filter(pk=UUID(after)).values(*[f.lstrip("-") for f in order]).first()
    except ValueError:
        return rows
    if last is None:
        return rows
    condition, same = Q(pk__in=[]), Q()
    for field in order:
        name = field.lstrip("-")
        step = "lt" if field.startswith("-") else "gt"
        condition |= same & Q(**{f"{name}__{step}": last[name]})
        same &= Q(**{name: last[name]})
    return rows.filter(condition)


def register_counts(actor: Actor, setting_id: UUID, *, places: bool = False) -> list[Any]:
    """Everyone on the register: levels, how the review stands; year and class where asked for."""
    open_review = Review.objects.filter(learner_id=OuterRef("learner_id"), state=Review.State.OPEN)
    rows = current_entries(actor, setting_id).filter(also_here=False)
    rows = rows.annotate(open_due=Subquery(open_review.values("due_on")[:1]))
    shown = ["levels", "highest_rank", "starts_on", "has_plan", "open_due"]
    if places:
        place = Enrolment.objects.filter(
            Q(ends_on=None) | Q(ends_on__gt=clock.today()),
            learner_id=OuterRef("learner_id"),
            setting_id=setting_id,
        )
        rows = rows.annotate(
            year=Subquery(place.values("year_group")[:1]),
            class_name=Subquery(place.values("class_name")[:1]),
        )
        shown += ["year", "class_name"]
    return list(rows.values(*shown))


def setting_and_views(actor: Actor, setting_id: UUID) -> Any:
    """The setting, with the person's own saved views of its register as `views`: one query."""
    views = SavedView.objects.filter(setting_id=OuterRef("pk"), user_id=actor.key).order_by("name")
    rows = Setting.objects.select_related("local_area")
    rows = rows.annotate(
        views=ArraySubquery(views.values(one=JSONObject(id="id", name="name", query="query")))
    )
    return rows.get(pk=setting_id)


@dataclass(frozen=True)
class Turnover:
    """Who came to a register in a term, who left it and why, and who only learns there too."""

    new: list[RegisterEntry]
    left: list[RegisterEntry]
    also_here: list[RegisterEntry]


def turnover(actor: Actor, setting_id: UUID, since: date) -> Turnover:
    """New and left since that day, of those whom the actor may still see, by name; one query."""
    rows = RegisterEntry.objects.filter(seen_by(actor, "learner_id"), setting_id=setting_id)
    rows = rows.filter(Q(starts_on__gte=since) | Q(ends_on__gte=since) | Q(ends_on=None))
    rows = rows.filter(Q(starts_on__gte=since) | Q(ends_on__gte=since) | Q(also_here=True))
    found = list(rows.select_related("learner").order_by("learner__name_key", "id"))
    return Turnover(
        new=[e for e in found if e.starts_on >= since and e.ends_on is None and not e.also_here],
        left=[e for e in found if e.ends_on is not None],
        also_here=[e for e in found if e.also_here and e.ends_on is None],
    )


def census_differences(actor: Actor, setting_id: UUID) -> list[dict[str, Any]]:
    """Where the census code that the setting decided and its register do not say the same.

    Listed and never written: the framework is wider than special educational needs in law. One
    query; each row: learner and names, the code, whether listed, whether there is a plan.
    """
    today = clock.today()
    learner = OuterRef("learner_id")
    code = CensusCode.objects.filter(learner_id=learner, ends_on=None, setting_id=setting_id)
    entry = RegisterEntry.objects.filter(learner_id=learner, setting_id=setting_id, ends_on=None)
    plan = EHCPlan.objects.filter(learner_id=learner, ends_on=None)
    rows = Enrolment.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=today),
        seen_by(actor, "learner_id"),
        setting_id=setting_id,
        starts_on__lte=today,
        kind__in=[Enrolment.Kind.MAIN, Enrolment.Kind.SUBSIDIARY],
    ).annotate(
        code=Coalesce(Subquery(code.values("code")[:1]), Value("N")),
        listed=Exists(entry),
        has_plan=Exists(plan),
    )
    differs = (
        (Q(code="N") & Q(listed=True))
        | (~Q(code="N") & Q(listed=False))
        | (Q(code="E") & Q(has_plan=False))
        | (~Q(code="E") & Q(has_plan=True))
    )
    names = ("learner__known_given", "learner__known_family", "learner__family_name_first")
    return list(
        rows.filter(differs)
        .order_by("learner__name_key", "id")
        .values("learner_id", *names, "year_group", "class_name", "code", "listed", "has_plan")
    )
