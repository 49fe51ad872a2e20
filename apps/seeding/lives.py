"""Lives that do not fit, each a learner of the demo area, made by the people concerned.

Dual registration, a hospital stay, home education, EOTAS, a child looked after by another
authority, out of year group, twins, no number yet and a temporary one, a birth date that was
assigned, a name that is not the legal one, parents who live apart, a plan without levels, a young
person who reads their own record.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from apps.access import rls
from apps.access.grants import Actor
from apps.accounts.models import User
from apps.common import clock
from apps.common.identifiers import upn_check_letter
from apps.framework import selectors as framework
from apps.learners import actions as learners
from apps.learners.family import add_family_member, close_to_family, open_to_family
from apps.learners.models import FamilyMember, Learner
from apps.reviews.actions import places as attending
from apps.reviews.actions.entry import Evidence, put_on_register
from apps.seeding import places
from apps.seeding.moves import actor_for
from apps.settings.models import LocalArea, Setting

NEIGHBOUR = "Eastmere"
TEMPORARY = "99920012601A"  # a temporary number, without its check letter


def make_lives() -> int:
    """Make every one of them; how many there are."""
    area = LocalArea.objects.get(code=places.AREA_CODE)
    neighbour, _ = LocalArea.objects.get_or_create(
        code="998", defaults={"name": NEIGHBOUR, "starts_on": date(2010, 4, 1)}
    )
    primary = Desk("senco@fernhill.example", "Fernhill Primary School")
    secondary = Desk("senco@ridgeway.example", "Ridgeway High School")
    special = Desk("senco@orchard.example", "The Orchard School")
    college = Desk("senco@college.example", "Marrowdale College")
    nursery = Desk("senco@acorns.example", "Little Acorns Nursery")
    lives: list[Callable[[], Any]] = [
        lambda: _second(primary, "Tobias", "Wick", 5, "Copper Mill Primary School", "subsidiary"),
        lambda: _second(secondary, "Ines", "Farrow", 9, "Beacon House", "guest"),
        lambda: _second(special, "Kofi", "Adler", 8, "Marrowdale Hospital School", "subsidiary"),
        lambda: _leaves(secondary, "Bryn", "Cole", 8, area, "home"),
        lambda: _leaves(special, "Suki", "Marden", 10, area, "eotas"),
        lambda: _leaves(primary, "Ravi", "Holt", 4, area, "missing"),
        lambda: _looked_after(primary, neighbour),
        lambda: primary.listed("Otto", "Lindqvist", 3, born=_born(4)),
        lambda: _twins(primary),
        lambda: nursery.listed("Posy", "Amadi", -2, upn=None),
        lambda: primary.listed("Marek", "Dudek", 2, upn=upn_check_letter(TEMPORARY) + TEMPORARY),
        lambda: _refugee(secondary),
        lambda: _known_by_another_name(secondary),
        lambda: _parents_apart(primary),
        lambda: _plan_alone(nursery, area),
        lambda: _own_record(college),
    ]
    for live in lives:
        live()
    return len(lives)


def _born(year_group: int, day: int = 120) -> date:
    """A birth date that belongs to this year group now."""
    today = clock.today()
    starts = today.year if today.month >= 9 else today.year - 1
    return date(starts - 5 - year_group, 9, 1) + timedelta(days=day)


class Desk:
    """A SENCO at work in one setting."""

    def __init__(self, email: str, name: str) -> None:
        self.email = email
        self.setting = Setting.objects.select_related("local_area").get(name=name)

    def do(self, act: Callable[[Actor], Any]) -> Any:
        """Do something as this SENCO."""
        with rls.acting(actor_for(self.email)) as by:
            return act(by)

    def added(self, given: str, family: str, year_group: int, **values: Any) -> Learner:
        """A learner of the setting, by default born for their year group."""
        facts = {
            "legal_given": given,
            "legal_family": family,
            "known_given": given,
            "known_family": family,
            "date_of_birth": values.pop("born", None) or _born(year_group),
            "home_area": self.setting.local_area,
            **values,
        }
        learner: Learner = self.do(
            lambda by: learners.add_learner(
                by=by,
                setting=self.setting,
                values=facts,
                year_group=year_group,
                starts_on=clock.today() - timedelta(days=60),
                class_name=f"{max(year_group, 0)}M",
            )
        )
        return learner

    def listed(self, given: str, family: str, year_group: int, **values: Any) -> Learner:
        """The same, on the register since today with a need that was seen."""
        learner = self.added(given, family, year_group, **values)
        grid = framework.published()
        seen = Evidence(
            "Watches what the others do, and then begins",
            "in class",
            clock.today() - timedelta(days=6),
            "class teacher",
        )
        self.do(
            lambda by: put_on_register(
                by=by,
                learner=learner,
                setting=self.setting,
                area=grid.areas[len(given) % len(grid.areas)].code,
                level=grid.levels[1 + len(family) % 2].code,
                evidence=seen,
            )
        )
        return learner


def _second(desk: Desk, given: str, family: str, year: int, where: str, kind: str) -> None:
    learner = desk.listed(given, family, year)
    setting = Setting.objects.get(name=where)
    desk.do(
        lambda by: attending.attend_also(
            by=by, learner=learner, setting=setting, kind=kind, year_group=year
        )
    )


def _leaves(desk: Desk, given: str, family: str, year: int, area: LocalArea, why: str) -> None:
    learner = desk.listed(given, family, year)
    desk.do(
        lambda by: attending.leave_without_place(by=by, learner=learner, local_area=area, why=why)
    )


def _looked_after(desk: Desk, authority: LocalArea) -> None:
    """Three areas: where she lives, where her school is, and the authority responsible."""
    learner = desk.listed("Mina", "Sorrel", 6, looked_after_by=authority)
    desk.do(
        lambda by: add_family_member(
            by=by,
            learner=learner,
            values={
                "name": "Jo Pell",
                "relation": FamilyMember.Relation.FOSTER_CARER,
                "basis": "Placement agreement seen",
            },
        )
    )


def _twins(desk: Desk) -> None:
    """Same name but the first, same day: the banner's first name tells them apart."""
    born = _born(1, 200)
    desk.listed("Ada", "Okonjo", 1, born=born)
    desk.added("Ama", "Okonjo", 1, born=born)


