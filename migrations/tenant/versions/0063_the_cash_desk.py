"""The cash desk: drawers, hand-overs, deposits at the bank. Collectors hold a bag as cashiers hold a drawer.

Revision ID: 0063
Revises: 0062
"""
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None

# A tenant that is being born has no rows yet and gets this from the seeds. Who has the code gets another.
_ACCOUNT = """
INSERT INTO ledger_accounts (code, name, kind, purpose)
SELECT CASE WHEN EXISTS (SELECT FROM ledger_accounts WHERE code = '6910') THEN '6910-CASH' ELSE '6910' END,
       'Cash over and short', 'expense', 'cash_over_short'
WHERE EXISTS (SELECT FROM ledger_accounts)
"""


def upgrade() -> None:
    """Apply."""
    op.create_table('cash_deposits',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('bank', sa.Text(), nullable=False),
    sa.Column('reference', sa.Text(), nullable=False),
    sa.Column('deposited_on', sa.Date(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('denominations', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('recorded_by', sa.Text(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cancelled_on', sa.Date(), nullable=True),
    sa.Column('cancel_reason', sa.Text(), nullable=True),
    sa.CheckConstraint("status IN ('recorded', 'cancelled')", name=op.f('ck_cash_deposits_status')),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_cash_deposits_amount_minor')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cash_deposits'))
    )
    op.create_index('ix_cash_deposits_deposited_on', 'cash_deposits', ['deposited_on', 'id'], unique=False)
    op.create_index('uq_cash_deposits_reference', 'cash_deposits', ['bank', 'reference'], unique=True, postgresql_where=sa.text("status = 'recorded'"))
    op.create_table('cash_sessions',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('holder_id', sa.BigInteger(), nullable=False),
    sa.Column('holder_name', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('counted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('counted_minor', sa.BigInteger(), nullable=True),
    sa.Column('denominations', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('expected_minor', sa.BigInteger(), nullable=True),
    sa.Column('variance_minor', sa.BigInteger(), nullable=True),
    sa.Column('variance_reason', sa.Text(), nullable=True),
    sa.Column('closed_by', sa.Text(), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name=op.f('ck_cash_sessions_closed_at')),
    sa.CheckConstraint("(status = 'open') = (counted_minor IS NULL)", name=op.f('ck_cash_sessions_counted_minor')),
    sa.CheckConstraint("status IN ('open', 'counted', 'closed')", name=op.f('ck_cash_sessions_status')),
    sa.ForeignKeyConstraint(['holder_id'], ['users.id'], name=op.f('fk_cash_sessions_holder_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cash_sessions'))
    )
    op.create_index('ix_cash_sessions_opened_at', 'cash_sessions', ['opened_at', 'id'], unique=False)
    op.create_index('uq_cash_sessions_live', 'cash_sessions', ['holder_id'], unique=True, postgresql_where=sa.text("status <> 'closed'"))
    op.create_table('cash_handovers',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('from_session_id', sa.BigInteger(), nullable=True),
    sa.Column('to_session_id', sa.BigInteger(), nullable=True),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('given_by_id', sa.BigInteger(), nullable=True),
    sa.Column('given_by', sa.Text(), nullable=True),
    sa.Column('given_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('taken_by_id', sa.BigInteger(), nullable=True),
    sa.Column('taken_by', sa.Text(), nullable=True),
    sa.Column('taken_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('withdrawn_by', sa.Text(), nullable=True),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_cash_handovers_amount_minor')),
    sa.CheckConstraint('from_session_id IS DISTINCT FROM to_session_id', name=op.f('ck_cash_handovers_sides')),
    sa.CheckConstraint('given_at IS NOT NULL OR taken_at IS NOT NULL', name=op.f('ck_cash_handovers_signed')),
    sa.CheckConstraint('withdrawn_at IS NULL OR given_at IS NULL OR taken_at IS NULL', name=op.f('ck_cash_handovers_withdrawn_at')),
    sa.ForeignKeyConstraint(['from_session_id'], ['cash_sessions.id'], name=op.f('fk_cash_handovers_from_session_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['given_by_id'], ['users.id'], name=op.f('fk_cash_handovers_given_by_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['taken_by_id'], ['users.id'], name=op.f('fk_cash_handovers_taken_by_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['to_session_id'], ['cash_sessions.id'], name=op.f('fk_cash_handovers_to_session_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cash_handovers'))
    )
    op.create_index('ix_cash_handovers_from_session_id', 'cash_handovers', ['from_session_id', 'id'], unique=False)
    op.create_index('ix_cash_handovers_to_session_id', 'cash_handovers', ['to_session_id', 'id'], unique=False)
    op.create_index('ix_cash_handovers_waiting', 'cash_handovers', ['id'], unique=False, postgresql_where=sa.text('withdrawn_at IS NULL AND (given_at IS NULL OR taken_at IS NULL)'))
    op.create_table('cash_movements',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('session_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('payment_id', sa.BigInteger(), nullable=True),
    sa.Column('refund_id', sa.BigInteger(), nullable=True),
    sa.Column('handover_id', sa.BigInteger(), nullable=True),
    sa.Column('moved_by', sa.Text(), nullable=False),
    sa.Column('moved_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('amount_minor <> 0', name=op.f('ck_cash_movements_amount_minor')),
    sa.ForeignKeyConstraint(['handover_id'], ['cash_handovers.id'], name=op.f('fk_cash_movements_handover_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], name=op.f('fk_cash_movements_payment_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['refund_id'], ['refunds.id'], name=op.f('fk_cash_movements_refund_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['session_id'], ['cash_sessions.id'], name=op.f('fk_cash_movements_session_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cash_movements'))
    )
    op.create_index('ix_cash_movements_payment_id', 'cash_movements', ['payment_id'], unique=False, postgresql_where=sa.text('payment_id IS NOT NULL'))
    op.create_index('ix_cash_movements_refund_id', 'cash_movements', ['refund_id'], unique=False, postgresql_where=sa.text('refund_id IS NOT NULL'))
    op.create_index('ix_cash_movements_session_id', 'cash_movements', ['session_id', 'id'], unique=False, postgresql_include=['amount_minor'])
    op.add_column('company_settings', sa.Column('cash_needs_drawer', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    op.add_column('company_settings', sa.Column('cash_signed_alone', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    op.execute(_ACCOUNT)
    op.execute(
        "INSERT INTO role_permissions (role_id, permission) SELECT id, 'open_cash_session' FROM roles "
        "WHERE name = 'Collector' AND is_default ON CONFLICT DO NOTHING"
    )


def downgrade() -> None:
    """Take back; refused by the database where the account is in use."""
    op.execute("DELETE FROM role_permissions WHERE permission = 'open_cash_session' AND role_id IN "
               "(SELECT id FROM roles WHERE name = 'Collector' AND is_default)")
    op.execute("DELETE FROM ledger_accounts WHERE purpose = 'cash_over_short'")
    op.drop_column('company_settings', 'cash_signed_alone')
    op.drop_column('company_settings', 'cash_needs_drawer')
    op.drop_index('ix_cash_movements_session_id', table_name='cash_movements', postgresql_include=['amount_minor'])
    op.drop_index('ix_cash_movements_refund_id', table_name='cash_movements', postgresql_where=sa.text('refund_id IS NOT NULL'))
    op.drop_index('ix_cash_movements_payment_id', table_name='cash_movements', postgresql_where=sa.text('payment_id IS NOT NULL'))
    op.drop_table('cash_movements')
    op.drop_index('ix_cash_handovers_waiting', table_name='cash_handovers', postgresql_where=sa.text('withdrawn_at IS NULL AND (given_at IS NULL OR taken_at IS NULL)'))
    op.drop_index('ix_cash_handovers_to_session_id', table_name='cash_handovers')
    op.drop_index('ix_cash_handovers_from_session_id', table_name='cash_handovers')
    op.drop_table('cash_handovers')
    op.drop_index('uq_cash_sessions_live', table_name='cash_sessions', postgresql_where=sa.text("status <> 'closed'"))
    op.drop_index('ix_cash_sessions_opened_at', table_name='cash_sessions')
    op.drop_table('cash_sessions')
    op.drop_index('uq_cash_deposits_reference', table_name='cash_deposits', postgresql_where=sa.text("status = 'recorded'"))
    op.drop_index('ix_cash_deposits_deposited_on', table_name='cash_deposits')
    op.drop_table('cash_deposits')
