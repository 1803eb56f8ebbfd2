"""Installations that fail or are cancelled, with the reason.

Revision ID: 0042
Revises: 0041
"""
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two statuses more, and why; a plan that was dropped reads as cancelled."""
    op.execute("ALTER TABLE installations ADD COLUMN status_reason TEXT DEFAULT '' NOT NULL")
    op.execute("ALTER TABLE installations DROP CONSTRAINT ck_installations_status")
    op.execute("UPDATE installations SET status = 'cancelled' WHERE status = 'terminated' AND installed_on IS NULL")
    op.execute(
        "ALTER TABLE installations ADD CONSTRAINT ck_installations_status "
        "CHECK (status IN ('scheduled', 'failed', 'active', 'cancelled', 'terminated'))"
    )
