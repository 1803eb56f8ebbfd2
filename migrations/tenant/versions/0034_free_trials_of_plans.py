"""Free trials of plans.

Revision ID: 0034
Revises: 0033
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("plans", sa.Column("trial_days", sa.SmallInteger(), server_default=sa.text("0"), nullable=False))
    op.create_check_constraint(op.f("ck_plans_trial_days"), "plans", "trial_days BETWEEN 0 AND 366")


def downgrade() -> None:
    """Take back."""
    op.drop_constraint(op.f("ck_plans_trial_days"), "plans", type_="check")
    op.drop_column("plans", "trial_days")
