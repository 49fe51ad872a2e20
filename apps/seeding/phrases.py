"""What the made-up records say: need profiles with their own evidence, strengths and support.

Nothing here is anybody's. Each profile belongs to one area of need; `{n}` stands for the name.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any


@dataclass(frozen=True)
class Profile:
    """A coherent picture of a need, from which records are drawn."""

    area: str
    census: str
    needs: tuple[str, ...]
    seen: tuple[str, ...]
    strengths: tuple[str, ...]
    harder: tuple[str, ...]
    supports: tuple[tuple[str, str, int, int, str], ...]  # what, how often, minutes, group, by whom
    adaptations: tuple[str, ...]
    outcomes: tuple[tuple[str, str, str], ...]  # aim, baseline, target
    family: tuple[str, ...]


LEARNING, COMMUNICATION = "cognition-and-learning", "communication-and-interaction"
WELLBEING, PHYSICAL = "social-emotional-and-mental-health", "physical-and-sensory"

PROFILES = (
    Profile(
        COMMUNICATION,
        "SLCN",
        (
            "Takes in the first part of an instruction and watches others for the rest.",
            "Knows more than the words that come; finding the word takes time.",
            "Speech is clear to family and harder to follow for new people.",
        ),
        (
            "Asked to fetch a book and sit down, {n} fetched the book and waited.",
            "Retold a story in three words and then acted the rest.",
            "Said 'the thing for cutting' for scissors, then smiled when the word came.",
            "Answered a question from the start of the lesson ten minutes later, correctly.",
            "A visitor asked twice; a friend explained what {n} had said.",
        ),
        (
            "Acts out whole stories with props and holds an audience.",
            "Builds models from a picture without any words.",
            "Remembers every route, timetable and bus number.",
            "Makes younger children laugh and lets them win.",
            "Draws what is hard to say, in careful detail.",
        ),
        (
            "Long instructions in a noisy room",
            "Being hurried to answer",
            "Jokes and sayings that mean something else",
        ),
        (
            (
                "Language group with the same six words all week",
                "3 times a week",
                25,
                4,
                "teaching assistant",
            ),
            ("Key words taught before the topic starts", "weekly", 15, 3, "teaching assistant"),
            (
                "Speech practice from the therapist's programme",
                "daily",
                10,
                1,
                "teaching assistant",
            ),
        ),
        (
            "Instructions one part at a time, with a picture",
            "Ten seconds to answer before anyone helps",
            "A word mat for each topic within reach",
            "New words said, shown and used in a sentence",
        ),
        (
            (
                "Follow a two-part instruction in class",
                "one part, watching others",
                "two parts, 8 times of 10",
            ),
            (
                "Use the topic's six words when telling about it",
                "two of six with a prompt",
                "five of six unprompted",
            ),
        ),
        (
            "At home {n} tells us about the day if we look at the photos together.",
            "Shops are better now that we make a picture list first.",
        ),
    ),
    Profile(
        COMMUNICATION,
        "ASD",
        (
            "Manages well when the day is clear, and finds unplanned change and busy times hard.",
            "Wants friends and finds the unspoken rules of groups tiring.",
            "Hides worry all day and lets it out at home.",
        ),
        (
            "When the room was changed, {n} stood at the old door for ten minutes.",
            "Spent every break this week walking the same line along the fence.",
            "Put hands over both ears when the dining hall filled.",
            "Explained the whole water cycle and did not notice that the group had stopped.",
            "Came in calm after seeing the plan for the trip with photos.",
        ),
        (
            "Knows more about trains than anyone here and explains it kindly.",
            "Notices patterns and small mistakes before anybody else.",
            "Is honest, and people trust it.",
            "Plays the keyboard by ear.",
            "Keeps a promise to the minute.",
        ),
        (
            "A change that nobody mentioned",
            "The dining hall between twelve and half past",
            "Being looked at while thinking",
        ),
        (
            ("Meeting to look through the day and its changes", "daily", 10, 1, "key adult"),
            ("Friendship group with a shared interest", "weekly", 30, 4, "teaching assistant"),
            ("Planned time in the quiet room", "daily", 15, 1, "key adult"),
        ),
        (
            "A timetable that shows today's changes in another colour",
            "Leaves for lunch five minutes early",
            "A card that means 'I need the quiet room', no questions asked",
            "Says answers to one person rather than to the class",
        ),
        (
            (
                "Ask for the quiet room before distress",
                "led there by an adult",
                "goes by choice 4 times of 5",
            ),
            ("Join in one planned game at break", "alone at every break", "two breaks a week"),
        ),
        (
            "The evenings are when we see what the day has cost.",
            "The photo plan on Sundays has changed our Mondays.",
        ),
    ),
    Profile(
        LEARNING,
        "SPLD",
        (
            "Ideas run well ahead of reading and spelling.",
            "Reads slowly and with care; spelling hides how much is known.",
            "Number facts do not stay, though reasoning is sound.",
        ),
        (
            "Told a page of ideas aloud and wrote two lines.",
            "Read 'though' as 'through' four times, then worked it out from the sense.",
            "Solved the problem by drawing it and then forgot six times seven.",
            "Chose the audiobook and discussed it better than anyone.",
            "Copied from the board and lost the place on every line.",
        ),
        (
            "Explains ideas so that others understand them.",
            "Sees how machines fit together.",
            "Leads the team in anything built or performed.",
            "Asks the question that everyone else needed.",
            "Never gives up on a puzzle.",
        ),
        (
            "Reading aloud without warning",
            "Copying from the board",
            "Spelling tests that count for everything",
        ),
        (
            (
                "Structured reading and spelling programme",
                "4 times a week",
                20,
                3,
                "trained teaching assistant",
            ),
            (
                "Daily practice of ten words, timed and plotted",
                "daily",
                10,
                1,
                "teaching assistant",
            ),
            (
                "Number facts with objects and drawings",
                "3 times a week",
                15,
                2,
                "teaching assistant",
            ),
        ),
        (
            "Text read aloud by the laptop in every subject",
            "Marked for ideas; three spellings chosen to learn",
            "Notes given out instead of copied",
            "Extra time in tests, used in class first",
        ),
        (
            (
                "Read 95 words a minute from the class book",
                "62 words a minute",
                "95 words a minute",
            ),
            (
                "Write half a page with dictation, then check it",
                "two lines by hand",
                "half a page in 20 minutes",
            ),
        ),
        (
            "Homework took all evening; with the laptop it takes half an hour.",
            "{n} said 'I'm not stupid then', and we all went quiet.",
        ),
    ),
    Profile(
        LEARNING,
        "MLD",
        (
            "Learns steadily with small steps, practice and things to touch.",
            "Needs to meet an idea many times and in many places before it stays.",
        ),
        (
            "Counted ten counters three ways before being sure that it was ten.",
            "Knew the coins in class and not in the shop.",
            "Waited for an adult before starting each of four tasks.",
            "Sorted the recycling for the whole class without being asked.",
        ),
        (
            "Is the first to welcome somebody new.",
            "Looks after the garden and knows every plant.",
            "Sings in tune and learns every song.",
            "Works longer than anyone when the task is clear.",
        ),
        (
            "Being given the whole page at once",
            "When adults talk over the top of the work",
        ),
        (
            ("Small-group mathematics with objects", "4 times a week", 30, 4, "teacher"),
            ("Reading with an adult, the same book all week", "daily", 10, 1, "teaching assistant"),
            ("Practising money and time where they are used", "weekly", 40, 3, "support worker"),
        ),
        (
            "Tasks in three steps on a card to tick off",
            "The same routine at the start of each lesson",
            "Pre-teaching on Monday, again on Thursday",
        ),
        (
            (
                "Pay for lunch with the right coins",
                "hands over all the coins",
                "right coins 4 days of 5",
            ),
            ("Begin a task from the card alone", "waits for an adult", "begins 3 tasks of 4"),
        ),
        (
            "We do the shopping list together now and {n} finds everything.",
            "Going slowly is not the same as not learning, and the setting sees that.",
        ),
    ),
    Profile(
        WELLBEING,
        "SEMH",
        (
            "Worry makes starting hard, and mornings hardest.",
            "Strong feelings arrive quickly and pass with a calm adult.",
            "Attention moves fast; a short task with movement holds it.",
            "Since a loss at home some days are heavy.",
        ),
        (
            "Stood at the gate for twenty minutes, then came in with the key adult.",
            "Tore the page when it went wrong, and mended it later with tape.",
            "Got up eleven times in a lesson and finished when given the register to take.",
            "Sat in the reading corner for the whole of Friday and told nobody why.",
            "Asked four times whether the visit was still on.",
        ),
        (
            "Cares for anyone who is left out.",
            "Is very funny, and kind with it.",
            "Runs further and faster than the year above.",
            "Draws comics that the whole class passes round.",
            "Says sorry and means it.",
        ),
        (
            "Not knowing who will be there",
            "Being told off in front of others",
            "Sundays, and the ends of holidays",
        ),
        (
            ("Check in and check out with the key adult", "daily", 10, 1, "key adult"),
            ("Group on worry and small brave steps", "weekly", 45, 5, "mental health practitioner"),
            ("Time to talk, draw or walk", "weekly", 30, 1, "learning mentor"),
        ),
        (
            "Comes in by the side door ten minutes early",
            "Tasks of ten minutes with a job in between",
            "A plan that {n} wrote: what helps early, what helps late",
            "Praised quietly, reminded privately",
        ),
        (
            ("Come in on time with the key adult", "2 mornings of 5", "4 mornings of 5"),
            (
                "Use the plan before leaving the room",
                "leaves without saying",
                "uses it 3 times of 4",
            ),
        ),
        (
            "Mornings are still the hardest part; the side door has helped.",
            "We would like to know about a hard day before home time.",
        ),
    ),
    Profile(
        PHYSICAL,
        "PD",
        (
            "Moves with effort and tires by the afternoon.",
            "Hands are slow with small tools and handwriting.",
        ),
        (
            "Wrote a full line, then rested the hand on the desk.",
            "Chose the ramp and was last into the hall again.",
            "Typed a page in the time that three written lines take.",
            "Fell asleep in the last lesson on Tuesday and Thursday.",
        ),
        (
            "Plans ahead better than most adults.",
            "Captains the boccia team.",
            "Says clearly what help is wanted and what is not.",
            "Writes songs on the tablet.",
        ),
        (
            "Long corridors between lessons",
            "Being lifted or pushed without being asked",
            "Writing by hand for more than ten minutes",
        ),
        (
            (
                "Stretches and standing from the physiotherapist's plan",
                "daily",
                20,
                1,
                "trained teaching assistant",
            ),
            ("Typing practice", "3 times a week", 15, 2, "teaching assistant"),
        ),
        (
            "Laptop in every lesson, charged and on the desk",
            "Leaves five minutes early between lessons",
            "Chair and table set by the occupational therapist",
            "Rest after lunch",
        ),
        (
            ("Type 20 words a minute", "9 words a minute", "20 words a minute"),
            ("Stay for the last lesson four days a week", "two days", "four days"),
        ),
        (
            "{n} comes home tired, and happier on the days with rest after lunch.",
            "Please ask before moving the chair. It is part of the body.",
        ),
    ),
    Profile(
        PHYSICAL,
        "HI",
        (
            "Hears speech well in a quiet room with hearing aids, and loses it in noise.",
            "Listening hard all day is tiring.",
        ),
        (
            "Answered another question when three people spoke at once.",
            "Turned to see who was talking each time, and missed the start.",
            "Took the aids out at break 'for a rest from it'.",
            "Followed every word of the captioned film.",
        ),
        (
            "Reads faces and knows how people feel.",
            "Dances exactly on the beat.",
            "Teaches the class a sign each week.",
            "Reads two books a week.",
        ),
        (
            "Group talk with faces out of sight",
            "Films without captions",
            "Wet breaks indoors",
        ),
        (
            ("Visit from the teacher of the deaf", "every two weeks", 45, 1, "teacher of the deaf"),
            ("Check of aids and radio aid", "daily", 5, 1, "teaching assistant"),
        ),
        (
            "Sits where every face can be seen",
            "The speaker wears the radio aid",
            "Captions on every film",
            "What other learners say is repeated",
        ),
        (
            (
                "Tell the speaker when something was missed",
                "waits and guesses",
                "asks 4 times of 5",
            ),
            ("Change the aid's battery alone", "with help", "alone within a day"),
        ),
        (
            "{n} is worn out by Friday. Quiet time would help.",
            "We practise asking people to say it again.",
        ),
    ),
    Profile(
        LEARNING,
        "PMLD",
        (
            "Learns through touch, sound and people who are trusted, one tiny step at a time.",
            "Shows choice by look and stillness; everyone has to learn to see it.",
        ),
        (
            "Stilled and turned to the door when the music of the day began.",
            "Looked from one cup to the other and stayed on the red one.",
            "Laughed when the fan stopped, and waited for it to start.",
        ),
        (
            "Has a laugh that fills the room.",
            "Knows every voice, and shows who is liked.",
            "Loves water, wind and anything that shines.",
        ),
        ("Being moved without warning", "Too many voices at once"),
        (
            ("Sensory sequence with the same start and end", "daily", 30, 1, "teacher"),
            ("Standing frame and stretches", "daily", 40, 1, "physiotherapy assistant"),
            ("Choices by look, with two objects", "through the day", 5, 1, "all adults"),
        ),
        (
            "Told and touched before being moved, every time",
            "Objects that say what comes next",
            "A long pause after every offer",
        ),
        (
            ("Choose between two objects by look", "3 times of 10", "7 times of 10"),
            (
                "Wait for the last part of a known song",
                "no sign",
                "sound or stillness 5 times of 10",
            ),
        ),
        (
            "At home the bath is where we hear the most.",
            "Everyone here says hello first. Thank you.",
        ),
    ),
)

CONTRIBUTIONS_OF_STAFF = (
    "Works best at the front, with the first task done together.",
    "Contributed twice in discussion this half term, both times after talk in pairs.",
    "Settles within five minutes when the routine is kept.",
    "The adaptation is used in my lessons and makes the difference.",
    "Much happier since the seating changed.",
)
OWN_WORDS = (
    "I like it when people wait for me.",
    "Lunch is too loud but art is the best.",
    "I want to be asked, not told about.",
    "My friend helps me and I help my friend.",
    "I am good at this when I can show you.",
)
HOPES = (
    "I want to work with animals.",
    "I want to go on the residential with my friends.",
    "I want to read the books that my cousins read.",
    "I want to travel by myself on the bus.",
    "I want to make people laugh for my job.",
    "I want a best friend in my new class.",
)


def of_census(code: str) -> Profile:
    """The profile for a census need code."""
    return next(p for p in PROFILES if p.census == code)


def draw(rng: Random, profile: Profile, name: str, amount: int) -> dict[str, Any]:
    """What one learner's record says, from a profile; `amount` grows with the level of need."""

    def some(lines: tuple[Any, ...], how_many: int) -> list[Any]:
        return rng.sample(lines, min(how_many, len(lines)))

    def named(line: str) -> str:
        return line.replace("{n}", name)

    return {
        "need": named(rng.choice(profile.needs)),
        "evidence": [named(line) for line in some(profile.seen, min(amount, 3))],
        "strengths": [named(line) for line in some(profile.strengths, 2)],
        "harder": [named(line) for line in some(profile.harder, min(amount, 2))],
        "supports": some(profile.supports, min(amount, 3)),
        "adaptations": [named(line) for line in some(profile.adaptations, min(amount + 1, 4))],
        "outcomes": some(profile.outcomes, min(amount, 2)),
        "family": named(rng.choice(profile.family)),
        "hope": rng.choice(HOPES),
    }
