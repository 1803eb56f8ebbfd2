"""The plan of collections, episodes and actions, promises, disputes and holds.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

# A company that is at work already gets the same plan, switched off: nobody is cut off by an upgrade.
POLICY = """
INSERT INTO collection_policies (id, is_enabled, no_cut_weekdays)
SELECT 1, false, '67' WHERE EXISTS (SELECT FROM company_settings)
"""
STEPS = """
INSERT INTO collection_steps (name, action, days, template, is_active)
SELECT fresh.name, fresh.action, fresh.days, fresh.template, fresh.is_active FROM (VALUES
    ('Reminder before it is due', 'remind', -3, 'bill_reminder', true),
    ('Reminder on the due day', 'remind', 0, 'bill_reminder', true),
    ('Overdue notice', 'remind', 1, 'bill_overdue', true),
    ('Late fee', 'fee', 3, 'late_fee', false),
    ('Suspension', 'suspend', 5, 'service_suspended', true),
    ('Termination', 'terminate', 60, '', false)
) AS fresh (name, action, days, template, is_active) WHERE EXISTS (SELECT FROM company_settings)
"""


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "collection_days",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reached_customer_id", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("customer_count", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("action_count", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("cut_count", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("restored_count", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("trouble_count", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection_days")),
        sa.UniqueConstraint("day", name=op.f("uq_collection_days_day")),
    )
    op.create_table(
        "collection_policies",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("counted_since", sa.Date(), nullable=True),
        sa.Column("minimum_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("grace_days", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("longest_promise_days", sa.BigInteger(), server_default=sa.text("14"), nullable=False),
        sa.Column("needs_handover", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("notice_days", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("no_cut_weekdays", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("no_cut_weekdays ~ '^[1-7]{0,6}$'", name=op.f("ck_collection_policies_no_cut_weekdays")),
        sa.CheckConstraint("grace_days BETWEEN 0 AND 60", name=op.f("ck_collection_policies_grace_days")),
        sa.CheckConstraint("id = 1", name=op.f("ck_collection_policies_single_row")),
        sa.CheckConstraint(
            "longest_promise_days BETWEEN 1 AND 90", name=op.f("ck_collection_policies_longest_promise_days")
        ),
        sa.CheckConstraint("minimum_minor >= 0", name=op.f("ck_collection_policies_minimum_minor")),
        sa.CheckConstraint("notice_days BETWEEN 0 AND 60", name=op.f("ck_collection_policies_notice_days")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection_policies")),
    )
    op.create_table(
        "collection_steps",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("days", sa.SmallInteger(), nullable=False),
        sa.Column("counted_from", sa.Text(), server_default=sa.text("'due'"), nullable=False),
        sa.Column("template", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("fee_flat_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("fee_percent", sa.Numeric(precision=7, scale=4), server_default=sa.text("0"), nullable=False),
        sa.Column("repeat_every_days", sa.SmallInteger(), nullable=True),
        sa.Column("most_times", sa.SmallInteger(), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.CheckConstraint(
            "action IN ('remind', 'fee', 'suspend', 'terminate')", name=op.f("ck_collection_steps_action")
        ),
        sa.CheckConstraint("counted_from IN ('due', 'issue')", name=op.f("ck_collection_steps_counted_from")),
        sa.CheckConstraint("days BETWEEN -60 AND 730", name=op.f("ck_collection_steps_days")),
        sa.CheckConstraint(
            "fee_flat_minor >= 0 AND fee_percent BETWEEN 0 AND 100", name=op.f("ck_collection_steps_fee")
        ),
        sa.CheckConstraint("most_times > 0", name=op.f("ck_collection_steps_most_times")),
        sa.CheckConstraint("repeat_every_days > 0", name=op.f("ck_collection_steps_repeat_every_days")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection_steps")),
    )
    op.create_index(
        "uq_collection_steps_action",
        "collection_steps",
        ["action"],
        unique=True,
        postgresql_where=sa.text("is_active AND action IN ('suspend', 'terminate')"),
    )
    op.create_table(
        "no_cut_days",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("area_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_no_cut_days_area_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_no_cut_days")),
    )
    op.create_index("ix_no_cut_days_area_id", "no_cut_days", ["area_id"], unique=False)
    op.create_index(
        "uq_no_cut_days_day_area", "no_cut_days", ["day", sa.literal_column("coalesce(area_id, 0)")], unique=True
    )
    op.create_table(
        "collection_episodes",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("began_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("trouble", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("ended_on >= began_on", name=op.f("ck_collection_episodes_ended_on")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_collection_episodes_customer_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection_episodes")),
    )
    op.create_index(
        "ix_collection_episodes_customer_id", "collection_episodes", ["customer_id", "began_on"], unique=False
    )
    op.create_index(
        "uq_collection_episodes_open",
        "collection_episodes",
        ["customer_id"],
        unique=True,
        postgresql_where=sa.text("ended_on IS NULL"),
    )
    op.create_table(
        "collection_holds",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("placed_by", sa.Text(), nullable=False),
        sa.Column("lifted_on", sa.Date(), nullable=True),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        sa.CheckConstraint("(lifted_on IS NULL) = (lifted_by IS NULL)", name=op.f("ck_collection_holds_lifted_on")),
        sa.CheckConstraint("until_on >= from_on", name=op.f("ck_collection_holds_until_on")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_collection_holds_customer_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection_holds")),
    )
    op.create_index("ix_collection_holds_customer_id", "collection_holds", ["customer_id", "from_on"], unique=False)
    op.create_table(
        "promises_to_pay",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("granted_by", sa.Text(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.CheckConstraint("status IN ('open', 'kept', 'broken', 'withdrawn')", name=op.f("ck_promises_to_pay_status")),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_promises_to_pay_amount_minor")),
        sa.CheckConstraint("until_on >= made_on", name=op.f("ck_promises_to_pay_until_on")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_promises_to_pay_customer_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promises_to_pay")),
    )
    op.create_index("ix_promises_to_pay_customer_id", "promises_to_pay", ["customer_id", "made_on"], unique=False)
    op.create_index(
        "ix_promises_to_pay_until_on",
        "promises_to_pay",
        ["until_on"],
        unique=False,
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_index(
        "uq_promises_to_pay_open",
        "promises_to_pay",
        ["customer_id"],
        unique=True,
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_table(
        "collection_actions",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("step_id", sa.BigInteger(), nullable=False),
        sa.Column("episode_id", sa.BigInteger(), nullable=True),
        sa.Column("invoice_id", sa.BigInteger(), nullable=True),
        sa.Column("occurrence", sa.SmallInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("waived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waived_by", sa.Text(), nullable=True),
        sa.Column("waive_reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("(waived_at IS NULL) = (waived_by IS NULL)", name=op.f("ck_collection_actions_waived")),
        sa.CheckConstraint("fee_minor >= 0", name=op.f("ck_collection_actions_fee_minor")),
        sa.CheckConstraint(
            "invoice_id IS NOT NULL OR episode_id IS NOT NULL", name=op.f("ck_collection_actions_subject")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_collection_actions_customer_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["episode_id"],
            ["collection_episodes.id"],
            name=op.f("fk_collection_actions_episode_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoices.id"], name=op.f("fk_collection_actions_invoice_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_collection_actions_message_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["step_id"], ["collection_steps.id"], name=op.f("fk_collection_actions_step_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection_actions")),
    )
    op.create_index("ix_collection_actions_customer_id", "collection_actions", ["customer_id", "id"], unique=False)
    op.create_index("ix_collection_actions_step_id", "collection_actions", ["step_id"], unique=False)
    op.create_index(
        "uq_collection_actions_episode",
        "collection_actions",
        ["episode_id", "step_id", "occurrence"],
        unique=True,
        postgresql_where=sa.text("invoice_id IS NULL"),
    )
    op.create_index(
        "uq_collection_actions_invoice",
        "collection_actions",
        ["invoice_id", "step_id", "occurrence"],
        unique=True,
        postgresql_where=sa.text("invoice_id IS NOT NULL"),
    )
    op.create_table(
        "collection_cutoffs",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("episode_id", sa.BigInteger(), nullable=False),
        sa.Column("cut_on", sa.Date(), nullable=False),
        sa.Column("cut_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ending", sa.Text(), nullable=True),
        sa.Column("ended_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint(
            "ending IN ('restored', 'by_person', 'terminated')", name=op.f("ck_collection_cutoffs_ending")
        ),
        sa.CheckConstraint("(ended_at IS NULL) = (ending IS NULL)", name=op.f("ck_collection_cutoffs_ended_at")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_collection_cutoffs_customer_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["episode_id"],
            ["collection_episodes.id"],
            name=op.f("fk_collection_cutoffs_episode_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection_cutoffs")),
    )
    op.create_index("ix_collection_cutoffs_customer_id", "collection_cutoffs", ["customer_id", "id"], unique=False)
    op.create_index(
        "uq_collection_cutoffs_open",
        "collection_cutoffs",
        ["customer_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "dispute_holds",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("invoice_id", sa.BigInteger(), nullable=False),
        sa.Column("line_id", sa.BigInteger(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("(closed_on IS NULL) = (closed_by IS NULL)", name=op.f("ck_dispute_holds_closed_on")),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_dispute_holds_amount_minor")),
        sa.CheckConstraint("ends_on > opened_on", name=op.f("ck_dispute_holds_ends_on")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_dispute_holds_customer_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoices.id"], name=op.f("fk_dispute_holds_invoice_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["invoice_lines.id"], name=op.f("fk_dispute_holds_line_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute_holds")),
    )
    op.create_index("ix_dispute_holds_customer_id", "dispute_holds", ["customer_id", "opened_on"], unique=False)
    op.create_index("ix_dispute_holds_invoice_id", "dispute_holds", ["invoice_id"], unique=False)
    op.create_index(
        "uq_dispute_holds_open",
        "dispute_holds",
        ["invoice_id", sa.literal_column("coalesce(line_id, 0)")],
        unique=True,
        postgresql_where=sa.text("closed_on IS NULL"),
    )
    op.execute(POLICY)
    op.execute(STEPS)


def downgrade() -> None:
    """Take back."""
    op.drop_index("uq_dispute_holds_open", table_name="dispute_holds", postgresql_where=sa.text("closed_on IS NULL"))
    op.drop_index("ix_dispute_holds_invoice_id", table_name="dispute_holds")
    op.drop_index("ix_dispute_holds_customer_id", table_name="dispute_holds")
    op.drop_table("dispute_holds")
    op.drop_index(
        "uq_collection_cutoffs_open", table_name="collection_cutoffs", postgresql_where=sa.text("ended_at IS NULL")
    )
    op.drop_index("ix_collection_cutoffs_customer_id", table_name="collection_cutoffs")
    op.drop_table("collection_cutoffs")
    op.drop_index(
        "uq_collection_actions_invoice",
        table_name="collection_actions",
        postgresql_where=sa.text("invoice_id IS NOT NULL"),
    )
    op.drop_index(
        "uq_collection_actions_episode", table_name="collection_actions", postgresql_where=sa.text("invoice_id IS NULL")
    )
    op.drop_index("ix_collection_actions_step_id", table_name="collection_actions")
    op.drop_index("ix_collection_actions_customer_id", table_name="collection_actions")
    op.drop_table("collection_actions")
    op.drop_index("uq_promises_to_pay_open", table_name="promises_to_pay", postgresql_where=sa.text("status = 'open'"))
    op.drop_index(
        "ix_promises_to_pay_until_on", table_name="promises_to_pay", postgresql_where=sa.text("status = 'open'")
    )
    op.drop_index("ix_promises_to_pay_customer_id", table_name="promises_to_pay")
    op.drop_table("promises_to_pay")
    op.drop_index("ix_collection_holds_customer_id", table_name="collection_holds")
    op.drop_table("collection_holds")
    op.drop_index(
        "uq_collection_episodes_open", table_name="collection_episodes", postgresql_where=sa.text("ended_on IS NULL")
    )
    op.drop_index("ix_collection_episodes_customer_id", table_name="collection_episodes")
    op.drop_table("collection_episodes")
    op.drop_index("uq_no_cut_days_day_area", table_name="no_cut_days")
    op.drop_index("ix_no_cut_days_area_id", table_name="no_cut_days")
    op.drop_table("no_cut_days")
    op.drop_index(
        "uq_collection_steps_action",
        table_name="collection_steps",
        postgresql_where=sa.text("is_active AND action IN ('suspend', 'terminate')"),
    )
    op.drop_table("collection_steps")
    op.drop_table("collection_policies")
    op.drop_table("collection_days")
