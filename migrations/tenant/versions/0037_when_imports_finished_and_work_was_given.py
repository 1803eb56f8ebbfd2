"""When imports finished and work was given.

Revision ID: 0037
Revises: 0036
"""
import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("import_batches", sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE import_batches SET finished_at = coalesce(undone_at, created_at) WHERE status IN ('imported', 'undone')"
    )
    op.create_index("ix_import_batches_finished_at", "import_batches", ["finished_at"],
                    postgresql_where=sa.text("finished_at IS NOT NULL"))
    op.add_column("installations", sa.Column("given_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_installations_given_at", "installations", ["technician_id", "given_at"],
                    postgresql_where=sa.text("given_at IS NOT NULL"))
    op.create_index("ix_installations_installed_on", "installations", ["installed_on", "id"],
                    postgresql_where=sa.text("installed_on IS NOT NULL"))
    op.add_column("tickets", sa.Column("given_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_tickets_given_at", "tickets", ["assignee_id", "given_at"],
                    postgresql_where=sa.text("given_at IS NOT NULL"))
    op.create_index("ix_tickets_resolved_by_id", "tickets", ["resolved_by_id", "resolved_at"],
                    postgresql_where=sa.text("resolved_by_id IS NOT NULL"))


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_tickets_resolved_by_id", table_name="tickets")
    op.drop_index("ix_tickets_given_at", table_name="tickets")
    op.drop_column("tickets", "given_at")
    op.drop_index("ix_installations_installed_on", table_name="installations")
    op.drop_index("ix_installations_given_at", table_name="installations")
    op.drop_column("installations", "given_at")
    op.drop_index("ix_import_batches_finished_at", table_name="import_batches")
    op.drop_column("import_batches", "finished_at")
