"""Searches compare letters without their accents: “pena” finds “Peña”.

Revision ID: 0052
Revises: 0051
"""
import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None
_CUSTOMERS = (
    "account_number || ' ' || name || ' ' || phone || ' ' || email || ' ' || street || ' ' || landmark || ' '"
    " || coalesce(external_reference, '') || ' ' || contact_text"
)
_TICKETS = "number || ' ' || subject || ' ' || contact"
_ACCENTED, _PLAIN = "áàâäãåéèêëíìîïóòôöõúùûüñçýÿ", "aaaaaaeeeeiiiiooooouuuuncyy"


def upgrade() -> None:
    """Make the columns anew that searches read."""
    escaped = "".join(f"\\{ord(letter):04x}" for letter in _ACCENTED)
    for table, text in (("customers", _CUSTOMERS), ("tickets", _TICKETS)):
        _search_by(table, f"translate(lower({text}), U&'{escaped}', '{_PLAIN}')")


def downgrade() -> None:
    """Compare letters as they are."""
    for table, text in (("customers", _CUSTOMERS), ("tickets", _TICKETS)):
        _search_by(table, f"lower({text})")


def _search_by(table: str, expression: str) -> None:
    op.drop_index(f"ix_{table}_search_text", table)
    op.drop_column(table, "search_text")
    op.add_column(
        table, sa.Column("search_text", sa.Text(), sa.Computed(expression, persisted=True), nullable=False)
    )
    op.create_index(
        f"ix_{table}_search_text", table, ["search_text"], postgresql_using="gin",
        postgresql_ops={"search_text": "extensions.gin_trgm_ops"},
    )
