"""Reports by e-mail: who gets which how often, and a row for each time one was due; indexes that lists and reports use.

Revision ID: 0029
Revises: 0028
"""
import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "report_schedules",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("rhythm", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("next_on", sa.Date(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("rhythm IN ('daily', 'weekly', 'monthly')", name=op.f("ck_report_schedules_rhythm")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_report_schedules_user_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_schedules")),
    )
    runs = sa.text("ended_at IS NULL")
    op.create_index("ix_report_schedules_due", "report_schedules", ["next_on", "id"], postgresql_where=runs)
    op.create_index("ix_report_schedules_user_id", "report_schedules", ["user_id"])
    op.create_index("uq_report_schedules_running", "report_schedules", ["report", "rhythm", "user_id"], unique=True,
                    postgresql_where=runs)
    op.create_table(
        "report_sendings",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("schedule_id", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(outcome = 'queued') = (message_id IS NOT NULL)", name=op.f("ck_report_sendings_message_id")
        ),
        sa.CheckConstraint("outcome IN ('queued', 'refused')", name=op.f("ck_report_sendings_outcome")),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_report_sendings_message_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["schedule_id"], ["report_schedules.id"], name=op.f("fk_report_sendings_schedule_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_sendings")),
        sa.UniqueConstraint("schedule_id", "due_on", name=op.f("uq_report_sendings_schedule_id_due_on")),
    )
    op.create_index("ix_report_sendings_message_id", "report_sendings", ["message_id"],
                    postgresql_where=sa.text("message_id IS NOT NULL"))
    op.create_index("ix_subscriptions_created_at", "subscriptions", ["created_at", "id"])
    op.create_index("ix_subscriptions_start_on", "subscriptions", ["start_on", "customer_id"])
    for table, column in (("payments", "reversed_on"), ("invoices", "voided_on")):
        op.create_index(f"ix_{table}_{column}", table, [column], postgresql_where=sa.text(f"{column} IS NOT NULL"))
