"""Prepaid loads have discounts, of several periods where they last longer than one, and are rounded for cash.

Revision ID: 0048
Revises: 0047
"""
import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

_WITHOUT_ROUNDING = "credited_minor BETWEEN 0 AND net_minor + tax_minor"


def upgrade() -> None:
    """What was loaded before was not rounded."""
    op.drop_constraint(op.f("uq_discount_uses_invoice_id_position_grant_id"), "discount_uses", type_="unique")
    op.create_unique_constraint(
        op.f("uq_discount_uses_invoice_id_position_grant_id_begins_on"), "discount_uses",
        ["invoice_id", "position", "grant_id", "begins_on"],
    )
    op.add_column(
        "prepaid_loads", sa.Column("rounding_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
    )
    op.drop_constraint(op.f("ck_prepaid_loads_credited_minor"), "prepaid_loads", type_="check")
    op.create_check_constraint(
        op.f("ck_prepaid_loads_credited_minor"), "prepaid_loads", f"{_WITHOUT_ROUNDING} + rounding_minor"
    )


def downgrade() -> None:
    """Take back, while nothing was loaded with a discount of several periods, or rounded."""
    op.drop_constraint(op.f("ck_prepaid_loads_credited_minor"), "prepaid_loads", type_="check")
    op.create_check_constraint(op.f("ck_prepaid_loads_credited_minor"), "prepaid_loads", _WITHOUT_ROUNDING)
    op.drop_column("prepaid_loads", "rounding_minor")
    op.drop_constraint(
        op.f("uq_discount_uses_invoice_id_position_grant_id_begins_on"), "discount_uses", type_="unique"
    )
    op.create_unique_constraint(
        op.f("uq_discount_uses_invoice_id_position_grant_id"), "discount_uses", ["invoice_id", "position", "grant_id"]
    )
