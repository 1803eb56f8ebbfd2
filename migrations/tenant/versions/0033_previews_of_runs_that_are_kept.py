"""Previews of runs that are kept.

Revision ID: 0033
Revises: 0032
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "billing_run_previews",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("billing_on", sa.Date(), nullable=False),
        sa.Column("ordered_by", sa.Text(), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_run_previews")),
        sa.UniqueConstraint("billing_on", name=op.f("uq_billing_run_previews_billing_on")),
    )
    op.create_table(
        "billing_run_preview_parts",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("preview_id", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.Column("first_customer_id", sa.BigInteger(), nullable=False),
        sa.Column("last_customer_id", sa.BigInteger(), nullable=False),
        sa.Column("outcome", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("bills", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["preview_id"], ["billing_run_previews.id"], name=op.f("fk_billing_run_preview_parts_preview_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_run_preview_parts")),
        sa.UniqueConstraint("preview_id", "ordinal", name=op.f("uq_billing_run_preview_parts_preview_id_ordinal")),
    )
    op.create_index(
        "ix_billing_run_preview_parts_pending", "billing_run_preview_parts", ["preview_id"],
        postgresql_where=sa.text("outcome IS NULL"),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("billing_run_preview_parts")
    op.drop_table("billing_run_previews")
