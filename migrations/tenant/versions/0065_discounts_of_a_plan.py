"""A discount may be for one plan of a subscription; for a component it ended with another quantity or billing day.

Revision ID: 0065
Revises: 0064
"""
import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column('discount_grants', sa.Column('plan_id', sa.BigInteger(), nullable=True))
    op.execute(
        "UPDATE discount_grants AS given SET plan_id = part.plan_id, subscription_id = part.subscription_id"
        " FROM subscription_components AS part WHERE part.id = given.component_id"
    )
    op.drop_constraint(op.f('fk_discount_grants_component_id'), 'discount_grants', type_='foreignkey')
    op.drop_column('discount_grants', 'component_id')
    op.create_foreign_key(op.f('fk_discount_grants_plan_id'), 'discount_grants', 'plans', ['plan_id'], ['id'],
                          ondelete='RESTRICT')
    op.create_check_constraint(op.f('ck_discount_grants_plan_id'), 'discount_grants',
                               'plan_id IS NULL OR subscription_id IS NOT NULL')


def downgrade() -> None:
    """Take back: a grant is then for the component that is charged for the plan now, or was last."""
    op.add_column('discount_grants', sa.Column('component_id', sa.BigInteger(), nullable=True))
    op.execute(
        "UPDATE discount_grants AS given SET component_id = (SELECT id FROM subscription_components AS part"
        " WHERE part.subscription_id = given.subscription_id AND part.plan_id = given.plan_id"
        " ORDER BY start_on DESC, id DESC LIMIT 1) WHERE plan_id IS NOT NULL"
    )
    op.drop_constraint(op.f('ck_discount_grants_plan_id'), 'discount_grants', type_='check')
    op.drop_constraint(op.f('fk_discount_grants_plan_id'), 'discount_grants', type_='foreignkey')
    op.drop_column('discount_grants', 'plan_id')
    op.create_foreign_key(op.f('fk_discount_grants_component_id'), 'discount_grants', 'subscription_components',
                          ['component_id'], ['id'], ondelete='RESTRICT')
