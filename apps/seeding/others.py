"""Everyone else who works around a learner: specialists, authorities, a trust, boards, the Institute.

Each is somebody to sign in as. What they see, the people concerned gave them through the domain's
own actions: a referral, who looks after a child, records that a setting opened, a child who lives in
one local area and learns in another.
"""

from __future__ import annotations

from datetime import date, timedelta

from apps.access import openings
from apps.access.grants import Actor
from apps.access.models import Membership
from apps.access.roles import ROLES
from apps.accounts.models import User
from apps.common import clock
from apps.learners import referrals
from apps.learners.models import Learner
from apps.seeding import places
from apps.seeding.lives import NEIGHBOUR, Desk
from apps.seeding.places import Person
from apps.settings.models import LocalArea, Setting, SettingGroup

TRUST = "Saltway Learning Trust"
OF_THE_TRUST = ("Ridgeway High School", "Marrowdale Academy", "Wren Park Primary Academy")
ACTING_DAYS = 60

PEOPLE = (
    Person(
        "specialist@therapy.example",
        "Lena Osei",
        "specialist",
        "Fernhill Primary School",
        "speech and language therapist at Fernhill, to whom two children are referred",
    ),
    Person(
        "governor@fernhill.example",
        "Colm Reddy",
        "governor",
        "Fernhill Primary School",
        "governor there: figures only",
    ),
    Person(
        "acting@saltmarsh.example",
        "Bea Hollins",
        "senco",
        "Saltmarsh Church of England Primary School",
        "acting SENCO for two months",
    ),
    Person(
        "next@saltmarsh.example",
        "Tariq Noon",
        "senco",
        "Saltmarsh Church of England Primary School",
        "SENCO after her: sees nothing yet",
    ),
    Person(
        "lead@trust.example",
        "Maya Strand",
        "trust-lead",
        TRUST,
        "inclusion lead of a trust; Ridgeway has opened its records",
    ),
    Person(
        "areasenco@marrowdale.example",
        "Ivy Tanner",
        "area-senco",
        places.AREA_NAME,
        "area SENCO; Little Acorns has opened its records",
    ),
    Person(
        "earlyyears@marrowdale.example",
        "Sam Obi",
        "early-years-teacher",
        places.AREA_NAME,
        "early-years specialist teacher; the same",
    ),
    Person(
        "analyst@marrowdale.example",
        "Dana Voss",
        "analyst",
        places.AREA_NAME,
        "analyst of the partnership: figures only",
    ),
    Person(
        "board@marrowdale.example",
        "Hugh Averill",
        "board",
        places.AREA_NAME,
        "board member of the partnership: figures only",
    ),
    Person(
        "virtualhead@eastmere.example",
        "Ros Kimber",
        "virtual-head",
        NEIGHBOUR,
        "virtual school head of the neighbouring authority",
    ),
    Person(
        "socialworker@eastmere.example",
        "Jay Munro",
        "social-worker",
        NEIGHBOUR,
        "social worker there",
    ),
    Person(
        "officer@eastmere.example",
        "Ana Petrov",
        "officer",
        NEIGHBOUR,
        "officer there: a resident learns in Marrowdale",
    ),
    Person(
        "editor@institute.example",
        "Neil Ferris",
        "institute-editor",
        "",
        "editor of the National Institute",
    ),
)


def make_others() -> int:
    """Make all of them, and what gives them sight of somebody; how many there are."""
    trust = SettingGroup.objects.create(kind=SettingGroup.Kind.TRUST, uid="99001", name=TRUST)
    Setting.objects.filter(name__in=OF_THE_TRUST).update(group=trust)
    for person in PEOPLE:
        _give_role(person)
    _refer()
    _open("senco@ridgeway.example", "Ridgeway High School", trust)
    area = LocalArea.objects.get(code=places.AREA_CODE)
    _open("senco@acorns.example", "Little Acorns Nursery", area)
    _across_the_border()
    return len(PEOPLE)


def _give_role(person: Person) -> None:
    user = User(email=person.email, name=person.name)
    user.set_password(places.PASSWORD)
    user.save()
    held_at = ROLES[person.role].held_at
    acting_until = clock.today() + timedelta(days=ACTING_DAYS)
    Membership.objects.create(
        user=user,
        role=person.role,
        setting=Setting.objects.get(name=person.place) if held_at == "setting" else None,
        local_area=LocalArea.objects.get(name=person.place) if held_at == "local_area" else None,
        setting_group=(
            SettingGroup.objects.get(name=person.place) if held_at == "setting_group" else None
        ),
        starts_on=acting_until if person.email.startswith("next@") else date(2025, 9, 1),
        ends_on=acting_until if person.email.startswith("acting@") else None,
    )


def _refer() -> None:
    """Two children of Fernhill, for two reasons."""
    desk = Desk("senco@fernhill.example", "Fernhill Primary School")
    deployment = Membership.objects.get(user__email="specialist@therapy.example")
    asked = {
        ("Tobias", "Wick"): "How he follows instructions of more than one step",
        ("Otto", "Lindqvist"): "His speech: which sounds, and what the class can do",
    }

    def refer(by: Actor) -> None:
        for (given, family), why in asked.items():
            learner = Learner.objects.get(known_given=given, known_family=family)
            referrals.refer(by=by, learner=learner, deployment_id=deployment.id, why=why)

    desk.do(refer)


def _open(email: str, name: str, to: SettingGroup | LocalArea) -> None:
    desk = Desk(email, name)
    desk.do(
        lambda by: openings.open_records(
            by=by,
            setting=desk.setting,
            to_id=to.id,
            why="Helps us to describe needs in the same way this year",
        )
    )


def _across_the_border() -> None:
    """Lives in one local area and learns in another: both areas' officers see."""
    desk = Desk("senco@fernhill.example", "Fernhill Primary School")
    desk.listed("Juno", "Harte", 4, home_area=LocalArea.objects.get(name=NEIGHBOUR))
