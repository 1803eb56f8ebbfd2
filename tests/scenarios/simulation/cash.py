"""The cash desk of a simulation: drawers opened, filled, counted, handed over and taken over, slips of the bank.

Whoever is there does it, so many a move is refused: who may do what is a rule, too.
"""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from sqlalchemy import select

from ispbill.accounts.models import User
from ispbill.billing.cash import queries, service
from ispbill.billing.cash.deposits import service as deposits
from ispbill.billing.cash.handovers import service as handovers
from ispbill.billing.cash.intakes import service as intakes
from ispbill.billing.cash.models import (
    CashDeposit,
    CashHandover,
    CashIntake,
    CashOrigin,
    CashSession,
    CashSessionStatus,
    SlipStatus,
)
from ispbill.billing.cash.policy import in_pieces
from ispbill.core.current import Actor, acting_as, current
from ispbill.core.db import db
from tests.scenarios.simulation import chance, corrections, money

_RIGHTS = frozenset({"open_cash_session", "close_cash_session", "approve_cash_variance", "record_payment"})
_OPEN = CashSession.status == CashSessionStatus.OPEN
_COUNTED = CashSession.status == CashSessionStatus.COUNTED


def open_drawer(dice: Random) -> None:
    """Somebody opens a drawer, with a float or without."""
    with _by(_somebody(dice)):
        handovers.begin(float_minor=dice.choice((0, 0, 5_000)))


def take_cash(dice: Random) -> None:
    """Somebody takes a customer's money, in cash as often as not."""
    with _by(_somebody(dice)):
        money.pay(dice)


def pay_out(dice: Random) -> None:
    """Somebody pays credit back in cash."""
    with _by(_somebody(dice)):
        corrections.refund(dice)


def hand_over(dice: Random) -> None:
    """Cash goes from a drawer or the office to another; who gives it signs, or who takes it."""
    sides = [*db.session.scalars(select(CashSession).where(_OPEN).order_by(CashSession.id)), None]
    source, to = dice.choice(sides), dice.choice(sides)
    there_minor = queries.held_minor(source.id) if source else queries.office_minor()
    if source is to or there_minor <= 0:
        raise chance.Idle
    signing = dice.choice((source, to))
    with _by(signing.holder_id if signing else _somebody(dice)):
        handovers.hand_over(there_minor // dice.choice((1, 1, 2, 3)), source=source, to=to)


def sign(dice: Random) -> None:
    """Somebody signs for the other side."""
    with _by(_somebody(dice)):
        handovers.sign(_handover(dice))


def withdraw(dice: Random) -> None:
    """A hand-over does not take place."""
    with _by(_somebody(dice)):
        handovers.withdraw(_handover(dice))


def count(dice: Random) -> None:
    """A drawer is counted; at times something is missing, or there is more."""
    drawer = chance.one(dice, CashSession, _OPEN)
    found_minor = max(queries.held_minor(drawer.id) + dice.choice((0, 0, 0, -300, 1_000)), 0)
    with _by(drawer.holder_id):
        service.count(drawer, in_pieces(found_minor, current.tenant.currency))


def recount(dice: Random) -> None:
    """A count is forgotten."""
    with _by(_somebody(dice)):
        service.recount(chance.one(dice, CashSession, _COUNTED))


def take_over(dice: Random) -> None:
    """Somebody takes a counted drawer over, for the office or into their own."""
    with _by(_somebody(dice)):
        service.take_over(chance.one(dice, CashSession, _COUNTED), reason="simulated",
                          into_own=dice.choice((True, False)))


def bring_to_bank(dice: Random) -> None:
    """What lies in the office is paid in at the bank."""
    amount_minor = queries.office_minor() // dice.choice((1, 2))
    if amount_minor <= 0:
        raise chance.Idle
    deposits.deposit(deposits.DepositFacts(amount_minor, "simulated", f"D{dice.random()}", chance.past_day(dice)))


def cancel_deposit(dice: Random) -> None:
    """The bank never had it."""
    deposits.cancel(chance.one(dice, CashDeposit, CashDeposit.status == SlipStatus.RECORDED), reason="simulated")


def bring_in(dice: Random) -> None:
    """Change for the drawers, from the bank or the owner."""
    intakes.bring_in(intakes.IntakeFacts(dice.choice((5_000, 20_000)), dice.choice(list(CashOrigin)),
                                         f"W{dice.random()}", chance.past_day(dice)))


def cancel_intake(dice: Random) -> None:
    """It never came."""
    intakes.cancel(chance.one(dice, CashIntake, CashIntake.status == SlipStatus.RECORDED), reason="simulated")


def _handover(dice: Random) -> CashHandover:
    found = chance.one(dice, CashHandover, CashHandover.withdrawn_at.is_(None),
                       CashHandover.given_at.is_(None) | CashHandover.taken_at.is_(None))
    assert isinstance(found, CashHandover)
    return found


def _somebody(dice: Random) -> int:
    return int(chance.one(dice, User).id)


@contextmanager
def _by(user_id: int) -> Iterator[None]:
    """A user acts, with the rights of the cash desk."""
    user = db.session.get_one(User, user_id)
    with acting_as(Actor(kind="user", name=user.full_name, user_id=user.id, permissions=_RIGHTS)):
        yield
