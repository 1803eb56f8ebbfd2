"""Map tiles.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column(
        "company_settings", sa.Column("map_tile_url", sa.Text(), server_default=sa.text("''"), nullable=False)
    )
    op.add_column(
        "company_settings", sa.Column("map_attribution", sa.Text(), server_default=sa.text("''"), nullable=False)
    )


def downgrade() -> None:
    """Take back."""
    op.drop_column("company_settings", "map_attribution")
    op.drop_column("company_settings", "map_tile_url")
