"""The companies of a simulation: each in its own zone and currency, with its own convention of partial periods.

All have the same plans, of every shape and every way to tax.
"""
from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from ispbill.accounts.models import User
from ispbill.billing.collections.models import CollectionStep
from ispbill.catalogue.contracts import service as contracts
from ispbill.catalogue.contracts.policy import ContractFacts
from ispbill.company import service as company
from ispbill.company.policy import BillingTerms
from ispbill.core.current import SYSTEM, TenantRef, bound, current
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from tests.make import offers
from tests.make.tenants import open_company

PLACES = (("Asia/Manila", "PHP"), ("America/New_York", "USD"), ("Pacific/Auckland", "JPY"), ("Europe/Berlin", "EUR"),
          ("Africa/Nairobi", "KWD"))
CONVENTIONS = (("actual", "stub"), ("fixed_30", "merge"), ("actual", "free"))


@dataclass(frozen=True, slots=True)
class Company:
    """A company under test."""

    name: str
    tenant: TenantRef


def open_companies(count: int) -> list[Company]:
    """So many companies, each a little different."""
    return [_opened(place) for place in range(count)]


def _opened(place: int) -> Company:
    timezone, currency = PLACES[place % len(PLACES)]
    proration, first_period = CONVENTIONS[place % len(CONVENTIONS)]
    tenant = open_company(timezone=timezone, currency=currency)
    with bound(tenant, SYSTEM), unit_of_work():
        db.session.add_all([User(email=f"{name}@example.com", full_name=name.capitalize(), created_at=current.now())
                            for name in ("ana", "ben", "cora")])
        company.change_terms(BillingTerms(15, auto_issue=True, invoice_note="", proration=proration,
                                          first_period=first_period))
        inside, on_top = offers.tax("12"), offers.tax("7.25", mode="exclusive")
        offers.plan(149_900, tax=inside)
        offers.plan(99_999, tax=on_top)
        offers.plan(59_995)
        offers.plan(35_000, tax=inside, period_unit="day", period_count=7)
        offers.plan(299_700, tax=on_top, period_count=3)
        offers.plan(120_001, tax=inside, timing="arrears")
        offers.plan(1_200_000, period_count=12)
        offers.plan(89_900, tax=on_top, trial_days=14)
        contracts.bind(offers.plan(79_900, tax=inside), facts=ContractFacts(12, fixed_minor=90_000, is_declining=True))
        offers.usage_price(offers.plan(49_900, tax=inside, trial_days=9), price_minor="12.5")
        _charges_late_fees()
    return Company(f"{timezone} {place + 1}", tenant)


def _charges_late_fees() -> None:
    step = db.session.scalars(select(CollectionStep).where(CollectionStep.name == "Late fee")).one()
    step.is_active, step.fee_flat_minor = True, 5_000
