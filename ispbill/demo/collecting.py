"""What the staff does about money: take payments, grant promises, hold what is contested, correct mistakes.

Who pays what on which day is a pure rule of habits; a payment's idempotency key makes it count once.
"""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from random import Random
from typing import Any

from sqlalchemy import Row, func, select

from ispbill.billing.collections.concessions import service as concessions
from ispbill.billing.collections.models import CollectionCutoff, DisputeHold
from ispbill.billing.invoices import service as invoices
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.invoices.queries import IS_OPEN
from ispbill.billing.payments import service as payments
from ispbill.billing.payments.models import Payment, PaymentStatus
from ispbill.billing.payments.queries import ALLOCATED_TO_INVOICE
from ispbill.core.current import acting_as, at
from ispbill.core.db import db
from ispbill.customers.models import Customer, CustomerStatus
from ispbill.demo.company import DemoCompany
from ispbill.demo.habits import Debt, method_of, paid_on, reference_of

_PROMISED = timedelta(days=6)
_SHARE_THAT_PROMISES = 0.4
_SHARE_AT_THE_DOOR = 0.4
_MOST_AT_COUNTER = 60
_VOID_DAY, _REVERSAL_DAY, _DISPUTE_DAY = 20, 17, 22
_TAKEN_BACK = {
    "cheque": "The check came back: not enough funds", "e_wallet": "The wallet took the transfer back",
    "bank": "The bank took the transfer back", "card": "The card holder disputed the charge",
}


@dataclass(frozen=True, slots=True)
class Account:
    """A customer who owes something."""

    customer_id: int
    status: str
    debt: Debt


def take_payments(company: DemoCompany, day: date, accounts: Sequence[Account]) -> None:
    """Record what customers pay on this day, at the counter or, where many pay, as a list."""
    receipts = [
        _receipt(company, day, account, amount_minor) for account in accounts
        if (amount_minor := paid_on(day, account.debt))
    ]
    if len(receipts) > _MOST_AT_COUNTER:
        with acting_as(company.staff["Cashier"]):
            payments.record_list(receipts, label=f"Payments of {day.day} {day:%B %Y}")
    else:
        _take_one_by_one(company, day, receipts)


def accounts(company: DemoCompany) -> list[Account]:
    """Everybody who owes something, with what makes them pay."""
    rows = db.session.execute(
        select(Customer.id, Customer.account_number, Customer.status, Invoice.number, Invoice.issued_on, Invoice.due_on,
               Invoice.total_minor, (Invoice.total_minor - ALLOCATED_TO_INVOICE).label("open_minor"))
        .join(Customer, Invoice.customer_id == Customer.id)
        .where(IS_OPEN)
        .order_by(Customer.id, Invoice.issued_on, Invoice.id)
    ).all()
    return list(_accounts(rows, company.falls_silent_on))


def concede(company: DemoCompany, day: date) -> None:
    """Some of those who were cut off today promise to pay, and once a month somebody contests a bill."""
    cut_today = CollectionCutoff.cut_on == day, CollectionCutoff.ended_at.is_(None)
    owing = db.session.scalars(
        select(Customer).join(CollectionCutoff, CollectionCutoff.customer_id == Customer.id).where(*cut_today)
        .order_by(Customer.id)
    ).all()
    with acting_as(company.staff["Manager"]):
        for customer in owing:
            if Random(customer.account_number).random() < _SHARE_THAT_PROMISES:
                concessions.promise(customer.id, until_on=day + _PROMISED, note="Pays on pay day")
        if day.day == _DISPUTE_DAY:
            _dispute_one(day)


def correct(company: DemoCompany, day: date) -> None:
    """Once in every second month somebody voids a wrong invoice, and a payment is taken back."""
    if (day.month - company.span.first_on.month) % 2 == 0:
        return
    with acting_as(company.staff["Manager"]):
        if day.day == _VOID_DAY:
            _void_one(day)
        if day.day == _REVERSAL_DAY:
            _reverse_one(day)


def _take_one_by_one(company: DemoCompany, day: date, receipts: Sequence[payments.Receipt]) -> None:
    """Through the hours of the office, at the counter; some cash at the customer's door."""
    hours = company.closing(day) - company.opening(day)
    for place, receipt in enumerate(receipts):
        role = "Collector" if _is_paid_at_the_door(receipt) else "Cashier"
        with at(company.opening(day) + hours * place / len(receipts)), acting_as(company.staff[role]):
            payments.record(receipt)


def _is_paid_at_the_door(receipt: payments.Receipt) -> bool:
    dice = Random(f"{receipt.customer_id} at the door")
    return receipt.method == "cash" and dice.random() < _SHARE_AT_THE_DOOR


def _receipt(company: DemoCompany, day: date, account: Account, amount_minor: int) -> payments.Receipt:
    key = f"demo {account.debt.newest_number} {day}"
    method = method_of(account.debt.account_number, company.script.payments)
    return payments.Receipt(
        customer_id=account.customer_id, amount_minor=amount_minor, method=method,
        reference=reference_of(method, key=key), idempotency_key=key,
    )


def _accounts(rows: Sequence[Row[Any]], falls_silent_on: date) -> Iterator[Account]:
    for customer_id, group in groupby(rows, key=lambda row: row.id):
        open_ones = list(group)
        oldest, newest = open_ones[0], open_ones[-1]
        yield Account(customer_id=customer_id, status=newest.status, debt=Debt(
            account_number=newest.account_number, newest_number=newest.number, newest_issued_on=newest.issued_on,
            newest_due_on=newest.due_on, newest_total_minor=newest.total_minor, oldest_due_on=oldest.due_on,
            open_minor=sum(int(row.open_minor) for row in open_ones), falls_silent_on=falls_silent_on,
        ))


def _dispute_one(day: date) -> None:
    """The newest late invoice of somebody who is served, unless one is contested already."""
    if db.session.scalar(select(func.count()).where(DisputeHold.opened_on == day)):
        return
    contested = db.session.scalars(
        select(Invoice).join(Customer, Invoice.customer_id == Customer.id)
        .where(IS_OPEN, Invoice.due_on < day, Customer.status == CustomerStatus.ACTIVE)
        .order_by(Invoice.id.desc()).limit(1)
    ).one_or_none()
    if contested is not None:
        concessions.dispute(contested.id, reason="Was offline for days after the storm")


def _void_one(day: date) -> None:
    """The newest invoice nobody has paid anything of, unless one was voided today already."""
    if db.session.scalar(select(func.count()).where(Invoice.voided_on == day)):
        return
    untouched = IS_OPEN, ALLOCATED_TO_INVOICE == 0
    wrong = db.session.scalars(
        select(Invoice).join(Customer, Invoice.customer_id == Customer.id)
        .where(*untouched, Customer.status == CustomerStatus.ACTIVE).order_by(Invoice.id.desc()).limit(1)
    ).one_or_none()
    if wrong is not None:
        invoices.void(wrong, reason="Printed with the wrong plan; billed again")


def _reverse_one(day: date) -> None:
    """The newest transfer of the days before, unless one was taken back today already."""
    if db.session.scalar(select(func.count()).where(Payment.reversed_on == day)):
        return
    recent = Payment.received_on.between(day - timedelta(days=9), day - timedelta(days=2))
    bounced = db.session.scalars(
        select(Payment).where(recent, Payment.status == PaymentStatus.RECORDED, Payment.method.in_(_TAKEN_BACK))
        .order_by(Payment.id.desc()).limit(1)
    ).one_or_none()
    if bounced is not None:
        payments.reverse(bounced, reason=_TAKEN_BACK[bounced.method])
