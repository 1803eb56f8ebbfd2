"""The areas that each collector goes through.

Revision ID: 0064
Revises: 0063
"""
import sqlalchemy as sa
from alembic import op

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table('collector_areas',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=False),
    sa.Column('area_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['area_id'], ['areas.id'], name=op.f('fk_collector_areas_area_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_collector_areas_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_collector_areas')),
    sa.UniqueConstraint('user_id', 'area_id', name=op.f('uq_collector_areas_user_id_area_id'))
    )
    op.create_index('ix_collector_areas_area_id', 'collector_areas', ['area_id'], unique=False)


def downgrade() -> None:
    """Take back."""
    op.drop_index('ix_collector_areas_area_id', table_name='collector_areas')
    op.drop_table('collector_areas')
