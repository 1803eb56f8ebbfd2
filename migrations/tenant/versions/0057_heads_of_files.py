"""The first lines of an uploaded file are kept, so that asking which column is which does not read it again.

Revision ID: 0057
Revises: 0056
"""
from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Files that wait have none yet: theirs is read from their content."""
    op.execute("ALTER TABLE import_batches ADD COLUMN head JSONB")


def downgrade() -> None:
    """Take back."""
    op.execute("ALTER TABLE import_batches DROP COLUMN head")
