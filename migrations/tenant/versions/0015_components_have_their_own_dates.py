"""Components have their own dates, pauses are rows, documents have kinds, one-time charges wait for the next bill.

Revision ID: 0015
Revises: 0014
"""
import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# A boundary of the old schedule: the anchor day, clamped, of the first month that has it on or after the start.
FILL_COMPONENTS = """
UPDATE subscription_components c SET start_on = s.start_on, end_on = s.end_on, anchor_day = s.anchor_day,
    billed_until = s.billed_until,
    due_on = CASE WHEN s.status = 'active' AND (s.end_on IS NULL OR s.end_on > s.billed_until) THEN s.billed_until END,
    aligned_on = (
        SELECT min(m.day) FROM (
            SELECT (month + make_interval(days => least(
                s.anchor_day, extract(day FROM month + interval '1 month - 1 day')::int) - 1))::date AS day
            FROM generate_series(date_trunc('month', s.start_on::timestamp),
                                 date_trunc('month', s.start_on::timestamp) + interval '1 month', interval '1 month') month
        ) m WHERE m.day >= s.start_on
    )
FROM subscriptions s WHERE s.id = c.subscription_id
"""
FILL_PAUSES = """
INSERT INTO subscription_pauses (subscription_id, start_on, billing, reason, created_by, created_at)
SELECT id, suspended_on, 'skip', status_reason, 'Migration', now() FROM subscriptions WHERE status = 'suspended'
"""
# Who may begin a subscription may change one.
ALLOW_CHANGES = """
INSERT INTO role_permissions (role_id, permission)
SELECT role_id, 'change_subscription' FROM role_permissions WHERE permission = 'create_subscription'
"""
FILL_SUBSCRIPTIONS = """
UPDATE subscriptions s SET billed_until = coalesce(
    (SELECT min(c.billed_until) FROM subscription_components c
     WHERE c.subscription_id = s.id AND (c.end_on IS NULL OR c.end_on >= s.end_on)), s.start_on)
"""
CHECKS = (
    ("company_settings", "proration", "proration IN ('actual', 'fixed_30')"),
    ("company_settings", "first_period", "first_period IN ('stub', 'merge', 'free')"),
    ("plans", "period", "period_unit IN ('month', 'day') AND period_count BETWEEN 1 AND 366"),
    ("plans", "timing", "timing IN ('advance', 'arrears')"),
    ("subscription_components", "period", "period_unit IN ('month', 'day') AND period_count > 0"),
    ("subscription_components", "timing", "timing IN ('advance', 'arrears')"),
    ("subscription_components", "anchor_day", "anchor_day BETWEEN 1 AND 31"),
    ("subscription_components", "end_on", "end_on >= start_on"),
    ("subscription_components", "billed_until", "billed_until >= start_on"),
    ("invoices", "kind", "kind IN ('invoice', 'credit_note', 'debit_note')"),
    ("invoices", "sign", "(kind = 'credit_note') = (total_minor < 0)"),
    ("payment_allocations", "source", "num_nonnulls(payment_id, credit_note_id) = 1"),
)


