"""Moves of prepaid lines, by the verbs that staff use."""
from __future__ import annotations

from random import Random
from typing import Any

from ispbill.billing.prepaid.cancelling import service as cancelling
from ispbill.billing.prepaid.conversion import service as conversion
from ispbill.billing.prepaid.models import PrepaidLoad, PrepaidStatus, PrepaidSubscription
from ispbill.billing.prepaid.offers.queries import Purchase
from ispbill.catalogue.models import Plan
from ispbill.customers.models import Customer, CustomerStatus
from tests.make import loads
from tests.scenarios.simulation import chance

_SERVED = (PrepaidSubscription.status != PrepaidStatus.CANCELLED,)


def load(dice: Random) -> None:
    """A prepaid line gets time, for the first time or more of it; the same click twice counts once."""
    facts: dict[str, Any] = {"kind": dice.choice(("one_month", "fifteen_days", "custom")), "key": f"L{dice.random()}"}
    if facts["kind"] == "custom":
        facts["amount_minor"] = dice.randint(5_000, 300_000)
    if dice.random() < 0.6:
        renewed = chance.one(dice, PrepaidSubscription, *_SERVED)
        facts["prepaid_id"], customer_id = renewed.id, renewed.customer_id
    else:
        customer_id = chance.one(dice, Customer, Customer.status == CustomerStatus.ACTIVE).id
    facts["plan"], facts["received"] = chance.one(dice, Plan), dice.choice((loads.IN_CASH, loads.IN_CASH, None))
    assert loads.load(customer_id, **facts).id == loads.load(customer_id, **facts).id, "the same load was made twice"


def cancel_load(dice: Random) -> None:
    """What is unused of a load is given back."""
    cancelling.cancel_load(chance.one(dice, PrepaidLoad, PrepaidLoad.cancelled_at.is_(None)), reason="simulated")


def cancel(dice: Random) -> None:
    """A prepaid line is served no longer."""
    cancelling.cancel(chance.one(dice, PrepaidSubscription, *_SERVED).id, reason="simulated")


def to_postpaid(dice: Random) -> None:
    """A prepaid line is billed from now on."""
    conversion.to_postpaid(chance.one(dice, PrepaidSubscription, *_SERVED), at_once=dice.random() < 0.5)


def to_prepaid(dice: Random) -> None:
    """A subscription ends and its line is loaded from there on."""
    purchase = Purchase(chance.one(dice, Plan).id, dice.choice(("one_month", "fifteen_days")))
    conversion.to_prepaid(chance.subscription(dice), purchase, at_once=dice.random() < 0.5, received=loads.IN_CASH,
                          idempotency_key=f"C{dice.random()}")
