"""Who is asked, how supports are seen to work, and whose words come by a link or are written down."""

from importlib import import_module

from django.db import migrations

from apps.audit import history
from apps.common import row_security as rs
from apps.common.migrations_sql import key_defaults

ASK, CHOICE, SEEN, SAID = (
    "reviews_ask",
    "reviews_askingchoice",
    "reviews_supportseen",
    "reviews_contribution",
)
ACTOR = "current_setting('lr.actor', true)"
ASKED, OF_SEEN, OF_SAID = f"{ASK}.learner_id", f"{SEEN}.learner_id", f"{SAID}.learner_id"
voice = import_module("apps.reviews.migrations.0009_specialists_voice")
first = import_module("apps.reviews.migrations.0011_ask_me_first")

# Who is asked is for whoever keeps the record; each person knows of their own question.
OWN = f"{ASK}.user_id::text = {ACTOR}"
ANSWERS = f"{rs.contributes(ASKED)} AND {rs.reads_where(ASKED)} AND {OWN}"

# What is said of a support is read by whoever reads both the words and the support.
READ = (
    f"EXISTS (SELECT FROM {SAID} c WHERE c.id = {SEEN}.contribution_id"
    f" AND c.learner_id = {OF_SEEN})"
    f" AND EXISTS (SELECT FROM reviews_statement s WHERE s.id = {SEEN}.statement_id"
    f" AND s.learner_id = {OF_SEEN} AND s.kind = 'support')"
)
WRITTEN = (
    f"EXISTS (SELECT FROM {SAID} c WHERE c.id = {SEEN}.contribution_id"
    f" AND c.author_id::text = {ACTOR}) AND {rs.contributes_as_organisation(OF_SEEN)}"
)

# Words in somebody else's name: by whoever works with the learner, who says so; and by the worker,
# for a link that was sent to them.
OF_THE_FAMILY = (
    f"({SAID}.family_member_id IS NULL OR EXISTS (SELECT FROM learners_familymember f"
    f" WHERE f.id = {SAID}.family_member_id AND f.learner_id = {OF_SAID}))"
)
WRITTEN_DOWN = (
    f"({rs.contributes_as_organisation(OF_SAID)} AND {SAID}.author_id IS NULL"
    f" AND {SAID}.written_down_by <> '' AND {OF_THE_FAMILY})"
)
BY_LINK = (
    f"({rs.WORKER} AND {rs.holds(OF_SAID)} AND {SAID}.author_id IS NULL"
    f" AND {SAID}.came_by = 'link' AND EXISTS (SELECT FROM {ASK} a"
    f" WHERE a.learner_id = {OF_SAID} AND a.state = 'asked' AND a.link_digest <> ''"
    f" AND a.voice = {SAID}.voice"
    f" AND a.family_member_id IS NOT DISTINCT FROM {SAID}.family_member_id))"
)
MAY_SAY = f"({voice.NOW}) OR {WRITTEN_DOWN} OR {BY_LINK}"
# What was written down of somebody is theirs to read, as what they wrote themselves; but it says who
# wrote it down, and so where the learner is.
THEIRS = f"({rs.reads_where(OF_SAID)} AND {voice.OWN_MEMBER})"
MAY_READ = f"{first.NOW} OR {THEIRS}"

# The worker finds a link by its digest, and as the holder's worker reads what is behind it.
BY_DIGEST = f"""
    CREATE FUNCTION reviews_ask_by_link(digest text) RETURNS TABLE (ask_id uuid, holder_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT a.id, coalesce(h.setting_id, h.local_area_id)
        FROM {ASK} a JOIN learners_recordholder h
            ON h.learner_id = a.learner_id AND h.ends_on IS NULL
        WHERE {rs.WORKER} AND a.link_digest = digest AND digest <> ''
            AND a.state <> 'withdrawn'
            AND a.link_ends_on > {rs.TODAY}
    $$;
    REVOKE ALL ON FUNCTION reviews_ask_by_link FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION reviews_ask_by_link TO {rs.app()};
"""


class Migration(migrations.Migration):
    """Row-level security of three tables, and two more ways for words to come."""

    dependencies = [("reviews", "0015_asking"), ("learners", "0015_sealed")]

    operations = [
        *key_defaults(ASK, CHOICE, SEEN),
        rs.protect(
            ASK,
            rs.policy(
                "seen", "SELECT", using=f"{rs.holds(ASKED)} OR ({rs.reads_where(ASKED)} AND {OWN})"
            ),
            rs.policy("asked", "INSERT", check=f"{rs.holds(ASKED)} AND state = 'asked'"),
            rs.policy("changed", "UPDATE", using=rs.holds(ASKED), check=rs.holds(ASKED)),
            rs.policy(
                "answered",
                "UPDATE",
                using=f"{ANSWERS} AND state = 'asked'",
                check=f"{ANSWERS} AND state = 'answered'",
            ),
        ),
        history.keep(ASK, without=("link_digest",)),
        rs.organisation_table(CHOICE),
        history.keep(CHOICE, learner=""),
        rs.protect(
            SEEN,
            rs.policy("seen", "SELECT", using=READ),
            rs.policy("said", "INSERT", check=f"{READ} AND {WRITTEN}"),
        ),
        rs.read_only(SEEN),
        migrations.RunSQL(voice.said(MAY_SAY), voice.said(voice.NOW)),
        rs.reread(SAID, now=MAY_READ, before=first.NOW),
        migrations.RunSQL(BY_DIGEST, "DROP FUNCTION reviews_ask_by_link;"),
    ]
