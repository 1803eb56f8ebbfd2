"""Taxes in versions: what each consists of, since when.

Revision ID: 0007
Revises: 0006
"""
import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table('tax_rate_versions',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('tax_rate_id', sa.BigInteger(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['tax_rate_id'], ['tax_rates.id'], name=op.f('fk_tax_rate_versions_tax_rate_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tax_rate_versions')),
    sa.UniqueConstraint('tax_rate_id', 'valid_from', name=op.f('uq_tax_rate_versions_tax_rate_id_valid_from'))
    )
    op.create_table('tax_rate_parts',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('version_id', sa.BigInteger(), nullable=False),
    sa.Column('position', sa.SmallInteger(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), server_default=sa.text("'percent'"), nullable=False),
    sa.Column('rate_percent', sa.Numeric(precision=7, scale=4), server_default=sa.text('0'), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('is_inclusive', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('raises_next', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('ignores_previous', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.CheckConstraint("kind IN ('percent', 'division', 'per_unit', 'per_document')", name=op.f('ck_tax_rate_parts_kind')),
    sa.CheckConstraint('amount_minor >= 0', name=op.f('ck_tax_rate_parts_amount_minor')),
    sa.CheckConstraint('rate_percent >= 0 AND rate_percent < 100', name=op.f('ck_tax_rate_parts_rate_percent')),
    sa.ForeignKeyConstraint(['version_id'], ['tax_rate_versions.id'], name=op.f('fk_tax_rate_parts_version_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tax_rate_parts')),
    sa.UniqueConstraint('version_id', 'position', name=op.f('uq_tax_rate_parts_version_id_position'))
    )
    op.execute("""
        INSERT INTO tax_rate_versions (tax_rate_id, valid_from) SELECT id, DATE '1900-01-01' FROM tax_rates
    """)
    op.execute("""
        INSERT INTO tax_rate_parts (version_id, position, name, rate_percent, is_inclusive)
        SELECT v.id, 1, t.name, t.rate_percent, t.mode = 'inclusive'
        FROM tax_rate_versions v JOIN tax_rates t ON t.id = v.tax_rate_id
    """)


def downgrade() -> None:
    """Take back."""
    op.drop_table('tax_rate_parts')
    op.drop_table('tax_rate_versions')
