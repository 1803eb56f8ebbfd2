"""A file is looked at by workers, part by part: its lines are kept from then on, with what is wrong with them.

Which day and number a cell means is said for the file, and remembered.

Revision ID: 0055
Revises: 0054
"""
from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Files that wait to be brought in are looked at again: their lines are not kept yet."""
    op.execute("ALTER TABLE import_batches DROP CONSTRAINT ck_import_batches_status")
    op.execute("""
        ALTER TABLE import_batches ADD CONSTRAINT ck_import_batches_status
              CHECK (status IN ('checked', 'looking', 'running', 'imported', 'undoing', 'undone'))
    """)
    op.execute("DROP INDEX ix_import_batches_running")
    op.execute("""
        CREATE INDEX ix_import_batches_working ON import_batches (id)
         WHERE status IN ('looking', 'running', 'undoing')
    """)
    op.execute("ALTER TABLE import_batches ADD COLUMN notation JSONB")
    op.execute("ALTER TABLE import_mappings ADD COLUMN notation JSONB")
    op.execute("ALTER TABLE import_rows ADD COLUMN keys JSONB DEFAULT '[]' NOT NULL")
    op.execute("ALTER TABLE import_rows ADD COLUMN errors JSONB DEFAULT '[]' NOT NULL")
    op.execute("UPDATE import_batches SET report = NULL WHERE status = 'checked'")


def downgrade() -> None:
    """Take back."""
    op.execute("DELETE FROM import_batches WHERE status IN ('checked', 'looking')")
    op.execute("ALTER TABLE import_rows DROP COLUMN errors")
    op.execute("ALTER TABLE import_rows DROP COLUMN keys")
    op.execute("ALTER TABLE import_mappings DROP COLUMN notation")
    op.execute("ALTER TABLE import_batches DROP COLUMN notation")
    op.execute("DROP INDEX ix_import_batches_working")
    op.execute("CREATE INDEX ix_import_batches_running ON import_batches (id) WHERE status IN ('running', 'undoing')")
    op.execute("ALTER TABLE import_batches DROP CONSTRAINT ck_import_batches_status")
    op.execute("""
        ALTER TABLE import_batches ADD CONSTRAINT ck_import_batches_status
              CHECK (status IN ('checked', 'running', 'imported', 'undoing', 'undone'))
    """)
