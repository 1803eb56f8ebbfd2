"""Let the index of open invoices answer what they come to.

Revision ID: 0050
Revises: 0049
"""
import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


OPEN = sa.text("settled_on IS NULL AND status = 'issued' AND kind <> 'credit_note'")


def upgrade() -> None:
    """Apply."""
    op.drop_index("ix_invoices_open", table_name="invoices")
    op.create_index("ix_invoices_open", "invoices", ["due_on", "customer_id"], postgresql_where=OPEN,
                    postgresql_include=["total_minor"])


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_invoices_open", table_name="invoices")
    op.create_index("ix_invoices_open", "invoices", ["due_on", "customer_id"], postgresql_where=OPEN)
