"""What needs no number is written before who bears it: references to documents and entries are checked at the commit.

Revision ID: 0062
Revises: 0061
"""
from alembic import op

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None

_OF_DOCUMENTS = ("invoice_lines", "invoice_taxes", "invoice_line_taxes", "discount_uses")
_OF_ENTRIES = "ALTER TABLE journal_postings ALTER CONSTRAINT fk_journal_postings_entry_id"


def upgrade() -> None:
    """Apply."""
    _let_documents_be_checked("INITIALLY DEFERRED")
    op.execute(f"{_OF_ENTRIES} DEFERRABLE INITIALLY DEFERRED")


def downgrade() -> None:
    """Take back."""
    _let_documents_be_checked("INITIALLY IMMEDIATE")
    op.execute(f"{_OF_ENTRIES} NOT DEFERRABLE")


def _let_documents_be_checked(when: str) -> None:
    for table in _OF_DOCUMENTS:
        op.execute(f"ALTER TABLE {table} ALTER CONSTRAINT fk_{table}_invoice_id DEFERRABLE {when}")
