"""Contracts and usage prices of plans.

Revision ID: 0016
Revises: 0015
"""
import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table('plan_contracts',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('plan_id', sa.BigInteger(), nullable=False),
    sa.Column('months', sa.SmallInteger(), nullable=False),
    sa.Column('fixed_minor', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('is_declining', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('remaining_percent', sa.Numeric(precision=7, scale=4), server_default=sa.text('0'), nullable=False),
    sa.Column('most_minor', sa.BigInteger(), nullable=True),
    sa.CheckConstraint('fixed_minor >= 0', name=op.f('ck_plan_contracts_fixed_minor')),
    sa.CheckConstraint('months BETWEEN 1 AND 120', name=op.f('ck_plan_contracts_months')),
    sa.CheckConstraint('most_minor >= 0', name=op.f('ck_plan_contracts_most_minor')),
    sa.CheckConstraint('remaining_percent >= 0 AND remaining_percent <= 100', name=op.f('ck_plan_contracts_remaining_percent')),
    sa.ForeignKeyConstraint(['plan_id'], ['plans.id'], name=op.f('fk_plan_contracts_plan_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plan_contracts')),
    sa.UniqueConstraint('plan_id', name=op.f('uq_plan_contracts_plan_id'))
    )
    op.create_table('usage_prices',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('plan_id', sa.BigInteger(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('model', sa.Text(), server_default=sa.text("'graduated'"), nullable=False),
    sa.Column('included', sa.Numeric(precision=18, scale=6), server_default=sa.text('0'), nullable=False),
    sa.Column('minimum_minor', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.CheckConstraint("model IN ('graduated', 'volume')", name=op.f('ck_usage_prices_model')),
    sa.CheckConstraint('included >= 0', name=op.f('ck_usage_prices_included')),
    sa.CheckConstraint('minimum_minor >= 0', name=op.f('ck_usage_prices_minimum_minor')),
    sa.ForeignKeyConstraint(['plan_id'], ['plans.id'], name=op.f('fk_usage_prices_plan_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_usage_prices')),
    sa.UniqueConstraint('plan_id', 'valid_from', name=op.f('uq_usage_prices_plan_id_valid_from'))
    )
    op.create_table('usage_tiers',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('usage_price_id', sa.BigInteger(), nullable=False),
    sa.Column('position', sa.SmallInteger(), nullable=False),
    sa.Column('up_to', sa.Numeric(precision=18, scale=6), nullable=True),
    sa.Column('price_minor', sa.Numeric(precision=18, scale=6), nullable=False),
    sa.Column('flat_minor', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('block', sa.Numeric(precision=18, scale=6), server_default=sa.text('1'), nullable=False),
    sa.Column('whole_blocks', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.CheckConstraint('block > 0', name=op.f('ck_usage_tiers_block')),
    sa.CheckConstraint('flat_minor >= 0', name=op.f('ck_usage_tiers_flat_minor')),
    sa.CheckConstraint('price_minor >= 0', name=op.f('ck_usage_tiers_price_minor')),
    sa.CheckConstraint('up_to > 0', name=op.f('ck_usage_tiers_up_to')),
    sa.ForeignKeyConstraint(['usage_price_id'], ['usage_prices.id'], name=op.f('fk_usage_tiers_usage_price_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_usage_tiers')),
    sa.UniqueConstraint('usage_price_id', 'position', name=op.f('uq_usage_tiers_usage_price_id_position'))
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table('usage_tiers')
    op.drop_table('usage_prices')
    op.drop_table('plan_contracts')
