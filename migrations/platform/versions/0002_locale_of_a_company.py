"""The language of a company; where none is chosen, English as its country writes it.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("tenants", sa.Column("locale", sa.Text(), nullable=True), schema="platform")


def downgrade() -> None:
    """Take back."""
    op.drop_column("tenants", "locale", schema="platform")
