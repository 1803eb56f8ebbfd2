"""Logo, first steps and news.

Revision ID: 0032
Revises: 0031
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("company_settings", sa.Column("logo_file_id", sa.BigInteger(), nullable=True))
    op.add_column("company_settings", sa.Column("first_steps_hidden_at", sa.DateTime(timezone=True), nullable=True))
    op.create_foreign_key(
        op.f("fk_company_settings_logo_file_id"), "company_settings", "stored_files", ["logo_file_id"], ["id"],
        ondelete="RESTRICT",
    )
    op.add_column("users", sa.Column("news_seen_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Take back."""
    op.drop_column("users", "news_seen_at")
    op.drop_constraint(op.f("fk_company_settings_logo_file_id"), "company_settings", type_="foreignkey")
    op.drop_column("company_settings", "first_steps_hidden_at")
    op.drop_column("company_settings", "logo_file_id")
