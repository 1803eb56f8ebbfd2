"""Number series: a branch, the year that is counted, a range that ends.

Revision ID: 0020
Revises: 0019
"""
import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None
ADDED = ("branch", "resets_yearly", "year", "range_end", "warn_below")


def upgrade() -> None:
    """Apply."""
    op.add_column("number_series", sa.Column("branch", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column(
        "number_series",
        sa.Column("resets_yearly", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.add_column("number_series", sa.Column("year", sa.BigInteger(), nullable=True))
    op.add_column("number_series", sa.Column("range_end", sa.BigInteger(), nullable=True))
    op.add_column(
        "number_series", sa.Column("warn_below", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
    )
    op.create_check_constraint(op.f("ck_number_series_digits"), "number_series", "digits BETWEEN 1 AND 12")
    op.create_check_constraint(
        op.f("ck_number_series_range_end"), "number_series", "range_end > 0 AND warn_below >= 0"
    )


def downgrade() -> None:
    """Take back; what the patterns say stays as it is."""
    op.drop_constraint(op.f("ck_number_series_range_end"), "number_series")
    op.drop_constraint(op.f("ck_number_series_digits"), "number_series")
    for column in ADDED:
        op.drop_column("number_series", column)
