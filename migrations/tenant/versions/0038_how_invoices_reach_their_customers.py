"""How invoices reach their customers.

Revision ID: 0038
Revises: 0037
"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

_SIGN = ("unit_price_minor <> 0 AND (unit_price_minor > 0) = (kind <> 'deposit_return') "
         "OR unit_price_minor < 0 AND kind IN ('adjustment', 'usage'{})")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "invoice_handovers",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("invoice_id", sa.BigInteger(), nullable=False),
        sa.Column("handed_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_invoice_handovers_invoice_id"),
                                ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_handovers")),
        sa.UniqueConstraint("invoice_id", name=op.f("uq_invoice_handovers_invoice_id")),
    )
    op.add_column("company_settings",
                  sa.Column("mails_invoices", sa.Boolean(), server_default=sa.text("true"), nullable=False))
    op.add_column("messages", sa.Column("enclosure", sa.Text(), nullable=True))
    op.drop_constraint(op.f("ck_charges_unit_price_minor"), "charges", type_="check")
    op.create_check_constraint(op.f("ck_charges_unit_price_minor"), "charges", _SIGN.format(", 'late_fee'"))


def downgrade() -> None:
    """Take back."""
    op.drop_constraint(op.f("ck_charges_unit_price_minor"), "charges", type_="check")
    op.create_check_constraint(op.f("ck_charges_unit_price_minor"), "charges", _SIGN.format(""))
    op.drop_column("messages", "enclosure")
    op.drop_column("company_settings", "mails_invoices")
    op.drop_table("invoice_handovers")
