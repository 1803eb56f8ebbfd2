"""Builders of corrections: notes, refunds, write-offs, proformas, through the verbs; and what the books say then."""
from __future__ import annotations

from typing import Any

from ispbill.billing.invoices import queries as invoices
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.ledger import queries as ledger
from ispbill.billing.ledger.policy import AccountPurpose
from ispbill.billing.notes import service as notes
from ispbill.billing.notes.policy import Take
from ispbill.billing.notes.service import CreditFacts, NewLine
from ispbill.billing.payments import queries as payments
from ispbill.billing.proformas import service as proformas
from ispbill.billing.proformas.models import Proforma
from ispbill.billing.proof import service as proof
from ispbill.billing.refunds import service as refunds
from ispbill.billing.refunds.models import Refund
from ispbill.billing.refunds.service import RefundFacts
from ispbill.billing.write_offs import service as write_offs
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work


def loaded(invoice_id: int) -> Invoice:
    """A document with everything on it, as it is now."""
    db.session.expire_all()
    found = invoices.detail(invoice_id)
    assert found is not None
    return found


def credited(invoice_id: int, take: Take | None = None, *, reason: str = "Outage", **facts: Any) -> Invoice:
    """A credit note about the first line of a document, or about all that is left of it."""
    with unit_of_work():
        invoice = loaded(invoice_id)
        takes = {} if take is None else {invoice.lines[0].id: take}
        note = notes.credit(invoice, CreditFacts(reason, takes, **facts))
        return loaded(note.id)


def debited(customer_id: int, amount_minor: int, *, tax_rate_id: int | None = None, **facts: Any) -> Invoice:
    """A debit note of one line."""
    with unit_of_work():
        line = NewLine("Damaged router", amount_minor, tax_rate_id=tax_rate_id)
        note = notes.debit(customer_id, [line], reason="Found later", **facts)
        return loaded(note.id)


def refunded(customer_id: int, amount_minor: int, **facts: Any) -> Refund:
    """Credit paid back in cash."""
    with unit_of_work():
        return refunds.refund(RefundFacts(customer_id, amount_minor, **{"method": "cash", "reason": "Moved", **facts}))


def written_off(invoice_id: int, *, reason: str = "Moved away") -> None:
    """Give up what is open of an invoice."""
    with unit_of_work():
        write_offs.write_off(loaded(invoice_id), reason=reason)


def offered(customer_id: int, amount_minor: int = 50_000, **facts: Any) -> Proforma:
    """A proforma of one line."""
    with unit_of_work():
        return proformas.issue(customer_id, [NewLine("A year of fibre", amount_minor)], **facts)


def open_amounts(customer_id: int) -> list[int]:
    """What is open of the customer's documents, oldest first."""
    with unit_of_work():
        return [invoice.open_minor for invoice in payments.open_invoices([customer_id]).get(customer_id, [])]


def credit_of(customer_id: int) -> int:
    """What the customer has in credit that settles nothing."""
    with unit_of_work():
        return sum(credit.free_minor for credit in payments.credits([customer_id]).get(customer_id, []))


def balance(customer_id: int) -> int:
    """What the books say the customer owes."""
    with unit_of_work():
        return ledger.balance_of(customer_id)


def booked(purpose: AccountPurpose) -> int:
    """The balance of an account; debits are positive."""
    with unit_of_work():
        account = next(account for account in ledger.accounts() if account.purpose == purpose)
        return next(int(row.balance_minor) for row in ledger.trial_balance() if row.id == account.id)


def findings() -> dict[str, int]:
    """What a proof of the books finds: nothing, where the verbs are right."""
    with unit_of_work():
        return {result["code"]: result["count"] for result in proof.check().results if result["count"]}
