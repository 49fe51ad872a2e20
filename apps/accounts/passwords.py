"""Words of our own that make a password easy to guess here, whoever's it is."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError

# What somebody who guesses would try at this service first. Kept with docs/decisions/0008.
OWN_WORDS = (
    "learnerrecord",
    "additionalneeds",
    "nationalframework",
    "inclusion",
    "partnership",
    "safeguarding",
    "headteacher",
    "assistant",
    "education",
    "register",
    "governor",
    "password",
    "learner",
    "teacher",
    "college",
    "nursery",
    "primary",
    "academy",
    "welcome",
    "record",
    "school",
    "senco",
    "pupil",
    "class",
    "ehcp",
    "send",
)
LEFT_AT_LEAST = 6
_LOOKALIKES = str.maketrans("013457$@!", "oieastsai")


class OwnWordsValidator:
    """Refuses a password that is little more than words of ours, with digits and signs between."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError where fewer than six letters are left without them."""
        plain = password.lower()
        readings = (plain, plain.translate(_LOOKALIKES))
        if any(_found_and_little_left(reading) for reading in readings):
            raise ValidationError(
                "This is mostly words that anyone would try here, such as “school”. Use three "
                "words that have nothing to do with your work.",
                code="own_words",
            )

    def get_help_text(self) -> str:
        """What the page says beforehand."""
        return "Do not use words of your work, such as “school” or “register”."


def _found_and_little_left(reading: str) -> bool:
    letters = re.sub(r"[^a-z]", "", reading)
    left = re.sub("|".join(OWN_WORDS), "", letters)
    return left != letters and len(left) < LEFT_AT_LEAST
