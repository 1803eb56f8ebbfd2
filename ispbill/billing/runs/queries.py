"""What is due, read once per chunk in a constant number of statements, and what became of it."""
from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Date,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    union,
)
from sqlalchemy.orm import aliased

from ispbill.areas.models import Area
from ispbill.billing.charges.models import Charge, ChargeStatus
from ispbill.billing.charges.policy import Component, OneTime, Review
from ispbill.billing.discounts.models import DiscountGrant
from ispbill.billing.invoices.buyers import Buyer
from ispbill.billing.invoices.reviews.queries import reviews_of
from ispbill.billing.lines.policy import Tax
from ispbill.billing.pricing.policy import Pricing
from ispbill.billing.pricing.queries import pricing_of, taxes_since, usual_pricing
from ispbill.billing.runs.models import BillingRun, BillingRunChunk, BillingRunException, RunStatus
from ispbill.billing.taxes.models import TaxExemption
from ispbill.catalogue.models import Plan
from ispbill.core.bulk import any_key
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.pagination import SortKey
from ispbill.core.periods import BillingSchedule
from ispbill.customers.models import Customer
from ispbill.subscriptions.models import Subscription, SubscriptionComponent, SubscriptionPause, SubscriptionStatus
from ispbill.subscriptions.pauses.queries import unbilled_on
from ispbill.subscriptions.policy import ComponentDates, Pause
from ispbill.subscriptions.queries import pauses_of

# So few customers, with so many components, are billed by one worker: another transaction costs more than it gains.
SMALL = 250
COMPONENTS_OF_SMALL = 4 * SMALL
LAST_KEY = 2**63 - 1
NEWEST_FIRST = SortKey((BillingRun.billing_on,), descending=True)
# What a small company may have none of: one statement spares it four.
_KEPT_AT_ALL = select(
    exists().where(Charge.status == ChargeStatus.PENDING).label("charges"),
    exists(select(SubscriptionPause.id)).label("pauses"),
    or_(exists(select(DiscountGrant.id)), exists(select(TaxExemption.id))).label("special_terms"),
)
_BUYER = (Customer.id, Customer.name, Customer.street, Customer.area_id, Customer.tax_identifier)


class DueCustomer(NamedTuple):
    """A customer with everything of theirs that is due."""

    id: int
    buyer: Buyer
    components: list[Component]
    charges: list[OneTime]
    pricing: Pricing


def due_customers(on: date, *, first: int, last: int, lock: bool) -> list[DueCustomer]:
    """The due customers whose ids lie between `first` and `last`; with `lock`, held until the transaction ends."""
    rows = _due_components(on, first=first, last=last, lock=lock)
    return _due(rows, on, first=first, last=last, lock=lock)


def due_if_few(on: date) -> list[DueCustomer] | None:
    """All due customers, held until the transaction ends; None where the company is not small on that day."""
    asked = {"on": on, "first": 0, "last": LAST_KEY, "most": COMPONENTS_OF_SMALL + 1}
    rows = db.session.execute(_few_components(), asked).all()
    if len(rows) > COMPONENTS_OF_SMALL:
        return None
    due = _due(rows, on, first=0, last=LAST_KEY, lock=True)
    return due if len(due) <= SMALL else None


def _due(rows: Sequence[AnyRow], on: date, *, first: int, last: int, lock: bool) -> list[DueCustomer]:
    kept = db.session.execute(_KEPT_AT_ALL).one()
    waiting = _due_charges(on, first=first, last=last, lock=lock) if kept.charges else ()
    if not rows and not waiting:
        return []
    taxes = taxes_since(_first_day(rows, on), on=on)
    keys = {row.id for row in (*rows, *waiting)}
    pricing = (pricing_of(keys, on=on, taxes=taxes) if kept.special_terms
               else dict.fromkeys(keys, usual_pricing(taxes)))
    areas = _area_paths({row.area_id for row in (*rows, *waiting) if row.area_id})
    pauses = pauses_of({row.subscription_id for row in rows}) if kept.pauses else {}
    reviews = reviews_of({row.component_id: row.review_from for row in rows if row.review_from})
    due: dict[int, DueCustomer] = {}
    for row in rows:
        customer = due.get(row.id) or _customer(due, row, areas, pricing)
        customer.components.append(_component(row, taxes, pauses, reviews))
    for row in waiting:
        customer = due.get(row.id) or _customer(due, row, areas, pricing)
        customer.charges.append(_one_time(row, taxes))
    return list(due.values())


