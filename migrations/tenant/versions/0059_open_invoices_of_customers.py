"""What a customer has still to pay is found without reading what they ever paid.

Revision ID: 0059
Revises: 0058
"""
from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """An index of open invoices by customer."""
    op.execute("""
        CREATE INDEX ix_invoices_open_of ON invoices (customer_id, due_on) INCLUDE (id, total_minor)
         WHERE settled_on IS NULL AND status = 'issued' AND kind <> 'credit_note'
    """)


def downgrade() -> None:
    """Look through all invoices of the customer."""
    op.drop_index("ix_invoices_open_of", "invoices")
