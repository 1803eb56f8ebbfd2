"""The balance of postings is looked up entry by entry, however many years of them there are.

Revision ID: 0043
Revises: 0042
"""

from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

_CHECK = """
CREATE OR REPLACE FUNCTION check_postings_balance() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    crooked bigint;
BEGIN
    {found}
    IF crooked IS NOT NULL THEN
        RAISE EXCEPTION USING MESSAGE = 'journal entry ' || crooked || ' does not balance',
            ERRCODE = 'check_violation', CONSTRAINT = 'ck_journal_entries_balanced';
    END IF;
    RETURN NULL;
END $$
"""
# Joined as sets, the planner may read every posting that there ever was, once for each statement.
_EACH = """SELECT touched.entry_id INTO crooked FROM (SELECT DISTINCT entry_id FROM added) touched
        CROSS JOIN LATERAL (
            SELECT sum(p.amount_minor) AS amount_minor FROM journal_postings p WHERE p.entry_id = touched.entry_id
        ) whole WHERE whole.amount_minor <> 0 LIMIT 1;"""
_SET = """SELECT p.entry_id INTO crooked FROM journal_postings p
        WHERE p.entry_id IN (SELECT entry_id FROM added) GROUP BY p.entry_id HAVING sum(p.amount_minor) <> 0 LIMIT 1;"""


def upgrade() -> None:
    """Apply."""
    op.execute(_CHECK.format(found=_EACH))


def downgrade() -> None:
    """Take back."""
    op.execute(_CHECK.format(found=_SET))
