"""Files that people upload.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "stored_files",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("uploaded_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("octet_length(content) = size_bytes", name=op.f("ck_stored_files_content")),
        sa.CheckConstraint("size_bytes BETWEEN 1 AND 5242880", name=op.f("ck_stored_files_size_bytes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_files")),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("stored_files")
