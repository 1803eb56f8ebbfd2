"""One-time fees stand in the catalogue: a plan that nobody subscribes to.

Revision ID: 0046
Revises: 0045
"""
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.drop_constraint(op.f("ck_plans_kind"), "plans", type_="check")
    op.create_check_constraint(op.f("ck_plans_kind"), "plans", "kind IN ('internet', 'voice', 'addon', 'one_time')")


def downgrade() -> None:
    """Take back; one-time fees become add-ons."""
    op.execute("UPDATE plans SET kind = 'addon' WHERE kind = 'one_time'")
    op.drop_constraint(op.f("ck_plans_kind"), "plans", type_="check")
    op.create_check_constraint(op.f("ck_plans_kind"), "plans", "kind IN ('internet', 'voice', 'addon')")
