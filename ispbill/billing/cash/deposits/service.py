"""Cash of the office that is paid in at the bank, booked by the bank's slip."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ispbill.billing.cash import service as drawers
from ispbill.billing.cash.models import CashDeposit, SlipStatus
from ispbill.billing.cash.policy import counted_minor, written_denominations
from ispbill.billing.ledger import service as ledger
from ispbill.billing.ledger.policy import cash_deposited, reversed_postings
from ispbill.company import service as company
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class DepositFacts:
    """What the bank's slip says. The pieces, by their value in minor units, are the amount where they are given."""

    amount_minor: int
    bank: str
    reference: str
    deposited_on: date | None = None
    denominations: Mapping[int, int] | None = None
    note: str = ""


def deposit(facts: DepositFacts) -> CashDeposit:
    """Record cash that was paid in at the bank. A slip counts once while it stands.

    Raises Invalid for the facts, Conflict for more than lies in the office, or was there on the day and since, and for
    a day whose books are closed.
    """
    day = _checked_day(facts)
    drawers.require_in_office_since(day, facts.amount_minor, field="deposited_on")
    row = CashDeposit(
        amount_minor=facts.amount_minor, bank=facts.bank.strip(), reference=facts.reference.strip(),
        deposited_on=day, note=facts.note.strip(), status=SlipStatus.RECORDED, recorded_by=current.actor.name,
        denominations=written_denominations(facts.denominations) if facts.denominations else None,
        recorded_at=current.now(),
    )
    db.session.add(row)
    db.session.flush()
    ledger.post([ledger.Entry(day, "cash_deposit", row.id, f"Cash deposit {row.reference}",
                              cash_deposited(row.amount_minor))])
    return row


def cancel(row: CashDeposit, *, reason: str) -> CashDeposit:
    """Take a deposit back that the bank never had: the cash lies in the office again.

    Raises Invalid without a reason, Conflict where it is cancelled already.
    """
    if not reason.strip():
        raise Invalid(_("Say why the deposit is cancelled."), field="reason")
    db.session.refresh(row, with_for_update=True)
    if row.status == SlipStatus.CANCELLED:
        raise Conflict(_("This deposit is cancelled already."))
    row.status, row.cancelled_on, row.cancel_reason = SlipStatus.CANCELLED, current.today(), reason.strip()
    db.session.flush()
    ledger.post([ledger.Entry(current.today(), "cash_deposit", row.id, f"Cancelled cash deposit {row.reference}",
                              reversed_postings(cash_deposited(row.amount_minor)))])
    return row


def _checked_day(facts: DepositFacts) -> date:
    if facts.amount_minor <= 0:
        raise Invalid(_("The amount must be more than zero."), field="amount")
    if facts.denominations and counted_minor(facts.denominations,
                                             currency=current.tenant.currency) != facts.amount_minor:
        raise Invalid(_("The pieces do not come to the amount."), field="amount")
    if not facts.bank.strip():
        raise Invalid(_("Name the bank and the account."), field="bank")
    if not facts.reference.strip():
        raise Invalid(_("Give the number of the deposit slip."), field="reference")
    day = facts.deposited_on or current.today()
    if day > current.today():
        raise Invalid(_("The day lies in the future."), field="deposited_on")
    company.require_open(day, field="deposited_on")
    return day
