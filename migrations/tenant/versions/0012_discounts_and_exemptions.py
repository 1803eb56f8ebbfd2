"""Discounts, who has them and what they took off; exemptions and withholdings.

Revision ID: 0012
Revises: 0011
"""
import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table('discounts',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('rate_percent', sa.Numeric(precision=7, scale=4), server_default=sa.text('0'), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('periods', sa.SmallInteger(), nullable=True),
    sa.Column('rank', sa.SmallInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('offered_from', sa.Date(), nullable=True),
    sa.Column('offered_until', sa.Date(), nullable=True),
    sa.Column('status', sa.Text(), server_default=sa.text("'active'"), nullable=False),
    sa.Column('description', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("kind IN ('percent', 'amount', 'voucher')", name=op.f('ck_discounts_kind')),
    sa.CheckConstraint("status IN ('active', 'retired')", name=op.f('ck_discounts_status')),
    sa.CheckConstraint('amount_minor >= 0', name=op.f('ck_discounts_amount_minor')),
    sa.CheckConstraint('offered_until > offered_from', name=op.f('ck_discounts_offered_until')),
    sa.CheckConstraint('periods > 0', name=op.f('ck_discounts_periods')),
    sa.CheckConstraint('rate_percent >= 0 AND rate_percent <= 100', name=op.f('ck_discounts_rate_percent')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_discounts')),
    sa.UniqueConstraint('name', name=op.f('uq_discounts_name'))
    )
    op.create_table('discount_plans',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('discount_id', sa.BigInteger(), nullable=False),
    sa.Column('plan_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['discount_id'], ['discounts.id'], name=op.f('fk_discount_plans_discount_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['plan_id'], ['plans.id'], name=op.f('fk_discount_plans_plan_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_discount_plans')),
    sa.UniqueConstraint('discount_id', 'plan_id', name=op.f('uq_discount_plans_discount_id_plan_id'))
    )
    op.create_index('ix_discount_plans_plan_id', 'discount_plans', ['plan_id'], unique=False)
    op.create_table('tax_exemptions',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('customer_id', sa.BigInteger(), nullable=False),
    sa.Column('tax_rate_id', sa.BigInteger(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('certificate', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('ends_on > starts_on', name=op.f('ck_tax_exemptions_ends_on')),
    sa.ForeignKeyConstraint(['customer_id'], ['customers.id'], name=op.f('fk_tax_exemptions_customer_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['tax_rate_id'], ['tax_rates.id'], name=op.f('fk_tax_exemptions_tax_rate_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tax_exemptions'))
    )
    op.create_index('ix_tax_exemptions_customer_id', 'tax_exemptions', ['customer_id', 'starts_on', 'id'], unique=False)
    op.create_index('ix_tax_exemptions_ends_on', 'tax_exemptions', ['ends_on', 'id'], unique=False)
    op.create_table('tax_withholdings',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('customer_id', sa.BigInteger(), nullable=False),
    sa.Column('rate_percent', sa.Numeric(precision=7, scale=4), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('ends_on > starts_on', name=op.f('ck_tax_withholdings_ends_on')),
    sa.CheckConstraint('rate_percent > 0 AND rate_percent < 100', name=op.f('ck_tax_withholdings_rate_percent')),
    sa.ForeignKeyConstraint(['customer_id'], ['customers.id'], name=op.f('fk_tax_withholdings_customer_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tax_withholdings'))
    )
    op.create_index('ix_tax_withholdings_customer_id', 'tax_withholdings', ['customer_id', 'starts_on', 'id'], unique=False)
    op.create_table('discount_grants',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('discount_id', sa.BigInteger(), nullable=False),
    sa.Column('customer_id', sa.BigInteger(), nullable=False),
    sa.Column('subscription_id', sa.BigInteger(), nullable=True),
    sa.Column('component_id', sa.BigInteger(), nullable=True),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('reason', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('ends_on >= starts_on', name=op.f('ck_discount_grants_ends_on')),
    sa.ForeignKeyConstraint(['component_id'], ['subscription_components.id'], name=op.f('fk_discount_grants_component_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['customer_id'], ['customers.id'], name=op.f('fk_discount_grants_customer_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['discount_id'], ['discounts.id'], name=op.f('fk_discount_grants_discount_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['subscription_id'], ['subscriptions.id'], name=op.f('fk_discount_grants_subscription_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_discount_grants'))
    )
    op.create_index('ix_discount_grants_customer_id', 'discount_grants', ['customer_id', 'id'], unique=False)
    op.create_index('ix_discount_grants_discount_id', 'discount_grants', ['discount_id', 'id'], unique=False)
    op.create_index('ix_discount_grants_starts_on', 'discount_grants', ['starts_on', 'id'], unique=False)
    op.create_table('discount_uses',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('grant_id', sa.BigInteger(), nullable=False),
    sa.Column('invoice_id', sa.BigInteger(), nullable=False),
    sa.Column('position', sa.SmallInteger(), nullable=False),
    sa.Column('subscription_id', sa.BigInteger(), nullable=True),
    sa.Column('begins_on', sa.Date(), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('is_live', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.ForeignKeyConstraint(['grant_id'], ['discount_grants.id'], name=op.f('fk_discount_uses_grant_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['invoice_id'], ['invoices.id'], name=op.f('fk_discount_uses_invoice_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['subscription_id'], ['subscriptions.id'], name=op.f('fk_discount_uses_subscription_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_discount_uses')),
    sa.UniqueConstraint('invoice_id', 'position', 'grant_id', name=op.f('uq_discount_uses_invoice_id_position_grant_id'))
    )
    op.create_index('ix_discount_uses_grant_id', 'discount_uses', ['grant_id'], unique=False, postgresql_where=sa.text('is_live'))
    op.execute("""
        CREATE TRIGGER discount_uses_frozen BEFORE UPDATE ON discount_uses
            FOR EACH ROW EXECUTE FUNCTION freeze_except('is_live')
    """)
    op.execute("""
        CREATE TRIGGER discount_uses_kept BEFORE DELETE ON discount_uses
            FOR EACH ROW EXECUTE FUNCTION refuse_change()
    """)


def downgrade() -> None:
    """Take back."""
    op.drop_index('ix_discount_uses_grant_id', table_name='discount_uses', postgresql_where=sa.text('is_live'))
    op.drop_table('discount_uses')
    op.drop_index('ix_discount_grants_starts_on', table_name='discount_grants')
    op.drop_index('ix_discount_grants_discount_id', table_name='discount_grants')
    op.drop_index('ix_discount_grants_customer_id', table_name='discount_grants')
    op.drop_table('discount_grants')
    op.drop_index('ix_tax_withholdings_customer_id', table_name='tax_withholdings')
    op.drop_table('tax_withholdings')
    op.drop_index('ix_tax_exemptions_ends_on', table_name='tax_exemptions')
    op.drop_index('ix_tax_exemptions_customer_id', table_name='tax_exemptions')
    op.drop_table('tax_exemptions')
    op.drop_index('ix_discount_plans_plan_id', table_name='discount_plans')
    op.drop_table('discount_plans')
    op.drop_table('discounts')
