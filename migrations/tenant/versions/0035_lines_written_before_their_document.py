"""Lines written before their document.

Revision ID: 0035
Revises: 0034
"""
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    for table in ("invoice_lines", "invoice_taxes", "invoice_line_taxes", "discount_uses"):
        op.execute(f"ALTER TABLE {table} ALTER CONSTRAINT fk_{table}_invoice_id DEFERRABLE INITIALLY IMMEDIATE")
