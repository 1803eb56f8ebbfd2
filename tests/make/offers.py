"""Builders of plans, taxes, subscriptions and installations."""
from __future__ import annotations

import itertools
from datetime import date
from decimal import Decimal
from typing import Any

from ispbill.billing.discounts import service as discounts
from ispbill.billing.discounts.models import Discount, DiscountGrant
from ispbill.billing.discounts.policy import DiscountKind, Terms
from ispbill.catalogue import service as catalogue
from ispbill.catalogue.models import Plan, TaxRate
from ispbill.catalogue.policy import PlanFacts
from ispbill.catalogue.taxes import service as taxes
from ispbill.catalogue.usage import service as usage
from ispbill.catalogue.usage.models import UsagePrice
from ispbill.catalogue.usage.policy import PriceList, Tier, UsageFacts
from ispbill.core.current import current
from ispbill.core.periods import period_from
from ispbill.customers.models import Customer
from ispbill.subscriptions import service as subscriptions
from ispbill.subscriptions.installations import service as installations
from ispbill.subscriptions.installations.policy import InstallationFacts
from ispbill.subscriptions.models import Installation, Subscription
from ispbill.subscriptions.photos import service as photos
from ispbill.subscriptions.photos.models import InstallationPhoto
from ispbill.subscriptions.policy import Start
from ispbill.subscriptions.queries import dates_of
from tests.make import people

_numbers = itertools.count(1)
# A small picture: one grey point.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a49444154789c63980900009b00"
    "9aad2e48b40000000049454e44ae426082"
)
LONG_AGO = date(2020, 1, 1)


def tax(rate_percent: str = "12", *, mode: str = "inclusive", name: str | None = None) -> TaxRate:
    """A percentage tax."""
    return taxes.add(name or f"VAT {next(_numbers)}", rate_percent=rate_percent, mode=mode)


def plan(
    price_minor: int = 149900, *, tax: TaxRate | None = None, valid_from: date = LONG_AGO, **facts: Any
) -> Plan:
    """A plan on sale since long ago; `facts` are those of PlanFacts."""
    number = next(_numbers)
    described = {"code": f"PLAN-{number}", "name": f"Plan {number}", **facts}
    return catalogue.add(
        PlanFacts(tax_rate_id=tax.id if tax else None, **described), amount_minor=price_minor,
        valid_from=valid_from,
    )


def usage_price(plan: Plan, *, price_minor: str = "40", unit: str = "GB", **prices: Any) -> UsagePrice:
    """A price of a plan's usage, the same for each unit where `prices` do not say otherwise, since long ago."""
    known = PriceList(**{"tiers": (Tier(None, Decimal(price_minor)),), **prices})
    return usage.set_prices(plan, facts=UsageFacts(known, unit, LONG_AGO))


def discount(
    name: str | None = None, *, percent: str = "10", plans: list[Plan] | None = None, **terms: Any
) -> Discount:
    """A discount that can be granted: a percentage where `terms` do not say otherwise."""
    given = {"kind": DiscountKind.PERCENT, "rate_percent": Decimal(percent), **terms}
    return discounts.offer(Terms(name=name or f"Discount {next(_numbers)}", **given),
                           plan_ids=[plan.id for plan in plans or []])


def grant(discount: Discount, customer: Customer, **scope: Any) -> DiscountGrant:
    """A discount given to a customer from today; `scope` is that of Scope."""
    return discounts.grant(discount, customer=customer,
                           scope=discounts.Scope(**{"starts_on": current.today(), **scope}))


def subscribe(
    customer: Customer | None = None, *, plans: list[subscriptions.Choice] | None = None,
    start_on: date | None = None, anchor_day: int | None = None, aligned_on: date | None = None, **arguments: Any,
) -> Subscription:
    """A subscription from today: of a new customer and to a new plan, where none is given."""
    return subscriptions.subscribe(
        customer or people.register_customer(), plans=plans or [(plan(), 1, None)],
        start=Start(start_on or current.today(), anchor_day, aligned_on), **arguments,
    )


def installation(customer: Customer | None = None, **facts: Any) -> Installation:
    """A scheduled installation, today, at an address; `facts` are those of InstallationFacts."""
    planned = InstallationFacts(
        **{"address": "12 Mabini Street", "scheduled_on": current.today(), **facts}
    )
    return installations.schedule(customer or people.register_customer(), facts=planned)


def photo(line: Installation, *, caption: str = "", name: str = "pole.png") -> InstallationPhoto:
    """A photo of an installation."""
    return photos.add(line, content=PNG, name=name, caption=caption)


def billed(subscription: Subscription, *, until: date | None = None) -> Subscription:
    """The subscription as if it were billed: to the end of its first period, or until a day."""
    subscriptions.hold(subscription)
    for part in subscription.components:
        dates = dates_of(part, subscription.pauses)
        part.billed_until = until or period_from(dates.schedule, part.billed_until).span.end
    subscriptions.reschedule(subscription)
    return subscription
