"""Tickets, and how the support desk is set up.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "canned_answers",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canned_answers")),
    )
    op.create_index("uq_canned_answers_title", "canned_answers", [sa.literal_column("lower(title)")], unique=True)
    op.create_table(
        "service_targets",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("response_hours", sa.BigInteger(), nullable=False),
        sa.Column("resolution_hours", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("priority IN ('urgent', 'high', 'normal', 'low')", name=op.f("ck_service_targets_priority")),
        sa.CheckConstraint(
            "resolution_hours BETWEEN response_hours AND 2000", name=op.f("ck_service_targets_resolution_hours")
        ),
        sa.CheckConstraint("response_hours BETWEEN 1 AND 2000", name=op.f("ck_service_targets_response_hours")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_targets")),
        sa.UniqueConstraint("priority", name=op.f("uq_service_targets_priority")),
    )
    op.create_table(
        "ticket_categories",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_categories")),
    )
    op.create_index("uq_ticket_categories_name", "ticket_categories", [sa.literal_column("lower(name)")], unique=True)
    op.create_table(
        "ticket_years",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("next_number", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("next_number > 0", name=op.f("ck_ticket_years_next_number")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_years")),
        sa.UniqueConstraint("year", name=op.f("uq_ticket_years_year")),
    )
    op.create_table(
        "tickets",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("contact", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("category_id", sa.BigInteger(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("status_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status_reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("assignee_id", sa.BigInteger(), nullable=True),
        sa.Column("merged_into_id", sa.BigInteger(), nullable=True),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_response_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by_id", sa.BigInteger(), nullable=True),
        sa.Column("reopened_count", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("response_hours", sa.BigInteger(), nullable=False),
        sa.Column("resolution_hours", sa.BigInteger(), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_seconds", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("response_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolution_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("response_late_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolution_late_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "search_text",
            sa.Text(),
            sa.Computed("lower(number || ' ' || subject || ' ' || contact)", persisted=True),
            nullable=False,
        ),
        sa.CheckConstraint("(status = 'waiting') = (paused_at IS NOT NULL)", name=op.f("ck_tickets_paused_at")),
        sa.CheckConstraint(
            "(status IN ('resolved', 'closed')) = (resolved_at IS NOT NULL)", name=op.f("ck_tickets_resolved_at")
        ),
        sa.CheckConstraint("priority IN ('urgent', 'high', 'normal', 'low')", name=op.f("ck_tickets_priority")),
        sa.CheckConstraint(
            "source IN ('phone', 'messenger', 'walk_in', 'sms', 'portal', 'email')", name=op.f("ck_tickets_source")
        ),
        sa.CheckConstraint(
            "status IN ('open', 'in_progress', 'waiting', 'resolved', 'closed', 'removed')",
            name=op.f("ck_tickets_status"),
        ),
        sa.CheckConstraint("merged_into_id <> id", name=op.f("ck_tickets_merged_into_id")),
        sa.ForeignKeyConstraint(
            ["assignee_id"], ["users.id"], name=op.f("fk_tickets_assignee_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["category_id"], ["ticket_categories.id"], name=op.f("fk_tickets_category_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_tickets_customer_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["tickets.id"], name=op.f("fk_tickets_merged_into_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["resolved_by_id"], ["users.id"], name=op.f("fk_tickets_resolved_by_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets")),
        sa.UniqueConstraint("number", name=op.f("uq_tickets_number")),
    )
    op.create_index("ix_tickets_assignee_id", "tickets", ["assignee_id", "id"], unique=False)
    op.create_index("ix_tickets_category_id", "tickets", ["category_id", "id"], unique=False)
    op.create_index("ix_tickets_customer_id", "tickets", ["customer_id", "id"], unique=False)
    op.create_index(
        "ix_tickets_late",
        "tickets",
        ["id"],
        unique=False,
        postgresql_where=sa.text("response_late_at IS NOT NULL OR resolution_late_at IS NOT NULL"),
    )
    op.create_index(
        "ix_tickets_merged_into_id",
        "tickets",
        ["merged_into_id"],
        unique=False,
        postgresql_where=sa.text("merged_into_id IS NOT NULL"),
    )
    op.create_index("ix_tickets_opened_at", "tickets", ["opened_at", "id"], unique=False)
    op.create_index("ix_tickets_priority", "tickets", ["priority", "id"], unique=False)
    op.create_index(
        "ix_tickets_resolution_coming",
        "tickets",
        ["resolution_due_at"],
        unique=False,
        postgresql_where=sa.text("resolution_late_at IS NULL AND status IN ('open', 'in_progress', 'waiting')"),
    )
    op.create_index("ix_tickets_resolution_due_at", "tickets", ["resolution_due_at", "id"], unique=False)
    op.create_index("ix_tickets_resolved_at", "tickets", ["resolved_at", "id"], unique=False)
    op.create_index(
        "ix_tickets_response_coming",
        "tickets",
        ["response_due_at"],
        unique=False,
        postgresql_where=sa.text(
            "first_response_at IS NULL AND response_late_at IS NULL AND status IN ('open', 'in_progress', 'waiting')"
        ),
    )
    op.create_index(
        "ix_tickets_search_text",
        "tickets",
        ["search_text"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"search_text": "extensions.gin_trgm_ops"},
    )
    op.create_index("ix_tickets_status", "tickets", ["status", "id"], unique=False)
    op.create_index(
        "ix_tickets_unassigned",
        "tickets",
        ["id"],
        unique=False,
        postgresql_where=sa.text("assignee_id IS NULL AND status IN ('open', 'in_progress', 'waiting')"),
    )
    op.create_index(
        "ix_tickets_unresolved",
        "tickets",
        ["id"],
        unique=False,
        postgresql_where=sa.text("status IN ('open', 'in_progress', 'waiting')"),
    )
    op.create_table(
        "ticket_attachments",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("file_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_files.id"], name=op.f("fk_ticket_attachments_file_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_attachments_ticket_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_attachments")),
        sa.UniqueConstraint("file_id", name=op.f("uq_ticket_attachments_file_id")),
    )
    op.create_index("ix_ticket_attachments_ticket_id", "ticket_attachments", ["ticket_id", "id"], unique=False)
    op.create_table(
        "ticket_comments",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_ticket_comments_author_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_comments_ticket_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_comments")),
    )
    op.create_index("ix_ticket_comments_ticket_id", "ticket_comments", ["ticket_id", "id"], unique=False)
    op.create_table(
        "ticket_events",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("after", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("note", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('opened', 'moved', 'assigned', 'changed', 'merged', 'late')", name=op.f("ck_ticket_events_kind")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_events_ticket_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_events")),
    )
    op.create_index("ix_ticket_events_ticket_id", "ticket_events", ["ticket_id", "id"], unique=False)
    # A new-born company gets these from seed/support.toml, after its tables are made; it has no settings yet here.
    op.execute("""
        INSERT INTO ticket_categories (name)
        SELECT name FROM unnest(ARRAY['No connection', 'Slow connection', 'Intermittent connection', 'Router',
            'Billing', 'Relocation', 'Upgrade', 'Downgrade']) name
        WHERE EXISTS (SELECT FROM company_settings)
    """)
    op.execute("""
        INSERT INTO service_targets (priority, response_hours, resolution_hours)
        SELECT priority, response_hours, resolution_hours
        FROM (VALUES ('urgent', 1, 4), ('high', 2, 24), ('normal', 8, 48), ('low', 24, 120))
            AS given (priority, response_hours, resolution_hours)
        WHERE EXISTS (SELECT FROM company_settings)
    """)


def downgrade() -> None:
    """Take back."""
    for table in (
        "ticket_events",
        "ticket_comments",
        "ticket_attachments",
        "tickets",
        "ticket_years",
        "ticket_categories",
        "service_targets",
        "canned_answers",
    ):
        op.drop_table(table)
