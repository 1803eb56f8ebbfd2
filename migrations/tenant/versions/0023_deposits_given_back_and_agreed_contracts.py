"""Deposits given back and agreed contracts.

Revision ID: 0023
Revises: 0022
"""
import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

KINDS = "kind IN ('one_time', 'deposit', 'deposit_return', 'usage', 'late_fee', 'early_termination', 'adjustment')"
FORMER_KINDS = "kind IN ('one_time', 'deposit', 'usage', 'late_fee', 'early_termination', 'adjustment')"
SIGN = (
    "unit_price_minor <> 0 AND (unit_price_minor > 0) = (kind <> 'deposit_return') "
    "OR unit_price_minor < 0 AND kind IN ('adjustment', 'usage')"
)
FORMER_SIGN = "unit_price_minor <> 0 AND (unit_price_minor > 0 OR kind = 'adjustment')"


def _check(kinds: str, sign: str) -> None:
    for name, condition in (("kind", kinds), ("unit_price_minor", sign)):
        op.drop_constraint(op.f(f"ck_charges_{name}"), "charges", type_="check")
        op.create_check_constraint(op.f(f"ck_charges_{name}"), "charges", condition)


def upgrade() -> None:
    """Apply."""
    op.create_table('subscription_contracts',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('subscription_id', sa.BigInteger(), nullable=False),
    sa.Column('plan_id', sa.BigInteger(), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('end_on', sa.Date(), nullable=False),
    sa.Column('months', sa.SmallInteger(), nullable=False),
    sa.Column('fixed_minor', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('is_declining', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('remaining_percent', sa.Numeric(precision=7, scale=4), server_default=sa.text('0'), nullable=False),
    sa.Column('most_minor', sa.BigInteger(), nullable=True),
    sa.CheckConstraint('end_on > starts_on', name=op.f('ck_subscription_contracts_end_on')),
    sa.ForeignKeyConstraint(['plan_id'], ['plans.id'], name=op.f('fk_subscription_contracts_plan_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['subscription_id'], ['subscriptions.id'], name=op.f('fk_subscription_contracts_subscription_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_subscription_contracts')),
    sa.UniqueConstraint('subscription_id', name=op.f('uq_subscription_contracts_subscription_id'))
    )
    op.add_column('charges', sa.Column('returns_id', sa.BigInteger(), nullable=True))
    op.create_index('ix_charges_bill_on', 'charges', ['bill_on', 'id'], unique=False)
    op.create_index('ix_charges_returns_id', 'charges', ['returns_id'], unique=False, postgresql_where=sa.text('returns_id IS NOT NULL'))
    op.create_index('ix_charges_subscription_id', 'charges', ['subscription_id', 'kind'], unique=False)
    op.create_foreign_key(op.f('fk_charges_returns_id'), 'charges', 'charges', ['returns_id'], ['id'], ondelete='RESTRICT')
    _check(KINDS, SIGN)
    op.create_check_constraint(op.f("ck_charges_returns_id"), "charges",
                               "(returns_id IS NOT NULL) = (kind = 'deposit_return')")


def downgrade() -> None:
    """Take back."""
    op.drop_constraint(op.f("ck_charges_returns_id"), "charges", type_="check")
    _check(FORMER_KINDS, FORMER_SIGN)
    op.drop_constraint(op.f('fk_charges_returns_id'), 'charges', type_='foreignkey')
    op.drop_index('ix_charges_subscription_id', table_name='charges')
    op.drop_index('ix_charges_returns_id', table_name='charges', postgresql_where=sa.text('returns_id IS NOT NULL'))
    op.drop_index('ix_charges_bill_on', table_name='charges')
    op.drop_column('charges', 'returns_id')
    op.drop_table('subscription_contracts')
