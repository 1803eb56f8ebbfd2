"""runs that account for every service.

Revision ID: 0027
Revises: 0026
"""
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_STATUSES = "'awaiting_approval', 'running', 'completed'"


def upgrade() -> None:
    """Apply."""
    op.add_column("billing_run_exceptions", sa.Column("is_unusual", sa.Boolean(), server_default=sa.text("false"),
                                                      nullable=False))
    op.add_column("billing_run_exceptions", sa.Column("released_by", sa.Text(), nullable=True))
    op.add_column("billing_runs", sa.Column("held_by", sa.Text(), nullable=True))
    op.add_column("billing_runs", sa.Column("coverage", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    for name, default, most in (("approve_after_hours", 0, 240), ("most_times_usual", 12, 1000)):
        op.add_column("company_settings", sa.Column(name, sa.SmallInteger(), server_default=sa.text(f"{default}"),
                                                    nullable=False))
        op.create_check_constraint(op.f(f"ck_company_settings_{name}"), "company_settings",
                                   f"{name} BETWEEN 0 AND {most}")
    op.drop_constraint(op.f("ck_billing_runs_status"), "billing_runs", type_="check")
    op.create_check_constraint(op.f("ck_billing_runs_status"), "billing_runs",
                               f"status IN ({_STATUSES}, 'incomplete')")


def downgrade() -> None:
    """Take back."""
    op.drop_constraint(op.f("ck_billing_runs_status"), "billing_runs", type_="check")
    op.create_check_constraint(op.f("ck_billing_runs_status"), "billing_runs", f"status IN ({_STATUSES})")
    for name in ("most_times_usual", "approve_after_hours"):
        op.drop_constraint(op.f(f"ck_company_settings_{name}"), "company_settings", type_="check")
        op.drop_column("company_settings", name)
    op.drop_column("billing_runs", "coverage")
    op.drop_column("billing_runs", "held_by")
    op.drop_column("billing_run_exceptions", "released_by")
    op.drop_column("billing_run_exceptions", "is_unusual")
