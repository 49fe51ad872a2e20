"""A CTF goes the way of a pupil list: staged, looked at, added; twice changes nothing."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.management import CommandError, call_command

from apps.access import rls
from apps.imports.actions import checking, committing, staging
from apps.imports.models import IdentifierCheck, Import
from apps.learners.models import CensusCode, FamilyMember, FormerIdentifier, Learner
from apps.register.models import RegisterEntry
from tests import factories as make
from tests.ctf_maker import CONTACT, NEEDS, SEN, Ctf, Pupil
from tests.integration.test_imports import next_working_day
from tests.support.database import as_owner

pytestmark = pytest.mark.django_db

FULL = SEN.format(inside=NEEDS, beside="") + CONTACT
FORMER = "<FormerUPN>P207000016049</FormerUPN><NCyearActual>5</NCyearActual>"


@pytest.fixture
def school():
    return make.setting()


@pytest.fixture
def senco(school):
    return make.staff("senco", school)


def stage(senco, school, data: bytes) -> Import:
    return staging.stage(
        by=make.acting_as(senco), setting=school, file_name="9371234_CTF_9374567_001.xml", data=data
    )


def bring(senco, school, *pupils: Pupil, **header: str) -> Import:
    batch = stage(senco, school, Ctf(list(pupils), **header).data())
    staging.commit(by=make.acting_as(senco), import_id=batch.id)
    rls.clear_context()
    committing.work(batch.id)
    make.acting_as(senco)
    batch.refresh_from_db()
    return batch


def test_all_that_a_file_tells_is_kept_and_nobody_is_put_on_the_register(school, senco) -> None:
    batch = bring(senco, school, Pupil(blocks=FULL, details=FORMER))
    assert (batch.state, batch.format, batch.done) == ("committed", "ctf", 1)
    learner = Learner.objects.get()
    codes = CensusCode.objects.order_by("starts_on").values_list("code", "starts_on", "ends_on")
    assert list(codes) == [
        ("K", date(2021, 9, 6), date(2024, 1, 15)),
        ("E", date(2024, 1, 15), None),
    ]
    assert CensusCode.objects.get(ends_on=None).need_types == ["SLCN", "ASD"]
    adult = FamilyMember.objects.get()
    assert (adult.name, adult.parental_responsibility) == ("Ms Alex Exampleson", True)
    assert (adult.may_see, adult.user) == (False, None)
    assert learner.identifier_being_checked
    assert not RegisterEntry.objects.exists()


def test_the_same_file_twice_changes_nothing(school, senco) -> None:
    pupil = Pupil(blocks=FULL, details=FORMER)
    bring(senco, school, pupil)
    kinds = (Learner, CensusCode, FamilyMember, IdentifierCheck)
    before = [list(kind.objects.order_by("id").values()) for kind in kinds]
    again = bring(senco, school, pupil)
    assert list(again.rows.values_list("outcome", "changes")) == [("same", [])]
    assert [list(kind.objects.order_by("id").values()) for kind in kinds] == before


def test_a_former_number_is_kept_once_it_is_checked(school, senco) -> None:
    bring(senco, school, Pupil(details=FORMER))
    next_working_day()
    make.acting_as(senco)
    assert Learner.objects.get().upn == "B801200005001"
    assert FormerIdentifier.objects.get().value == "P207000016049"


def test_a_former_number_that_another_setting_has_is_a_case_and_shows_nothing(school, senco):
    make.learner(make.setting(), upn="P207000016049", date_of_birth=date(2011, 1, 1))
    bring(senco, school, Pupil(details=FORMER))
    next_working_day()
    with as_owner():
        assert IdentifierCheck.objects.get().state == "with area"
        assert not FormerIdentifier.objects.exists()


def test_a_true_number_replaces_a_temporary_one_which_is_kept(school, senco) -> None:
    bring(senco, school, Pupil(upn="F20136142500A"))
    next_working_day()
    former = "<FormerUPN>F20136142500A</FormerUPN><NCyearActual>5</NCyearActual>"
    batch = bring(senco, school, Pupil(details=former))
    assert batch.rows.get().changes == ["UPN B801200005001: number being checked"]
    with as_owner():
        IdentifierCheck.objects.update(show_from=date(2020, 1, 1))
    rls.clear_context()
    checking.settle_due()
    make.acting_as(senco)
    assert Learner.objects.get().upn == "B801200005001"
    assert FormerIdentifier.objects.get().value == "F20136142500A"
    again = bring(senco, school, Pupil(upn="F20136142500A"))
    assert again.rows.get().outcome == "same"


def test_a_number_with_another_name_and_birth_date_is_a_slip_not_a_change(school, senco) -> None:
    bring(senco, school, Pupil())
    next_working_day()
    batch = stage(senco, school, Ctf([Pupil(surname="Other", born="2015-01-01")]).data())
    assert batch.rows.get().outcome == "problem"
    assert "another name and date of birth" in batch.rows.get().problems[0]["message"]


def test_a_broken_file_leaves_a_reason_and_nothing_else(school, senco) -> None:
    batch = stage(senco, school, Ctf().data()[:-40])
    assert batch.state == "broken"
    assert "not complete XML" in batch.problem
    assert not batch.rows.exists()


def test_the_command_looks_first_and_then_brings(school, senco, tmp_path, capsys) -> None:
    path = tmp_path / "file.xml"
    path.write_bytes(Ctf([Pupil(blocks="<Address/>")]).data())
    urn = school.identifiers.get(kind="urn").value
    rls.clear_context()
    call_command("import_learners", str(path), "--setting", urn, "--dry-run")
    assert "1 to add" in capsys.readouterr().out
    with as_owner():
        assert not Learner.objects.exists()
    rls.clear_context()
    call_command("import_learners", str(path), "--setting", urn)
    assert "Not brought in: addresses (1 learner)" in capsys.readouterr().out
    with as_owner():
        assert Learner.objects.count() == 1


def test_the_command_refuses_a_huge_file_unread(school, tmp_path) -> None:
    path = tmp_path / "huge.xml"
    with path.open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    with pytest.raises(CommandError, match="20 MB"):
        call_command(
            "import_learners", str(path), "--setting", school.identifiers.get(kind="urn").value
        )
