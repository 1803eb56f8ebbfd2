"""A company says once which tax the lines bear that its people write by hand.

Revision ID: 0067
Revises: 0066
"""
import sqlalchemy as sa
from alembic import op

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column('tax_rates', sa.Column('is_usual', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    op.create_check_constraint(op.f('ck_tax_rates_is_usual'), 'tax_rates', 'is_active OR NOT is_usual')
    op.create_index('uq_tax_rates_usual', 'tax_rates', ['is_usual'], unique=True,
                    postgresql_where=sa.text('is_usual'))


def downgrade() -> None:
    """Take back."""
    op.drop_index('uq_tax_rates_usual', table_name='tax_rates', postgresql_where=sa.text('is_usual'))
    op.drop_constraint(op.f('ck_tax_rates_is_usual'), 'tax_rates', type_='check')
    op.drop_column('tax_rates', 'is_usual')
