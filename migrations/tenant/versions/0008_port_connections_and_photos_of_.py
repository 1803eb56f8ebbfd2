"""Port connections and photos of installations.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "installation_photos",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("installation_id", sa.BigInteger(), nullable=False),
        sa.Column("file_id", sa.BigInteger(), nullable=False),
        sa.Column("caption", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_files.id"], name=op.f("fk_installation_photos_file_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["installation_id"],
            ["installations.id"],
            name=op.f("fk_installation_photos_installation_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation_photos")),
        sa.UniqueConstraint("file_id", name=op.f("uq_installation_photos_file_id")),
    )
    op.create_index(
        "ix_installation_photos_installation_id", "installation_photos", ["installation_id", "id"], unique=False
    )
    op.create_table(
        "port_connections",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("installation_id", sa.BigInteger(), nullable=False),
        sa.Column("port_id", sa.BigInteger(), nullable=False),
        sa.Column("drop_metres", sa.BigInteger(), nullable=True),
        sa.Column("override_reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("connected_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("connected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("drop_metres >= 0", name=op.f("ck_port_connections_drop_metres")),
        sa.CheckConstraint("released_at >= connected_at", name=op.f("ck_port_connections_released_at")),
        sa.ForeignKeyConstraint(
            ["installation_id"],
            ["installations.id"],
            name=op.f("fk_port_connections_installation_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["port_id"], ["nap_ports.id"], name=op.f("fk_port_connections_port_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_port_connections")),
    )
    op.create_index("ix_port_connections_installation_id", "port_connections", ["installation_id", "id"], unique=False)
    op.create_index("ix_port_connections_port_id", "port_connections", ["port_id", "id"], unique=False)
    op.create_index(
        "uq_port_connections_live_installation",
        "port_connections",
        ["installation_id"],
        unique=True,
        postgresql_where=sa.text("released_at IS NULL"),
    )
    op.create_index(
        "uq_port_connections_live_port",
        "port_connections",
        ["port_id"],
        unique=True,
        postgresql_where=sa.text("released_at IS NULL"),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_index(
        "uq_port_connections_live_port", table_name="port_connections", postgresql_where=sa.text("released_at IS NULL")
    )
    op.drop_index(
        "uq_port_connections_live_installation",
        table_name="port_connections",
        postgresql_where=sa.text("released_at IS NULL"),
    )
    op.drop_index("ix_port_connections_port_id", table_name="port_connections")
    op.drop_index("ix_port_connections_installation_id", table_name="port_connections")
    op.drop_table("port_connections")
    op.drop_index("ix_installation_photos_installation_id", table_name="installation_photos")
    op.drop_table("installation_photos")
