"""Issuing credit and debit notes. What was issued stays as it is; a note beside it says what changed."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ispbill.billing.charges import service as charges
from ispbill.billing.charges.models import Charge, ChargeKind
from ispbill.billing.charges.policy import OneTime, charge_once
from ispbill.billing.invoices import service as invoices
from ispbill.billing.invoices.buyers import buyer_of
from ispbill.billing.invoices.models import Invoice, InvoiceLine, InvoiceStatus
from ispbill.billing.invoices.policy import DocumentKind, InvoiceDraft, total
from ispbill.billing.invoices.service import InvoiceToIssue, InvoiceVoided, IssuedInvoice
from ispbill.billing.ledger import service as ledger
from ispbill.billing.ledger.policy import AccountPurpose
from ispbill.billing.lines.policy import Tax
from ispbill.billing.notes import queries
from ispbill.billing.notes.policy import Creditable, Take, credit_draft
from ispbill.billing.payments.allocations import service as allocations
from ispbill.billing.payments.policy import Credit
from ispbill.billing.pricing import queries as pricing
from ispbill.billing.pricing.policy import taxed
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.events import publish
from ispbill.core.i18n import gettext as _
from ispbill.subscriptions.policy import check_price

LONGEST_DESCRIPTION = 200
MOST_LINES = 50


@dataclass(frozen=True, slots=True)
class CreditFacts:
    """What a credit note takes back: parts of lines by line id; all that is left of the invoice where none are named.

    With `bills_again` the credited lines may be billed anew: the period was right to bill, the bill was not.
    """

    reason: str
    takes: Mapping[int, Take] = field(default_factory=dict)
    bills_again: bool = False


@dataclass(frozen=True, slots=True)
class NewLine:
    """Something to charge on a document that is made by hand. Minor units."""

    description: str
    unit_price_minor: int
    quantity: int = 1
    tax_rate_id: int | None = None
    kind: str = ChargeKind.ONE_TIME


def credit(invoice: Invoice, facts: CreditFacts) -> IssuedInvoice:
    """Issue a credit note about an invoice or a debit note. It settles that document first, then the oldest open ones;
    what is left is credit of the customer.

    Raises Invalid without a reason or for more than is left of a line, Conflict for a document that is void, is a
    credit itself, or of which nothing is left, and for prepaid time: money and time go back together, by the load.
    """
    reason = _reason(facts.reason)
    ledger.hold_account(invoice.customer_id)
    _refuse(invoice)
    lines = queries.creditable(invoice)
    takes = facts.takes or {line.id: Take() for line in lines}
    _refuse_prepaid(lines)
    draft = credit_draft(
        invoice.customer_id, lines, takes, bills_again=facts.bills_again,
        cash_step_minor=pricing.rules().cash_step_minor, rounded_minor=queries.rounded_minor(invoice),
    )
    buyer = buyer_of(invoice.customer_id)
    (note,) = invoices.issue([InvoiceToIssue(draft, buyer, invoice.id, reason)], on=current.today())
    if facts.bills_again:
        invoices.bill_again([line for line in invoice.lines if line.id in takes])
    else:
        _note_returns(note, draft, of=invoice)
    _spend(note, on=invoice)
    db.session.expire_all()
    return note


def take_back(charge: Charge, *, reason: str) -> bool:
    """Credit all that is left of a billed charge, whatever else its document gave back, so that the charge waits again;
    False where nothing is left of it.
    """
    ledger.hold_account(charge.customer_id)
    line = queries.creditable_charge(charge.id)
    if line is None or not line.left_minor:
        return False
    draft = credit_draft(charge.customer_id, [line], {line.id: Take()}, bills_again=True)
    # About the charge and not about its document, which may have asked for less.
    document = InvoiceToIssue(draft, buyer_of(charge.customer_id), reason=reason)
    (note,) = invoices.issue([document], on=current.today())
    billed = db.session.get_one(InvoiceLine, line.id)
    invoices.bill_again([billed])
    _spend(note, on=db.session.get_one(Invoice, billed.invoice_id))
    return True


def debit(
    customer_id: int, lines: Sequence[NewLine], *, reason: str, corrects: Invoice | None = None
) -> IssuedInvoice:
    """Issue a debit note: something that is owed on top, of an invoice or by itself. Credit that is there settles it.

    Raises Invalid without a reason, for lines that cannot be charged; Conflict for an invoice that is void.
    """
    reason, today = _reason(reason), current.today()
    ledger.hold_account(customer_id)
    if corrects is not None:
        _refuse(corrects)
    draft = drafted(customer_id, lines)
    document = InvoiceToIssue(
        draft, buyer_of(customer_id), corrects.id if corrects else None, reason, is_debit=True
    )
    (note,) = invoices.issue([document], on=corrects.booked_on(today) if corrects else today)
    allocations.settle([customer_id])
    return note


def drafted(customer_id: int, lines: Sequence[NewLine]) -> InvoiceDraft:
    """A document of lines made by hand, with the taxes that the customer owes today, in all their parts, rounded as the
    company rounds. Prices are meant as they are entered: no discount comes off.

    Raises Invalid for what cannot be charged.
    """
    today = current.today()
    taxes = pricing.taxes_since(today, on=today)
    _check_lines(lines, taxes)
    known = pricing.pricing_of([customer_id], on=today, taxes=taxes)[customer_id]
    drafts = [
        charge_once(OneTime(0, None, line.kind, line.description.strip(), line.quantity, line.unit_price_minor,
                            taxes.get(line.tax_rate_id or 0)))._replace(charge_id=None)
        for line in lines
    ]
    return total(customer_id, drafts if known.is_plain else taxed(drafts, on=today, pricing=known), rules=known.rules)


def follow_void(event: InvoiceVoided) -> None:
    """Hold again the deposits that a voided credit note gave back."""
    charges.forget_returns(event.invoice_id, customer_id=event.customer_id)


def _note_returns(note: IssuedInvoice, draft: InvoiceDraft, *, of: Invoice) -> None:
    """What a note takes back of deposits is held no longer."""
    deposits = queries.deposits_on(of)
    for line in draft.lines:
        if line.credits_line_id in deposits:
            charges.note_return(deposits[line.credits_line_id], amount_minor=-line.amount_minor, note_id=note.id)


def _check_lines(lines: Sequence[NewLine], taxes: Mapping[int, Tax]) -> None:
    if not 0 < len(lines) <= MOST_LINES:
        raise Invalid(_("Enter 1 to %(most_lines)s lines.", most_lines=MOST_LINES), field="lines")
    for line in lines:
        if not 0 < len(line.description.strip()) <= LONGEST_DESCRIPTION:
            raise Invalid(_("Say in at most %(longest_description)s characters what each line is for.",
                            longest_description=LONGEST_DESCRIPTION), field="lines")
        if line.kind in (ChargeKind.DEPOSIT, ChargeKind.DEPOSIT_RETURN):
            raise Invalid(_("Ask a deposit as a charge, on the customer's account: then it is known as held, and can "
                            "be given back."), field="lines")
        check_price(line.quantity, line.unit_price_minor)
        if line.unit_price_minor == 0 or line.tax_rate_id and line.tax_rate_id not in taxes:
            raise Invalid(_("Each line needs a price, and a tax that exists or none."), field="lines")


def _reason(reason: str) -> str:
    if not reason.strip():
        raise Invalid(_("Say why: the note prints it."), field="reason")
    return reason.strip()


def _refuse_prepaid(lines: Sequence[Creditable]) -> None:
    if any(line.account == AccountPurpose.DEFERRED_REVENUE for line in lines):
        raise Conflict(_("This bill is for prepaid time. Cancel the load instead: what is unused of it is given back."))


def _refuse(invoice: Invoice) -> None:
    db.session.refresh(invoice, attribute_names=["status"])
    if invoice.status == InvoiceStatus.VOID:
        raise Conflict(_("%(number)s is void: nothing of it is owed.", number=invoice.number))
    if invoice.kind == DocumentKind.CREDIT_NOTE:
        raise Conflict(_("%(number)s is a credit note itself. Void it instead.", number=invoice.number))


def _spend(note: IssuedInvoice, *, on: Invoice) -> None:
    """Settle the corrected document first, then whatever is open, the oldest first."""
    allocations.settle_with(Credit(None, -note.total_minor, note.id), on)
    allocations.settle([on.customer_id])
    publish(allocations.CreditSpent((on.customer_id,)))
