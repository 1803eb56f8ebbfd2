"""Verbs of late fees. A fee is a charge that waits for the next bill, once for an invoice and a step."""
from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from ispbill.billing.charges import service as charges
from ispbill.billing.charges.models import Charge, ChargeKind, ChargeStatus
from ispbill.billing.charges.service import ChargeFacts
from ispbill.billing.collections.fees import queries
from ispbill.billing.collections.models import CollectionAction
from ispbill.billing.collections.policy import Account, DueStep
from ispbill.billing.collections.queries import policy
from ispbill.billing.invoices import queries as invoices
from ispbill.billing.invoices.models import Invoice, InvoiceStatus
from ispbill.billing.invoices.service import InvoiceVoided
from ispbill.billing.notes import queries as notes
from ispbill.billing.notes.policy import Take
from ispbill.billing.notes.service import CreditFacts, credit
from ispbill.core import formats
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.i18n import gettext as _


def charge(due: Sequence[tuple[Account, DueStep]]) -> list[int]:
    """Put late fees on the next bill of whoever owes them; the ids of the charges, in the order given.

    The source names invoice, step and occurrence, so a fee stands once whatever is repeated.
    """
    tax_rate_id = policy().fee_tax_rate_id
    return [row.id for row in charges.add_all([_facts(account, step, tax_rate_id) for account, step in due])]


def waive(action: CollectionAction, *, reason: str) -> CollectionAction:
    """Let a late fee go: it is withdrawn, or where it is billed already, given back by a credit note at once; with the
    next bill where the document it stands on asked for less than the fee, so that no note about it can give it back.

    Raises Invalid without a reason, Conflict where there is no fee, or it is waived or credited already.
    """
    if not reason.strip():
        raise Invalid(_("Say why: the record keeps it."), field="reason")
    db.session.refresh(action, ["waived_at", "fee_minor", "charge_id"], with_for_update=True)
    if not action.fee_minor or action.waived_at is not None:
        raise Conflict(_("There is no fee here that could be waived."))
    row = db.session.get(Charge, action.charge_id) if action.charge_id else None
    if row is not None:
        _take_back(row, reason=reason.strip())
    action.waived_at, action.waived_by, action.waive_reason = current.now(), current.actor.name, reason.strip()
    db.session.flush()
    return action


def follow_void(event: InvoiceVoided) -> None:
    """Withdraw the customer's fees of voided invoices, as far as they are not billed yet, or not any more."""
    waiting = select(Charge).join(CollectionAction, CollectionAction.charge_id == Charge.id).join(
        Invoice, Invoice.id == CollectionAction.invoice_id).where(
        Charge.customer_id == event.customer_id, Charge.status == ChargeStatus.PENDING,
        Invoice.status == InvoiceStatus.VOID)
    for row in db.session.scalars(waiting).all():
        charges.cancel(row, reason="The invoice was voided")


def _facts(account: Account, due: DueStep, tax_rate_id: int | None) -> ChargeFacts:
    debt = next(debt for debt in account.debts if debt.invoice_id == due.invoice_id)
    return ChargeFacts(
        customer_id=account.customer_id,
        description=_("%(step)s: %(number)s, due %(due_on)s", step=due.step.name, number=debt.number,
                      due_on=formats.short_date(debt.due_on)),
        unit_price_minor=due.fee_minor, kind=ChargeKind.LATE_FEE, tax_rate_id=tax_rate_id, bill_on=account.on,
        source=f"late_fee:{debt.invoice_id}:{due.step.id}:{due.occurrence}",
    )


def _take_back(row: Charge, *, reason: str) -> None:
    if row.status == ChargeStatus.CANCELLED:
        raise Conflict(_("This fee was withdrawn with its invoice."))
    if row.status == ChargeStatus.PENDING:
        charges.cancel(row, reason=f"Waived: {reason}"[:500])
    else:
        _give_back(row, reason=f"Waived: {reason}")


def _give_back(row: Charge, *, reason: str) -> None:
    """Credit what was billed: with its tax, from the account that it was posted to."""
    invoice_id, line_id = queries.billed_as(row.id)
    invoice = invoices.detail(invoice_id)
    assert invoice is not None, "its line is there"
    line = next((line for line in notes.creditable(invoice) if line.id == line_id), None)
    if line is not None and not line.is_offset and not invoice.is_credit:
        credit(invoice, CreditFacts(reason, {line_id: Take()}))
    elif queries.is_credited(line_id):
        raise Conflict(_("This fee was credited already: see %(number)s.", number=invoice.number))
    else:
        charges.add(_given_back(row))


def _given_back(row: Charge) -> ChargeFacts:
    """The fee taken off the next bill, booked as it was."""
    return ChargeFacts(
        customer_id=row.customer_id, description=f"Waived: {row.description}"[:charges.LONGEST_DESCRIPTION],
        unit_price_minor=-row.unit_price_minor, kind=ChargeKind.LATE_FEE, tax_rate_id=row.tax_rate_id,
        source=f"waiver:{row.id}",
    )
