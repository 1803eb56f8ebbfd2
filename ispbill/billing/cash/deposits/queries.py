"""Reads of cash deposits."""
from __future__ import annotations

from datetime import date

from sqlalchemy import or_, select

from ispbill.billing.cash.models import CashDeposit
from ispbill.core.db import AnySelect, db
from ispbill.core.pagination import SortKey

NEWEST_FIRST = SortKey((CashDeposit.deposited_on, CashDeposit.id), descending=True)


def get(deposit_id: int) -> CashDeposit | None:
    """A deposit; None where there is none."""
    return db.session.get(CashDeposit, deposit_id)


def latest_bank() -> str:
    """Where cash was paid in last; empty before the first time."""
    newest = select(CashDeposit.bank).order_by(CashDeposit.deposited_on.desc(), CashDeposit.id.desc()).limit(1)
    return db.session.scalar(newest) or ""


def listing(*, term: str = "", status: str = "", since: date | None = None, until: date | None = None) -> AnySelect:
    """Deposits; the term is a slip's number or a part of the bank's name."""
    statement = select(CashDeposit)
    if term:
        statement = statement.where(or_(CashDeposit.reference == term,
                                        CashDeposit.bank.icontains(term, autoescape=True)))
    if status:
        statement = statement.where(CashDeposit.status == status)
    if since:
        statement = statement.where(CashDeposit.deposited_on >= since)
    if until:
        statement = statement.where(CashDeposit.deposited_on <= until)
    return statement
