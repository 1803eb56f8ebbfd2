"""imports of every kind.

Revision ID: 0026
Revises: 0025
"""
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table('import_mappings',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('columns', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_mappings')),
    sa.UniqueConstraint('kind', name=op.f('uq_import_mappings_kind'))
    )
    op.create_table('import_effects',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('batch_id', sa.BigInteger(), nullable=False),
    sa.Column('line', sa.BigInteger(), nullable=False),
    sa.Column('table_name', sa.Text(), nullable=False),
    sa.Column('row_id', sa.BigInteger(), nullable=False),
    sa.Column('before', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('after', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.ForeignKeyConstraint(['batch_id'], ['import_batches.id'], name=op.f('fk_import_effects_batch_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_effects'))
    )
    op.create_index('ix_import_effects_batch_id', 'import_effects', ['batch_id', 'line', 'id'], unique=False)
    op.create_index('ix_import_effects_row_id', 'import_effects', ['row_id', 'table_name'], unique=False)
    op.create_table('import_rows',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('batch_id', sa.BigInteger(), nullable=False),
    sa.Column('line', sa.BigInteger(), nullable=False),
    sa.Column('cells', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('status', sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
    sa.Column('column_name', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('problem', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.CheckConstraint("status IN ('waiting', 'created', 'updated', 'unchanged', 'refused', 'undone', 'kept')", name=op.f('ck_import_rows_status')),
    sa.ForeignKeyConstraint(['batch_id'], ['import_batches.id'], name=op.f('fk_import_rows_batch_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_rows')),
    sa.UniqueConstraint('batch_id', 'line', name=op.f('uq_import_rows_batch_id_line'))
    )
    op.create_index('ix_import_rows_status', 'import_rows', ['batch_id', 'status', 'line'], unique=False)
    op.add_column('import_batches', sa.Column('kind', sa.Text(), server_default=sa.text("'customers'"), nullable=False))
    op.add_column('import_batches', sa.Column('mapping', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True))
    op.add_column('import_batches', sa.Column('report', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True))
    op.add_column('import_batches', sa.Column('updated_count', sa.BigInteger(), server_default=sa.text('0'), nullable=False))
    op.add_column('import_batches', sa.Column('refused_count', sa.BigInteger(), server_default=sa.text('0'), nullable=False))
    op.add_column('import_batches', sa.Column('undone_by', sa.Text(), nullable=True))
    op.add_column('import_batches', sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True))
    op.drop_constraint(op.f('ck_import_batches_status'), 'import_batches', type_='check')
    op.create_check_constraint(
        op.f('ck_import_batches_status'), 'import_batches',
        "status IN ('checked', 'running', 'imported', 'undoing', 'undone')",
    )
    op.create_index('ix_import_batches_running', 'import_batches', ['id'], unique=False, postgresql_where=sa.text("status IN ('running', 'undoing')"))


def downgrade() -> None:
    """Take back."""
    op.drop_constraint(op.f('ck_import_batches_status'), 'import_batches', type_='check')
    op.create_check_constraint(
        op.f('ck_import_batches_status'), 'import_batches', "status IN ('checked', 'imported')"
    )
    op.drop_index('ix_import_batches_running', table_name='import_batches', postgresql_where=sa.text("status IN ('running', 'undoing')"))
    op.drop_column('import_batches', 'undone_at')
    op.drop_column('import_batches', 'undone_by')
    op.drop_column('import_batches', 'refused_count')
    op.drop_column('import_batches', 'updated_count')
    op.drop_column('import_batches', 'report')
    op.drop_column('import_batches', 'mapping')
    op.drop_column('import_batches', 'kind')
    op.drop_index('ix_import_rows_status', table_name='import_rows')
    op.drop_table('import_rows')
    op.drop_index('ix_import_effects_row_id', table_name='import_effects')
    op.drop_index('ix_import_effects_batch_id', table_name='import_effects')
    op.drop_table('import_effects')
    op.drop_table('import_mappings')
