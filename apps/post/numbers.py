"""Mobile numbers, as they are typed and as they are kept."""

from __future__ import annotations

import re

from apps.common.exceptions import Invalid

_UK_MOBILE = re.compile(r"(?:\+44|0044|0)(7\d{9})")


def mobile(typed: str) -> str:
    """A mobile number as +447…; raises Invalid with what to do."""
    found = _UK_MOBILE.fullmatch(re.sub(r"[\s()-]", "", typed))
    if not found:
        raise Invalid(
            "Check the number.",
            {"number": "Enter a mobile number of the United Kingdom, like 07700 900123."},
        )
    return f"+44{found[1]}"
