"""The verb of usage prices: another list from a day on. What was rated keeps the list of its day."""
from __future__ import annotations

from ispbill.catalogue.models import Plan
from ispbill.catalogue.usage.models import UsagePrice, UsageTier
from ispbill.catalogue.usage.policy import UsageFacts, checked
from ispbill.core.db import db


def set_prices(plan: Plan, *, facts: UsageFacts) -> UsagePrice:
    """Charge a plan's usage by a price list from a day on.

    Raises Invalid; the database refuses a second list from the same day.
    """
    known = checked(facts)
    price = UsagePrice(
        plan_id=plan.id, valid_from=known.valid_from, unit=known.unit.strip(), model=known.prices.model,
        included=known.prices.included, minimum_minor=known.minimum_minor,
    )
    db.session.add(price)
    db.session.flush()
    db.session.add_all([
        UsageTier(usage_price_id=price.id, position=position, up_to=tier.up_to, price_minor=tier.price_minor,
                  flat_minor=tier.flat_minor, block=tier.block, whole_blocks=tier.whole_blocks)
        for position, tier in enumerate(known.prices.tiers, start=1)
    ])
    db.session.flush()
    return price
