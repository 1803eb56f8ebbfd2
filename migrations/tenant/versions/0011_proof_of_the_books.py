"""The proof of the books: a row for each, append-only.

Revision ID: 0011
Revises: 0010
"""
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "books_checks",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_by", sa.Text(), nullable=False),
        sa.Column("finding_count", sa.BigInteger(), nullable=False),
        sa.Column("results", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("finding_count >= 0", name=op.f("ck_books_checks_finding_count")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_books_checks")),
    )
    op.execute("""
        CREATE TRIGGER books_checks_frozen BEFORE UPDATE OR DELETE ON books_checks
            FOR EACH ROW EXECUTE FUNCTION refuse_change()
    """)


def downgrade() -> None:
    """Take back."""
    op.drop_table("books_checks")
