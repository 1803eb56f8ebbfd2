"""The roles that companies are born with can do their day's work: prepaid at the counter, a dashboard for everybody.

Revision ID: 0041
Revises: 0040
"""
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

_RIGHTS = {
    "Cashier": ("create_subscription", "view_collections"),
    "Collector": ("view_dashboard", "view_subscriptionplan_list", "create_subscription"),
    "Technician": ("view_dashboard", "view_subscription_list"),
    "Customer Service": ("view_collections", "view_lcp_list"),
    "Marketing": ("view_subscription_list",),
}


def upgrade() -> None:
    """Give these rights to the roles that still bear the name they were born with."""
    for role, rights in _RIGHTS.items():
        for right in rights:
            op.execute(
                f"INSERT INTO role_permissions (role_id, permission) SELECT id, '{right}' FROM roles "  # noqa: S608  from the constants above
                f"WHERE name = '{role}' AND is_default ON CONFLICT DO NOTHING"
            )
