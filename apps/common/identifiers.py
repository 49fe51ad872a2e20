"""Identifiers of learners: their form and check characters."""

from __future__ import annotations

# The 23 letters of check characters: no I, O or S; A counts 0, Z 22 (standards.md, 1.1).
UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"


def upn_check_letter(body: str) -> str:
    """The check letter for positions 2 to 13 of a UPN: sum(position * value) mod 23."""
    values = [int(c) if c.isdigit() else UPN_LETTERS.index(c) for c in body]
    return UPN_LETTERS[sum(w * v for w, v in zip(range(2, 14), values, strict=True)) % 23]


def make_upn(la: str, establishment: str, year: int, serial: int) -> str:
    """A well-formed permanent UPN, for made-up data."""
    body = f"{la}{establishment}{year % 100:02d}{serial:03d}"
    return upn_check_letter(body) + body
