"""Makes a file in the shape of a GIAS extract: 135 columns, cp1252, made-up settings."""

from __future__ import annotations

import csv
import io
from random import Random

TYPES = ["1", "2", "3", "5", "7", "11", "14", "15", "18", "28", "32", "33", "34", "35", "38", "42"]
FIRST = [
    "URN",
    "LA (code)",
    "LA (name)",
    "EstablishmentNumber",
    "EstablishmentName",
    "TypeOfEstablishment (code)",
    "TypeOfEstablishment (name)",
    "EstablishmentTypeGroup (code)",
    "EstablishmentTypeGroup (name)",
    "EstablishmentStatus (code)",
    "EstablishmentStatus (name)",
    "OpenDate",
    "CloseDate",
    "PhaseOfEducation (code)",
    "PhaseOfEducation (name)",
    "StatutoryLowAge",
    "StatutoryHighAge",
    "NumberOfPupils",
    "Trusts (code)",
    "Trusts (name)",
    "UKPRN",
    "Street",
    "Town",
    "Postcode",
    "TelephoneNum",
    "GOR (name)",
]
HEADER = FIRST + [f"Column {n}" for n in range(135 - len(FIRST))]


def extract(rows: int, seed: int = 1) -> bytes:
    """A file of so many rows: every type, phase and status, open and closed, both date forms."""
    rng = Random(seed)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADER)
    for n in range(rows):
        la, closed = 901 + n % 90, rng.random() < 0.45
        mark = "-" if n % 2 else "/"
        values = [
            str(200000 + n),
            str(la),
            f"Area {la}",
            f"{2000 + n % 7000}",
            f"École Made Up {n}",
            rng.choice(TYPES),
            "Some type",
            "4",
            "Some group",
            "2" if closed else rng.choice(["1", "1", "1", "3", "4"]),
            "",
            f"01{mark}09{mark}2001",
            f"31{mark}08{mark}2019" if closed else "",
            str(rng.randint(0, 7)),
            "",
            "4",
            "11",
            str(rng.randint(20, 1500)),
            str(5000 + n % 800) if n % 3 == 0 else "",
            "A TRUST" if n % 3 == 0 else "",
            str(10000000 + n),
            "1 Sample Street",
            "Sampletown",
            "ZZ99 9ZZ",
            "01632 960000",
            "London",
        ]
        writer.writerow(values + [""] * (len(HEADER) - len(values)))
    return out.getvalue().encode("cp1252")
