"""Makes the demo area: settings, people, learners, four terms of records, moves in every state.

Bulk rows go in as the owner (a load, like a migration); moves go through the domain's own actions,
each under the context of whoever takes the step.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Any

from django.db import connections, models, transaction

from apps.access.models import Membership
from apps.access.permissions import Right
from apps.accounts.models import User
from apps.common import clock
from apps.common.identifiers import make_upn
from apps.common.terms import academic_year_of
from apps.framework import selectors as framework
from apps.learners import deciding
from apps.learners.access_rows import FAMILY, Grantee
from apps.learners.actions import ENROLLED, HOLDER
from apps.learners.areas import OVERSIGHT
from apps.learners.models import (
    CensusCode,
    EHCPlan,
    Enrolment,
    FamilyMember,
    Learner,
    LearnerAccess,
    RecordHolder,
    TeachingGroup,
    TeachingGroupMember,
)
from apps.learners.names import name_key
from apps.reviews.models import Review
from apps.seeding import phrases, places, records
from apps.settings import calendar
from apps.settings.models import LocalArea, Setting, SettingIdentifier

OWNER = "owner"
LEARNERS_NOT_ON_REGISTER = 0.6
# Shares of the census need codes among learners on registers, near those of standards.md 9.2.
CENSUS = {"SLCN": 26, "SEMH": 22, "MLD": 16, "SPLD": 15, "ASD": 13, "PD": 4, "HI": 2, "VI": 1}
LEVELS = {"mild": 44, "moderate": 34, "intensive": 17, "profound": 5}
LEVELS_SPECIAL = {"intensive": 35, "profound": 60, "exceptional": 5}


class Area:
    """Collects the rows of the area, then writes them in one transaction."""

    def __init__(self, seed: int, learners: int, say: Callable[[str], Any]) -> None:
        self.rng = Random(seed)
        self.count = learners
        self.say = say
        self.today = clock.today()
        self.rows: dict[type[models.Model], list[Any]] = {}
        self.settings: dict[str, Setting] = {}
        self.serial = 0

    def keep(self, *rows: Any) -> None:
        """Put rows aside to be written."""
        for row in rows:
            self.rows.setdefault(type(row), []).append(row)

    def make(self) -> None:
        """Make everything, and write it as the owner."""
        self.grid = framework.published()
        self._make_settings()
        self.terms = [
            t
            for t in calendar.terms_around(self.today, None)
            if date(self.today.year - 1, 9, 1) <= t.starts_on <= self.today
        ]
        self._make_people()
        for setting, how_many in self._shares():
            for _ in range(how_many):
                self._make_learner(setting, on_register=True)
            for _ in range(int(how_many * LEARNERS_NOT_ON_REGISTER)):
                self._make_learner(setting, on_register=False)
        self._make_family()
        self._write()

    def _make_settings(self) -> None:
        self.area = LocalArea(
            code=places.AREA_CODE, name=places.AREA_NAME, starts_on=date(2010, 4, 1)
        )
        self.keep(self.area)
        total = sum(s[-1] for s in places.SETTINGS)
        for n, (name, kind, phase, low, high, weight) in enumerate(places.SETTINGS):
            how_many = self.count * weight / total
            setting = Setting(
                name=name,
                kind=kind,
                phase=phase,
                local_area=self.area,
                low_age=low,
                high_age=high,
                roll=round(how_many / (places.RATES.get(kind) or places.RATES[phase])),
                opened_on=date(2012, 9, 1),
                postcode="ZZ99 9ZZ",
            )
            self.settings[name] = setting
            self.keep(
                setting,
                SettingIdentifier(
                    setting=setting, kind="urn", value=f"{990001 + n}", starts_on=date(2012, 9, 1)
                ),
                SettingIdentifier(
                    setting=setting,
                    kind="laestab",
                    value=f"{places.AREA_CODE}{2001 + n}",
                    starts_on=date(2012, 9, 1),
                ),
            )

    def _make_people(self) -> None:
        self.sencos: dict[str, str] = {}
        self.group: TeachingGroup | None = None
        for person in places.PEOPLE:
            user = self._user(person.email, person.name)
            setting = self.settings.get(person.place)
            group_ids = []
            if person.role == "teacher" and setting:
                self.group = TeachingGroup(
                    setting=setting, name="5M", year=academic_year_of(self.today)
                )
                self.keep(self.group)
                group_ids = [self.group.id]
            if person.role == "senco":
                self.sencos[person.place] = person.name
            self.keep(
                Membership(
                    user=user,
                    role=person.role,
                    setting=setting,
                    local_area=self.area if person.role == "officer" else None,
                    group_ids=group_ids,
                    starts_on=date(2024, 9, 1),
                )
            )

    def _user(self, email: str, name: str) -> User:
        user = User(email=email, name=name)
        user.set_password(places.PASSWORD)
        self.keep(user)
        return user

    def _shares(self) -> list[tuple[Setting, int]]:
        total = sum(s[-1] for s in places.SETTINGS)
        return [
            (self.settings[name], round(self.count * weight / total))
            for name, *_, weight in places.SETTINGS
        ]

    def _make_learner(self, setting: Setting, *, on_register: bool) -> None:
        rng = self.rng
        low = max(setting.low_age or 0, 2)
        year_group = rng.randint(low - 4, min((setting.high_age or 18) - 5, 16))
        learner = self._person(year_group)
        began = date(self.today.year - rng.randint(1, 3), 9, 3)
        self.keep(
            learner,
            self._access(learner, setting.id, Grantee.SETTING, Right.HOLD, ENROLLED, began),
            Enrolment(
                learner=learner,
                setting=setting,
                year_group=year_group,
                class_name=f"{max(year_group, 0)}{rng.choice('MTW')}",
                starts_on=began,
            ),
        )
        if self.group and setting.id == self.group.setting_id and year_group == 5:
            self.keep(TeachingGroupMember(group=self.group, learner=learner))
            self.keep(
                self._access(
                    learner,
                    self.group.id,
                    Grantee.TEACHING_GROUP,
                    Right.CONTRIBUTE,
                    "teaches",
                    began,
                )
            )
        if on_register:
            self._make_record(learner, setting, year_group)

    def _person(self, year_group: int) -> Learner:
        rng = self.rng
        sex = "M" if rng.random() < 0.63 else "F"
        given = rng.choice(places.GIVEN_M if sex == "M" else places.GIVEN_F)
        family = rng.choice(places.FAMILY)
        born = date(academic_year_of(self.today) - 5 - year_group, 9, 1)
        born += timedelta(days=rng.randint(0, 364))
        self.serial += 1
        upn = None
        if year_group >= 0:
            estab = f"{2001 + self.serial // 1000:04d}"
            upn = make_upn(places.AREA_CODE, estab, born.year + 4, self.serial % 1000)
        return Learner(
            upn=upn,
            legal_given=given,
            legal_family=family,
            known_given=given,
            known_family=family,
            family_name_first=rng.random() < 0.01,
            name_key=name_key(family, given),
            date_of_birth=born,
            sex=sex,
            home_area=self.area,
            free_school_meals=rng.random() < 0.4,
            english_additional_language=rng.random() < 0.2,
        )

    def _access(
        self, learner: Learner, grantee: Any, kind: str, right: Right, reason: str, on: date
    ) -> LearnerAccess:
        return LearnerAccess(
            learner=learner,
            grantee_kind=kind,
            grantee_id=grantee,
            access_right=right,
            reason=reason,
            starts_on=on,
        )

    def _make_record(self, learner: Learner, setting: Setting, year_group: int) -> None:
        rng = self.rng
        special = setting.kind == Setting.Kind.SPECIAL
        levels = LEVELS_SPECIAL if special else LEVELS
        census = rng.choices(list(CENSUS), list(CENSUS.values()))[0]
        level = rng.choices(list(levels), list(levels.values()))[0]
        if special and level != "intensive" and rng.random() < 0.5:
            census = "PMLD"
        term = rng.choices(self.terms, [70, 10, 10, 10][: len(self.terms)])[0]
        began = term.starts_on + timedelta(days=rng.randint(2, 25))
        case = records.Case(
            learner=learner,
            setting=setting,
            year_group=year_group,
            profile=phrases.of_census(rng, census),
            level=level,
            began=min(began, self.today - timedelta(days=3)),
            senco=self.sencos.get(setting.name, "SENCO"),
        )
        history = records.build(rng, case, self.grid, self.terms, self.today)
        plan = special or level == "profound" or (level == "intensive" and rng.random() < 0.45)
        history.entry.has_plan = plan
        if plan:
            self.keep(EHCPlan(learner=learner, local_area=self.area, starts_on=case.began))
        self.keep(
            history.record,
            history.entry,
            *history.reviews,
            *history.statements,
            *history.progress,
            *history.contributions,
            *history.still_true,
            RecordHolder(
                learner=learner,
                setting=setting,
                reason=RecordHolder.Reason.FIRST_ENTRY,
                starts_on=case.began,
            ),
            CensusCode(
                learner=learner,
                setting=setting,
                code="E" if plan else "K",
                need_types=[census],
                starts_on=case.began,
            ),
            self._access(learner, setting.id, Grantee.SETTING, Right.HOLD, HOLDER, case.began),
            self._access(
                learner, self.area.id, Grantee.LOCAL_AREA, Right.READ, OVERSIGHT, case.began
            ),
        )

    def _make_family(self) -> None:
        """A parent to sign in as: of a Year 5 child at Fernhill with a full record."""
        user = self._user(places.PARENT.email, places.PARENT.name)
        setting = self.settings[places.PARENT.place]
        years = {
            e.learner_id: e.year_group for e in self.rows[Enrolment] if e.setting_id == setting.id
        }
        from_reviews = self.rows[Review]
        signed = {r.learner_id for r in from_reviews if (r.number or 0) > 2}
        learner = next(le for le in self.rows[Learner] if years.get(le.id) == 5 and le.id in signed)
        learner.known_family = learner.legal_family = "Thackray"
        learner.name_key = name_key("Thackray", learner.known_given)
        member = FamilyMember(
            learner=learner,
            user=user,
            name=user.name,
            relation=FamilyMember.Relation.MOTHER,
            parental_responsibility=True,
            basis="Known to the setting",
            email=user.email,
            may_see=True,
            joined_on=self.today,
            access_from=self.today,
        )
        self.keep(member)
        for span in deciding.spans(member, learner.date_of_birth, None):
            access = self._access(
                learner, user.id, Grantee.USER, span.right, FAMILY, span.starts_on
            )
            access.because_id, access.ends_on = member.id, span.ends_on
            self.keep(access)

    def _write(self) -> None:
        """One transaction; tables in an order that their foreign keys allow."""
        first = [User, LocalArea, Setting, SettingIdentifier, TeachingGroup, Membership, Learner]
        order = first + [m for m in self.rows if m not in first]
        with transaction.atomic(using=OWNER):
            for model in order:
                rows = self.rows.get(model, [])
                model._default_manager.using(OWNER).bulk_create(rows, batch_size=1000)
                self.say(f"  {len(rows):>6} {model._meta.verbose_name}")
        with connections[OWNER].cursor() as cursor:
            cursor.execute("ANALYZE")
