"""Who took a drawer over sees it afterwards, and prints what both have signed.

Revision ID: 0066
Revises: 0065
"""
import sqlalchemy as sa
from alembic import op

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column('cash_sessions', sa.Column('closed_by_id', sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f('fk_cash_sessions_closed_by_id'), 'cash_sessions', 'users', ['closed_by_id'], ['id'],
                          ondelete='RESTRICT')


def downgrade() -> None:
    """Take back."""
    op.drop_column('cash_sessions', 'closed_by_id')
