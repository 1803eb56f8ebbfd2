"""Refunds, write-offs and proformas; allocations lead from all kinds of credit to invoices and refunds.

Revision ID: 0030
Revises: 0029
"""
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

GUARDS = """
CREATE TRIGGER refunds_frozen BEFORE UPDATE ON refunds
    FOR EACH ROW EXECUTE FUNCTION freeze_except('status', 'cancelled_on', 'cancel_reason');
CREATE TRIGGER refunds_kept BEFORE DELETE ON refunds FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER proformas_frozen BEFORE UPDATE ON proformas
    FOR EACH ROW EXECUTE FUNCTION freeze_except('status', 'invoice_id', 'cancel_reason');
CREATE TRIGGER proformas_kept BEFORE DELETE ON proformas FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER write_offs_frozen BEFORE UPDATE OR DELETE ON write_offs
    FOR EACH ROW EXECUTE FUNCTION refuse_change()
"""
CHECKS = (
    ("payments", "method", "method IN ('cash', 'bank', 'e_wallet', 'card', 'cheque')",
     "method IN ('cash', 'bank', 'e_wallet', 'card', 'cheque', 'withholding')"),
    ("payment_allocations", "source", "num_nonnulls(payment_id, credit_note_id) = 1",
     "num_nonnulls(payment_id, credit_note_id, write_off_id) = 1"),
)
TARGET = "num_nonnulls(invoice_id, refund_id) = 1 AND (refund_id IS NULL OR write_off_id IS NULL)"
# Shares that the former model has no place for.
FORGET = "DELETE FROM payment_allocations WHERE refund_id IS NOT NULL OR write_off_id IS NOT NULL"


