"""Late fees are charges, and suspensions say what they mean for the bill.

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("collection_actions", sa.Column("charge_id", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_collection_actions_charge_id",
        "collection_actions",
        ["charge_id"],
        unique=False,
        postgresql_where=sa.text("charge_id IS NOT NULL"),
    )
    op.create_foreign_key(
        op.f("fk_collection_actions_charge_id"),
        "collection_actions",
        "charges",
        ["charge_id"],
        ["id"],
        ondelete="RESTRICT",
    )
    op.add_column(
        "collection_policies",
        sa.Column("suspension_billing", sa.Text(), server_default=sa.text("'skip'"), nullable=False),
    )
    op.create_check_constraint(
        op.f("ck_collection_policies_suspension_billing"),
        "collection_policies",
        "suspension_billing IN ('bill', 'skip', 'credit')",
    )
    op.add_column("collection_policies", sa.Column("fee_tax_rate_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_collection_policies_fee_tax_rate_id"),
        "collection_policies",
        "tax_rates",
        ["fee_tax_rate_id"],
        ["id"],
        ondelete="RESTRICT",
    )


def downgrade() -> None:
    """Take back."""
    op.drop_constraint(op.f("fk_collection_policies_fee_tax_rate_id"), "collection_policies", type_="foreignkey")
    op.drop_column("collection_policies", "fee_tax_rate_id")
    op.drop_column("collection_policies", "suspension_billing")
    op.drop_constraint(op.f("fk_collection_actions_charge_id"), "collection_actions", type_="foreignkey")
    op.drop_index(
        "ix_collection_actions_charge_id",
        table_name="collection_actions",
        postgresql_where=sa.text("charge_id IS NOT NULL"),
    )
    op.drop_column("collection_actions", "charge_id")
