"""Moves that correct: notes, refunds, write-offs, proformas, fees that are waived; and taxes that change."""
from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from random import Random

from sqlalchemy import select

from ispbill.billing.collections.fees import service as fees
from ispbill.billing.collections.models import CollectionAction
from ispbill.billing.invoices import queries as invoices
from ispbill.billing.invoices.models import Invoice, InvoiceStatus
from ispbill.billing.notes import service as notes
from ispbill.billing.notes.policy import Take
from ispbill.billing.notes.service import CreditFacts, NewLine
from ispbill.billing.payments import queries as credits
from ispbill.billing.proformas import service as proformas
from ispbill.billing.proformas.models import Proforma, ProformaStatus
from ispbill.billing.refunds import service as refunds
from ispbill.billing.refunds.models import Refund, RefundStatus
from ispbill.billing.write_offs import service as write_offs
from ispbill.catalogue.models import TaxRate
from ispbill.catalogue.taxes import queries as tax_queries
from ispbill.catalogue.taxes import service as taxes
from ispbill.catalogue.taxes.policy import TaxComponent
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.customers.models import Customer
from tests.scenarios.simulation import chance


def credit_note(dice: Random) -> None:
    """A part of a document is given back, or all that is left of it; perhaps to be billed again."""
    invoice = _invoice(dice)
    line = dice.choice(invoice.lines)
    takes = dice.choice(({}, {line.id: Take()}, {line.id: Take(amount_minor=dice.randint(1, 20_000))},
                         {line.id: Take(days=dice.randint(1, 12))}))
    notes.credit(invoice, CreditFacts("simulated", takes, bills_again=dice.random() < 0.3))


def debit_note(dice: Random) -> None:
    """Something is owed on top, with a tax or without."""
    notes.debit(chance.one(dice, Customer).id, _lines(dice), reason="simulated")


def propose(dice: Random) -> None:
    """A proforma is sent."""
    proformas.issue(chance.one(dice, Customer).id, _lines(dice))


def accept(dice: Random) -> None:
    """A proforma becomes an invoice."""
    proformas.invoice(chance.one(dice, Proforma, Proforma.status == ProformaStatus.OPEN))


def refund(dice: Random) -> None:
    """Credit is paid back; the same click twice pays once."""
    customers = db.session.scalars(select(Customer.id).order_by(Customer.id)).all()
    credit = {key: free for key, free in credits.credits(customers).items() if free}
    if not credit:
        raise chance.Idle
    customer_id = dice.choice(sorted(credit))
    most_minor = sum(part.free_minor for part in credit[customer_id])
    facts = refunds.RefundFacts(customer_id, dice.choice((most_minor, most_minor // 2 + 1)), "cash", "simulated",
                                idempotency_key=f"B{dice.random()}")
    assert refunds.refund(facts).id == refunds.refund(facts).id, "the same refund was paid twice"


def cancel_refund(dice: Random) -> None:
    """A cheque was never cashed."""
    refunds.cancel(chance.one(dice, Refund, Refund.status == RefundStatus.RECORDED), reason="simulated")


def write_off(dice: Random) -> None:
    """An invoice is not expected to be paid any more."""
    write_offs.write_off(_invoice(dice), reason="simulated")


def expect_again(dice: Random) -> None:
    """What was written off is owed again."""
    write_offs.take_back(_invoice(dice))


def waive_fee(dice: Random) -> None:
    """A customer is let off a late fee, billed or not."""
    waivable = (CollectionAction.fee_minor > 0, CollectionAction.waived_at.is_(None))
    fees.waive(chance.one(dice, CollectionAction, *waivable), reason="simulated")


def change_tax(dice: Random) -> None:
    """A tax has another rate, or one part more, from a day on."""
    tax = chance.one(dice, TaxRate)
    newest = tax_queries.versions_of(tax.id)[-1]
    first = max(current.today(), newest.valid_from + timedelta(days=1))
    rate = TaxComponent("VAT", rate_percent=Decimal(dice.choice(("5", "12", "12.5"))),
                        is_inclusive=newest.components[0].is_inclusive)
    parts = (rate, TaxComponent("Levy", rate_percent=Decimal(3))) if dice.random() < 0.3 else (rate,)
    taxes.begin_version(tax, components=parts, valid_from=first + timedelta(days=dice.choice((0, 1, 20))))


def _invoice(dice: Random) -> Invoice:
    found = invoices.detail(chance.one(dice, Invoice, Invoice.status == InvoiceStatus.ISSUED).id)
    assert found is not None, "it was found"
    return found


def _lines(dice: Random) -> list[NewLine]:
    tax_id = chance.one(dice, TaxRate).id
    return [NewLine("Simulated", dice.randint(100, 90_000), dice.randint(1, 3), dice.choice((None, tax_id)))
            for _ in range(dice.randint(1, 3))]
