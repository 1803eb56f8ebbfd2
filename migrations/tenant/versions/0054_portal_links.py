"""Customers see their account by a link.

Revision ID: 0054
Revises: 0053
"""
from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody has one yet."""
    op.execute("""
        CREATE TABLE portal_links (
            id BIGSERIAL NOT NULL,
            customer_id BIGINT NOT NULL,
            token_seed TEXT NOT NULL,
            given_by TEXT NOT NULL,
            given_at TIMESTAMP WITH TIME ZONE NOT NULL,
            CONSTRAINT pk_portal_links PRIMARY KEY (id),
            CONSTRAINT uq_portal_links_customer_id UNIQUE (customer_id),
            CONSTRAINT uq_portal_links_token_seed UNIQUE (token_seed),
            CONSTRAINT fk_portal_links_customer_id FOREIGN KEY (customer_id)
                REFERENCES customers (id) ON DELETE CASCADE
        )
    """)
