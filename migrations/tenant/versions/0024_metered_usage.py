"""Metered usage.

Revision ID: 0024
Revises: 0023
"""
import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table('usage_ratings',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('component_id', sa.BigInteger(), nullable=False),
    sa.Column('period_start', sa.Date(), nullable=False),
    sa.Column('period_end', sa.Date(), nullable=False),
    sa.Column('quantity', sa.Numeric(precision=18, scale=6), server_default=sa.text('0'), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('charge_count', sa.SmallInteger(), server_default=sa.text('0'), nullable=False),
    sa.CheckConstraint('period_end > period_start', name=op.f('ck_usage_ratings_period_end')),
    sa.ForeignKeyConstraint(['component_id'], ['subscription_components.id'], name=op.f('fk_usage_ratings_component_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_usage_ratings')),
    sa.UniqueConstraint('component_id', 'period_start', name=op.f('uq_usage_ratings_component_id_period_start'))
    )
    op.create_table('usage_records',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('component_id', sa.BigInteger(), nullable=False),
    sa.Column('used_on', sa.Date(), nullable=False),
    sa.Column('quantity', sa.Numeric(precision=18, scale=6), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('rating_id', sa.BigInteger(), nullable=True),
    sa.Column('recorded_by', sa.Text(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('quantity <> 0', name=op.f('ck_usage_records_quantity')),
    sa.ForeignKeyConstraint(['component_id'], ['subscription_components.id'], name=op.f('fk_usage_records_component_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['rating_id'], ['usage_ratings.id'], name=op.f('fk_usage_records_rating_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_usage_records')),
    sa.UniqueConstraint('source', name=op.f('uq_usage_records_source'))
    )
    op.create_index('ix_usage_records_component_id', 'usage_records', ['component_id', 'used_on'], unique=False)
    op.create_index('ix_usage_records_unrated', 'usage_records', ['component_id'], unique=False, postgresql_where=sa.text('rating_id IS NULL'))
    op.create_index('ix_usage_records_used_on', 'usage_records', ['used_on', 'id'], unique=False)


def downgrade() -> None:
    """Take back."""
    op.drop_index('ix_usage_records_used_on', table_name='usage_records')
    op.drop_index('ix_usage_records_unrated', table_name='usage_records', postgresql_where=sa.text('rating_id IS NULL'))
    op.drop_index('ix_usage_records_component_id', table_name='usage_records')
    op.drop_table('usage_records')
    op.drop_table('usage_ratings')
