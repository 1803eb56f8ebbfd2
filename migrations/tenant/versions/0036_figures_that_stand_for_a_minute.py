"""Figures that stand for a minute, and an index that counts the customers of areas without their rows.

Revision ID: 0036
Revises: 0035
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "standing_figures",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reckoned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("figures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_figures")),
        sa.UniqueConstraint("name", name=op.f("uq_standing_figures_name")),
    )
    op.drop_index("ix_customers_area_id", table_name="customers")
    op.create_index("ix_customers_area_id", "customers", ["area_id", "merged_into_id"], unique=False)


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_customers_area_id", table_name="customers")
    op.create_index("ix_customers_area_id", "customers", ["area_id"], unique=False)
    op.drop_table("standing_figures")
