"""Verbs of promises, disputes and holds. Each takes effect at once: who may be online again is online again."""
from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from ispbill.billing.collections import queries
from ispbill.billing.collections.concessions.policy import check_dispute, check_hold, check_promise, said
from ispbill.billing.collections.dunning import service as dunning
from ispbill.billing.collections.models import CollectionHold, DisputeHold, PromiseStatus, PromiseToPay
from ispbill.billing.collections.policy import DISPUTE_DAYS
from ispbill.billing.invoices.models import InvoiceLine
from ispbill.billing.ledger import service as ledger
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.i18n import gettext as _


def promise(customer_id: int, *, until_on: date, amount_minor: int | None = None, note: str = "") -> PromiseToPay:
    """Take a customer's word to pay by a day; without an amount, all that is overdue.

    Raises Invalid for the day or the amount, Conflict where nothing is overdue or a promise is open already.
    """
    ledger.hold_account(customer_id)
    account, plan = queries.account(customer_id), queries.plan()
    assert account is not None, "whose account is held exists"
    owed_minor = sum(debt.payable_minor(account.on) for debt in account.overdue(plan))
    if queries.open_promise(customer_id) is not None:
        raise Conflict(_("A promise is open already. Withdraw it before taking another."))
    check_promise(
        until_on, amount_minor=amount_minor, owed_minor=owed_minor, today=account.on,
        longest_days=queries.policy().longest_promise_days,
    )
    row = PromiseToPay(
        customer_id=customer_id, made_on=account.on, made_at=current.now(), until_on=until_on,
        amount_minor=amount_minor or owed_minor, note=note.strip()[:500], granted_by=current.actor.name,
        status=PromiseStatus.OPEN,
    )
    db.session.add(row)
    db.session.flush()
    dunning.reconsider([customer_id])
    return row


def withdraw(row: PromiseToPay) -> PromiseToPay:
    """Take a promise back; the next morning acts as if it had ended today. Raises Conflict unless it is open."""
    db.session.refresh(row, ["status"], with_for_update=True)
    if row.status != PromiseStatus.OPEN:
        raise Conflict(_("The promise is %(status)s already.", status=row.status))
    row.status, row.decided_on = PromiseStatus.WITHDRAWN, current.today()
    db.session.flush()
    return row


def dispute(invoice_id: int, *, line_id: int | None = None, reason: str) -> DisputeHold:
    """Hold an invoice, or one line of it, for thirty days: not payable, no fee, no step, meanwhile.

    Raises Invalid without a reason or for a line of another invoice, Conflict where nothing is open or it is held.
    """
    invoice = queries.invoice(invoice_id)
    ledger.hold_account(invoice.customer_id)
    account = queries.account(invoice.customer_id)
    assert account is not None, "whose account is held exists"
    debt = next((debt for debt in account.debts if debt.invoice_id == invoice_id), None)
    if debt is None:
        raise Conflict(_("Nothing of %(number)s is open.", number=invoice.number))
    amount_minor = debt.open_minor if line_id is None else _amount_of(line_id, invoice_id)
    check_dispute(reason, is_held=_is_held(invoice_id, line_id))
    row = DisputeHold(
        customer_id=invoice.customer_id, invoice_id=invoice_id, line_id=line_id, amount_minor=amount_minor,
        reason=reason.strip(), opened_on=account.on, opened_by=current.actor.name,
        ends_on=account.on + timedelta(days=DISPUTE_DAYS),
    )
    db.session.add(row)
    db.session.flush()
    dunning.reconsider([invoice.customer_id])
    return row


def close_dispute(row: DisputeHold, *, outcome: str) -> DisputeHold:
    """End a dispute: steps go on from today. Raises Invalid without an outcome, Conflict when it is closed."""
    db.session.refresh(row, ["closed_on"], with_for_update=True)
    if row.closed_on is not None:
        raise Conflict(_("The dispute is closed already."))
    row.outcome = said(outcome, field="outcome")
    row.closed_on, row.closed_by = current.today(), current.actor.name
    db.session.flush()
    return row


def hold(customer_id: int, *, until_on: date, reason: str) -> CollectionHold:
    """Take no step towards a customer up to a day, that day included. Raises Invalid for the day or the reason."""
    ledger.hold_account(customer_id)
    today = current.today()
    check_hold(until_on, today=today)
    row = CollectionHold(
        customer_id=customer_id, reason=said(reason, field="reason"), from_on=today, until_on=until_on,
        placed_by=current.actor.name,
    )
    db.session.add(row)
    db.session.flush()
    dunning.reconsider([customer_id])
    return row


def lift(row: CollectionHold) -> CollectionHold:
    """End a hold today. Raises Conflict when it has ended."""
    db.session.refresh(row, ["lifted_on", "until_on"], with_for_update=True)
    if row.lifted_on is not None or row.until_on < current.today():
        raise Conflict(_("The hold has ended already."))
    row.lifted_on, row.lifted_by = current.today(), current.actor.name
    db.session.flush()
    return row


def _amount_of(line_id: int, invoice_id: int) -> int:
    line = db.session.get(InvoiceLine, line_id)
    if line is None or line.invoice_id != invoice_id:
        raise Invalid(_("Choose a line of this invoice."), field="line_id")
    amount_minor = db.session.scalar(select(queries.standing(line_id))) or 0
    if amount_minor <= 0:
        raise Invalid(_("Nothing is charged on this line."), field="line_id")
    return int(amount_minor)


def _is_held(invoice_id: int, line_id: int | None) -> bool:
    open_holds = select(DisputeHold.id).where(
        DisputeHold.invoice_id == invoice_id, DisputeHold.line_id.is_not_distinct_from(line_id),
        DisputeHold.closed_on.is_(None),
    )
    return db.session.scalars(open_holds).first() is not None
