"""Routers and where they stood.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "routers",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("brand", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("serial_number", sa.Text(), nullable=False),
        sa.Column("mac_address", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("status_since", sa.Date(), nullable=False),
        sa.Column("status_reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("notes", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "search_text",
            sa.Text(),
            sa.Computed(
                "lower(brand || ' ' || model || ' ' || serial_number || ' ' || coalesce(replace(mac_address, ':', ''), ''))",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.CheckConstraint(
            "status IN ('in_stock', 'assigned', 'returned', 'faulty', 'retired')", name=op.f("ck_routers_status")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routers")),
        sa.UniqueConstraint("mac_address", name=op.f("uq_routers_mac_address")),
        sa.UniqueConstraint("serial_number", name=op.f("uq_routers_serial_number")),
    )
    op.create_index("ix_routers_brand", "routers", ["brand", "model", "id"], unique=False)
    op.create_index(
        "ix_routers_search_text",
        "routers",
        ["search_text"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"search_text": "extensions.gin_trgm_ops"},
    )
    op.create_index("ix_routers_status", "routers", ["status", "id"], unique=False)
    op.create_table(
        "router_assignments",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("router_id", sa.BigInteger(), nullable=False),
        sa.Column("installation_id", sa.BigInteger(), nullable=False),
        sa.Column("assigned_on", sa.Date(), nullable=False),
        sa.Column("assigned_by", sa.Text(), nullable=False),
        sa.Column("returned_on", sa.Date(), nullable=True),
        sa.Column("returned_by", sa.Text(), nullable=True),
        sa.Column("return_note", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("returned_on >= assigned_on", name=op.f("ck_router_assignments_returned_on")),
        sa.ForeignKeyConstraint(
            ["installation_id"],
            ["installations.id"],
            name=op.f("fk_router_assignments_installation_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["router_id"], ["routers.id"], name=op.f("fk_router_assignments_router_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_router_assignments")),
    )
    op.create_index(
        "ix_router_assignments_installation_id", "router_assignments", ["installation_id", "id"], unique=False
    )
    op.create_index("ix_router_assignments_router_id", "router_assignments", ["router_id", "id"], unique=False)
    op.create_index(
        "uq_router_assignments_live",
        "router_assignments",
        ["router_id"],
        unique=True,
        postgresql_where=sa.text("returned_on IS NULL"),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_index(
        "uq_router_assignments_live", table_name="router_assignments", postgresql_where=sa.text("returned_on IS NULL")
    )
    op.drop_index("ix_router_assignments_router_id", table_name="router_assignments")
    op.drop_index("ix_router_assignments_installation_id", table_name="router_assignments")
    op.drop_table("router_assignments")
    op.drop_index("ix_routers_status", table_name="routers")
    op.drop_index(
        "ix_routers_search_text",
        table_name="routers",
        postgresql_using="gin",
        postgresql_ops={"search_text": "extensions.gin_trgm_ops"},
    )
    op.drop_index("ix_routers_brand", table_name="routers")
    op.drop_table("routers")
