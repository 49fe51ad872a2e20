"""Identifiers: their form and check characters. A wrong one says what is wrong and what to do."""

from __future__ import annotations

import re

# The 23 letters of check characters: no I, O or S; A counts 0, Z 22 (standards.md, 1.1).
UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
_UPN = re.compile(rf"^[{UPN_LETTERS}][0-9]{{11}}[0-9{UPN_LETTERS}]$")
_ELEVEN = 11
_TEN = 10

# Local authorities since 1999, those abolished included, and Wales: a UPN keeps the code of the
# authority that issued it (standards.md, 1.1 and 1.5).
_RANGES = (
    [(1, 5), (201, 213), (301, 320), (330, 336), (340, 344), (350, 359), (370, 373), (380, 384)]
    + [(390, 394), (420, 420), (660, 681), (701, 708), (800, 803), (805, 808), (810, 813)]
    + [(815, 816), (820, 823), (825, 826), (830, 831), (835, 841), (845, 846), (850, 852)]
    + [(855, 857), (860, 861), (865, 896), (908, 909), (916, 916), (919, 919), (921, 921)]
    + [(925, 926), (928, 929), (931, 931), (933, 933), (935, 938), (940, 943)]
)


class InvalidIdentifier(ValueError):
    """A number that cannot be right; `str(error)` is a sentence for the person."""


def upn_check_letter(body: str) -> str:
    """The check letter for positions 2 to 13 of a UPN: sum(position * value) mod 23."""
    values = [int(c) if c.isdigit() else UPN_LETTERS.index(c) for c in body]
    return UPN_LETTERS[sum(w * v for w, v in zip(range(2, 14), values, strict=True)) % 23]


def parse_upn(text: str) -> str:
    """A UPN in capitals without spaces; permanent, or temporary with a letter at the end.

    Raises InvalidIdentifier for a wrong form or check letter.
    """
    upn = re.sub(r"\s", "", text).upper()
    if not _UPN.match(upn):
        raise InvalidIdentifier(
            f"{text.strip()!r} is not a UPN: one letter, then twelve digits (the last may be a "
            "letter). Letters I, O and S are not used."
        )
    wanted = upn_check_letter(upn[1:])
    if upn[0] != wanted:
        raise InvalidIdentifier(
            f"UPN {upn} has the wrong first letter: its digits call for {wanted}. One character is "
            "mistyped. Check it against the school that issued it."
        )
    return upn


def upn_warning(upn: str) -> str | None:
    """A sentence when the local authority in a UPN is not one we know; it is kept all the same."""
    code = int(upn[1:4])
    if any(low <= code <= high for low, high in _RANGES):
        return None
    return f"UPN {upn} names a local authority ({upn[1:4]}) that we do not know."


def is_temporary_upn(upn: str) -> bool:
    """Whether a UPN was given for a time only, until the true one is known."""
    return upn[-1].isalpha()


def parse_uln(text: str) -> str:
    """A ULN: ten digits, weights 10 to 2, check digit 10 - sum mod 11. Raises InvalidIdentifier."""
    uln = re.sub(r"\s", "", text)
    if re.fullmatch(r"[1-9][0-9]{9}", uln):
        left = sum(int(d) * w for d, w in zip(uln[:9], range(10, 1, -1), strict=True)) % _ELEVEN
        if left and _TEN - left == int(uln[9]):
            return uln
    raise InvalidIdentifier(f"{text.strip()!r} is not a ULN. Check its ten digits.")


def parse_nhs_number(text: str) -> str:
    """An NHS number: ten digits, the last a modulus 11 check. Raises InvalidIdentifier."""
    number = re.sub(r"[\s-]", "", text)
    if re.fullmatch(r"[0-9]{10}", number):
        left = sum(int(d) * w for d, w in zip(number[:9], range(10, 1, -1), strict=True)) % _ELEVEN
        check = (_ELEVEN - left) % _ELEVEN
        if check == int(number[9]):
            return number
    raise InvalidIdentifier(f"{text.strip()!r} is not an NHS number. Check its ten digits.")


def parse_urn(text: str) -> str:
    """A URN: five or six digits, the key of a setting in GIAS. Raises InvalidIdentifier."""
    urn = text.strip()
    if not re.fullmatch(r"[1-9][0-9]{4,5}", urn):
        raise InvalidIdentifier(f"{urn!r} is not a URN, which has six digits.")
    return urn


def make_upn(la: str, establishment: str, year: int, serial: int) -> str:
    """A well-formed permanent UPN, for made-up data."""
    body = f"{la}{establishment}{year % 100:02d}{serial:03d}"
    return upn_check_letter(body) + body
