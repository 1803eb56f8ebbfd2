"""Prepaid subscriptions and their loads.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "prepaid_subscriptions",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("installation_id", sa.BigInteger(), nullable=True),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("successor_id", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.Text(), server_default=sa.text("'active'"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(status = 'cancelled') = (cancelled_at IS NOT NULL)",
            name=op.f("ck_prepaid_subscriptions_cancelled_at"),
        ),
        sa.CheckConstraint(
            "status IN ('active', 'expired', 'cancelled')", name=op.f("ck_prepaid_subscriptions_status")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f("fk_prepaid_subscriptions_customer_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["installation_id"],
            ["installations.id"],
            name=op.f("fk_prepaid_subscriptions_installation_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plans.id"], name=op.f("fk_prepaid_subscriptions_plan_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"],
            ["subscriptions.id"],
            name=op.f("fk_prepaid_subscriptions_successor_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prepaid_subscriptions")),
    )
    op.create_index(
        "ix_prepaid_subscriptions_created_at", "prepaid_subscriptions", ["created_at", "id"], unique=False
    )
    op.create_index(
        "ix_prepaid_subscriptions_customer_id", "prepaid_subscriptions", ["customer_id"], unique=False
    )
    op.create_index("ix_prepaid_subscriptions_plan_id", "prepaid_subscriptions", ["plan_id"], unique=False)
    op.create_index(
        "ix_prepaid_subscriptions_remind_at",
        "prepaid_subscriptions",
        ["remind_at"],
        unique=False,
        postgresql_where=sa.text("remind_at IS NOT NULL"),
    )
    op.create_index(
        "ix_prepaid_subscriptions_running",
        "prepaid_subscriptions",
        ["expires_at", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'active'"),
    )
    op.create_index(
        "ix_prepaid_subscriptions_status",
        "prepaid_subscriptions",
        ["status", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "uq_prepaid_subscriptions_line",
        "prepaid_subscriptions",
        ["installation_id"],
        unique=True,
        postgresql_where=sa.text("status <> 'cancelled'"),
    )
    op.create_table(
        "prepaid_loads",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("subscription_id", sa.BigInteger(), nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("invoice_id", sa.BigInteger(), nullable=False),
        sa.Column("payment_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("seconds_granted", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recognised_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("credited_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('one_month', 'fifteen_days', 'custom')", name=op.f("ck_prepaid_loads_kind")
        ),
        sa.CheckConstraint(
            "amount_minor > 0 AND seconds_granted > 0", name=op.f("ck_prepaid_loads_amount_minor")
        ),
        sa.CheckConstraint(
            "credited_minor BETWEEN 0 AND net_minor + tax_minor", name=op.f("ck_prepaid_loads_credited_minor")
        ),
        sa.CheckConstraint("ends_at >= starts_at", name=op.f("ck_prepaid_loads_ends_at")),
        sa.CheckConstraint(
            "recognised_minor BETWEEN 0 AND net_minor", name=op.f("ck_prepaid_loads_recognised_minor")
        ),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoices.id"], name=op.f("fk_prepaid_loads_invoice_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_prepaid_loads_payment_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plans.id"], name=op.f("fk_prepaid_loads_plan_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["prepaid_subscriptions.id"],
            name=op.f("fk_prepaid_loads_subscription_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prepaid_loads")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_prepaid_loads_idempotency_key")),
        sa.UniqueConstraint("invoice_id", name=op.f("uq_prepaid_loads_invoice_id")),
    )
    op.create_index(
        "ix_prepaid_loads_deferred",
        "prepaid_loads",
        ["id"],
        unique=False,
        postgresql_where=sa.text("recognised_minor < net_minor AND cancelled_at IS NULL"),
    )
    op.create_index("ix_prepaid_loads_payment_id", "prepaid_loads", ["payment_id"], unique=False)
    op.create_index(
        "ix_prepaid_loads_subscription_id", "prepaid_loads", ["subscription_id", "id"], unique=False
    )


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_prepaid_loads_subscription_id", table_name="prepaid_loads")
    op.drop_index("ix_prepaid_loads_payment_id", table_name="prepaid_loads")
    op.drop_index(
        "ix_prepaid_loads_deferred",
        table_name="prepaid_loads",
        postgresql_where=sa.text("recognised_minor < net_minor AND cancelled_at IS NULL"),
    )
    op.drop_table("prepaid_loads")
    op.drop_index(
        "uq_prepaid_subscriptions_line",
        table_name="prepaid_subscriptions",
        postgresql_where=sa.text("status <> 'cancelled'"),
    )
    op.drop_index("ix_prepaid_subscriptions_status", table_name="prepaid_subscriptions")
    op.drop_index(
        "ix_prepaid_subscriptions_running",
        table_name="prepaid_subscriptions",
        postgresql_where=sa.text("status = 'active'"),
    )
    op.drop_index(
        "ix_prepaid_subscriptions_remind_at",
        table_name="prepaid_subscriptions",
        postgresql_where=sa.text("remind_at IS NOT NULL"),
    )
    op.drop_index("ix_prepaid_subscriptions_plan_id", table_name="prepaid_subscriptions")
    op.drop_index("ix_prepaid_subscriptions_customer_id", table_name="prepaid_subscriptions")
    op.drop_index("ix_prepaid_subscriptions_created_at", table_name="prepaid_subscriptions")
    op.drop_table("prepaid_subscriptions")
