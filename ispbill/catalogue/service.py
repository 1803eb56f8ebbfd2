"""Verbs of the catalogue.

Prices are never edited: a new version begins, an old one stays with who has it.
"""
from __future__ import annotations

from dataclasses import asdict
from datetime import date

from ispbill.catalogue import queries
from ispbill.catalogue.models import Plan, PlanKind, PlanPrice, PlanStatus
from ispbill.catalogue.policy import PlanFacts, check_kind, checked
from ispbill.catalogue.taxes import queries as taxes
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.money import LARGEST_MINOR


def add(facts: PlanFacts, *, amount_minor: int, valid_from: date | None = None) -> Plan:
    """Put a plan on sale with its first price, from `valid_from` (today where not given). Raises Invalid."""
    known = checked(facts)
    _check_tax(known.tax_rate_id)
    plan = Plan(**asdict(known), status=PlanStatus.ACTIVE, created_at=current.now())
    db.session.add(plan)
    db.session.flush()
    set_price(plan, amount_minor=amount_minor, valid_from=valid_from or current.today())
    return plan


def change(plan: Plan, *, facts: PlanFacts) -> Plan:
    """Correct what a plan is; prices have versions of their own. Raises Invalid."""
    known = checked(facts)
    check_kind(plan.kind, known.kind)
    if known.tax_rate_id != plan.tax_rate_id:
        _check_tax(known.tax_rate_id)
    for name, value in asdict(known).items():
        setattr(plan, name, value)
    db.session.flush()
    return plan


def set_price(plan: Plan, *, amount_minor: int, valid_from: date) -> PlanPrice:
    """Ask another price of subscriptions that begin on or after a day; running ones keep theirs.

    Raises Invalid for a negative amount; the database refuses a second price from the same day.
    """
    if not 0 <= amount_minor <= LARGEST_MINOR:
        raise Invalid(_("A price is zero or more."), field="amount")
    price = PlanPrice(plan_id=plan.id, amount_minor=amount_minor, valid_from=valid_from)
    db.session.add(price)
    db.session.flush()
    return price


def price_in_force(plan: Plan, *, on: date) -> int:
    """The monthly price of a subscription that begins on a day, in minor units.

    Raises Invalid before the first price.
    """
    amount_minor = queries.price_in_force(plan.id, on=on)
    if amount_minor is None:
        raise Invalid(_("%(name)s has no price on %(on)s. Set one from that day or earlier.", name=plan.name, on=on),
                      field="plan_id")
    return amount_minor


def agreed_price(plan: Plan, agreed_minor: int | None, *, on: date) -> int:
    """The unit price of a plan that is taken on a day: what was agreed, or what is asked then.

    Raises Conflict for a retired plan, Invalid for one without a price or that is charged once.
    """
    if plan.kind == PlanKind.ONE_TIME:
        raise Invalid(_("%(name)s is charged once: add it as a charge.", name=plan.name), field="plan_id")
    if plan.status != PlanStatus.ACTIVE:
        raise Conflict(_("%(name)s is retired; nobody can subscribe to it any more.", name=plan.name), field="plan_id")
    return price_in_force(plan, on=on) if agreed_minor is None else agreed_minor


def retire(plan: Plan) -> Plan:
    """Sell a plan no longer; who has it keeps it. Raises Conflict when it is retired already."""
    if plan.status == PlanStatus.RETIRED:
        raise Conflict(_("%(name)s is retired already.", name=plan.name))
    plan.status = PlanStatus.RETIRED
    db.session.flush()
    return plan


def activate(plan: Plan) -> Plan:
    """Sell a retired plan again. Raises Conflict when it is on sale."""
    if plan.status == PlanStatus.ACTIVE:
        raise Conflict(_("%(name)s is on sale already.", name=plan.name))
    plan.status = PlanStatus.ACTIVE
    db.session.flush()
    return plan


def remove(plan: Plan) -> Plan:
    """Take a plan nobody ever had out of the catalogue; the database refuses where somebody has."""
    db.session.delete(plan)
    db.session.flush()
    return plan


def _check_tax(tax_rate_id: int | None) -> None:
    if tax_rate_id is None:
        return
    tax = taxes.get(tax_rate_id)
    if tax is None or not tax.is_active:
        raise Invalid(_("Choose a tax that is in use."), field="tax_rate_id")