def upgrade() -> None:
    """Apply."""
    op.create_table('refunds',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('customer_id', sa.BigInteger(), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('method', sa.Text(), nullable=False),
    sa.Column('reference', sa.Text(), nullable=False),
    sa.Column('refunded_on', sa.Date(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('idempotency_key', sa.Text(), nullable=True),
    sa.Column('recorded_by', sa.Text(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cancelled_on', sa.Date(), nullable=True),
    sa.Column('cancel_reason', sa.Text(), nullable=True),
    sa.CheckConstraint("method IN ('cash', 'bank', 'e_wallet', 'card', 'cheque')", name=op.f('ck_refunds_method')),
    sa.CheckConstraint("status IN ('recorded', 'cancelled')", name=op.f('ck_refunds_status')),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_refunds_amount_minor')),
    sa.ForeignKeyConstraint(['customer_id'], ['customers.id'], name=op.f('fk_refunds_customer_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_refunds')),
    sa.UniqueConstraint('idempotency_key', name=op.f('uq_refunds_idempotency_key')),
    sa.UniqueConstraint('number', name=op.f('uq_refunds_number'))
    )
    op.create_index('ix_refunds_customer_id', 'refunds', ['customer_id', 'id'], unique=False)
    op.create_index('ix_refunds_refunded_on', 'refunds', ['refunded_on', 'id'], unique=False)
    op.create_table('proformas',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('customer_id', sa.BigInteger(), nullable=False),
    sa.Column('seller_id', sa.BigInteger(), nullable=False),
    sa.Column('issued_on', sa.Date(), nullable=False),
    sa.Column('valid_until', sa.Date(), nullable=False),
    sa.Column('net_minor', sa.BigInteger(), nullable=False),
    sa.Column('tax_minor', sa.BigInteger(), nullable=False),
    sa.Column('total_minor', sa.BigInteger(), nullable=False),
    sa.Column('buyer_name', sa.Text(), nullable=False),
    sa.Column('buyer_address', sa.Text(), nullable=False),
    sa.Column('buyer_tax_identifier', sa.Text(), nullable=False),
    sa.Column('note', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('lines', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('taxes', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('invoice_id', sa.BigInteger(), nullable=True),
    sa.Column('cancel_reason', sa.Text(), nullable=True),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("(status = 'invoiced') = (invoice_id IS NOT NULL)", name=op.f('ck_proformas_invoice_id')),
    sa.CheckConstraint("status IN ('open', 'invoiced', 'cancelled')", name=op.f('ck_proformas_status')),
    sa.CheckConstraint('total_minor = net_minor + tax_minor', name=op.f('ck_proformas_total_minor')),
    sa.ForeignKeyConstraint(['customer_id'], ['customers.id'], name=op.f('fk_proformas_customer_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['invoice_id'], ['invoices.id'], name=op.f('fk_proformas_invoice_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['seller_id'], ['company_identities.id'], name=op.f('fk_proformas_seller_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_proformas')),
    sa.UniqueConstraint('number', name=op.f('uq_proformas_number'))
    )
    op.create_index('ix_proformas_customer_id', 'proformas', ['customer_id', 'id'], unique=False)
    op.create_index('ix_proformas_issued_on', 'proformas', ['issued_on', 'id'], unique=False)
    op.create_table('write_offs',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('invoice_id', sa.BigInteger(), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('written_off_on', sa.Date(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_write_offs_amount_minor')),
    sa.ForeignKeyConstraint(['invoice_id'], ['invoices.id'], name=op.f('fk_write_offs_invoice_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_write_offs'))
    )
    op.create_index('ix_write_offs_invoice_id', 'write_offs', ['invoice_id'], unique=False)
    op.create_index('ix_write_offs_written_off_on', 'write_offs', ['written_off_on', 'id'], unique=False)
    op.add_column('payment_allocations', sa.Column('write_off_id', sa.BigInteger(), nullable=True))
    op.add_column('payment_allocations', sa.Column('refund_id', sa.BigInteger(), nullable=True))
    op.alter_column('payment_allocations', 'invoice_id',
               existing_type=sa.BIGINT(),
               nullable=True)
    op.create_index('ix_payment_allocations_refund_id', 'payment_allocations', ['refund_id'], unique=False, postgresql_where=sa.text('refund_id IS NOT NULL'))
    op.create_index('ix_payment_allocations_write_off_id', 'payment_allocations', ['write_off_id'], unique=False, postgresql_where=sa.text('write_off_id IS NOT NULL'))
    op.create_foreign_key(op.f('fk_payment_allocations_write_off_id'), 'payment_allocations', 'write_offs', ['write_off_id'], ['id'], ondelete='RESTRICT')
    op.create_foreign_key(op.f('fk_payment_allocations_refund_id'), 'payment_allocations', 'refunds', ['refund_id'], ['id'], ondelete='RESTRICT')
    for table, name, _, condition in CHECKS:
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)
    op.create_check_constraint(op.f("ck_payment_allocations_target"), "payment_allocations", TARGET)
    op.execute(GUARDS)


def downgrade() -> None:
    """Take back."""
    op.execute(FORGET)
    op.drop_constraint(op.f("ck_payment_allocations_target"), "payment_allocations", type_="check")
    for table, name, condition, _ in CHECKS:
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)
    op.drop_constraint(op.f('fk_payment_allocations_refund_id'), 'payment_allocations', type_='foreignkey')
    op.drop_constraint(op.f('fk_payment_allocations_write_off_id'), 'payment_allocations', type_='foreignkey')
    op.drop_index('ix_payment_allocations_write_off_id', table_name='payment_allocations', postgresql_where=sa.text('write_off_id IS NOT NULL'))
    op.drop_index('ix_payment_allocations_refund_id', table_name='payment_allocations', postgresql_where=sa.text('refund_id IS NOT NULL'))
    op.alter_column('payment_allocations', 'invoice_id',
               existing_type=sa.BIGINT(),
               nullable=False)
    op.drop_column('payment_allocations', 'refund_id')
    op.drop_column('payment_allocations', 'write_off_id')
    op.drop_index('ix_write_offs_written_off_on', table_name='write_offs')
    op.drop_index('ix_write_offs_invoice_id', table_name='write_offs')
    op.drop_table('write_offs')
    op.drop_index('ix_proformas_issued_on', table_name='proformas')
    op.drop_index('ix_proformas_customer_id', table_name='proformas')
    op.drop_table('proformas')
    op.drop_index('ix_refunds_refunded_on', table_name='refunds')
    op.drop_index('ix_refunds_customer_id', table_name='refunds')
    op.drop_table('refunds')
