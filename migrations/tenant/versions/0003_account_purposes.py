"""Account purposes and number series for every kind of document.

Revision ID: 0003
Revises: 0002
"""
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# A tenant that is being born has no rows yet and gets these from the seeds.
ACCOUNTS = """
INSERT INTO ledger_accounts (code, name, kind, purpose)
SELECT fresh.code, fresh.name, fresh.kind, fresh.purpose FROM (VALUES
    ('1020', 'Gateway clearing', 'asset', 'gateway_clearing'),
    ('1300', 'Creditable withholding tax', 'asset', 'withholding'),
    ('2100', 'Deferred revenue', 'liability', 'deferred_revenue'),
    ('2150', 'Customer deposits', 'liability', 'deposits'),
    ('3000', 'Opening balances', 'equity', 'opening'),
    ('4100', 'Usage revenue', 'income', 'usage_revenue'),
    ('4200', 'One-time fees and other income', 'income', 'other_income'),
    ('4300', 'Late fees', 'income', 'late_fees'),
    ('4900', 'Discounts given', 'income', 'discounts'),
    ('6100', 'Bad debts', 'expense', 'bad_debt'),
    ('6900', 'Cash rounding', 'expense', 'rounding')
) AS fresh (code, name, kind, purpose) WHERE EXISTS (SELECT FROM ledger_accounts)
"""
SERIES = """
INSERT INTO number_series (kind, prefix)
SELECT fresh.kind, fresh.prefix FROM (VALUES
    ('credit_note', 'CN-'), ('debit_note', 'DN-'), ('proforma', 'PF-'), ('refund', 'RF-')
) AS fresh (kind, prefix) WHERE EXISTS (SELECT FROM number_series)
"""


def upgrade() -> None:
    """Apply."""
    op.execute(ACCOUNTS)
    op.execute(SERIES)


def downgrade() -> None:
    """Take back; refused by the database where an account is in use."""
    op.execute("DELETE FROM number_series WHERE kind IN ('credit_note', 'debit_note', 'proforma', 'refund')")
    op.execute("""
        DELETE FROM ledger_accounts
        WHERE purpose NOT IN ('cash', 'bank', 'receivable', 'revenue', 'tax_payable')
    """)
