"""Reads everything that the papers of the cash desk print."""
from __future__ import annotations

from datetime import datetime

from ispbill.billing.cash import queries as drawers
from ispbill.billing.cash.deposits import queries as deposits
from ispbill.billing.cash.models import MOVEMENT_LABELS
from ispbill.billing.cash.movements import queries as movements
from ispbill.billing.documents.cash.policy import DepositPaper, DrawerPaper, Movement, Sender
from ispbill.billing.documents.policy import Withdrawal
from ispbill.billing.documents.queries import seller_party
from ispbill.company import queries as company
from ispbill.company import service as companies
from ispbill.company.logo import queries as logo
from ispbill.core.current import current
from ispbill.core.db import db


def drawer_paper(session_id: int) -> DrawerPaper | None:
    """What the sheet of a drawer says; None where the actor may not see it or it is not counted."""
    session = drawers.visible(session_id)
    if session is None or session.counted_at is None or session.counted_minor is None:
        return None
    return DrawerPaper(
        sender=_sender(), number=str(session.id), holder=session.holder_name, opened_at=_local(session.opened_at),
        counted_at=_local(session.counted_at), closed_at=_local(session.closed_at) if session.closed_at else None,
        closed_by=session.closed_by or "", counted_minor=session.counted_minor,
        reason=session.variance_reason or "", pieces=session.pieces, movements=_movements(session.id),
    )


def deposit_paper(deposit_id: int) -> DepositPaper | None:
    """What the slip of a deposit says; None where there is none."""
    deposit = deposits.get(deposit_id)
    if deposit is None:
        return None
    return DepositPaper(
        sender=_sender(), reference=deposit.reference, bank=deposit.bank, deposited_on=deposit.deposited_on,
        amount_minor=deposit.amount_minor, recorded_by=deposit.recorded_by, note=deposit.note, pieces=deposit.pieces,
        withdrawal=Withdrawal(deposit.cancelled_on, deposit.cancel_reason or "") if deposit.cancelled_on else None,
    )


def _movements(session_id: int) -> list[Movement]:
    rows = db.session.execute(movements.before_taking_over(session_id))
    return [
        Movement(
            moved_at=_local(row.CashMovement.moved_at), name=MOVEMENT_LABELS[row.CashMovement.kind],
            number=row.payment_number or row.refund_number or "", customer=row.customer or "",
            amount_minor=row.CashMovement.amount_minor,
        ) for row in rows
    ]


def _sender() -> Sender:
    return Sender(seller_party(companies.identity()), current.tenant.currency, company.settings().accent_colour,
                  logo.on_papers())


def _local(instant: datetime) -> datetime:
    return instant.astimezone(current.tenant.zone)
