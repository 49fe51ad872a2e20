"""Documents and papers in the demo area: a report for everyone, a note for staff, a letter that the
family added, one withdrawn, and evidence that was made for others.
"""

from __future__ import annotations

from apps.access import rls
from apps.documents import actions
from apps.learners import selectors as learners
from apps.learners.models import FamilyMember, Learner
from apps.reviews.actions import sending
from apps.seeding import places
from apps.seeding.moves import actor_for

SENCO = "senco@fernhill.example"
REPORT = (
    "Speech and language therapy, a report\n\n"
    "Seen in class and on his or her own. Understands more than is said: short sentences, one step "
    "at a time, with a picture, are followed well. Asks again when told that asking is fine.\n"
)
LETTER = (
    "Seen in the clinic with a parent. Hearing is good in quiet; a noisy room makes it harder.\n"
)
NOTE = "What was agreed at the meeting about safety at home time.\n"


def make_documents() -> int:
    """Make them, for the child of the demo's parent; how many there are."""
    with rls.acting(actor_for(SENCO)) as by:
        child = Learner.objects.get(
            pk__in=FamilyMember.objects.filter(user__email=places.PARENT.email).values("learner_id")
        )
        for title, text, why in (
            ("Speech and language therapy report", REPORT, ""),
            ("Safety at home time", NOTE, "It names somebody else"),
        ):
            actions.add(
                by=by,
                learner=child,
                title=title,
                file_name="document.txt",
                data=text.encode(),
                audience="staff" if why else "everyone",
                audience_reason=why,
            )
        wrong = actions.add(
            by=by, learner=child, title="Hearing test", file_name="a.txt", data=b"Of another child."
        )
        actions.withdraw(by=by, document_id=wrong.id, because="It was about another child")
        sending.evidence_pack(by=by, seen=learners.sight(by, child.id), redacted=[])
    with rls.acting(actor_for(places.PARENT.email)) as parent:
        actions.add(
            by=parent,
            learner=child,
            title="Letter from the hearing clinic",
            file_name="letter.txt",
            data=LETTER.encode(),
        )
    return 5
