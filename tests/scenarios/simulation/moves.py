"""What can happen at a company: one function a move, by the verbs that its staff uses. The dice alone decide.

A move raises what its verb raises, and Idle where there is nothing that it could be done to.
"""
from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Any, NamedTuple

from sqlalchemy import select

from ispbill import schedule
from ispbill.billing.charges import service as charges
from ispbill.billing.charges.models import Charge, ChargeKind, ChargeStatus
from ispbill.billing.invoices import service as invoices
from ispbill.billing.invoices.models import Invoice, InvoiceStatus
from ispbill.billing.ledger import queries as ledger
from ispbill.billing.payments import service as payments
from ispbill.billing.payments.models import Payment, PaymentStatus
from ispbill.billing.prepaid.models import PrepaidSubscription
from ispbill.billing.runs import jobs
from ispbill.catalogue.models import Plan
from ispbill.core.current import SYSTEM, bound, current
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers import service as customers
from ispbill.customers.models import Customer, CustomerStatus
from ispbill.jobs.draining import drain
from ispbill.subscriptions import queries as subscription_queries
from ispbill.subscriptions import service as subscriptions
from ispbill.subscriptions.changes import service as changes
from ispbill.subscriptions.models import PauseBilling, Subscription, SubscriptionComponent, SubscriptionStatus
from tests.make import loads, offers, people

# What is not the companies' own: the platform's spares, the queue's rests.
_TICKS = [entry.tick for entry in schedule.ENTRIES if entry.tick.__module__ == schedule.__name__]
_NEARBY = (0, 0, 0, 0, 1, 5, 20, -1, -3, -12)


class Idle(Exception):
    """There is nothing that this could be done to."""


class Move(NamedTuple):
    """Something that can happen, and how often. `is_whole`: it is one transaction."""

    name: str
    do: Callable[[Random], object]
    weight: int
    is_whole: bool = True


def bill_by_hand(dice: Random) -> None:
    """A run for today or a day nearby, and the same again, which must add nothing."""
    on = current.today() + timedelta(days=dice.choice((0, 0, 0, 0, -2, 3)))
    jobs.bill_now(on)
    again = jobs.bill_now(on)
    assert not again.invoices, f"a second run for {on} added {again.invoices} invoices"
    assert not again.parked, f"customers are parked: {again.parked}"


def live_through(dice: Random) -> None:
    """What the scheduler and the workers do now."""
    tenant = current.tenant
    with bound(None, SYSTEM):
        drain(_TICKS, only=[tenant.code])


def subscribe(dice: Random) -> None:
    """A customer, new or known, takes one to three plans, some days ago or from a day on."""
    customer = _one(dice, Customer) if dice.random() < 0.4 else people.register_customer()
    plans = [(_one(dice, Plan), dice.choice((1, 1, 1, 2, 7)), None) for _ in range(dice.choice((1, 1, 2, 3)))]
    offers.subscribe(customer, plans=plans, start_on=_day(dice), anchor_day=dice.choice((None, None, 1, 15, 29, 31)))


def change(dice: Random) -> None:
    """Another plan, quantity or price: now, on a day nearby, or when what is billed is over."""
    line, part = _component(dice)
    new = dice.choice((
        changes.NewTerms(plan=_one(dice, Plan)), changes.NewTerms(plan=_one(dice, Plan), restarts=True),
        changes.NewTerms(quantity=dice.randint(1, 5)), changes.NewTerms(unit_price_minor=dice.randint(1_000, 200_000)),
    ))
    changes.change(part, line, new=new, on=dice.choice((_day(dice), part.billed_until)))


def add_component(dice: Random) -> None:
    """Something more beside what runs."""
    changes.add(_subscription(dice), plan=_one(dice, Plan), quantity=dice.randint(1, 3), on=_day(dice))


def remove_component(dice: Random) -> None:
    """One thing less."""
    line, part = _component(dice)
    changes.remove(part, line, on=dice.choice((_day(dice), part.billed_until)))


def move_anchor(dice: Random) -> None:
    """Another billing day."""
    changes.move_anchor(_subscription(dice), anchor_day=dice.choice((1, 10, 28, 30, 31)), on=_day(dice))


def pause(dice: Random) -> None:
    """A subscription is suspended, and its days are billed, passed over or given back."""
    subscriptions.suspend(
        _subscription(dice, SubscriptionStatus.ACTIVE), on=min(_day(dice), current.today()), reason="simulated",
        billing=dice.choice(list(PauseBilling)),
    )


def resume(dice: Random) -> None:
    """A suspended one is served again."""
    subscriptions.resume(_subscription(dice, SubscriptionStatus.SUSPENDED), on=min(_day(dice), current.today()))


def end(dice: Random) -> None:
    """A subscription ends: on a day, or with what is billed; with or without giving back."""
    on = dice.choice((None, _day(dice)))
    subscriptions.end(_subscription(dice), on=on, reason="simulated", credits=dice.random() < 0.8)


def keep(dice: Random) -> None:
    """An end is withdrawn."""
    subscriptions.keep(_subscription(dice))


