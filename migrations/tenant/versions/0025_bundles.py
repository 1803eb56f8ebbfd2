"""Bundles.

Revision ID: 0025
Revises: 0024
"""
import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table('bundles',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), server_default=sa.text("'active'"), nullable=False),
    sa.Column('description', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("status IN ('active', 'retired')", name=op.f('ck_bundles_status')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bundles')),
    sa.UniqueConstraint('name', name=op.f('uq_bundles_name'))
    )
    op.create_table('bundle_parts',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('bundle_id', sa.BigInteger(), nullable=False),
    sa.Column('position', sa.SmallInteger(), nullable=False),
    sa.Column('plan_id', sa.BigInteger(), nullable=False),
    sa.Column('quantity', sa.BigInteger(), server_default=sa.text('1'), nullable=False),
    sa.Column('unit_price_minor', sa.BigInteger(), nullable=True),
    sa.CheckConstraint('quantity BETWEEN 1 AND 1000', name=op.f('ck_bundle_parts_quantity')),
    sa.CheckConstraint('unit_price_minor >= 0', name=op.f('ck_bundle_parts_unit_price_minor')),
    sa.ForeignKeyConstraint(['bundle_id'], ['bundles.id'], name=op.f('fk_bundle_parts_bundle_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['plan_id'], ['plans.id'], name=op.f('fk_bundle_parts_plan_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bundle_parts')),
    sa.UniqueConstraint('bundle_id', 'position', name=op.f('uq_bundle_parts_bundle_id_position'))
    )
    op.create_index('ix_bundle_parts_plan_id', 'bundle_parts', ['plan_id'], unique=False)


def downgrade() -> None:
    """Take back."""
    op.drop_index('ix_bundle_parts_plan_id', table_name='bundle_parts')
    op.drop_table('bundle_parts')
    op.drop_table('bundles')
