"""Invariants of the cash desk: drawers come to nothing; differences, deposits and cash brought in are booked.

One statement each.
"""
from __future__ import annotations

from sqlalchemy import case, func, literal, or_, select

from ispbill.billing.cash.models import (
    CashDeposit,
    CashIntake,
    CashMovement,
    CashSession,
    CashSessionStatus,
    SlipStatus,
)
from ispbill.billing.cash.queries import HELD_MINOR
from ispbill.billing.ledger.policy import AccountPurpose
from ispbill.billing.proof.faults.queries import booked_by, fault
from ispbill.core.db import AnySelect


def drawers_held() -> AnySelect:
    """Closed drawers that still hold something, and drawers that hold less than nothing."""
    held = select(HELD_MINOR).where(CashMovement.session_id == CashSession.id).scalar_subquery()
    is_closed = CashSession.status == CashSessionStatus.CLOSED
    return fault(CashSession.id, CashSession.holder_name, literal(0), held).where(
        or_(held < 0, is_closed & (held != 0))
    )


def cash_booked() -> AnySelect:
    """Drawers whose difference is something else than their postings on the cash account."""
    booked = booked_by("cash_session", AccountPurpose.CASH)
    expected, actual = func.coalesce(CashSession.variance_minor, 0), func.coalesce(booked.c.total, 0)
    return (
        fault(CashSession.id, CashSession.holder_name, expected, actual)
        .outerjoin(booked, booked.c.source_id == CashSession.id).where(expected != actual)
    )


def deposit_booked() -> AnySelect:
    """Deposits whose postings on the bank account are something else than their amount."""
    return _slip_booked(CashDeposit, "cash_deposit", AccountPurpose.BANK)


def intake_booked() -> AnySelect:
    """Cash brought in whose postings on the cash account are something else than its amount."""
    return _slip_booked(CashIntake, "cash_intake", AccountPurpose.CASH)


def _slip_booked(slip: type[CashDeposit | CashIntake], source: str, purpose: AccountPurpose) -> AnySelect:
    booked = booked_by(source, purpose)
    stands = slip.status == SlipStatus.RECORDED
    expected, actual = case((stands, slip.amount_minor), else_=0), func.coalesce(booked.c.total, 0)
    return (
        fault(slip.id, slip.reference, expected, actual)
        .outerjoin(booked, booked.c.source_id == slip.id).where(expected != actual)
    )
