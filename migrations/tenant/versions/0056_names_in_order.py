"""Names are listed by their letters, whatever their capitals and accents: indexes of that order.

Revision ID: 0056
Revises: 0055
"""
import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None
_ACCENTED, _PLAIN = "áàâäãåéèêëíìîïóòôöõúùûüñçýÿ", "aaaaaaeeeeiiiiooooouuuuncyy"


def upgrade() -> None:
    """Few plans and areas are listed, so that they need none."""
    escaped = "".join(f"\\{ord(letter):04x}" for letter in _ACCENTED)
    for table in ("areas", "plans", "customers", "lcps"):
        op.drop_index(f"ix_{table}_name", table)
    for table in ("customers", "lcps"):
        letters = sa.text(f"translate(lower(name), U&'{escaped}', '{_PLAIN}')")
        op.create_index(f"ix_{table}_name", table, [letters, "id"])


def downgrade() -> None:
    """List them by the numbers of their characters."""
    for table in ("customers", "lcps"):
        op.drop_index(f"ix_{table}_name", table)
    for table in ("areas", "plans", "customers", "lcps"):
        op.create_index(f"ix_{table}_name", table, ["name", "id"])
