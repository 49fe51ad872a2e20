"""A record in which another child is named in every kind of place, and a redaction of that name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from apps.accounts import unsent
from apps.accounts.models import User
from apps.common import clock
from apps.learners.models import Learner
from apps.reviews.actions import voices
from apps.reviews.actions.drafting import save_change
from apps.reviews.actions.entry import Evidence, put_on_register
from apps.reviews.models import Review
from apps.rights import actions as copies
from apps.rights import redaction
from apps.rights.models import Redaction
from apps.settings.models import Setting
from apps.transitions.actions import delivery, planning
from apps.transitions.models import Delivery, Transition
from tests import factories as make

NAME = "Jamie Otherchild-Zoë"
SAID = f"Quarrels with {NAME}, then plays alone"


@dataclass
class Named:
    """Robin's record, and everyone who can read it."""

    robin: Learner
    school: Setting
    new: Setting
    senco: User
    head: User
    teacher: User
    parent: User
    new_senco: User
    move: Transition

    @property
    def signed(self) -> Review:
        """The review that was signed off."""
        return Review.objects.get(learner=self.robin, number=1)


def build() -> Named:
    """The name in a statement, evidence, a draft, voices, a package, a copy and an unsent form."""
    area = make.local_area()
    school, new = make.setting(area), make.setting(area)
    senco, head = make.staff("senco", school), make.staff("head", school)
    teacher = make.staff("teacher", school, whole_setting=True)
    robin = make.learner(school, year_group=6)
    parent = make.parent(robin)
    by = make.acting_as(senco)
    put_on_register(
        by=by,
        learner=robin,
        setting=school,
        area="communication-and-interaction",
        level="mild",
        evidence=Evidence(SAID, "class", clock.today(), "Mr Ray"),
    )
    move = planning.expect(
        by=by,
        learner=robin,
        kind="phase",
        starts_on=clock.today() + timedelta(days=100),
        year_group=7,
    )
    first = Review.objects.get(learner=robin, state="open")
    save_change(
        by=by,
        review_id=first.id,
        version=None,
        change="add",
        values={"kind": "strength", "text": f"Sings, even beside {NAME.upper()}."},
    )
    unsent.keep(user_id=senco.id, page=f"/reviews/{first.id}/", fields={"text": [SAID]})
    voices.contribute(by=make.acting_as(teacher), learner=robin, harder=f"“{NAME}”\nsits near")
    by = make.acting_as(senco)
    planning.name_destination(by=by, transition_id=move.id, to_setting=new)
    planning.share(by=by, transition_id=move.id)
    for row in Delivery.objects.filter(transition=move, work="package"):
        delivery.work(row.id)
    by = make.acting_as(senco)
    copy = copies.ask(
        by=by, learner=robin, holder_id=school.id, copy_for="Alex", identity="Known to us"
    )
    copies.work(copy.id)
    new_senco = make.staff("senco", new)
    return Named(robin, school, new, senco, head, teacher, parent, new_senco, move)


def propose(named: Named, words: str = NAME) -> Redaction:
    """The SENCO proposes."""
    return redaction.propose(
        by=make.acting_as(named.senco),
        learner=named.robin,
        words=words,
        ground="another child",
        because="It names another child of the class",
    )


def redact(named: Named, words: str = NAME) -> Redaction:
    """The SENCO proposes and the head agrees."""
    proposed = propose(named, words)
    redaction.agree(by=make.acting_as(named.head), decision_id=proposed.decision_id)
    return proposed
