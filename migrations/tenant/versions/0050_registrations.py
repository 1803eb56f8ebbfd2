"""A seller says on each document what the law wants below the tax number.

Revision ID: 0050
Revises: 0049
"""
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody has said anything yet."""
    op.execute("ALTER TABLE company_identities ADD COLUMN registration TEXT DEFAULT '' NOT NULL")
