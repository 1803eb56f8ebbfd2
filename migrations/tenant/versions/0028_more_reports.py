"""Rights of the reports that were added: the manager's, and those of who reads reports.

Revision ID: 0028
Revises: 0027
"""
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_VIEWS = ("view_receivables_ageing_report", "view_recurring_revenue_report", "view_tax_report",
          "view_unapplied_payments_report", "view_deferred_revenue_report")
_RIGHTS = {"Manager": (*_VIEWS, "schedule_report"), "Report Viewer": _VIEWS}


def upgrade() -> None:
    """Give the roles that companies were born with the rights of the new reports."""
    for role, rights in _RIGHTS.items():
        for right in rights:
            op.execute(
                f"INSERT INTO role_permissions (role_id, permission) SELECT id, '{right}' FROM roles "  # noqa: S608  from the constants above
                f"WHERE name = '{role}' ON CONFLICT DO NOTHING"
            )
