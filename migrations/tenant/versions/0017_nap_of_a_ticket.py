"""A ticket is of a NAP, where one is known.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("tickets", sa.Column("nap_id", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_tickets_nap_id", "tickets", ["nap_id", "id"], unique=False, postgresql_where=sa.text("nap_id IS NOT NULL")
    )
    op.create_foreign_key(op.f("fk_tickets_nap_id"), "tickets", "naps", ["nap_id"], ["id"], ondelete="RESTRICT")


def downgrade() -> None:
    """Take back."""
    op.drop_constraint(op.f("fk_tickets_nap_id"), "tickets", type_="foreignkey")
    op.drop_index("ix_tickets_nap_id", table_name="tickets", postgresql_where=sa.text("nap_id IS NOT NULL"))
    op.drop_column("tickets", "nap_id")
