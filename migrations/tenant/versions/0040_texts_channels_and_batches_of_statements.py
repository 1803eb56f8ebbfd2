"""Texts, channels of steps, and batches of statements.

Revision ID: 0040
Revises: 0039
"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "sms_accounts",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("account_sid", sa.Text(), nullable=False),
        sa.Column("sealed_token", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_sms_accounts_single_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_accounts")),
    )
    op.add_column("messages", sa.Column("segments", sa.SmallInteger(), nullable=True))
    op.add_column("messages", sa.Column("provider_id", sa.Text(), nullable=True))
    op.add_column("messages", sa.Column("delivery", sa.Text(), nullable=True))
    op.create_check_constraint(op.f("ck_messages_channel"), "messages", "channel IN ('email', 'sms')")
    op.create_check_constraint(op.f("ck_messages_segments"), "messages",
                               "(channel = 'sms') = (segments IS NOT NULL)")
    op.add_column("collection_steps",
                  sa.Column("channel", sa.Text(), server_default=sa.text("'email'"), nullable=False))
    op.create_check_constraint(op.f("ck_collection_steps_channel"), "collection_steps",
                               "channel IN ('email', 'sms', 'hand')")
    op.add_column("collection_actions",
                  sa.Column("is_by_hand", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("collection_actions", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("collection_actions", sa.Column("told_by", sa.Text(), nullable=True))
    op.add_column("collection_actions",
                  sa.Column("told_note", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.create_check_constraint(op.f("ck_collection_actions_told"), "collection_actions",
                               "(told_at IS NULL) = (told_by IS NULL) AND (is_by_hand OR told_at IS NULL)")
    op.create_index("ix_collection_actions_to_tell", "collection_actions", ["id"],
                    postgresql_where=sa.text("is_by_hand AND told_at IS NULL"))
    _create_batches()


def downgrade() -> None:
    """Take back."""
    op.drop_table("statement_deliveries")
    op.drop_table("statement_batches")
    op.drop_index("ix_collection_actions_to_tell", table_name="collection_actions")
    op.drop_constraint(op.f("ck_collection_actions_told"), "collection_actions", type_="check")
    for column in ("told_note", "told_by", "told_at", "is_by_hand"):
        op.drop_column("collection_actions", column)
    op.drop_constraint(op.f("ck_collection_steps_channel"), "collection_steps", type_="check")
    op.drop_column("collection_steps", "channel")
    op.drop_constraint(op.f("ck_messages_segments"), "messages", type_="check")
    op.drop_constraint(op.f("ck_messages_channel"), "messages", type_="check")
    for column in ("delivery", "provider_id", "segments"):
        op.drop_column("messages", column)
    op.drop_table("sms_accounts")


def _create_batches() -> None:
    op.create_table(
        "statement_batches",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("until >= since", name=op.f("ck_statement_batches_until")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_batches")),
    )
    op.create_table(
        "statement_deliveries",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("outcome IN ('queued', 'no_address')", name=op.f("ck_statement_deliveries_outcome")),
        sa.CheckConstraint("(outcome = 'queued') = (message_id IS NOT NULL) OR outcome IS NULL AND message_id IS NULL",
                           name=op.f("ck_statement_deliveries_message_id")),
        sa.ForeignKeyConstraint(["batch_id"], ["statement_batches.id"],
                                name=op.f("fk_statement_deliveries_batch_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"],
                                name=op.f("fk_statement_deliveries_customer_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"],
                                name=op.f("fk_statement_deliveries_message_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_deliveries")),
        sa.UniqueConstraint("batch_id", "customer_id", name=op.f("uq_statement_deliveries_batch_id_customer_id")),
    )
    op.create_index("ix_statement_deliveries_waiting", "statement_deliveries", ["batch_id", "id"],
                    postgresql_where=sa.text("outcome IS NULL"))
    op.create_index("ix_statement_deliveries_customer_id", "statement_deliveries", ["customer_id"])
    op.create_index("ix_statement_deliveries_message_id", "statement_deliveries", ["message_id"],
                    postgresql_where=sa.text("message_id IS NOT NULL"))