def due_ranges(on: date, *, size: int) -> list[tuple[int, int]]:
    """Ranges of customer ids, first and last, that hold up to `size` due customers each.

    Where they are not few, the first holds half of what others may: it is written while the next is priced.
    """
    due = db.session.scalars(_all_due(), {"on": on}).all()
    if len(due) <= SMALL:
        starts = [*range(0, len(due), size)]
    else:
        share = min(size, -(-2 * len(due) // 3))
        starts = [0, *range(share // 2, len(due), share)]
    return [(due[start], due[end - 1]) for start, end in pairwise([*starts, len(due)])]


def is_large(on: date, *, more_than: int) -> bool:
    """Whether more customers than that are due."""
    some = _due_customer_ids(on).limit(more_than + 1).subquery()
    found: int = db.session.execute(select(func.count()).select_from(some)).scalar_one()
    return found > more_than


def is_due(on: date | BindParameter[date]) -> ColumnElement[bool]:
    """Components for which billing has something to do by a day."""
    return SubscriptionComponent.due_on <= on


def waiting() -> Sequence[BillingRun]:
    """Runs that wait for approval, the earliest day first."""
    return db.session.scalars(
        select(BillingRun).where(BillingRun.status == RunStatus.AWAITING_APPROVAL).order_by(BillingRun.billing_on)
    ).all()


def in_the_way(*, by: date) -> Sequence[BillingRun]:
    """Runs of a day and before it that are at work or held, the earliest first: later days bill what they do not."""
    is_held = and_(BillingRun.status == RunStatus.AWAITING_APPROVAL, BillingRun.held_by.is_not(None))
    return db.session.scalars(
        select(BillingRun).where(BillingRun.billing_on <= by, or_(BillingRun.status == RunStatus.RUNNING, is_held))
        .order_by(BillingRun.billing_on)
    ).all()


def is_next() -> ColumnElement[bool]:
    """Chunks of which no run of an earlier day has anything to bill, as far as it is at work."""
    own_run, run, chunk = aliased(BillingRun), aliased(BillingRun), aliased(BillingRunChunk)
    return ~exists().where(
        own_run.id == BillingRunChunk.run_id, run.billing_on < own_run.billing_on, run.status == RunStatus.RUNNING,
        chunk.run_id == run.id, chunk.status == "pending",
        chunk.first_customer_id <= BillingRunChunk.last_customer_id,
        chunk.last_customer_id >= BillingRunChunk.first_customer_id,
    )


def exception_of(run_id: int, customer_id: int) -> BillingRunException | None:
    """The note that a run parked a customer."""
    return db.session.scalars(
        select(BillingRunException).where(BillingRunException.run_id == run_id,
                                          BillingRunException.customer_id == customer_id)
    ).one_or_none()


def parked(run_id: int, customer_ids: Collection[int]) -> dict[int, bool]:
    """Those of the customers whom a run parked, and whether somebody lets it issue their unusual bill."""
    rows = db.session.execute(
        select(BillingRunException.customer_id, BillingRunException.released_by.is_not(None))
        .where(BillingRunException.run_id == run_id, BillingRunException.customer_id == any_key(customer_ids))
    )
    return {key: is_released for key, is_released in rows}


def billed_ahead_count(on: date) -> int:
    """Subscriptions that have begun by the day and of which nothing is due, for they are billed beyond it."""
    due = select(SubscriptionComponent.subscription_id).where(is_due(on))
    return db.session.execute(
        select(func.count()).select_from(Subscription).where(
            Subscription.status == SubscriptionStatus.ACTIVE, Subscription.start_on <= on,
            Subscription.id.not_in(due),
        )
    ).scalar_one()


def not_billed(on: date) -> Sequence[AnyRow]:
    """Suspended subscriptions that are not billed by the day: they are skipped, each for a reason."""
    return db.session.execute(
        select(Subscription.id, Customer.account_number, Customer.name, Subscription.status).join(Customer)
        .where(Subscription.status == SubscriptionStatus.SUSPENDED, unbilled_on(on),
               exists().where(SubscriptionComponent.subscription_id == Subscription.id,
                              SubscriptionComponent.billed_until <= on,
                              or_(SubscriptionComponent.due_on.is_(None), SubscriptionComponent.due_on > on)))
        .order_by(Subscription.id)
    ).all()


def exceptions_of(run_id: int) -> Sequence[AnyRow]:
    """The customers a run parked, with the reasons."""
    return db.session.execute(
        select(BillingRunException.customer_id, Customer.account_number, Customer.name, BillingRunException.reason,
               BillingRunException.is_unusual)
        .join(Customer).where(BillingRunException.run_id == run_id).order_by(Customer.account_number)
    ).all()


def named(customer_ids: Collection[int]) -> Sequence[AnyRow]:
    """Account numbers and names of some customers."""
    return db.session.execute(
        select(Customer.id, Customer.account_number, Customer.name).where(Customer.id == any_key(customer_ids))
        .order_by(Customer.account_number)
    ).all()


def chunk_totals(chunk_ids: Collection[int]) -> AnyRow:
    """The sums over some chunks: subscriptions, invoices, lines, money; and how many are still pending."""
    return db.session.execute(_totals().where(BillingRunChunk.id.in_(chunk_ids))).one()


def run_totals(run_id: int) -> AnyRow:
    """The sums over all chunks of a run."""
    return db.session.execute(_totals().where(BillingRunChunk.run_id == run_id)).one()


def listing() -> AnySelect:
    """Runs with their sums, for paging."""
    totals = _totals().add_columns(BillingRunChunk.run_id).group_by(BillingRunChunk.run_id).subquery()
    return select(
        BillingRun, func.coalesce(totals.c.invoices, 0).label("invoices"),
        func.coalesce(totals.c.total_minor, 0).label("total_minor"),
        select(func.count()).where(BillingRunException.run_id == BillingRun.id).scalar_subquery().label("parked"),
    ).outerjoin(totals, totals.c.run_id == BillingRun.id)


def detail(run_id: int) -> BillingRun | None:
    """A run."""
    return db.session.get(BillingRun, run_id)


def of_day(day: date) -> BillingRun | None:
    """The run of a day, where there is one."""
    return db.session.scalars(select(BillingRun).where(BillingRun.billing_on == day)).one_or_none()


def running() -> list[BillingRun]:
    """Approved runs with chunks still to bill."""
    return list(db.session.scalars(
        select(BillingRun).where(BillingRun.status == "running").order_by(BillingRun.billing_on)
    ))


def incomplete() -> list[BillingRun]:
    """Runs that are through, and left a service without a bill and without a reason; locked, without those that
    somebody opens again at this moment.
    """
    return list(db.session.scalars(
        select(BillingRun).where(BillingRun.status == "incomplete").order_by(BillingRun.billing_on)
        .with_for_update(skip_locked=True)
    ))


def chunk_states(run_id: int) -> Sequence[str]:
    """The state of every chunk of a run."""
    return db.session.scalars(select(BillingRunChunk.status).where(BillingRunChunk.run_id == run_id)).all()


def pending_chunk_ids(run_id: int) -> list[int]:
    """The chunks of a run that are still to be billed."""
    return list(db.session.scalars(
        select(BillingRunChunk.id).where(BillingRunChunk.run_id == run_id, BillingRunChunk.status == "pending")
        .order_by(BillingRunChunk.ordinal)
    ))


def _totals() -> AnySelect:
    def total(column: Any) -> Any:
        return func.coalesce(func.sum(column), 0)

    return select(
        total(BillingRunChunk.subscription_count).label("subscriptions"),
        total(BillingRunChunk.invoice_count).label("invoices"), total(BillingRunChunk.line_count).label("lines"),
        total(BillingRunChunk.total_minor).label("total_minor"), func.count().label("chunks"),
        func.count().filter(BillingRunChunk.status == "pending").label("pending"),
    )


def _due_customer_ids(on: date | BindParameter[date]) -> CompoundSelect[int]:
    of_components = select(Subscription.customer_id).join(SubscriptionComponent).where(is_due(on))
    return union(of_components, select(Charge.customer_id).where(_waits(on)))


@cache
def _all_due() -> CompoundSelect[int]:
    return _due_customer_ids(bindparam("on", type_=Date)).order_by("customer_id")


def _due_components(on: date, *, first: int, last: int, lock: bool) -> Sequence[AnyRow]:
    return db.session.execute(_components(lock), {"on": on, "first": first, "last": last}).all()


@cache
def _components(lock: bool) -> AnySelect:
    # Kept, for every chunk of a run asks it: to put it together takes as long as a tenth of a small company's answer.
    part, first, last = SubscriptionComponent, bindparam("first", type_=BigInteger), bindparam("last", type_=BigInteger)
    statement = (
        select(
            *_BUYER, part.id.label("component_id"), part.subscription_id, part.quantity, part.unit_price_minor,
            part.start_on, part.end_on, part.billed_until, part.review_from, part.aligned_on, part.anchor_day,
            part.period_count, part.period_unit, part.timing, part.merges_stub, part.plan_id,
            Plan.name.label("plan_name"), Plan.tax_rate_id,
        )
        .join(Subscription, Subscription.customer_id == Customer.id)
        .join(part, part.subscription_id == Subscription.id).join(Plan, Plan.id == part.plan_id)
        .where(is_due(bindparam("on", type_=Date)), Customer.id.between(first, last))
        .order_by(Customer.id, part.subscription_id, part.id)
    )
    return statement.with_for_update(key_share=True, of=(Customer, part)) if lock else statement


@cache
def _few_components() -> AnySelect:
    return _components(True).limit(bindparam("most", type_=BigInteger))


def _due_charges(on: date, *, first: int, last: int, lock: bool) -> Sequence[AnyRow]:
    statement = (
        select(*_BUYER, Charge.id.label("charge_id"), Charge.subscription_id, Charge.kind, Charge.description,
               Charge.quantity, Charge.unit_price_minor, Charge.tax_rate_id)
        .join(Charge, Charge.customer_id == Customer.id)
        .where(_waits(on), Customer.id.between(first, last)).order_by(Customer.id, Charge.id)
    )
    return db.session.execute(
        statement.with_for_update(key_share=True, of=(Customer, Charge)) if lock else statement
    ).all()


def _waits(on: date | BindParameter[date]) -> ColumnElement[bool]:
    return and_(Charge.status == ChargeStatus.PENDING, Charge.bill_on <= on)


def _customer(
    due: dict[int, DueCustomer], row: AnyRow, areas: dict[int, str], pricing: dict[int, Pricing]
) -> DueCustomer:
    due[row.id] = DueCustomer(row.id, _buyer(row, areas), [], [], pricing[row.id])
    return due[row.id]


def _first_day(rows: Sequence[AnyRow], on: date) -> date:
    """The first day that any of them may be billed or looked at again."""
    return min((min(row.billed_until, row.review_from or row.billed_until) for row in rows), default=on)


def _buyer(row: AnyRow, areas: dict[int, str]) -> Buyer:
    address = ", ".join(filter(None, (row.street, areas.get(row.area_id))))
    return Buyer(row.name, address, row.tax_identifier)


def _component(
    row: AnyRow, taxes: dict[int, Tax], pauses: dict[int, tuple[Pause, ...]], reviews: dict[int, Review]
) -> Component:
    # By place and not by name: a run reads each of its rows here.
    (key, subscription_id, quantity, unit_price_minor, start_on, end_on, billed_until, _, aligned_on, anchor_day,
     count, unit, timing, merges_stub, plan_id, plan_name, tax_rate_id) = row[len(_BUYER):]
    dates = ComponentDates(
        BillingSchedule(aligned_on, anchor_day, count, unit), start_on, end_on, timing == "arrears", merges_stub,
        pauses.get(subscription_id, ()),
    )
    return Component(key, subscription_id, plan_name, quantity, unit_price_minor, taxes.get(tax_rate_id), dates,
                     billed_until, reviews.get(key), plan_id)


def _one_time(row: AnyRow, taxes: dict[int, Tax]) -> OneTime:
    return OneTime(
        row.charge_id, row.subscription_id, row.kind, row.description, row.quantity, row.unit_price_minor,
        taxes.get(row.tax_rate_id),
    )


def _area_paths(area_ids: set[int]) -> dict[int, str]:
    if not area_ids:
        return {}
    middle, top = aliased(Area), aliased(Area)
    rows = db.session.execute(
        select(Area.id, Area.name, middle.name, top.name)
        .outerjoin(middle, middle.id == Area.parent_id).outerjoin(top, top.id == middle.parent_id)
        .where(Area.id.in_(area_ids))
    )
    return {key: ", ".join(filter(None, names)) for key, *names in rows}
