"""Builders of prepaid lines."""
from __future__ import annotations

from typing import Any

from ispbill.billing.prepaid import service as prepaid
from ispbill.billing.prepaid.models import PrepaidLoad
from ispbill.billing.prepaid.offers.queries import Purchase
from ispbill.billing.prepaid.service import Line, Money
from ispbill.catalogue.models import Plan
from tests.make import offers, people

IN_CASH = Money("cash")


def load(
    customer_id: int | None = None, *, plan: Plan | None = None, kind: str = "one_month",
    received: Money | None = IN_CASH, **facts: Any
) -> PrepaidLoad:
    """A load, for a month of a plan of 1,000 paid in cash unless said otherwise; of a new customer where none is
    given. `facts` are an amount_minor, a key, an installation_id or a prepaid_id.
    """
    line = {name: facts[name] for name in ("installation_id", "prepaid_id") if name in facts}
    return prepaid.load(
        Line(customer_id or people.register_customer().id, **line),
        Purchase((plan or offers.plan(100_000)).id, kind, facts.get("amount_minor")), received=received,
        idempotency_key=facts.get("key"),
    )
