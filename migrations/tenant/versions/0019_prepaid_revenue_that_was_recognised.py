"""Prepaid revenue that was recognised; the credit notes of loads that were taken back.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "prepaid_recognitions",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("through_on", sa.Date(), nullable=False),
        sa.Column("load_count", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "amount_minor > 0 AND load_count > 0", name=op.f("ck_prepaid_recognitions_amount_minor")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prepaid_recognitions")),
        sa.UniqueConstraint("through_on", name=op.f("uq_prepaid_recognitions_through_on")),
    )
    op.execute("""
        CREATE TRIGGER prepaid_recognitions_frozen BEFORE UPDATE OR DELETE ON prepaid_recognitions
            FOR EACH ROW EXECUTE FUNCTION refuse_change()
    """)
    op.add_column("prepaid_loads", sa.Column("credit_note_id", sa.BigInteger(), nullable=True))
    op.create_unique_constraint(op.f("uq_prepaid_loads_credit_note_id"), "prepaid_loads", ["credit_note_id"])
    op.create_foreign_key(
        op.f("fk_prepaid_loads_credit_note_id"), "prepaid_loads", "invoices", ["credit_note_id"], ["id"],
        ondelete="RESTRICT",
    )


def downgrade() -> None:
    """Take back."""
    op.drop_constraint(op.f("fk_prepaid_loads_credit_note_id"), "prepaid_loads", type_="foreignkey")
    op.drop_constraint(op.f("uq_prepaid_loads_credit_note_id"), "prepaid_loads", type_="unique")
    op.drop_column("prepaid_loads", "credit_note_id")
    op.drop_table("prepaid_recognitions")
