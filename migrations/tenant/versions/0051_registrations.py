"""A seller says on each document what the law wants below the tax number.

Revision ID: 0051
Revises: 0050
"""
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody has said anything yet."""
    op.execute("ALTER TABLE company_identities ADD COLUMN registration TEXT DEFAULT '' NOT NULL")
