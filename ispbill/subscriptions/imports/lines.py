"""Subscriptions as a kind of import: who is billed for which plan from when, known by a reference of their own."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from sqlalchemy import select

from ispbill.catalogue import queries as catalogue
from ispbill.catalogue import service as offered
from ispbill.catalogue.models import Plan
from ispbill.company import service as company
from ispbill.core.bulk import any_text
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import DomainError
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.tables import Row, Table
from ispbill.customers.imports.queries import Known, named_by, named_in, naming_column
from ispbill.customers.models import Customer
from ispbill.imports.kinds import Kind, Terms
from ispbill.imports.policy import DAY, NUMBER, Column, Effect, Loaded, Step, Total
from ispbill.subscriptions import service as subscriptions
from ispbill.subscriptions.imports.policy import first_of_next_month
from ispbill.subscriptions.models import Subscription, SubscriptionComponent
from ispbill.subscriptions.policy import MOST_QUANTITY, Start, check_start
from ispbill.subscriptions.service import Sale

COLUMNS = (
    Column("account_number", lazy("Or external_reference: who subscribes"), example="AC-000123",
           also=("account", "account no", "customer number", "customer")),
    Column("external_reference", lazy("The customer's number in the former system"), also=("customer id", "old id")),
    Column("plan_code", lazy("A plan that is on sale"), is_required=True, example="FIBER-50", also=("plan", "package")),
    Column("reference", lazy("What this subscription is known by when the file comes again"), example="SUB-1042",
           also=("subscription", "subscription id", "contract")),
    Column("quantity", lazy("1 where empty"), example="1", also=("count",)),
    Column("price", lazy("For a period; the plan's own where empty"), example="1399.00",
           also=("monthly price", "monthly fee"), holds=NUMBER),
    Column("start_on", lazy("First day that is billed; else the day of the file"), example="2026-04-01",
           also=("start date",), holds=DAY),
    Column("anchor_day", lazy("Billing day, 1 to 31; else that of the first day"), example="1",
           also=("billing day", "due day")),
)
_LONGEST_REFERENCE = 100


@dataclass(frozen=True, slots=True)
class _Books:
    """What the lines are held against; `price` is what is agreed for a plan, asked once for all lines that agree so."""

    customers: Known
    plans: Mapping[str, Plan]
    price: Callable[[Plan, int | None, date], int]


def load(table: Table, terms: Terms) -> Loaded:
    """Each line as a subscription to begin; one whose reference is there stays as it is."""
    books = _books(table.rows)
    read = [(row, sale) for row in table.rows if (sale := _read(row, books, terms)) is not None]
    known = _by_reference([sale.external_reference for _, sale in read if sale.external_reference])
    steps = [Step(row.line, sale, known.get(sale.external_reference)) for row, sale in read if not row.errors]
    new = [step.facts for step in steps if step.known is None]
    return Loaded(steps, [error for row in table.rows for error in row.errors], [
        Total(_("Subscriptions in the file"), len(read)), Total(_("To begin"), len(new)),
        Total(_("Their prices together"), sum(map(_price_minor, new)), is_money=True),
    ], [(row.line, "reference", sale.external_reference or "") for row, sale in read])


def write(steps: Sequence[Step], terms: Terms) -> list[Effect]:
    """Begin the subscriptions."""
    begun = subscriptions.subscribe_all([step.facts for step in steps])
    return [
        effect for step, subscription in zip(steps, begun, strict=True)
        for effect in (Effect(step.line, Subscription.__tablename__, subscription.id),
                       *(Effect(step.line, SubscriptionComponent.__tablename__, part.id)
                         for part in subscription.components))
    ]


def _price_minor(sale: Sale) -> int:
    return sum(quantity * (price_minor or 0) for _, quantity, price_minor in sale.plans)


def _books(rows: Sequence[Row]) -> _Books:
    return _Books(
        named_in(rows),
        {plan.code: plan for plan in catalogue.by_codes([row.text("plan_code").upper() for row in rows])},
        cache(lambda plan, agreed_minor, on: offered.agreed_price(plan, agreed_minor, on=on)),
    )


def _read(row: Row, books: _Books, terms: Terms) -> Sale | None:
    customer, plan = _customer(row, books.customers), books.plans.get(row.text("plan_code").upper())
    if plan is None and row.text("plan_code", required=True):
        row.refuse("plan_code", _("There is no plan with this code."), _("Bring the plans in first."))
    price_minor = row.money("price", currency=current.tenant.currency)
    start_on = row.day("start_on") or terms.day
    quantity = row.whole("quantity", low=1, high=MOST_QUANTITY) or 1
    anchor_day = row.whole("anchor_day", low=1, high=31)
    reference = row.text("reference", most=_LONGEST_REFERENCE)
    if row.errors or customer is None or plan is None:
        return None
    try:
        check_start(start_on, today=current.today())
        company.require_open(start_on, field="start_on")
        price_minor = books.price(plan, price_minor, start_on)
    except DomainError as refusal:
        row.refuse("start_on" if refusal.field == "start_on" else "plan_code", refusal.message, _("Mend the value."))
        return None
    start = Start(start_on, anchor_day, grants_trials=False)
    return Sale(customer, [(plan, quantity, price_minor)], start, external_reference=reference or None)


def _customer(row: Row, known: Known) -> Customer | None:
    customer = named_by(row, known)
    if customer is not None and customer.status not in ("lead", "active") and not row.errors:
        row.refuse(naming_column(row), _("The customer is %(status)s.", status=customer.status),
                   _("Who subscribes is a lead or active."))
    return customer


def _by_reference(references: Sequence[str]) -> dict[str | None, Subscription]:
    found = db.session.scalars(select(Subscription).where(Subscription.external_reference == any_text(references)))
    return {subscription.external_reference: subscription for subscription in found}


KIND = Kind(
    code="subscriptions", label=lazy("Subscriptions"), permission="create_subscription",
    undo_permission="cancel_subscription", columns=lambda: COLUMNS, load=load, write=write,
    models=(Subscription, SubscriptionComponent), owned=frozenset({"subscription_contracts"}), key="reference",
    day=lazy("Bill from"), default_day=first_of_next_month,
)
