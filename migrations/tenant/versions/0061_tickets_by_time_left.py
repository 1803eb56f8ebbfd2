"""Tickets are listed by the time left until their next target, which is what lists show.

Revision ID: 0061
Revises: 0060
"""
from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """An index of that order in place of the one by resolution."""
    op.drop_index("ix_tickets_resolution_due_at", "tickets")
    due_at = "timezone('UTC', CASE WHEN (first_response_at IS NULL) THEN response_due_at ELSE resolution_due_at END)"
    op.execute(f"""
        CREATE INDEX ix_tickets_due ON tickets ((
            CASE WHEN (resolved_at IS NOT NULL) THEN {due_at} + INTERVAL '2000 years'
                 WHEN (paused_at IS NOT NULL) THEN {due_at} + INTERVAL '1000 years'
                 ELSE {due_at} END), id)
    """)


def downgrade() -> None:
    """Order by resolution alone."""
    op.drop_index("ix_tickets_due", "tickets")
    op.create_index("ix_tickets_resolution_due_at", "tickets", ["resolution_due_at", "id"])
