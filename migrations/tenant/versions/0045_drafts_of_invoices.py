"""Drafts of invoices that people write by hand; customer service may write them.

Revision ID: 0045
Revises: 0044
"""
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table('draft_invoices',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('customer_id', sa.BigInteger(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('note', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('lines', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('net_minor', sa.BigInteger(), nullable=False),
    sa.Column('tax_minor', sa.BigInteger(), nullable=False),
    sa.Column('total_minor', sa.BigInteger(), nullable=False),
    sa.Column('invoice_id', sa.BigInteger(), nullable=True),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('total_minor = net_minor + tax_minor', name=op.f('ck_draft_invoices_total_minor')),
    sa.ForeignKeyConstraint(['customer_id'], ['customers.id'], name=op.f('fk_draft_invoices_customer_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['invoice_id'], ['invoices.id'], name=op.f('fk_draft_invoices_invoice_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_draft_invoices')),
    sa.UniqueConstraint('invoice_id', name=op.f('uq_draft_invoices_invoice_id'))
    )
    op.create_index('ix_draft_invoices_customer_id', 'draft_invoices', ['customer_id', 'id'], unique=False)
    op.create_index('ix_draft_invoices_waiting', 'draft_invoices', ['id'], unique=False, postgresql_where=sa.text('invoice_id IS NULL'))
    op.execute(
        "INSERT INTO role_permissions (role_id, permission) SELECT id, 'draft_invoice' FROM roles "
        "WHERE name IN ('Manager', 'Customer Service') AND is_default ON CONFLICT DO NOTHING"
    )


def downgrade() -> None:
    """Take back."""
    op.execute("DELETE FROM role_permissions WHERE permission = 'draft_invoice'")
    op.drop_index('ix_draft_invoices_waiting', table_name='draft_invoices', postgresql_where=sa.text('invoice_id IS NULL'))
    op.drop_index('ix_draft_invoices_customer_id', table_name='draft_invoices')
    op.drop_table('draft_invoices')
