"""Reads of one-time charges: the list, one, what waits for a customer, the deposits that are held."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased, joinedload

from ispbill.billing.charges.models import Charge, ChargeKind, ChargeStatus
from ispbill.core.bulk import any_key
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.pagination import SortKey
from ispbill.customers.models import Customer
from ispbill.customers.queries import matching

SORTS = {
    "newest": SortKey((Charge.id,), descending=True), "due": SortKey((Charge.bill_on, Charge.id)),
}
# How the source of a fee begins that is asked when a subscription begins.
BEGINNING = "beginning:"
_Back = aliased(Charge)
# What of a charge went back, below zero.
_GIVEN_BACK = (
    select(func.sum(_Back.quantity * _Back.unit_price_minor))
    .where(_Back.returns_id == Charge.id, _Back.status != ChargeStatus.CANCELLED).correlate(Charge).scalar_subquery()
)


@dataclass(frozen=True, slots=True)
class ChargeFilter:
    """What the list is narrowed to."""

    term: str = ""
    status: str | None = None
    kind: str | None = None
    customer_id: int | None = None


def listing(wanted: ChargeFilter) -> AnySelect:
    """Charges with their customers, as the filter wants."""
    statement = select(Charge, Customer.name.label("customer_name"), Customer.account_number)
    return statement.join(Customer, Customer.id == Charge.customer_id).where(*_conditions(wanted))


def everything(statement: AnySelect) -> Sequence[AnyRow]:
    """All rows of a listing, the newest first."""
    return db.session.execute(statement.order_by(Charge.id.desc())).all()


def get(charge_id: int) -> Charge | None:
    """A charge with its customer."""
    return db.session.scalars(
        select(Charge).where(Charge.id == charge_id).options(joinedload(Charge.customer))
    ).one_or_none()


def waiting(customer_id: int) -> Sequence[Charge]:
    """What waits for a customer's next bill, in the order in which it is due."""
    return db.session.scalars(
        select(Charge).where(Charge.customer_id == customer_id, Charge.status == ChargeStatus.PENDING)
        .order_by(Charge.bill_on, Charge.id)
    ).all()


def pending_of(subscription_id: int, *, kind: ChargeKind) -> Sequence[Charge]:
    """The charges of a kind that wait for a subscription."""
    return db.session.scalars(
        select(Charge).where(Charge.subscription_id == subscription_id, Charge.kind == kind,
                             Charge.status == ChargeStatus.PENDING).order_by(Charge.id)
    ).all()


def standing_of(subscription_id: int, *, kind: ChargeKind) -> Sequence[Charge]:
    """The charges of a kind that a subscription has, waiting or billed."""
    return db.session.scalars(
        select(Charge).where(Charge.subscription_id == subscription_id, Charge.kind == kind,
                             Charge.status != ChargeStatus.CANCELLED).order_by(Charge.id)
    ).all()


def fees_of_beginning(subscription_id: int) -> Sequence[Charge]:
    """The fees asked with the first bill of a subscription that wait for it still."""
    waiting = pending_of(subscription_id, kind=ChargeKind.ONE_TIME)
    return [charge for charge in waiting if (charge.source or "").startswith(BEGINNING)]


def count_of(subscription_id: int, *, kind: ChargeKind) -> int:
    """How many charges of a kind a subscription ever had."""
    return db.session.execute(
        select(func.count()).where(Charge.subscription_id == subscription_id, Charge.kind == kind)
    ).scalar_one()


def deposits_held(customer_id: int) -> Sequence[AnyRow]:
    """A customer's deposits that are billed and not given back: (Charge, held_minor)."""
    held = Charge.quantity * Charge.unit_price_minor + func.coalesce(_GIVEN_BACK, 0)
    return db.session.execute(
        select(Charge, held.label("held_minor")).where(
            Charge.customer_id == customer_id, Charge.kind == ChargeKind.DEPOSIT, Charge.status == ChargeStatus.BILLED,
            held > 0,
        ).order_by(Charge.id)
    ).all()


def held_minor(deposit: Charge) -> int:
    """What of a billed deposit was not given back and will not be with the next bill."""
    return deposit.amount_minor - given_back([deposit.id]).get(deposit.id, 0)


def given_back(deposit_ids: Sequence[int]) -> dict[int, int]:
    """What of some deposits was given back, by a credit note too, or will be with the next bill."""
    if not deposit_ids:
        return {}
    rows = db.session.execute(
        select(Charge.returns_id, -func.sum(Charge.quantity * Charge.unit_price_minor))
        .where(Charge.returns_id == any_key(deposit_ids), Charge.status != ChargeStatus.CANCELLED)
        .group_by(Charge.returns_id)
    )
    return {deposit_id: int(amount_minor) for deposit_id, amount_minor in rows if deposit_id is not None}


def _conditions(wanted: ChargeFilter) -> list[ColumnElement[bool]]:
    known = ((Charge.status, wanted.status), (Charge.kind, wanted.kind), (Charge.customer_id, wanted.customer_id))
    conditions = [column == value for column, value in known if value is not None]
    return [*conditions, matching(wanted.term)] if wanted.term else conditions
