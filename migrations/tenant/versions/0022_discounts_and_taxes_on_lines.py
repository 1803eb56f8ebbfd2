"""Discounts and taxes on lines.

Revision ID: 0022
Revises: 0021
"""
import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

CHECKS = (
    ("tax_rounding", "tax_rounding IN ('line', 'document')"),
    ("tax_point", "tax_point IN ('period', 'issue')"),
    ("cash_step_minor", "cash_step_minor >= 0"),
)
FREEZE = """
CREATE TRIGGER invoice_line_taxes_frozen BEFORE UPDATE OR DELETE ON invoice_line_taxes
    FOR EACH ROW EXECUTE FUNCTION refuse_change()
"""


def upgrade() -> None:
    """Apply."""
    op.create_table('invoice_line_taxes',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('invoice_id', sa.BigInteger(), nullable=False),
    sa.Column('position', sa.SmallInteger(), nullable=False),
    sa.Column('tax_rate_id', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('rate_percent', sa.Numeric(precision=7, scale=4), nullable=False),
    sa.Column('is_inclusive', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('base_minor', sa.BigInteger(), nullable=False),
    sa.Column('tax_minor', sa.BigInteger(), nullable=False),
    sa.Column('exemption', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.ForeignKeyConstraint(['invoice_id'], ['invoices.id'], name=op.f('fk_invoice_line_taxes_invoice_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['tax_rate_id'], ['tax_rates.id'], name=op.f('fk_invoice_line_taxes_tax_rate_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invoice_line_taxes'))
    )
    op.create_index('ix_invoice_line_taxes_invoice_id', 'invoice_line_taxes', ['invoice_id', 'position', 'id'], unique=False)
    op.add_column('company_settings', sa.Column('tax_rounding', sa.Text(), server_default=sa.text("'line'"), nullable=False))
    op.add_column('company_settings', sa.Column('tax_point', sa.Text(), server_default=sa.text("'period'"), nullable=False))
    op.add_column('company_settings', sa.Column('cash_step_minor', sa.BigInteger(), server_default=sa.text('0'), nullable=False))
    op.add_column('invoice_lines', sa.Column('discount_minor', sa.BigInteger(), server_default=sa.text('0'), nullable=False))
    op.add_column('invoice_lines', sa.Column('discount_net_minor', sa.BigInteger(), server_default=sa.text('0'), nullable=False))
    for name, condition in CHECKS:
        op.create_check_constraint(op.f(f"ck_company_settings_{name}"), "company_settings", condition)
    op.execute(FREEZE)
    op.add_column('invoice_taxes', sa.Column('exemption', sa.Text(), server_default=sa.text("''"), nullable=False))


def downgrade() -> None:
    """Take back."""
    op.drop_column('invoice_taxes', 'exemption')
    op.drop_column('invoice_lines', 'discount_net_minor')
    op.drop_column('invoice_lines', 'discount_minor')
    for name, _ in CHECKS:
        op.drop_constraint(op.f(f"ck_company_settings_{name}"), "company_settings", type_="check")
    op.drop_column('company_settings', 'cash_step_minor')
    op.drop_column('company_settings', 'tax_point')
    op.drop_column('company_settings', 'tax_rounding')
    op.drop_index('ix_invoice_line_taxes_invoice_id', table_name='invoice_line_taxes')
    op.drop_table('invoice_line_taxes')
