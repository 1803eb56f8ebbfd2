"""Those of the demo who pay before: a share of the newcomers loads time, again before it runs out, late, or no more.

What was done on a day before is not done again: each load has a key of its line and day.
"""
from __future__ import annotations

from datetime import date, timedelta
from random import Random

from sqlalchemy import select

from ispbill.billing.prepaid import service as prepaid
from ispbill.billing.prepaid.models import LoadKind, PrepaidStatus, PrepaidSubscription
from ispbill.billing.prepaid.offers.queries import Purchase
from ispbill.billing.prepaid.service import Line, Money
from ispbill.catalogue.models import Plan
from ispbill.core.current import acting_as
from ispbill.core.db import db
from ispbill.customers.models import Customer
from ispbill.demo.company import DemoCompany
from ispbill.demo.population import Subscriber
from ispbill.subscriptions.models import Installation

# Of a hundred people who join, and of a hundred loads.
_SHARE, _MONTHS = 35, 60
# Days from running out to the next load, and of a hundred how many wait so long; the rest load no more.
_DELAYS = {-1: 35, 0: 25, 3: 15, 8: 10}


def pays_before(company: DemoCompany, person: Subscriber) -> bool:
    """Whether somebody loads time instead of subscribing: people who join while the days are played, and stay."""
    joins = person.kind == "person" and person.leaves_on is None and person.known_since >= company.span.first_on
    return joins and Random(f"{person.phone} prepaid").randrange(100) < _SHARE


def begin(company: DemoCompany, customer: Customer, line: Installation, plan: Plan) -> None:
    """The first load of a line, when it is installed."""
    _load(company, Line(customer.id, installation_id=line.id), plan.id, key=f"demo load {line.id}")


def renew(company: DemoCompany, day: date) -> None:
    """Load the lines of those who come today for it."""
    soon = company.closing(day) + timedelta(days=2)
    lines = db.session.scalars(
        select(PrepaidSubscription)
        .where(PrepaidSubscription.status != PrepaidStatus.CANCELLED, PrepaidSubscription.expires_at < soon)
        .order_by(PrepaidSubscription.id)
    ).all()
    for known in lines:
        runs_out_on = known.expires_at.astimezone(company.tenant.zone).date()
        delay = _delay(f"{known.installation_id} {runs_out_on}")
        if delay is not None and runs_out_on + timedelta(days=delay) == day:
            _load(company, Line(known.customer_id, prepaid_id=known.id), known.plan_id,
                  key=f"demo load {known.installation_id} {day}")


def _load(company: DemoCompany, line: Line, plan_id: int, *, key: str) -> None:
    kind = LoadKind.ONE_MONTH if Random(key).randrange(100) < _MONTHS else LoadKind.FIFTEEN_DAYS
    with acting_as(company.staff["Cashier"]):
        prepaid.load(line, Purchase(plan_id, kind), received=Money("cash"), idempotency_key=key)


def _delay(key: str) -> int | None:
    """How many days after time runs out the next load comes; None where none does."""
    dice = Random(key).randrange(100)
    for delay, share in _DELAYS.items():
        if dice < share:
            return delay
        dice -= share
    return None
