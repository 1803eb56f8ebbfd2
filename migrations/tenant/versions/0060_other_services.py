"""What is neither internet nor telephone is subscribed to by itself, such as television or the care of cameras.

Revision ID: 0060
Revises: 0059
"""
from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.drop_constraint(op.f("ck_plans_kind"), "plans", type_="check")
    op.create_check_constraint(
        op.f("ck_plans_kind"), "plans", "kind IN ('internet', 'voice', 'other', 'addon', 'one_time')"
    )


def downgrade() -> None:
    """Take back; other services become add-ons."""
    op.execute("UPDATE plans SET kind = 'addon' WHERE kind = 'other'")
    op.drop_constraint(op.f("ck_plans_kind"), "plans", type_="check")
    op.create_check_constraint(op.f("ck_plans_kind"), "plans", "kind IN ('internet', 'voice', 'addon', 'one_time')")
