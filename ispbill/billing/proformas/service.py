"""Issuing proformas, turning one into an invoice, cancelling one."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from ispbill.billing.invoices import service as invoices
from ispbill.billing.invoices.buyers import buyer_of
from ispbill.billing.invoices.service import InvoiceToIssue, IssuedInvoice
from ispbill.billing.ledger import service as ledger
from ispbill.billing.lines.policy import LineDraft
from ispbill.billing.notes.service import NewLine, drafted
from ispbill.billing.payments.allocations import service as allocations
from ispbill.billing.proformas.models import Proforma, ProformaStatus
from ispbill.company import service as company
from ispbill.company.models import SeriesKind
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.i18n import gettext as _

DAYS_VALID = 30
LONGEST_VALID = 366
LONGEST_NOTE = 500
# The kind of the line that brings a total to what cash can pay.
ROUNDING = "rounding"


def issue(
    customer_id: int, lines: Sequence[NewLine], *, valid_until: date | None = None, note: str = ""
) -> Proforma:
    """Issue a proforma invoice, valid for 30 days unless said otherwise. Nothing is owed by it.

    Raises Invalid for lines that cannot be charged or a day that has passed, NotFound for the customer.
    """
    today = current.today()
    until = valid_until or today + timedelta(days=DAYS_VALID)
    if not today <= until <= today + timedelta(days=LONGEST_VALID):
        raise Invalid(_("It is valid until today or later, for a year at most."), field="valid_until")
    if len(note.strip()) > LONGEST_NOTE:
        raise Invalid(_("Enter at most %(longest_note)s characters.", longest_note=LONGEST_NOTE), field="note")
    draft, buyer = drafted(customer_id, lines), buyer_of(customer_id)
    row = Proforma(
        number=company.take_numbers(SeriesKind.PROFORMA, 1, on=today).text(0), customer_id=customer_id,
        seller_id=company.identity().id, issued_on=today, valid_until=until, net_minor=draft.net_minor,
        tax_minor=draft.tax_minor, total_minor=draft.total_minor, buyer_name=buyer.name,
        buyer_address=buyer.address, buyer_tax_identifier=buyer.tax_identifier, note=note.strip(),
        lines=_rows(lines, draft.lines),
        taxes=[{"name": tax.tax.name, "rate_percent": str(tax.tax.rate_percent), "exemption": tax.tax.exemption,
                "base_minor": tax.base_minor, "tax_minor": tax.tax_minor} for tax in draft.taxes],
        status=ProformaStatus.OPEN, created_by=current.actor.name, created_at=current.now(),
    )
    db.session.add(row)
    db.session.flush()
    return row


def invoice(proforma: Proforma) -> IssuedInvoice:
    """Issue the invoice that a proforma announced, taxed as of today; credit that is there settles it.

    Raises Conflict where it is invoiced or cancelled already.
    """
    ledger.hold_account(proforma.customer_id)
    _require_open(proforma)
    lines = [NewLine(row["description"], row["unit_price_minor"], row["quantity"], row["tax_rate_id"], row["kind"])
             for row in proforma.lines if row["kind"] != ROUNDING]
    document = InvoiceToIssue(
        drafted(proforma.customer_id, lines), buyer_of(proforma.customer_id),
        reason=f"Proforma {proforma.number}",
    )
    (issued,) = invoices.issue([document], on=current.today())
    proforma.status, proforma.invoice_id = ProformaStatus.INVOICED, issued.id
    db.session.flush()
    allocations.settle([proforma.customer_id])
    db.session.expire_all()
    return issued


def cancel(proforma: Proforma, *, reason: str) -> Proforma:
    """Withdraw a proforma; its number stays. Raises Invalid without a reason, Conflict where it is open no longer."""
    if not reason.strip():
        raise Invalid(_("Say why it is cancelled."), field="reason")
    _require_open(proforma)
    proforma.status, proforma.cancel_reason = ProformaStatus.CANCELLED, reason.strip()
    db.session.flush()
    return proforma


def _rows(lines: Sequence[NewLine], drafts: Sequence[LineDraft]) -> list[dict[str, Any]]:
    """What was asked for with what it came to; a rounded total has one line more, which its invoice finds anew."""
    asked = [*lines, *(NewLine(more.description, more.amount_minor, kind=ROUNDING) for more in drafts[len(lines):])]
    return [asdict(line) | {"description": made.description, "amount_minor": made.amount_minor,
                            "net_minor": made.net_minor, "tax_minor": made.tax_minor}
            for line, made in zip(asked, drafts, strict=True)]


def _require_open(proforma: Proforma) -> None:
    db.session.refresh(proforma, attribute_names=["status"], with_for_update=True)
    if proforma.status != ProformaStatus.OPEN:
        raise Conflict(_("%(number)s is %(status)s already.", number=proforma.number, status=proforma.status))
