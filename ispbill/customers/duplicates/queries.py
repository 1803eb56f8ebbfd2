"""Reads of duplicates: records that share a phone, an e-mail address, or name and street; those like one record."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from ispbill.core.bulk import any_key
from ispbill.core.db import AnyRow, TenantModel, db
from ispbill.core.i18n import gettext as _
from ispbill.core.pagination import AnyColumn
from ispbill.core.text import like_pattern
from ispbill.customers.duplicates.policy import Known, Likeness, best, likeness, search_word
from ispbill.customers.models import Customer

MOST_GROUPS, MOST_ALIKE = 50, 10
_MOST_COMPARED = 300
_COLUMNS = (Customer.id, Customer.account_number, Customer.name, Customer.status, Customer.phone, Customer.email,
            Customer.street)


@dataclass(frozen=True, slots=True)
class Group:
    """Records that share something: what, and who, the eldest first."""

    shared: str
    value: str
    members: Sequence[AnyRow]


def groups() -> list[Group]:
    """Records that are probably the same customer, the most certain kind first; at most MOST_GROUPS of each."""
    return [
        *_sharing(_("Phone"), (Customer.phone,), Customer.phone != ""),
        *_sharing(_("E-mail"), (func.lower(Customer.email),), Customer.email != ""),
        *_sharing(_("Name and street"), (func.lower(Customer.name), func.lower(Customer.street)),
                  Customer.street != ""),
    ]


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


def _sharing(shared: str, key: tuple[AnyColumn, ...], is_known: ColumnElement[bool]) -> list[Group]:
    found = (
        select(*(column.label(f"key_{place}") for place, column in enumerate(key)))
        .where(is_known, Customer.merged_into_id.is_(None)).group_by(*key).having(func.count() > 1)
        .order_by(func.count().desc(), *key).limit(MOST_GROUPS).subquery()
    )
    same = and_(*(column == found.c[f"key_{place}"] for place, column in enumerate(key)))
    rows = db.session.execute(
        select(found.c.key_0, *_COLUMNS).join(found, same)
        .where(is_known, Customer.merged_into_id.is_(None)).order_by(*key, Customer.id)
    ).all()
    members: dict[str, list[AnyRow]] = {}
    for row in rows:
        members.setdefault("\n".join((row.key_0, row.street.lower() if len(key) > 1 else "")), []).append(row)
    return [Group(shared, value.partition("\n")[0], group) for value, group in members.items()]
