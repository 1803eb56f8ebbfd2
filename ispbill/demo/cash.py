"""The demo company's cash: a drawer and a bag each morning, taken over in the evening, on Mondays brought to the bank.

What was done on a day that is in the books already is not done again.
"""
from __future__ import annotations

from datetime import date
from random import Random

from sqlalchemy import select

from ispbill.billing.cash import queries, service
from ispbill.billing.cash.deposits import service as deposits
from ispbill.billing.cash.models import CashDeposit, CashSession
from ispbill.billing.cash.policy import in_pieces
from ispbill.core.current import acting_as, at
from ispbill.core.db import db
from ispbill.demo.company import DemoCompany

# Of a hundred evenings, on how many a note is missing.
_SHORT = 6
_MISSING_MINOR = 20_00
# What is brought to the bank is a multiple of this; the rest stays for change.
_ROUND_MINOR = 1_000_00
_MONDAY = 0


def open_drawers(company: DemoCompany, day: date) -> None:
    """The cashier opens a drawer, the collector a bag."""
    for role in ("Cashier", "Collector"):
        with acting_as(company.staff[role]):
            if not _was_opened(company, role, day):
                service.open_session()


def close_drawers(company: DemoCompany, day: date) -> None:
    """The cashier takes the collector's bag over, and the manager the cashier's drawer."""
    with at(company.closing(day)):
        _turn_over(company, "Collector", "Cashier", day)
        _turn_over(company, "Cashier", "Manager", day)


def bring_to_bank(company: DemoCompany, day: date) -> None:
    """On Mondays the manager pays in at the bank what lies in the office."""
    known = db.session.scalar(select(CashDeposit.id).where(CashDeposit.deposited_on == day))
    amount_minor = queries.office_minor() // _ROUND_MINOR * _ROUND_MINOR
    if day.weekday() != _MONDAY or known is not None or amount_minor <= 0:
        return
    with acting_as(company.staff["Manager"]):
        deposits.deposit(deposits.DepositFacts(
            amount_minor, company.script.bank, f"{day:%y%m%d}-{Random(f'slip {day}').randrange(10**4):04d}",
            denominations=in_pieces(amount_minor, company.script.currency),
        ))


def _turn_over(company: DemoCompany, giver: str, taker: str, day: date) -> None:
    drawer = queries.live_of(company.staff[giver].user_id or 0)
    if drawer is None:
        return
    held_minor = queries.held_minor(drawer.id)
    dice = Random(f"{company.script.seed} {giver} {day}")
    missing_minor = _MISSING_MINOR if held_minor > _MISSING_MINOR and dice.randrange(100) < _SHORT else 0
    with acting_as(company.staff[giver]):
        service.count(drawer, in_pieces(held_minor - missing_minor, company.script.currency))
    accepting = "Manager" if missing_minor else taker
    with acting_as(company.staff[accepting]):
        service.take_over(drawer, reason="Gave too much change" if missing_minor else "",
                          into_own=queries.live_of(company.staff[accepting].user_id or 0) is not None)


def _was_opened(company: DemoCompany, role: str, day: date) -> bool:
    since, until = company.bounds(day)
    mine = CashSession.holder_id == company.staff[role].user_id
    return db.session.scalar(
        select(CashSession.id).where(mine, CashSession.opened_at >= since, CashSession.opened_at < until)) is not None
