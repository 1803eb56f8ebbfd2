"""Cash for change that is brought into the office, from the bank or from the owner, so that floats can be given."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ispbill.billing.cash import service as drawers
from ispbill.billing.cash.models import CashIntake, CashOrigin, SlipStatus
from ispbill.billing.ledger import service as ledger
from ispbill.billing.ledger.policy import cash_brought_in, reversed_postings
from ispbill.company import service as company
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class IntakeFacts:
    """How much came, and from where. The reference is the number of the bank's slip; the owner's money needs none."""

    amount_minor: int
    origin: str = CashOrigin.BANK
    reference: str = ""
    came_on: date | None = None
    note: str = ""


def bring_in(facts: IntakeFacts) -> CashIntake:
    """Record cash that came into the office. A slip of the bank counts once while it stands.

    Raises Invalid for the facts, Conflict for a day whose books are closed.
    """
    day = _checked_day(facts)
    row = CashIntake(
        amount_minor=facts.amount_minor, origin=facts.origin, reference=facts.reference.strip(), came_on=day,
        note=facts.note.strip(), status=SlipStatus.RECORDED, recorded_by=current.actor.name, recorded_at=current.now(),
    )
    db.session.add(row)
    db.session.flush()
    ledger.post([ledger.Entry(day, "cash_intake", row.id, _memo("Cash brought in", row),
                              cash_brought_in(row.amount_minor, origin=row.origin))])
    return row


def cancel(row: CashIntake, *, reason: str) -> CashIntake:
    """Take back what never came into the office.

    Raises Invalid without a reason, Conflict where it is cancelled already or the office holds less by now.
    """
    if not reason.strip():
        raise Invalid(_("Say why this is cancelled."), field="reason")
    db.session.refresh(row, with_for_update=True)
    if row.status == SlipStatus.CANCELLED:
        raise Conflict(_("This is cancelled already."))
    drawers.require_in_office_since(current.today(), row.amount_minor, field="reason")
    row.status, row.cancelled_on, row.cancel_reason = SlipStatus.CANCELLED, current.today(), reason.strip()
    db.session.flush()
    ledger.post([ledger.Entry(current.today(), "cash_intake", row.id, _memo("Cancelled cash brought in", row),
                              reversed_postings(cash_brought_in(row.amount_minor, origin=row.origin)))])
    return row


def _memo(what: str, row: CashIntake) -> str:
    return f"{what} {row.reference}".strip()


def _checked_day(facts: IntakeFacts) -> date:
    if facts.amount_minor <= 0:
        raise Invalid(_("The amount must be more than zero."), field="amount")
    if facts.origin not in list(CashOrigin):
        raise Invalid(_("Say where the cash came from."), field="origin")
    if facts.origin == CashOrigin.BANK and not facts.reference.strip():
        raise Invalid(_("Give the number of the withdrawal slip."), field="reference")
    day = facts.came_on or current.today()
    if day > current.today():
        raise Invalid(_("The day lies in the future."), field="came_on")
    company.require_open(day, field="came_on")
    return day