def upgrade() -> None:
    """Apply."""
    op.create_table('charges',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('customer_id', sa.BigInteger(), nullable=False),
    sa.Column('subscription_id', sa.BigInteger(), nullable=True),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('quantity', sa.BigInteger(), server_default=sa.text('1'), nullable=False),
    sa.Column('unit_price_minor', sa.BigInteger(), nullable=False),
    sa.Column('tax_rate_id', sa.BigInteger(), nullable=True),
    sa.Column('bill_on', sa.Date(), nullable=False),
    sa.Column('status', sa.Text(), server_default=sa.text("'pending'"), nullable=False),
    sa.Column('source', sa.Text(), nullable=True),
    sa.Column('status_reason', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("kind IN ('one_time', 'deposit', 'usage', 'late_fee', 'early_termination', 'adjustment')", name=op.f('ck_charges_kind')),
    sa.CheckConstraint("status IN ('pending', 'billed', 'cancelled')", name=op.f('ck_charges_status')),
    sa.CheckConstraint("unit_price_minor <> 0 AND (unit_price_minor > 0 OR kind = 'adjustment')", name=op.f('ck_charges_unit_price_minor')),
    sa.CheckConstraint('quantity > 0', name=op.f('ck_charges_quantity')),
    sa.ForeignKeyConstraint(['customer_id'], ['customers.id'], name=op.f('fk_charges_customer_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['subscription_id'], ['subscriptions.id'], name=op.f('fk_charges_subscription_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['tax_rate_id'], ['tax_rates.id'], name=op.f('fk_charges_tax_rate_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_charges')),
    sa.UniqueConstraint('source', name=op.f('uq_charges_source'))
    )
    op.create_index('ix_charges_customer_id', 'charges', ['customer_id', 'id'], unique=False)
    op.create_index('ix_charges_pending', 'charges', ['customer_id', 'bill_on'], unique=False, postgresql_where=sa.text("status = 'pending'"))
    op.create_table('subscription_pauses',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('subscription_id', sa.BigInteger(), nullable=False),
    sa.Column('start_on', sa.Date(), nullable=False),
    sa.Column('end_on', sa.Date(), nullable=True),
    sa.Column('billing', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("billing IN ('bill', 'skip', 'credit')", name=op.f('ck_subscription_pauses_billing')),
    sa.CheckConstraint('end_on >= start_on', name=op.f('ck_subscription_pauses_end_on')),
    sa.ForeignKeyConstraint(['subscription_id'], ['subscriptions.id'], name=op.f('fk_subscription_pauses_subscription_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_subscription_pauses'))
    )
    op.create_index('ix_subscription_pauses_subscription_id', 'subscription_pauses', ['subscription_id', 'start_on'], unique=False)
    op.create_index('uq_subscription_pauses_open', 'subscription_pauses', ['subscription_id'], unique=True, postgresql_where=sa.text('end_on IS NULL'))
    op.add_column('company_settings', sa.Column('proration', sa.Text(), server_default=sa.text("'actual'"), nullable=False))
    op.add_column('company_settings', sa.Column('first_period', sa.Text(), server_default=sa.text("'stub'"), nullable=False))
    op.add_column('invoice_lines', sa.Column('account', sa.Text(), server_default=sa.text("'revenue'"), nullable=False))
    op.add_column('invoice_lines', sa.Column('charge_id', sa.BigInteger(), nullable=True))
    op.add_column('invoice_lines', sa.Column('credits_line_id', sa.BigInteger(), nullable=True))
    op.create_index('ix_invoice_lines_credits_line_id', 'invoice_lines', ['credits_line_id'], unique=False, postgresql_where=sa.text('credits_line_id IS NOT NULL'))
    op.create_index('uq_invoice_lines_live_one_time', 'invoice_lines', ['charge_id'], unique=True, postgresql_where=sa.text('is_live AND charge_id IS NOT NULL AND credits_line_id IS NULL'))
    op.create_foreign_key(op.f('fk_invoice_lines_credits_line_id'), 'invoice_lines', 'invoice_lines', ['credits_line_id'], ['id'], ondelete='RESTRICT')
    op.create_foreign_key(op.f('fk_invoice_lines_charge_id'), 'invoice_lines', 'charges', ['charge_id'], ['id'], ondelete='RESTRICT')
    op.add_column('invoices', sa.Column('kind', sa.Text(), server_default=sa.text("'invoice'"), nullable=False))
    op.add_column('invoices', sa.Column('corrects_id', sa.BigInteger(), nullable=True))
    op.add_column('invoices', sa.Column('reason', sa.Text(), server_default=sa.text("''"), nullable=False))
    op.create_index('ix_invoices_corrects_id', 'invoices', ['corrects_id'], unique=False, postgresql_where=sa.text('corrects_id IS NOT NULL'))
    op.create_index('ix_invoices_unspent', 'invoices', ['customer_id'], unique=False, postgresql_where=sa.text("settled_on IS NULL AND status = 'issued' AND kind = 'credit_note'"))
    op.create_foreign_key(op.f('fk_invoices_corrects_id'), 'invoices', 'invoices', ['corrects_id'], ['id'], ondelete='RESTRICT')
    op.add_column('payment_allocations', sa.Column('credit_note_id', sa.BigInteger(), nullable=True))
    op.alter_column('payment_allocations', 'payment_id',
               existing_type=sa.BIGINT(),
               nullable=True)
    op.create_index('ix_payment_allocations_credit_note_id', 'payment_allocations', ['credit_note_id'], unique=False, postgresql_where=sa.text('credit_note_id IS NOT NULL'))
    op.create_foreign_key(op.f('fk_payment_allocations_credit_note_id'), 'payment_allocations', 'invoices', ['credit_note_id'], ['id'], ondelete='RESTRICT')
    op.add_column('plans', sa.Column('period_unit', sa.Text(), server_default=sa.text("'month'"), nullable=False))
    op.add_column('plans', sa.Column('period_count', sa.SmallInteger(), server_default=sa.text('1'), nullable=False))
    op.add_column('plans', sa.Column('timing', sa.Text(), server_default=sa.text("'advance'"), nullable=False))
    op.add_column('subscription_components', sa.Column('start_on', sa.Date(), nullable=True))
    op.add_column('subscription_components', sa.Column('end_on', sa.Date(), nullable=True))
    op.add_column('subscription_components', sa.Column('period_unit', sa.Text(), server_default=sa.text("'month'"), nullable=False))
    op.add_column('subscription_components', sa.Column('period_count', sa.SmallInteger(), server_default=sa.text('1'), nullable=False))
    op.add_column('subscription_components', sa.Column('timing', sa.Text(), server_default=sa.text("'advance'"), nullable=False))
    op.add_column('subscription_components', sa.Column('anchor_day', sa.SmallInteger(), nullable=True))
    op.add_column('subscription_components', sa.Column('aligned_on', sa.Date(), nullable=True))
    op.add_column('subscription_components', sa.Column('merges_stub', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    op.add_column('subscription_components', sa.Column('billed_until', sa.Date(), nullable=True))
    op.add_column('subscription_components', sa.Column('due_on', sa.Date(), nullable=True))
    op.add_column('subscription_components', sa.Column('review_from', sa.Date(), nullable=True))
    op.execute(FILL_COMPONENTS)
    op.execute(FILL_PAUSES)
    op.execute(ALLOW_CHANGES)
    for column in ("start_on", "anchor_day", "aligned_on", "billed_until"):
        op.alter_column("subscription_components", column, nullable=False)
    for table, name, condition in CHECKS:
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)
    op.create_index('ix_subscription_components_due', 'subscription_components', ['due_on', 'subscription_id'], unique=False, postgresql_where=sa.text('due_on IS NOT NULL'))
    op.drop_index("ix_invoices_open", table_name="invoices")
    op.create_index("ix_invoices_open", "invoices", ["due_on", "customer_id"], unique=False,
                    postgresql_where=sa.text("settled_on IS NULL AND status = 'issued' AND kind <> 'credit_note'"))
    op.drop_index("uq_invoice_lines_live_charge", table_name="invoice_lines")
    op.create_index("uq_invoice_lines_live_charge", "invoice_lines", ["subscription_id", "component_id", "period_start"],
                    unique=True,
                    postgresql_where=sa.text("is_live AND component_id IS NOT NULL AND credits_line_id IS NULL"))
    op.drop_index("ix_subscriptions_due", table_name="subscriptions")
    op.drop_column("subscriptions", "billed_until")


def downgrade() -> None:
    """Take back."""
    op.execute("DELETE FROM role_permissions WHERE permission = 'change_subscription'")
    op.add_column("subscriptions", sa.Column("billed_until", sa.Date(), nullable=True))
    op.execute(FILL_SUBSCRIPTIONS)
    op.alter_column("subscriptions", "billed_until", nullable=False)
    op.create_check_constraint(op.f("ck_subscriptions_billed_until"), "subscriptions", "billed_until >= start_on")
    op.create_index("ix_subscriptions_due", "subscriptions", ["billed_until", "customer_id"], unique=False,
                    postgresql_where=sa.text("status = 'active'"))
    op.drop_index("ix_invoices_open", table_name="invoices")
    op.create_index("ix_invoices_open", "invoices", ["due_on", "customer_id"], unique=False,
                    postgresql_where=sa.text("settled_on IS NULL AND status = 'issued'"))
    op.drop_index("uq_invoice_lines_live_charge", table_name="invoice_lines")
    op.create_index("uq_invoice_lines_live_charge", "invoice_lines", ["subscription_id", "component_id", "period_start"],
                    unique=True, postgresql_where=sa.text("is_live AND component_id IS NOT NULL"))
    for table, name, _ in CHECKS:
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    op.drop_index('ix_subscription_components_due', table_name='subscription_components', postgresql_where=sa.text('due_on IS NOT NULL'))
    op.drop_column('subscription_components', 'review_from')
    op.drop_column('subscription_components', 'due_on')
    op.drop_column('subscription_components', 'billed_until')
    op.drop_column('subscription_components', 'merges_stub')
    op.drop_column('subscription_components', 'aligned_on')
    op.drop_column('subscription_components', 'anchor_day')
    op.drop_column('subscription_components', 'timing')
    op.drop_column('subscription_components', 'period_count')
    op.drop_column('subscription_components', 'period_unit')
    op.drop_column('subscription_components', 'end_on')
    op.drop_column('subscription_components', 'start_on')
    op.drop_column('plans', 'timing')
    op.drop_column('plans', 'period_count')
    op.drop_column('plans', 'period_unit')
    op.drop_constraint(op.f('fk_payment_allocations_credit_note_id'), 'payment_allocations', type_='foreignkey')
    op.drop_index('ix_payment_allocations_credit_note_id', table_name='payment_allocations', postgresql_where=sa.text('credit_note_id IS NOT NULL'))
    op.alter_column('payment_allocations', 'payment_id',
               existing_type=sa.BIGINT(),
               nullable=False)
    op.drop_column('payment_allocations', 'credit_note_id')
    op.drop_constraint(op.f('fk_invoices_corrects_id'), 'invoices', type_='foreignkey')
    op.drop_index('ix_invoices_unspent', table_name='invoices', postgresql_where=sa.text("settled_on IS NULL AND status = 'issued' AND kind = 'credit_note'"))
    op.drop_index('ix_invoices_corrects_id', table_name='invoices', postgresql_where=sa.text('corrects_id IS NOT NULL'))
    op.drop_column('invoices', 'reason')
    op.drop_column('invoices', 'corrects_id')
    op.drop_column('invoices', 'kind')
    op.drop_constraint(op.f('fk_invoice_lines_charge_id'), 'invoice_lines', type_='foreignkey')
    op.drop_constraint(op.f('fk_invoice_lines_credits_line_id'), 'invoice_lines', type_='foreignkey')
    op.drop_index('uq_invoice_lines_live_one_time', table_name='invoice_lines', postgresql_where=sa.text('is_live AND charge_id IS NOT NULL AND credits_line_id IS NULL'))
    op.drop_index('ix_invoice_lines_credits_line_id', table_name='invoice_lines', postgresql_where=sa.text('credits_line_id IS NOT NULL'))
    op.drop_column('invoice_lines', 'credits_line_id')
    op.drop_column('invoice_lines', 'charge_id')
    op.drop_column('invoice_lines', 'account')
    op.drop_column('company_settings', 'first_period')
    op.drop_column('company_settings', 'proration')
    op.drop_index('uq_subscription_pauses_open', table_name='subscription_pauses', postgresql_where=sa.text('end_on IS NULL'))
    op.drop_index('ix_subscription_pauses_subscription_id', table_name='subscription_pauses')
    op.drop_table('subscription_pauses')
    op.drop_index('ix_charges_pending', table_name='charges', postgresql_where=sa.text("status = 'pending'"))
    op.drop_index('ix_charges_customer_id', table_name='charges')
    op.drop_table('charges')
