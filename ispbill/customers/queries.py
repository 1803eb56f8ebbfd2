"""Reads of customers: the list with its filters, search by anything a caller says, one customer."""
from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, ColumnElement, and_, cast, func, or_, select
from sqlalchemy.orm import joinedload

from ispbill.areas import queries as areas
from ispbill.areas.models import Area
from ispbill.areas.policy import Place
from ispbill.core.bulk import any_key, any_text
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.matching import by_letters
from ispbill.core.pagination import AnyColumn, SortKey
from ispbill.core.text import like_pattern
from ispbill.customers.labels import queries as labels
from ispbill.customers.models import Customer
from ispbill.customers.policy import spoken_digits, spoken_words

SORTS = {
    "name": SortKey((by_letters(Customer.name), Customer.id)),
    "account": SortKey((Customer.account_number,)),
    "newest": SortKey((Customer.id,), descending=True),
}
_MOST_SORTED = 1_000
_MANY = 20_000
WITH_AREA = joinedload(Customer.area).joinedload(Area.parent).joinedload(Area.parent)


@dataclass(frozen=True, slots=True)
class CustomerFilter:
    """What the list of customers is narrowed to.

    `since` and `until` bound when a customer was registered, half-open; a record that turned out to be another
    customer's did not join then.
    """

    term: str = ""
    status: str | None = None
    place: Place | None = None
    label_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


def listing(wanted: CustomerFilter) -> AnySelect:
    """Customers with the path of their area, as the filter wants them."""
    columns = (
        Customer.id, Customer.account_number, Customer.name, Customer.status, Customer.status_since,
        Customer.phone,
        Customer.email, Customer.street, Customer.created_at, Customer.merged_into_id, *areas.path_columns(),
    )
    return areas.with_path(select(*columns), Customer.area_id).where(*_conditions(wanted))


def are_many() -> bool:
    """Whether reading every customer takes longer than a viewer should wait."""
    return (db.session.scalar(select(func.max(Customer.id))) or 0) >= _MANY


def count(wanted: CustomerFilter) -> int:
    """How many customers the filter finds."""
    statement = select(func.count()).select_from(Customer).where(*_conditions(wanted))
    return db.session.execute(statement).scalar_one()


def matching(term: str) -> ColumnElement[bool]:
    """The condition that a customer is found: each word anywhere, or a telephone number as a whole."""
    return _matching(term, {})


def matching_or_living(term: str) -> ColumnElement[bool]:
    """As `matching`, where a word may also be part of the name of the area a customer lives in, or of one around it.

    The areas are looked up first: most words name none, and then the condition is the one that the index of words
    answers by itself.
    """
    return _matching(term, areas.ids_named(spoken_words(term)))


def living_in(customer_id: AnyColumn, place: Place | None) -> list[ColumnElement[bool]]:
    """The condition that a row's customer lives in a place; none where none is asked for."""
    if place is None:
        return []
    return [customer_id.in_(select(Customer.id).where(areas.lies_in(Customer.area_id, place)))]


def search(term: str, *, limit: int) -> Sequence[AnyRow]:
    """The customers found by a caller's words, an exact account number first, merged records last.

    Of words that more than a thousand customers share, any thousand are sorted by name.
    """
    columns = (Customer.id, Customer.account_number, Customer.name, Customer.status, Customer.phone, Customer.street,
               Customer.merged_into_id)
    number = term.strip().upper()
    exact = db.session.execute(select(*columns).where(Customer.account_number == number)).all()
    # Found first, sorted then: for the order by name alone the database would read half the customers.
    some = (
        select(*columns).where(matching_or_living(term), Customer.account_number != number).limit(_MOST_SORTED)
        .subquery()
    )
    ordered = select(some).order_by(by_letters(some.c.name), some.c.id)
    others = db.session.execute(ordered.limit(limit - len(exact))).all()
    return [*exact, *sorted(others, key=lambda row: row.merged_into_id is not None)]


def get(customer_id: int) -> Customer | None:
    """A customer with their area and its parents loaded."""
    return db.session.scalars(select(Customer).where(Customer.id == customer_id).options(WITH_AREA)).one_or_none()


def by_ids(customer_ids: Collection[int]) -> dict[int, Customer]:
    """Customers by their ids, each with their area and its parents loaded; who does not exist is left out."""
    found = db.session.scalars(select(Customer).where(Customer.id == any_key(customer_ids)).options(WITH_AREA))
    return {customer.id: customer for customer in found}


