"""The made-up local area: Marrowdale, its settings, and who works there."""

from __future__ import annotations

from dataclasses import dataclass

AREA_CODE = "999"  # no local authority has it
AREA_NAME = "Marrowdale"
PASSWORD = "marrowdale-demo"  # noqa: S105 - printed by the demo for everyone to use

# Learners on a register as a share of the roll, near the published rates of additional needs
# (standards.md, 9.2); early years and college are estimates.
RATES = {
    "early-years": 0.19,
    "childminder": 0.19,
    "primary": 0.19,
    "secondary": 0.17,
    "post-16": 0.16,
    "special": 1.0,
    "alternative": 0.85,
    "hospital": 0.85,
}

# name, kind, phase, low age, high age, weight of learners
SETTINGS = (
    ("Little Acorns Nursery", "early-years", "early-years", 2, 4, 3),
    ("Harbour Lane Nursery School", "early-years", "early-years", 2, 4, 4),
    ("Tansy Grove Childminding", "childminder", "early-years", 0, 4, 1),
    ("Fernhill Primary School", "school", "primary", 4, 11, 12),
    ("Saltmarsh Church of England Primary School", "school", "primary", 4, 11, 10),
    ("Copper Mill Primary School", "school", "primary", 4, 11, 11),
    ("Wren Park Primary Academy", "school", "primary", 3, 11, 12),
    ("Thornbury Rise Primary School", "school", "primary", 4, 11, 9),
    ("Quarry Bank Infant School", "school", "primary", 4, 7, 5),
    ("Quarry Bank Junior School", "school", "primary", 7, 11, 6),
    ("St Bride's Catholic Primary School", "school", "primary", 4, 11, 8),
    ("Ridgeway High School", "school", "secondary", 11, 18, 26),
    ("Marrowdale Academy", "school", "secondary", 11, 16, 24),
    ("Estuary School", "school", "secondary", 11, 16, 20),
    ("The Orchard School", "special", "all-through", 3, 19, 12),
    ("Beacon House", "alternative", "secondary", 11, 16, 3),
    ("Marrowdale Hospital School", "hospital", "all-through", 4, 18, 1),
    ("Marrowdale College", "college", "post-16", 16, 25, 14),
)

GIVEN_F = [
    "Amira",
    "Beth",
    "Chloe",
    "Dalia",
    "Elsie",
    "Farah",
    "Grace",
    "Hana",
    "Isla",
    "Jaya",
    "Kezia",
    "Layla",
    "Maisie",
    "Nadia",
    "Orla",
    "Priya",
    "Quinn",
    "Rosa",
    "Safiya",
    "Tilly",
    "Una",
    "Violet",
    "Wren",
    "Xanthe",
    "Yasmin",
    "Zofia",
    "Ada",
    "Bronwen",
    "Chiara",
    "Dorcas",
    "Effie",
    "Freya",
    "Gwen",
    "Hafsa",
    "Imogen",
    "Jude",
    "Kamala",
    "Lena",
    "Mei",
    "Nell",
]
GIVEN_M = [
    "Aaron",
    "Bilal",
    "Caleb",
    "Dylan",
    "Elijah",
    "Finn",
    "George",
    "Hamza",
    "Idris",
    "Jakub",
    "Kofi",
    "Leo",
    "Musa",
    "Noah",
    "Oscar",
    "Pavel",
    "Quincy",
    "Rohan",
    "Samir",
    "Theo",
    "Umar",
    "Viktor",
    "Will",
    "Xavier",
    "Yusuf",
    "Zac",
    "Arlo",
    "Bram",
    "Cian",
    "Desmond",
    "Emre",
    "Felix",
    "Gethin",
    "Harvey",
    "Ivo",
    "Jonah",
    "Kai",
    "Luca",
    "Milo",
    "Nikhil",
]
FAMILY = [
    "Abara",
    "Ashdown",
    "Beckford",
    "Bellweather",
    "Bharti",
    "Brightside",
    "Caulder",
    "Chowdry",
    "Cobbold",
    "Crane",
    "Dalgety",
    "Dunmore",
    "Eastwell",
    "Eze",
    "Farrow",
    "Fenwright",
    "Gale",
    "Garside",
    "Grayling",
    "Halloran",
    "Harrowgate",
    "Hussaini",
    "Ibbot",
    "Ingleby",
    "Jessop",
    "Kariuki",
    "Kestrel",
    "Kowalik",
    "Larkin",
    "Lindqvist",
    "Lovage",
    "Marchbank",
    "Mbeki",
    "Merrow",
    "Nakata",
    "Netherby",
    "Nwosu",
    "Oakhanger",
    "Okafor",
    "Olander",
    "Pemberley",
    "Penrose",
    "Pettigrew",
    "Quaye",
    "Quickthorn",
    "Rahmani",
    "Redfern",
    "Rowntree",
    "Sallow",
    "Sandhu",
    "Sedgewick",
    "Singhal",
    "Sorrel",
    "Stanmore",
    "Tallis",
    "Tarn",
    "Thackray",
    "Umarov",
    "Underhill",
    "Vane",
    "Vasquez",
    "Wainfleet",
    "Warsame",
    "Wetherby",
    "Yarrow",
    "Yilmazer",
    "Zielak",
]


@dataclass(frozen=True)
class Person:
    """Somebody whom the demo lets you be."""

    email: str
    name: str
    role: str
    place: str
    why: str


PEOPLE = (
    Person(
        "senco@fernhill.example",
        "Ruth Alder",
        "senco",
        "Fernhill Primary School",
        "SENCO of a primary school",
    ),
    Person(
        "teacher@fernhill.example",
        "Owen Marsh",
        "teacher",
        "Fernhill Primary School",
        "class teacher there",
    ),
    Person("head@fernhill.example", "Grace Tully", "head", "Fernhill Primary School", "head there"),
    Person(
        "senco@ridgeway.example",
        "Imran Sayle",
        "senco",
        "Ridgeway High School",
        "SENCO of the secondary school",
    ),
    Person(
        "senco@orchard.example",
        "Nia Carrow",
        "senco",
        "The Orchard School",
        "SENCO of the special school",
    ),
    Person(
        "senco@college.example",
        "Peter Lund",
        "senco",
        "Marrowdale College",
        "learning support lead of the college",
    ),
    Person(
        "senco@acorns.example", "Dee Okoro", "senco", "Little Acorns Nursery", "SENCO of a nursery"
    ),
    Person(
        "officer@marrowdale.example",
        "Joan Petrie",
        "officer",
        "",
        "officer of the Local Inclusion Partnership",
    ),
    Person(
        "admin@service.example", "Kit Rowe", "administrator", "", "administrator of the service"
    ),
)
PARENT = Person(
    "parent@home.example",
    "Hannah Thackray",
    "",
    "Fernhill Primary School",
    "parent of a child at Fernhill",
)
YOUNG = Person(
    "student@home.example",
    "Sol Brandt",
    "",
    "Marrowdale College",
    "student who reads their own record",
)
DECIDES = Person(
    "maya@home.example",
    "Maya Quill",
    "",
    "Ridgeway High School",
    "16, agreed in part to who of her family reads her record",
)
DECIDED_ON = Person(
    "quill@home.example", "Dana Quill", "", "Ridgeway High School", "Maya’s mother, who may read"
)
NOT_TOLD_WHERE = Person(
    "ashgrove@home.example",
    "Neil Ashgrove",
    "",
    "Fernhill Primary School",
    "a father who may read what helps, and not where his child is",
)
FAMILIES = (PARENT, YOUNG, DECIDES, DECIDED_ON, NOT_TOLD_WHERE)
