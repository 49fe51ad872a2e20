"""What the law says of keeping and deleting, each in the demo area, made by the people concerned.

Another child's name redacted, another redaction that waits for its second person; records of pupils
who left long ago: due, proposed, on legal hold, and one that was deleted.
"""

from __future__ import annotations

from datetime import date, timedelta

from apps.access import rls
from apps.common import clock
from apps.learners import actions as learners
from apps.learners.models import Enrolment, FamilyMember, Learner
from apps.reviews.actions.voices import contribute
from apps.rights import disposal, redaction, retention
from apps.rights.models import Disposal, Redaction
from apps.seeding import places
from apps.seeding.moves import actor_for
from apps.settings.models import Setting

SENCO, HEAD, TEACHER = "senco@fernhill.example", "head@fernhill.example", "teacher@fernhill.example"
SCHOOL = "Fernhill Primary School"
LEFT_LONG_AGO = (
    ("Dara", "Quill", date(1992, 2, 11)),
    ("Piers", "Langdon", date(1993, 6, 30)),
    ("Saira", "Bellwood", date(1992, 10, 3)),
    ("Colm", "Reddaway", date(1991, 12, 19)),
)


def make_keeping() -> int:
    """Make every one of them; how many there are."""
    _redactions()
    _disposals()
    return 2 + len(LEFT_LONG_AGO)


def _redactions() -> None:
    child = _child_of_the_demos_parent()
    with rls.acting(actor_for(SENCO)) as by:
        contribute(
            by=by, learner=child, harder="Lunch is loud. Leaves the table when Jamie Small shouts."
        )
        first = redaction.propose(
            by=by,
            learner=child,
            words="Jamie Small",
            ground=Redaction.Ground.ANOTHER_CHILD,
            because="That child's parents asked in writing",
        )
    with rls.acting(actor_for(HEAD)) as by:
        redaction.agree(by=by, decision_id=first.decision_id)
    with rls.acting(actor_for(SENCO)) as by:
        contribute(by=by, learner=child, would_help="A seat away from Nia Frost.")
        redaction.propose(
            by=by,
            learner=child,
            words="Nia Frost",
            ground=Redaction.Ground.ANOTHER_CHILD,
            because="It names another child of the class",
        )


def _child_of_the_demos_parent() -> Learner:
    with rls.acting(actor_for(places.PARENT.email)) as by:
        member = FamilyMember.objects.filter(user_id=by.key).select_related("learner")
        return member.order_by("learner__date_of_birth")[0].learner


def _disposals() -> None:
    school = Setting.objects.get(name=SCHOOL)
    made = [_left_long_ago(school, *who) for who in LEFT_LONG_AGO]
    _, proposed, held, deleted = made
    with rls.acting(actor_for(HEAD)) as by:
        retention.place_hold(
            by=by,
            learner=held,
            reason="An inquiry has asked for this record",
            look_again_on=clock.today() + timedelta(days=120),
        )
    disposal.find()
    for learner in (proposed, deleted):
        with rls.acting(actor_for(SENCO)) as by:
            due = Disposal.objects.get(learner=learner)
            decision = disposal.propose(
                by=by, disposal_id=due.id, because="No request or claim is known"
            )
        if learner == deleted:
            with rls.acting(actor_for(HEAD)) as by:
                disposal.agree(by=by, decision_id=decision.id)
            disposal.work(due.id)


def _left_long_ago(school: Setting, given: str, family: str, born: date) -> Learner:
    """A pupil of long ago whose record no other school has asked for."""
    with rls.acting(actor_for(SENCO)) as by:
        learner = learners.add_learner(
            by=by,
            setting=school,
            values={
                "legal_given": given,
                "legal_family": family,
                "known_given": given,
                "known_family": family,
                "date_of_birth": born,
            },
            year_group=6,
            starts_on=date(born.year + 5, 9, 1),
        )
        learners.close(Enrolment.objects.get(learner=learner), date(born.year + 11, 7, 31))
    return learner
