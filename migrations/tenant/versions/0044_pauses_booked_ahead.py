"""Pauses that are booked ahead, and those that come and go with the suspension of a customer.

Revision ID: 0044
Revises: 0043
"""
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What stands open of a suspended customer came with the suspension."""
    op.execute("ALTER TABLE subscription_pauses ADD COLUMN follows_customer BOOLEAN DEFAULT false NOT NULL")
    op.execute(
        "UPDATE subscription_pauses SET follows_customer = true FROM subscriptions, customers "
        "WHERE subscriptions.id = subscription_pauses.subscription_id AND customers.id = subscriptions.customer_id "
        "AND customers.status = 'suspended' AND subscription_pauses.end_on IS NULL"
    )
    op.execute("DROP INDEX uq_subscription_pauses_open")
    op.execute(
        "CREATE UNIQUE INDEX uq_subscription_pauses_open ON subscription_pauses (subscription_id, follows_customer) "
        "WHERE end_on IS NULL"
    )
    op.execute("CREATE INDEX ix_subscription_pauses_days ON subscription_pauses (start_on, end_on)")
    op.execute("CREATE INDEX ix_subscriptions_suspended ON subscriptions (id) WHERE status = 'suspended'")
