"""Moves of subscriptions, by the verbs that staff use."""
from __future__ import annotations

from datetime import timedelta
from random import Random

from ispbill.catalogue.models import Plan
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.customers import service as customers
from ispbill.customers.duplicates import service as duplicates
from ispbill.customers.models import Customer, CustomerStatus
from ispbill.customers.suspension_reasons.policy import PauseBilling
from ispbill.subscriptions import service as subscriptions
from ispbill.subscriptions.changes import service as changes
from ispbill.subscriptions.models import Subscription, SubscriptionPause, SubscriptionStatus
from ispbill.subscriptions.pauses import service as pauses
from tests.make import offers, people
from tests.scenarios.simulation import chance

_SERVED = (Customer.status == CustomerStatus.ACTIVE,)


def subscribe(dice: Random) -> None:
    """A customer, new or known, takes one to three plans, some days ago or from a day on."""
    customer = chance.one(dice, Customer, *_SERVED) if dice.random() < 0.4 else people.register_customer()
    plans = [(chance.one(dice, Plan), dice.choice((1, 1, 1, 2, 7)), None) for _ in range(dice.choice((1, 1, 2, 3)))]
    anchor_day = dice.choice((None, None, 1, 15, 29, 31))
    offers.subscribe(customer, plans=plans, start_on=chance.day(dice), anchor_day=anchor_day)


def change(dice: Random) -> None:
    """Another plan, quantity or price: now, on a day nearby, or when what is billed is over."""
    line, part = chance.component(dice)
    new = dice.choice((
        changes.NewTerms(plan=chance.one(dice, Plan)), changes.NewTerms(plan=chance.one(dice, Plan), restarts=True),
        changes.NewTerms(quantity=dice.randint(1, 5)), changes.NewTerms(unit_price_minor=dice.randint(1_000, 200_000)),
    ))
    changes.change(part, line, new=new, on=dice.choice((chance.day(dice), part.billed_until)))


def add_component(dice: Random) -> None:
    """Something more beside what runs."""
    plan, quantity = chance.one(dice, Plan), dice.randint(1, 3)
    changes.add(chance.subscription(dice), plan=plan, quantity=quantity, on=chance.day(dice))


def remove_component(dice: Random) -> None:
    """One thing less."""
    line, part = chance.component(dice)
    changes.remove(part, line, on=dice.choice((chance.day(dice), part.billed_until)))


def move_anchor(dice: Random) -> None:
    """Another billing day."""
    changes.move_anchor(chance.subscription(dice), anchor_day=dice.choice((1, 10, 28, 30, 31)), on=chance.day(dice))


def pause(dice: Random) -> None:
    """A subscription is suspended, and its days are billed, passed over or given back."""
    subscriptions.suspend(
        chance.subscription(dice, SubscriptionStatus.ACTIVE), on=chance.past_day(dice), reason="simulated",
        billing=dice.choice(list(PauseBilling)),
    )


def book_pause(dice: Random) -> None:
    """A suspension is booked, with a last day or without, its days billed, passed over or given back."""
    on = current.today() + timedelta(days=dice.choice((1, 2, 5, 20, 40)))
    until = dice.choice((None, *(on + timedelta(days=days) for days in (1, 4, 15, 31, 60))))
    subscriptions.suspend(chance.subscription(dice), on=on, until=until, reason="simulated",
                          billing=dice.choice(list(PauseBilling)))


def cancel_pause(dice: Random) -> None:
    """A booked suspension is taken back."""
    pause = chance.one(dice, SubscriptionPause, SubscriptionPause.start_on > current.today())
    pauses.cancel(pause, db.session.get_one(Subscription, pause.subscription_id))


def resume(dice: Random) -> None:
    """A suspended one is served again."""
    subscriptions.resume(chance.subscription(dice, SubscriptionStatus.SUSPENDED), on=chance.past_day(dice))


def end(dice: Random) -> None:
    """A subscription ends: on a day, or with what is billed; with or without giving back."""
    on, line = dice.choice((None, chance.day(dice))), chance.subscription(dice)
    running = len(line.running)
    subscriptions.end(line, on=on, reason="simulated", credits=dice.random() < 0.8)
    assert len(line.running) == running, "an end neither replaces nor removes"


def keep(dice: Random) -> None:
    """An end is withdrawn."""
    ends = (Subscription.end_on.is_not(None), Subscription.status != SubscriptionStatus.ENDED)
    line = chance.one(dice, Subscription, *ends)
    subscriptions.keep(line)
    assert all(part.end_on == part.replaced_on for part in line.components), "all goes on but what was replaced"


def merge(dice: Random) -> None:
    """Two records of customers become one."""
    duplicates.merge(chance.one(dice, Customer).id, merged_id=chance.one(dice, Customer).id)


def suspend_customer(dice: Random) -> None:
    """A customer is suspended with everything they have."""
    customers.suspend(chance.one(dice, Customer, Customer.status == CustomerStatus.ACTIVE), reason="simulated",
                      billing=dice.choice(list(PauseBilling)))


def restore_customer(dice: Random) -> None:
    """A suspended customer is served again."""
    customers.restore(chance.one(dice, Customer, Customer.status == CustomerStatus.SUSPENDED))
