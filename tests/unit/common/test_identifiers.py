"""Identifiers are well formed, check character included, or refused with a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.common.identifiers import (
    UPN_LETTERS,
    InvalidIdentifier,
    is_temporary_upn,
    make_upn,
    parse_nhs_number,
    parse_uln,
    parse_upn,
    upn_check_letter,
    upn_warning,
)

GOOD = [
    "B801200005001",
    "P207000016049",
    "E380123412001",
    "C330456719003",
    "C921200423117",
    "Z937123419042",
    "U838123422001",
    "G941400023115",
    "P942200024007",
    "F20136142500A",
    "L38012342401T",
    "G84030992511B",
]


@pytest.mark.parametrize("upn", GOOD)
def test_a_well_formed_upn_is_taken(upn: str) -> None:
    assert parse_upn(f" {upn.lower()} ") == upn
    assert is_temporary_upn(upn) == upn[-1].isalpha()
    assert upn_warning(upn) is None


@pytest.mark.parametrize(
    "upn", ["A801200005001", "B207000016049", "X80120000A001", "", "B80120000500", "I801200005001"]
)
def test_a_wrong_upn_is_refused_with_what_to_do(upn: str) -> None:
    with pytest.raises(InvalidIdentifier) as refusal:
        parse_upn(upn)
    assert len(str(refusal.value)) > 30


def test_the_sentence_names_the_letter_that_the_digits_call_for() -> None:
    with pytest.raises(InvalidIdentifier, match="call for P"):
        parse_upn("Q207000016049")


def test_an_unknown_authority_warns_only() -> None:
    upn = make_upn("999", "2001", 2026, 7)
    assert parse_upn(upn) == upn
    assert "999" in (upn_warning(upn) or "")


@given(st.text("0123456789", min_size=12, max_size=12), st.integers(0, 22), st.integers(1, 12))
def test_any_other_letter_and_any_changed_digit_is_refused(body: str, other: int, at: int) -> None:
    right = upn_check_letter(body)
    if UPN_LETTERS[other] != right:
        with pytest.raises(InvalidIdentifier):
            parse_upn(UPN_LETTERS[other] + body)
    changed = str((int(body[at - 1]) + 1) % 10)
    with pytest.raises(InvalidIdentifier):
        parse_upn(right + body[: at - 1] + changed + body[at:])


@pytest.mark.parametrize(
    "uln", ["1234567899", "1000000000", "6000000005", "9123456786", "7051239847", "4444555563"]
)
def test_a_well_formed_uln_is_taken(uln: str) -> None:
    assert parse_uln(uln) == uln


@pytest.mark.parametrize("uln", ["9876543210", "9999999999", "0234567899", "12345"])
def test_a_wrong_uln_is_refused(uln: str) -> None:
    with pytest.raises(InvalidIdentifier):
        parse_uln(uln)


@pytest.mark.parametrize("number", ["943 476 5919", "4010232137", "9876543210", "9990000018"])
def test_a_well_formed_nhs_number_is_taken(number: str) -> None:
    assert parse_nhs_number(number) == number.replace(" ", "")


@pytest.mark.parametrize("number", ["9434765918", "1234567890", "999"])
def test_a_wrong_nhs_number_is_refused(number: str) -> None:
    with pytest.raises(InvalidIdentifier):
        parse_nhs_number(number)
