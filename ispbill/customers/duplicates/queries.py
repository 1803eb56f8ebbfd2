"""Reads of duplicates: records that share a phone, an e-mail address, or name and street; those like one record."""
from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from ispbill.core.bulk import any_key
from ispbill.core.db import AnyRow, AnySelect, TenantModel, db
from ispbill.core.i18n import lazy
from ispbill.core.pagination import AnyColumn
from ispbill.core.text import like_pattern
from ispbill.customers.duplicates.policy import Known, Likeness, best, likeness, search_word
from ispbill.customers.models import Customer

MOST_GROUPS, MOST_ALIKE = 50, 10
_MOST_COMPARED = 300
_COLUMNS = (Customer.id, Customer.account_number, Customer.name, Customer.status, Customer.phone, Customer.email,
            Customer.street)


class Shared(StrEnum):
    """What records may have in common, the most certain first."""

    PHONE = "phone"
    EMAIL = "email"
    PLACE = "place"


SHARED = {Shared.PHONE: lazy("Phone"), Shared.EMAIL: lazy("E-mail"), Shared.PLACE: lazy("Name and street")}
_KEYS: dict[Shared, tuple[tuple[AnyColumn, ...], ColumnElement[bool]]] = {
    Shared.PHONE: ((Customer.phone,), Customer.phone != ""),
    Shared.EMAIL: ((func.lower(Customer.email),), Customer.email != ""),
    Shared.PLACE: ((func.lower(Customer.name), func.lower(Customer.street)), Customer.street != ""),
}


class Likely(NamedTuple):
    """Ids of records that share something: what, and its value."""

    shared: str
    value: str
    customer_ids: list[int]


@dataclass(frozen=True, slots=True)
class Group:
    """Records that share something: what, and who, the eldest first."""

    shared: str
    value: str
    members: Sequence[AnyRow]


def likely() -> list[Likely]:
    """Which records are probably the same customer; of each kind at most MOST_GROUPS, those with most records first."""
    return [Likely(shared, *row) for shared in Shared for row in db.session.execute(_sharing(*_KEYS[shared]))]


def groups(found: Collection[Likely]) -> list[Group]:
    """The records of what was found, as they are now; those merged meanwhile are left out."""
    rows = {row.id: row for row in db.session.execute(
        select(*_COLUMNS).where(Customer.id == any_key({key for one in found for key in one.customer_ids}),
                                Customer.merged_into_id.is_(None))
    )}
    members = ((one, [rows[key] for key in one.customer_ids if key in rows]) for one in found)
    return [Group(SHARED[Shared(one.shared)], one.value, alive) for one, alive in members if len(alive) > 1]


def alike(customer: Customer) -> list[tuple[AnyRow, Likeness]]:
    """The records that may be the same customer as this one, the most alike first, with what makes them so."""
    same: list[ColumnElement[bool]] = [Customer.search_text.like(like_pattern(search_word(customer.name)))]
    if customer.phone:
        same.append(and_(Customer.phone != "", Customer.phone == customer.phone))
    if customer.email:
        same.append(and_(Customer.email != "", func.lower(Customer.email) == customer.email.lower()))
    rows = db.session.execute(
        select(*_COLUMNS).where(or_(*same), Customer.id != customer.id, Customer.merged_into_id.is_(None))
        .limit(_MOST_COMPARED)
    ).all()
    here = Known(customer.name, customer.phone, customer.email, customer.street)
    scored = [(row, likeness(here, Known(row.name, row.phone, row.email, row.street))) for row in rows]
    return best(scored, limit=MOST_ALIKE)


def counting(model: type[TenantModel]) -> Callable[[Sequence[int]], Mapping[int, int]]:
    """Counts the rows of a table for each of some customers; who has none is left out."""
    column: Any = model.__table__.c["customer_id"]

    def counted(customer_ids: Sequence[int]) -> Mapping[int, int]:
        rows = db.session.execute(
            select(column, func.count()).where(column == any_key(customer_ids)).group_by(column)
        )
        return {customer_id: number for customer_id, number in rows}

    return counted


def locked(customer_ids: Sequence[int]) -> list[Customer]:
    """The records, held until the transaction ends, always in the same order."""
    return list(db.session.scalars(
        select(Customer).where(Customer.id == any_key(customer_ids)).order_by(Customer.id).with_for_update()
        .execution_options(populate_existing=True)
    ))


def _sharing(key: tuple[AnyColumn, ...], is_known: ColumnElement[bool]) -> AnySelect:
    return (
        select(key[0], func.array_agg(aggregate_order_by(Customer.id, Customer.id)))
        .where(is_known, Customer.merged_into_id.is_(None)).group_by(*key).having(func.count() > 1)
        .order_by(func.count().desc(), *key).limit(MOST_GROUPS)
    )
