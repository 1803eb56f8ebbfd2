"""People who hold cash: two cashiers, a collector, and a manager who accepts differences."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ispbill.accounts.models import User
from ispbill.billing.cash import queries
from ispbill.billing.cash import service as drawers
from ispbill.billing.cash.deposits import service as deposits
from ispbill.billing.cash.handovers import queries as handover_queries
from ispbill.billing.cash.handovers import service as handovers
from ispbill.billing.cash.intakes import service as intakes
from ispbill.billing.cash.models import CashHandover, CashSession
from ispbill.company import service as company
from ispbill.core.current import Actor, acting_as, current
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from tests.make import bills

CASHIER = {"open_cash_session", "close_cash_session", "record_payment", "refund_payment"}


def person(name: str, *permissions: str) -> Actor:
    """A user of the bound company with these rights, as they act."""
    with unit_of_work():
        user = User(email=f"{name.lower().replace(' ', '-')}@example.com", full_name=name, created_at=current.now())
        db.session.add(user)
        db.session.flush()
        return Actor(kind="user", name=name, user_id=user.id, permissions=frozenset(permissions or CASHIER))


def manager() -> Actor:
    """Who accepts differences."""
    return person("Mona", *CASHIER, "approve_cash_variance", "view_all_cash_sessions")


@contextmanager
def by(actor: Actor) -> Iterator[None]:
    """Somebody acts, in one transaction."""
    with acting_as(actor), unit_of_work():
        yield


def opened(actor: Actor) -> int:
    """A drawer of somebody, with nothing in it."""
    with by(actor):
        return drawers.open_session().id


def drawer(session_id: int) -> CashSession:
    """A drawer as it stands."""
    found = queries.get(session_id)
    assert found is not None
    return found


def handover(handover_id: int) -> CashHandover:
    """A hand-over as it stands."""
    found = handover_queries.get(handover_id)
    assert found is not None
    return found


def taken(actor: Actor, amount_minor: int) -> int:
    """A customer has paid somebody in cash; the payment's key."""
    with acting_as(actor):
        return bills.paid(bills.unbillable(), amount_minor, method="cash").id


def counted(actor: Actor, session_id: int, **pieces: int) -> None:
    """Somebody has counted their drawer: `p1000=2` are two notes of a thousand."""
    with by(actor):
        drawers.count(drawer(session_id), {int(face[1:]) * 100: number for face, number in pieces.items()})


def taken_over(actor: Actor, session_id: int, **facts: Any) -> CashSession:
    """Somebody has taken a counted drawer over."""
    with by(actor):
        return drawers.take_over(drawer(session_id), **facts)


def handed(actor: Actor, amount_minor: int, *, source: int | None, to: int | None) -> int:
    """Somebody has signed their side of a hand-over; its key."""
    with by(actor):
        return handovers.hand_over(amount_minor, source=source and drawer(source), to=to and drawer(to)).id


def signed(actor: Actor, handover_id: int) -> None:
    """Somebody has signed the other side."""
    with by(actor):
        handovers.sign(handover(handover_id))


def held(session_id: int) -> int:
    """What a drawer should hold."""
    with unit_of_work():
        return queries.held_minor(session_id)


def office() -> int:
    """What lies in the office."""
    with unit_of_work():
        return queries.office_minor()


def rule(**values: bool) -> None:
    """The company handles cash so."""
    with unit_of_work():
        for name, value in values.items():
            setattr(company.settings(), name, value)


def furnish(word: str, owner: Actor, customer_id: int) -> None:
    """A drawer of the owner, a short one, one that waits to be taken over; hand-overs, deposits, cash brought in."""
    cashier, collector = person(f"{word} Cashier"), person(f"{word} Collector")
    accepting = person(f"{word} Manager", *CASHIER, "approve_cash_variance")
    _short(word, cashier, accepting, customer_id)
    counted_one, bag = opened(cashier), opened(collector)
    for actor in (cashier, collector):
        with acting_as(actor):
            bills.paid(customer_id, 20_000, method="cash")
    counted(cashier, counted_one, p100=2)
    withdrawn = handed(collector, 1_000, source=bag, to=None)
    with by(collector):
        handovers.withdraw(handover(withdrawn))
    signed(accepting, handed(collector, 1_000, source=bag, to=None))
    handed(collector, 5_000, source=bag, to=None)
    with by(owner):
        if queries.live_of(owner.user_id or 0) is None:
            drawers.open_session()
    bills.paid(customer_id, 30_000, method="cash")
    for part in range(2):
        with unit_of_work():
            row = deposits.deposit(
                deposits.DepositFacts(10_000, f"{word} Bank", f"{word}-slip {part}", note=f"{word} note"))
            if part:
                deposits.cancel(row, reason=f"{word} never arrived")
            brought = intakes.bring_in(
                intakes.IntakeFacts(10_000, reference=f"{word}-drawn {part}", note=f"{word} change"))
            if part:
                intakes.cancel(brought, reason=f"{word} never drawn")


def _short(word: str, cashier: Actor, accepting: Actor, customer_id: int) -> None:
    session = opened(cashier)
    with acting_as(cashier):
        bills.paid(customer_id, 10_000, method="cash")
    counted(cashier, session, p50=1)
    taken_over(accepting, session, reason=f"{word} wrong change")