def suspend_customer(dice: Random) -> None:
    """A customer is suspended with everything they have."""
    customers.suspend(_one(dice, Customer), reason="simulated")


def activate_customer(dice: Random) -> None:
    """A suspended customer is served again."""
    customers.activate(_one(dice, Customer, Customer.status == CustomerStatus.SUSPENDED))


def charge_once(dice: Random) -> None:
    """A fee, a deposit or something given back; twice with one source counts once."""
    kind = dice.choice(list(ChargeKind))
    amount_minor = dice.randint(100, 50_000) * (-1 if kind == ChargeKind.ADJUSTMENT and dice.random() < 0.7 else 1)
    facts = charges.ChargeFacts(
        _one(dice, Customer).id, "Simulated", amount_minor, kind=kind, quantity=dice.randint(1, 3), bill_on=_day(dice),
        source=f"simulation:{dice.random()}",
    )
    assert charges.add(facts).id == charges.add(facts).id, "the same charge was added twice"


def cancel_charge(dice: Random) -> None:
    """A charge that waits is withdrawn."""
    charges.cancel(_one(dice, Charge, Charge.status == ChargeStatus.PENDING), reason="simulated")


def pay(dice: Random) -> None:
    """Money comes in: a part, all, too much, or ahead; the same click twice counts once."""
    customer = _one(dice, Customer)
    owed_minor = max(ledger.balance_of(customer.id), 1_000)
    amount_minor = dice.choice((owed_minor, owed_minor // 2, owed_minor // 3, owed_minor + dice.randint(1, 90_000)))
    receipt = payments.Receipt(
        customer_id=customer.id, amount_minor=amount_minor, method=dice.choice(("cash", "e_wallet")),
        reference=f"R{dice.random()}", received_on=min(_day(dice), current.today()),
        idempotency_key=f"K{dice.random()}",
    )
    assert payments.record(receipt).id == payments.record(receipt).id, "the same payment was recorded twice"


def reverse(dice: Random) -> None:
    """A payment bounces."""
    payments.reverse(_one(dice, Payment, Payment.status == PaymentStatus.RECORDED), reason="simulated")


def void(dice: Random) -> None:
    """A document is taken back."""
    invoices.void(_one(dice, Invoice, Invoice.status == InvoiceStatus.ISSUED), reason="simulated")


def load(dice: Random) -> None:
    """A prepaid line gets time, for the first time or more of it; the same click twice counts once."""
    facts: dict[str, Any] = {"kind": dice.choice(("one_month", "fifteen_days", "custom")), "key": f"L{dice.random()}"}
    if facts["kind"] == "custom":
        facts["amount_minor"] = dice.randint(5_000, 300_000)
    if dice.random() < 0.6:
        renewed = _one(dice, PrepaidSubscription)
        facts["prepaid_id"], customer_id = renewed.id, renewed.customer_id
    else:
        customer_id = _one(dice, Customer).id
    facts["plan"], facts["received"] = _one(dice, Plan), dice.choice((loads.IN_CASH, None))
    assert loads.load(customer_id, **facts).id == loads.load(customer_id, **facts).id, "the same load was made twice"


MOVES = (
    Move("bill_by_hand", bill_by_hand, 16, is_whole=False), Move("live_through", live_through, 10, is_whole=False),
    Move("subscribe", subscribe, 10), Move("change", change, 12), Move("add_component", add_component, 4),
    Move("remove_component", remove_component, 3), Move("move_anchor", move_anchor, 3), Move("pause", pause, 5),
    Move("resume", resume, 6), Move("end", end, 4), Move("keep", keep, 3),
    Move("suspend_customer", suspend_customer, 2), Move("activate_customer", activate_customer, 3),
    Move("charge_once", charge_once, 5), Move("cancel_charge", cancel_charge, 2), Move("pay", pay, 14),
    Move("reverse", reverse, 4), Move("void", void, 6), Move("load", load, 7),
)


def carry_out(move: Move, dice: Random) -> None:
    """Do a move in the transaction that it is, or in those that it makes itself."""
    if not move.is_whole:
        move.do(dice)
        return
    with unit_of_work():
        move.do(dice)


def _one(dice: Random, model: Any, *conditions: Any) -> Any:
    keys = db.session.scalars(select(model.id).where(*conditions).order_by(model.id)).all()
    if not keys:
        raise Idle
    return db.session.get_one(model, dice.choice(keys))


def _subscription(dice: Random, *statuses: SubscriptionStatus) -> Subscription:
    wanted = statuses or (SubscriptionStatus.ACTIVE, SubscriptionStatus.SUSPENDED)
    found = subscription_queries.get(_one(dice, Subscription, Subscription.status.in_(wanted)).id)
    assert found is not None
    return found


def _component(dice: Random) -> tuple[Subscription, SubscriptionComponent]:
    line = _subscription(dice)
    if not line.running:
        raise Idle
    return line, dice.choice(line.running)


def _day(dice: Random) -> date:
    return current.today() + timedelta(days=dice.choice(_NEARBY))
