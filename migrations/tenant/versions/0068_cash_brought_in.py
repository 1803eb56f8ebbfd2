"""Cash for change is brought into the office, from the bank or from the owner, whose money has an account.

Revision ID: 0068
Revises: 0067
"""
import sqlalchemy as sa
from alembic import op

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None

# A tenant that is being born has no rows yet and gets this from the seeds. Who has the code gets another.
_ACCOUNT = """
INSERT INTO ledger_accounts (code, name, kind, purpose)
SELECT CASE WHEN EXISTS (SELECT FROM ledger_accounts WHERE code = '3100') THEN '3100-OWNER' ELSE '3100' END,
       'Owner''s capital', 'equity', 'owner'
WHERE EXISTS (SELECT FROM ledger_accounts)
"""


def upgrade() -> None:
    """Apply."""
    op.create_table('cash_intakes',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('origin', sa.Text(), nullable=False),
    sa.Column('reference', sa.Text(), nullable=False),
    sa.Column('came_on', sa.Date(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('recorded_by', sa.Text(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cancelled_on', sa.Date(), nullable=True),
    sa.Column('cancel_reason', sa.Text(), nullable=True),
    sa.CheckConstraint("origin IN ('bank', 'owner')", name=op.f('ck_cash_intakes_origin')),
    sa.CheckConstraint("status IN ('recorded', 'cancelled')", name=op.f('ck_cash_intakes_status')),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_cash_intakes_amount_minor')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cash_intakes'))
    )
    op.create_index('ix_cash_intakes_came_on', 'cash_intakes', ['came_on', 'id'], unique=False)
    op.create_index('uq_cash_intakes_reference', 'cash_intakes', ['origin', 'reference'], unique=True, postgresql_where=sa.text("status = 'recorded' AND reference <> ''"))
    op.execute(_ACCOUNT)


def downgrade() -> None:
    """Take back; refused by the database where the account is in use."""
    op.execute("DELETE FROM ledger_accounts WHERE purpose = 'owner'")
    op.drop_index('uq_cash_intakes_reference', table_name='cash_intakes', postgresql_where=sa.text("status = 'recorded' AND reference <> ''"))
    op.drop_index('ix_cash_intakes_came_on', table_name='cash_intakes')
    op.drop_table('cash_intakes')
