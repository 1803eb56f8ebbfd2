"""Reports with their file.

Revision ID: 0039
Revises: 0038
"""
import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("report_schedules", sa.Column("area_id", sa.BigInteger(), nullable=True))
    op.add_column("report_schedules", sa.Column("file_format", sa.Text(), server_default=sa.text("'csv'"),
                                                nullable=False))
    op.create_foreign_key(op.f("fk_report_schedules_area_id"), "report_schedules", "areas", ["area_id"], ["id"],
                          ondelete="RESTRICT")
    op.create_check_constraint(op.f("ck_report_schedules_file_format"), "report_schedules",
                               "file_format IN ('csv', 'xlsx', 'pdf')")
    op.drop_index("uq_report_schedules_running", table_name="report_schedules")
    op.create_index("uq_report_schedules_running", "report_schedules",
                    ["report", "rhythm", "user_id", sa.text("coalesce(area_id, 0)")], unique=True,
                    postgresql_where=sa.text("ended_at IS NULL"))
    op.create_index("ix_report_schedules_area_id", "report_schedules", ["area_id"],
                    postgresql_where=sa.text("area_id IS NOT NULL"))


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_report_schedules_area_id", table_name="report_schedules")
    op.drop_index("uq_report_schedules_running", table_name="report_schedules")
    op.create_index("uq_report_schedules_running", "report_schedules", ["report", "rhythm", "user_id"], unique=True,
                    postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_constraint(op.f("ck_report_schedules_file_format"), "report_schedules", type_="check")
    op.drop_constraint(op.f("fk_report_schedules_area_id"), "report_schedules", type_="foreignkey")
    op.drop_column("report_schedules", "file_format")
    op.drop_column("report_schedules", "area_id")