def by_account_number(account_number: str) -> Customer | None:
    """The customer who quotes this number, however it is capitalised."""
    return db.session.scalars(
        select(Customer).where(Customer.account_number == account_number.strip().upper())
    ).one_or_none()


def known_account_numbers(numbers: Sequence[str]) -> set[str]:
    """Those of the account numbers that a customer has."""
    return set(db.session.scalars(
        select(Customer.account_number).where(Customer.account_number == any_text(numbers))
    ))


def known_references(references: Sequence[str]) -> set[str]:
    """Those of the external references that a customer has."""
    known = db.session.scalars(
        select(Customer.external_reference).where(Customer.external_reference == any_text(references))
    )
    return {reference for reference in known if reference is not None}


def having(numbers: Sequence[str], references: Sequence[str]) -> Sequence[Customer]:
    """The customers with one of the account numbers or external references."""
    return db.session.scalars(select(Customer).where(or_(
        Customer.account_number == any_text(numbers), Customer.external_reference == any_text(references)
    ))).all()


def held_statuses(customer_ids: Collection[int]) -> dict[int, str]:
    """The status of each of some customers, held until the transaction ends."""
    rows = db.session.execute(
        select(Customer.id, Customer.status).where(Customer.id == any_key(customer_ids)).order_by(Customer.id)
        .with_for_update()
    )
    return {customer_id: status for customer_id, status in rows}


def export_rows(wanted: CustomerFilter) -> Sequence[AnyRow]:
    """Everything a file of customers holds, in the order of account numbers."""
    columns = (
        Customer.id, Customer.account_number, Customer.name, Customer.kind, Customer.email, Customer.phone,
        Customer.tax_identifier, Customer.street, Customer.landmark, Customer.latitude, Customer.longitude,
        Customer.location_accuracy, Customer.status, Customer.e_billing_since, Customer.external_reference,
        Customer.notes, Customer.custom_values, *areas.path_columns(),
    )
    statement = areas.with_path(select(*columns), Customer.area_id).where(*_conditions(wanted))
    return db.session.execute(statement.order_by(Customer.account_number)).all()


def located() -> Sequence[AnyRow]:
    """The customers whose coordinates are known, for a map."""
    return db.session.execute(
        select(Customer.id, Customer.account_number, Customer.name, Customer.status, Customer.latitude,
               Customer.longitude)
        .where(Customer.latitude.is_not(None), Customer.merged_into_id.is_(None)).order_by(Customer.id)
    ).all()


def count_by_area(area_ids: Sequence[int]) -> dict[int, int]:
    """How many customers live in each of the areas, all that lies inside included; none are left out."""
    pairs = areas.inside_each(area_ids).subquery()
    # Counted before they are joined: one pass over the index, however the areas lie in each other.
    living = (
        select(Customer.area_id, func.count().label("residents")).where(Customer.merged_into_id.is_(None))
        .group_by(Customer.area_id).subquery()
    )
    rows = db.session.execute(
        select(pairs.c.outer_id, cast(func.sum(living.c.residents), BigInteger))
        .join(living, living.c.area_id == pairs.c.inner_id).group_by(pairs.c.outer_id)
    )
    return {area_id: residents for area_id, residents in rows}


def _matching(term: str, homes: Mapping[str, Sequence[int]]) -> ColumnElement[bool]:
    digits = spoken_digits(term)
    found = and_(*(_says(word, homes.get(word, ())) for word in spoken_words(term)))
    return found if digits is None else or_(found, Customer.search_text.like(like_pattern(digits)))


def _says(word: str, homes: Sequence[int]) -> ColumnElement[bool]:
    said = Customer.search_text.like(like_pattern(word))
    return or_(said, Customer.area_id == any_key(homes)) if homes else said


def _conditions(wanted: CustomerFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.term:
        conditions.append(matching_or_living(wanted.term))
    if wanted.status is not None:
        conditions.append(Customer.status == wanted.status)
    if wanted.place is not None:
        conditions.append(areas.lies_in(Customer.area_id, wanted.place))
    if wanted.since is not None or wanted.until is not None:
        conditions.append(Customer.merged_into_id.is_(None))
    if wanted.since is not None:
        conditions.append(Customer.created_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(Customer.created_at < wanted.until)
    if wanted.label_id is not None:
        conditions.append(Customer.id.in_(labels.wearers(wanted.label_id)))
    return conditions
