"""What was signed off stays; and who may see which words."""

from django.db import migrations

from apps.common import row_security as rs
from apps.common.migrations_sql import key_defaults, refuse_change

# A family member's or young person's own right is a row to themselves; staff have another's.
STAFF = rs.reads("{table}.learner_id").replace(
    "a.starts_on <=", "a.grantee_kind <> 'user' AND a.starts_on <="
)
MINE = "{table}.author_id::text = current_setting('lr.actor', true)"


def staff(table: str) -> str:
    """The condition that the context reads this learner as staff."""
    return STAFF.format(table=table)


CONTRIBUTION_SEEN = (
    f"{MINE.format(table='reviews_contribution')} OR {staff('reviews_contribution')} OR ("
    f"{rs.reads('reviews_contribution.learner_id')} AND NOT not_my_parents AND NOT ask_me_first "
    "AND (voice <> 'family' OR others_may_see))"
)


class Migration(migrations.Migration):
    """Frozen rows (rule 4) and row-level security."""

    dependencies = [("reviews", "0001_initial"), ("register", "0002_rules")]

    operations = [
        *key_defaults(
            "reviews_learnerrecord",
            "reviews_review",
            "reviews_statement",
            "reviews_draftchange",
            "reviews_progress",
            "reviews_contribution",
            "reviews_acknowledgement",
        ),
        refuse_change(
            "reviews_review",
            when="OLD.state <> 'open'",
            sentence="A review that was signed off or has lapsed does not change.",
        ),
        refuse_change(
            "reviews_statement",
            when="true",
            sentence="A statement is replaced or withdrawn by a later review, never rewritten.",
            allow="OLD.withdrawn_no IS NULL AND NEW.withdrawn_no IS NOT NULL AND "
            "to_jsonb(NEW) - 'withdrawn_no' = to_jsonb(OLD) - 'withdrawn_no'",
        ),
        refuse_change(
            "reviews_contribution",
            when="true",
            sentence="What somebody said stays as they said it.",
            allow="to_jsonb(NEW) - 'review_id' = to_jsonb(OLD) - 'review_id'",
        ),
        rs.learner_table("reviews_learnerrecord"),
        rs.learner_table("reviews_review"),
        rs.learner_table("reviews_progress"),
        rs.protect(
            "reviews_statement",
            rs.policy(
                "seen",
                "SELECT",
                using=f"({rs.reads('reviews_statement.learner_id')} AND audience = 'everyone') "
                f"OR {staff('reviews_statement')}",
            ),
            rs.policy("added", "INSERT", check=rs.holds("reviews_statement.learner_id")),
            rs.policy(
                "withdrawn",
                "UPDATE",
                using=rs.holds("reviews_statement.learner_id"),
                check=rs.holds("reviews_statement.learner_id"),
            ),
        ),
        rs.protect(
            "reviews_draftchange",
            rs.policy(
                "drafted",
                "ALL",
                using=rs.holds("reviews_draftchange.learner_id"),
                check=rs.holds("reviews_draftchange.learner_id"),
            ),
        ),
        rs.protect(
            "reviews_contribution",
            rs.policy("seen", "SELECT", using=CONTRIBUTION_SEEN),
            rs.policy("said", "INSERT", check=rs.contributes("reviews_contribution.learner_id")),
            rs.policy(
                "attached",
                "UPDATE",
                using=rs.holds("reviews_contribution.learner_id"),
                check=rs.holds("reviews_contribution.learner_id"),
            ),
        ),
        rs.protect(
            "reviews_acknowledgement",
            rs.policy("seen", "SELECT", using=rs.reads("reviews_acknowledgement.learner_id")),
            rs.policy("said", "INSERT", check=rs.contributes("reviews_acknowledgement.learner_id")),
            rs.policy(
                "replied",
                "UPDATE",
                using=rs.holds("reviews_acknowledgement.learner_id"),
                check=rs.holds("reviews_acknowledgement.learner_id"),
            ),
        ),
    ]