def _refugee(desk: Desk) -> None:
    desk.listed(
        "Yonas",
        "Tesfay",
        10,
        born=date(_born(10).year + 1, 1, 1),
        birth_date_certainty=Learner.BirthDateCertainty.ASSIGNED,
        first_language="Tigrinya",
        english_additional_language=True,
    )


def _known_by_another_name(desk: Desk) -> None:
    desk.listed("Wei", "Zhang", 9, legal_given="Weiting", known_given="Kit", family_name_first=True)


def _parents_apart(desk: Desk) -> None:
    """One parent reads the record; the other may not, and the setting says why."""
    learner = desk.listed("Elsa", "Varley", 3)

    def add(by: Actor) -> None:
        for name, relation in (("Iris Varley", "mother"), ("Tom Varley", "father")):
            member = add_family_member(
                by=by,
                learner=learner,
                values={"name": name, "relation": relation, "parental_responsibility": True},
            )
            if relation == "father":
                close_to_family(
                    by=by, member=member, why="Court order seen on 3 March; look again in a year"
                )

    desk.do(add)


def _plan_alone(desk: Desk, area: LocalArea) -> None:
    """An EHC plan puts a learner on the register before anybody has judged a level."""
    learner = desk.added("Noor", "Idris", -1, upn=None)
    desk.do(
        lambda by: attending.note_plan(
            by=by,
            learner=learner,
            setting=desk.setting,
            local_area=area,
            starts_on=clock.today() - timedelta(days=20),
        )
    )


def _own_record(desk: Desk) -> None:
    """A student who reads their own record, and says what helps."""
    learner = desk.listed("Sol", "Brandt", 13)
    user = User(email=places.YOUNG.email, name=places.YOUNG.name)
    user.set_password(places.PASSWORD)
    user.save()

    def add(by: Actor) -> None:
        member = add_family_member(
            by=by,
            learner=learner,
            values={"name": user.name, "relation": FamilyMember.Relation.SELF},
        )
        open_to_family(by=by, member=member, user_id=user.id)

    desk.do(add)
