"""What is issued stays as it is: the database refuses what no verb does."""
from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ispbill.billing.notes.policy import Take
from ispbill.core.current import TenantRef
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from tests.make import bills, corrections


@pytest.mark.parametrize("statement", [
    "UPDATE invoices SET total_minor = -1, net_minor = -1 WHERE kind = 'credit_note'",
    "UPDATE invoices SET reason = 'Other' WHERE kind = 'credit_note'",
    "UPDATE invoices SET buyer_name = 'Other' WHERE kind = 'debit_note'",
    "UPDATE invoice_lines SET amount_minor = 0 WHERE credits_line_id IS NOT NULL",
    "UPDATE payment_allocations SET amount_minor = 1 WHERE refund_id IS NOT NULL",
    "UPDATE refunds SET amount_minor = 1", "UPDATE refunds SET method = 'bank'", "DELETE FROM refunds",
    "UPDATE proformas SET total_minor = 1, net_minor = 1", "UPDATE proformas SET lines = '[]'", "DELETE FROM proformas",
    "UPDATE write_offs SET amount_minor = 1", "DELETE FROM write_offs", "DELETE FROM invoices",
])
def test_a_correction_cannot_be_changed_or_deleted(tenant: TenantRef, statement: str) -> None:
    invoice = bills.billed(price_minor=31_000)
    bills.paid(invoice.customer_id, 31_000)
    note = corrections.credited(invoice.id, Take(days=5))
    corrections.refunded(invoice.customer_id, 2_000, credit_note_id=note.id)
    debit = corrections.debited(invoice.customer_id, 8_000)
    corrections.written_off(debit.id)
    corrections.offered(invoice.customer_id)
    with pytest.raises(DBAPIError, match="frozen|permission denied|append-only"), unit_of_work():
        db.session.execute(text(statement))
