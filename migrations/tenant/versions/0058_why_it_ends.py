"""Why a subscription is to end is kept beside why it is suspended.

Revision ID: 0058
Revises: 0057
"""
from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What is to end said why in place of anything else; what is suspended says so again by its newest pause."""
    op.execute("ALTER TABLE subscriptions ADD COLUMN end_reason TEXT DEFAULT '' NOT NULL")
    op.execute("UPDATE subscriptions SET end_reason = status_reason WHERE end_on IS NOT NULL")
    op.execute("""
        UPDATE subscriptions SET status_reason = (
               SELECT reason FROM subscription_pauses AS pause
                WHERE pause.subscription_id = subscriptions.id
                  AND pause.start_on <= greatest(current_date, subscriptions.suspended_on)
                ORDER BY pause.start_on DESC, pause.id DESC LIMIT 1)
         WHERE status = 'suspended' AND end_on IS NOT NULL
           AND EXISTS (SELECT FROM subscription_pauses AS pause WHERE pause.subscription_id = subscriptions.id
                          AND pause.start_on <= greatest(current_date, subscriptions.suspended_on))
    """)


def downgrade() -> None:
    """Say again only why it is to end."""
    op.execute("UPDATE subscriptions SET status_reason = end_reason WHERE end_on IS NOT NULL")
    op.execute("ALTER TABLE subscriptions DROP COLUMN end_reason")
