"""Books that close: a line before which nothing is posted, accounts that can be deactivated.

Revision ID: 0006
Revises: 0005
"""
import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Who posts holds a share of the settings' row until the transaction ends; who moves the line locks it whole. So no
# entry can be committed into days that were closed while it was being written.
OPEN_BOOKS = """
CREATE FUNCTION check_books_open() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    line date;
    earliest date;
BEGIN
    SELECT books_closed_until INTO line FROM company_settings WHERE id = 1 FOR KEY SHARE;
    IF line IS NOT NULL THEN
        SELECT min(posted_on) INTO earliest FROM added;
        IF earliest < line THEN
            RAISE EXCEPTION USING MESSAGE = 'the books of ' || earliest || ' are closed',
                ERRCODE = 'check_violation', CONSTRAINT = 'ck_journal_entries_open';
        END IF;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER journal_entries_open AFTER INSERT ON journal_entries
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_books_open();

CREATE TRIGGER books_closings_frozen BEFORE UPDATE OR DELETE ON books_closings
    FOR EACH ROW EXECUTE FUNCTION refuse_change()
"""


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "books_closings",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("closed_until_before", sa.Date(), nullable=True),
        sa.Column("closed_until", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("closed_by", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "closed_until > closed_until_before OR closed_until_before IS NULL OR reason <> ''",
            name=op.f("ck_books_closings_reason"),
        ),
        sa.CheckConstraint(
            "closed_until IS DISTINCT FROM closed_until_before", name=op.f("ck_books_closings_moved")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_books_closings")),
    )
    op.add_column("company_settings", sa.Column("books_closed_until", sa.Date(), nullable=True))
    op.create_index(
        "ix_journal_postings_account_id", "journal_postings", ["account_id", "entry_id"], unique=False
    )
    op.add_column(
        "ledger_accounts", sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False)
    )
    op.create_check_constraint(
        op.f("ck_ledger_accounts_purpose_active"), "ledger_accounts", "is_active OR purpose IS NULL"
    )
    op.execute(OPEN_BOOKS)


def downgrade() -> None:
    """Take back."""
    op.execute("DROP TRIGGER journal_entries_open ON journal_entries")
    op.execute("DROP FUNCTION check_books_open()")
    op.drop_constraint(op.f("ck_ledger_accounts_purpose_active"), "ledger_accounts")
    op.drop_column("ledger_accounts", "is_active")
    op.drop_index("ix_journal_postings_account_id", table_name="journal_postings")
    op.drop_column("company_settings", "books_closed_until")
    op.drop_table("books_closings")
