"""Suspensions have reasons with a name, which say what the days without service mean for the bill.

Revision ID: 0047
Revises: 0046
"""
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Collections go on with a reason that means what their suspensions meant until now."""
    op.execute("""
        CREATE TABLE suspension_reasons (
            id BIGSERIAL NOT NULL,
            name TEXT NOT NULL,
            billing TEXT NOT NULL,
            is_active BOOLEAN DEFAULT true NOT NULL,
            CONSTRAINT pk_suspension_reasons PRIMARY KEY (id),
            CONSTRAINT ck_suspension_reasons_billing CHECK (billing IN ('bill', 'skip', 'credit'))
        )
    """)
    op.execute("CREATE UNIQUE INDEX uq_suspension_reasons_name ON suspension_reasons (lower(name))")
    # A new-born company gets these from seed/collections.toml, after its tables are made; it has no policy yet here.
    op.execute("""
        INSERT INTO suspension_reasons (name, billing)
        SELECT 'Non-payment', suspension_billing FROM collection_policies
    """)
    op.execute("""
        INSERT INTO suspension_reasons (name, billing)
        SELECT name, billing
        FROM (VALUES ('Customer''s holiday', 'credit'), ('Technical fault', 'credit'),
            ('At the customer''s request', 'skip'), ('Misuse of the line', 'bill')) AS given (name, billing)
        WHERE EXISTS (SELECT FROM collection_policies)
    """)
    op.execute("ALTER TABLE subscription_pauses ADD COLUMN reason_id BIGINT")
    op.execute("""
        ALTER TABLE subscription_pauses ADD CONSTRAINT fk_subscription_pauses_reason_id_suspension_reasons
        FOREIGN KEY (reason_id) REFERENCES suspension_reasons (id) ON DELETE RESTRICT
    """)
    op.execute("ALTER TABLE collection_policies ADD COLUMN suspension_reason_id BIGINT")
    op.execute("""
        UPDATE collection_policies SET suspension_reason_id = suspension_reasons.id
        FROM suspension_reasons WHERE suspension_reasons.name = 'Non-payment'
    """)
    op.execute("""
        ALTER TABLE collection_policies
        ADD CONSTRAINT fk_collection_policies_suspension_reason_id_suspension_reasons
        FOREIGN KEY (suspension_reason_id) REFERENCES suspension_reasons (id) ON DELETE RESTRICT
    """)
    op.execute("ALTER TABLE collection_policies ALTER COLUMN suspension_reason_id SET NOT NULL")
    op.execute("ALTER TABLE collection_policies DROP COLUMN suspension_billing")
