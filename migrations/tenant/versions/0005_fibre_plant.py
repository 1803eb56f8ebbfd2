"""Fibre plant.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "lcps",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("splitter_capacity", sa.SmallInteger(), server_default=sa.text("8"), nullable=False),
        sa.Column("area_id", sa.BigInteger(), nullable=True),
        sa.Column("address", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("latitude", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("longitude", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("accuracy", sa.Text(), server_default=sa.text("'exact'"), nullable=False),
        sa.Column("notes", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("accuracy IN ('exact', 'approximate', 'address', 'manual')", name=op.f("ck_lcps_accuracy")),
        sa.CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name=op.f("ck_lcps_coordinates")),
        sa.CheckConstraint("splitter_capacity BETWEEN 1 AND 128", name=op.f("ck_lcps_splitter_capacity")),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_lcps_area_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lcps")),
        sa.UniqueConstraint("code", name=op.f("uq_lcps_code")),
    )
    op.create_index("ix_lcps_area_id", "lcps", ["area_id"], unique=False)
    op.create_index("ix_lcps_name", "lcps", ["name", "id"], unique=False)
    op.create_table(
        "splitters",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("lcp_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("output_count", sa.SmallInteger(), nullable=False),
        sa.Column("notes", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("output_count IN (2, 4, 8, 16, 32, 64)", name=op.f("ck_splitters_output_count")),
        sa.ForeignKeyConstraint(["lcp_id"], ["lcps.id"], name=op.f("fk_splitters_lcp_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_splitters")),
        sa.UniqueConstraint("lcp_id", "code", name=op.f("uq_splitters_lcp_id_code")),
    )
    op.create_table(
        "naps",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("splitter_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("port_count", sa.SmallInteger(), server_default=sa.text("8"), nullable=False),
        sa.Column("max_drop_metres", sa.SmallInteger(), server_default=sa.text("100"), nullable=False),
        sa.Column("area_id", sa.BigInteger(), nullable=True),
        sa.Column("address", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("latitude", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("longitude", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("accuracy", sa.Text(), server_default=sa.text("'exact'"), nullable=False),
        sa.Column("notes", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("accuracy IN ('exact', 'approximate', 'address', 'manual')", name=op.f("ck_naps_accuracy")),
        sa.CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name=op.f("ck_naps_coordinates")),
        sa.CheckConstraint("max_drop_metres BETWEEN 1 AND 5000", name=op.f("ck_naps_max_drop_metres")),
        sa.CheckConstraint("port_count BETWEEN 1 AND 64", name=op.f("ck_naps_port_count")),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_naps_area_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["splitter_id"], ["splitters.id"], name=op.f("fk_naps_splitter_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_naps")),
        sa.UniqueConstraint("code", name=op.f("uq_naps_code")),
    )
    op.create_index("ix_naps_area_id", "naps", ["area_id"], unique=False)
    op.create_index("ix_naps_place", "naps", ["latitude", "longitude"], unique=False)
    op.create_index("ix_naps_splitter_id", "naps", ["splitter_id"], unique=False)
    op.create_table(
        "nap_ports",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("nap_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("condition", sa.Text(), server_default=sa.text("'good'"), nullable=False),
        sa.Column("note", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("is_used", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("condition IN ('good', 'reserved', 'faulty')", name=op.f("ck_nap_ports_condition")),
        sa.CheckConstraint("number BETWEEN 1 AND 64", name=op.f("ck_nap_ports_number")),
        sa.ForeignKeyConstraint(["nap_id"], ["naps.id"], name=op.f("fk_nap_ports_nap_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nap_ports")),
        sa.UniqueConstraint("nap_id", "number", name=op.f("uq_nap_ports_nap_id_number")),
    )
    op.create_index(
        "ix_nap_ports_free",
        "nap_ports",
        ["nap_id"],
        unique=False,
        postgresql_where=sa.text("condition = 'good' AND NOT is_used"),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_index(
        "ix_nap_ports_free", table_name="nap_ports", postgresql_where=sa.text("condition = 'good' AND NOT is_used")
    )
    op.drop_table("nap_ports")
    op.drop_index("ix_naps_splitter_id", table_name="naps")
    op.drop_index("ix_naps_place", table_name="naps")
    op.drop_index("ix_naps_area_id", table_name="naps")
    op.drop_table("naps")
    op.drop_table("splitters")
    op.drop_index("ix_lcps_name", table_name="lcps")
    op.drop_index("ix_lcps_area_id", table_name="lcps")
    op.drop_table("lcps")
