"""A component says from which day something else is charged instead, whatever becomes of its subscription's end.

What ended before its subscription, or gave way on the day of that end, was replaced or removed.

Revision ID: 0053
Revises: 0052
"""
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Until now only the end said it."""
    op.execute("ALTER TABLE subscription_components ADD COLUMN replaced_on DATE")
    op.execute("""
        UPDATE subscription_components part SET replaced_on = part.end_on FROM subscriptions line
         WHERE line.id = part.subscription_id AND part.end_on IS NOT NULL
           AND (line.end_on IS NULL OR part.end_on < line.end_on
                OR EXISTS (SELECT FROM subscription_components other
                            WHERE other.subscription_id = line.id AND other.id <> part.id
                              AND other.start_on = part.end_on AND part.end_on > part.start_on)
                OR (part.start_on > line.end_on
                    AND EXISTS (SELECT FROM subscription_components other
                                 WHERE other.subscription_id = line.id AND other.start_on < part.start_on)))
    """)
    op.execute("""
        ALTER TABLE subscription_components ADD CONSTRAINT ck_subscription_components_replaced_on
              CHECK (replaced_on IS NULL OR (end_on IS NOT NULL AND end_on <= replaced_on))
    """)
