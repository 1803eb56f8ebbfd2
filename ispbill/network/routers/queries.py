"""Reads of routers: the list with who has each, one with its history, those at a customer's lines."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, literal, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import joinedload, selectinload

from ispbill.core.bulk import any_key, any_text
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.errors import Invalid
from ispbill.core.matching import by_letters
from ispbill.core.pagination import SortKey
from ispbill.core.text import like_pattern
from ispbill.customers.models import Customer
from ispbill.customers.queries import matching as customer_matches
from ispbill.network.routers.models import Router, RouterAssignment
from ispbill.network.routers.policy import mac_address, sought_mac
from ispbill.subscriptions.models import GONE, Installation

_MOST_WORDS = 6
SORTS = {
    "newest": SortKey((Router.id,), descending=True),
    "model": SortKey((Router.brand, Router.model, Router.id)),
    "serial": SortKey((Router.serial_number,)),
}
_LIVE = and_(RouterAssignment.router_id == Router.id, RouterAssignment.returned_on.is_(None))


@dataclass(frozen=True, slots=True)
class RouterFilter:
    """What the list of routers is narrowed to."""

    term: str = ""
    status: str | None = None
    brand: str | None = None


def listing(wanted: RouterFilter) -> AnySelect:
    """Routers with the customer at whose line they stand, as the filter wants them."""
    return (
        select(
            Router.id, Router.brand, Router.model, Router.serial_number, Router.mac_address, Router.status,
            Router.status_since, Router.notes, Installation.address, Customer.id.label("customer_id"),
            Customer.name.label("customer_name"), Customer.account_number,
        )
        .outerjoin(RouterAssignment, _LIVE)
        .outerjoin(Installation, RouterAssignment.installation_id == Installation.id)
        .outerjoin(Customer, Installation.customer_id == Customer.id)
        .where(*_conditions(wanted))
    )


def everything(statement: AnySelect) -> Sequence[AnyRow]:
    """All rows of a listing, by brand, model and serial number."""
    return db.session.execute(statement.order_by(Router.brand, Router.model, Router.serial_number)).all()


def count(wanted: RouterFilter) -> int:
    """How many routers the filter finds."""
    return db.session.execute(select(func.count()).select_from(Router).where(*_conditions(wanted))).scalar_one()


def count_by_status() -> dict[str, int]:
    """How many routers there are of each status."""
    rows = db.session.execute(select(Router.status, func.count()).group_by(Router.status))
    return {status: number for status, number in rows}


def brands() -> list[str]:
    """The brands there are, in alphabetical order."""
    return list(db.session.scalars(select(Router.brand).distinct().order_by(Router.brand)))


def matching(term: str) -> ColumnElement[bool]:
    """The condition that a router is found: each word anywhere, or a MAC address in whatever notation."""
    found = and_(*(Router.search_text.like(like_pattern(word)) for word in term.lower().split()[:_MOST_WORDS]))
    digits = sought_mac(term)
    return found if digits is None else or_(found, Router.search_text.like(like_pattern(digits)))


def search(term: str, *, limit: int) -> Sequence[AnyRow]:
    """The routers found by a serial number, a MAC address or a model."""
    statement = listing(RouterFilter(term=term)).order_by(Router.serial_number).limit(limit)
    return db.session.execute(statement).all()


def holders(address: str, *, limit: int) -> Sequence[AnyRow]:
    """The customers at whose lines a router with this MAC address, or this part of one, stands now.

    The index knows the text of brand, model and numbers together; a model may look like part of an address.
    """
    bare = func.lower(func.replace(Router.mac_address, ":", ""))
    return db.session.execute(
        select(Customer.id, Customer.name, Customer.account_number, Router.mac_address)
        .join(Installation, Installation.customer_id == Customer.id)
        .join(RouterAssignment, RouterAssignment.installation_id == Installation.id)
        .join(Router, RouterAssignment.router_id == Router.id)
        .where(Router.search_text.like(like_pattern(address)), bare.like(like_pattern(address)),
               RouterAssignment.returned_on.is_(None))
        .order_by(by_letters(Customer.name), Router.id).limit(limit)
    ).all()


def get(router_id: int) -> Router | None:
    """A router."""
    return db.session.get(Router, router_id)


def with_history(router_id: int) -> Router | None:
    """A router with everywhere it stood, the newest first."""
    return db.session.scalars(
        select(Router).where(Router.id == router_id)
        .options(selectinload(Router.assignments).joinedload(RouterAssignment.installation))
    ).one_or_none()


def named(text: str) -> Router | None:
    """The router with this serial number or MAC address, as somebody reads it off the label."""
    serial = " ".join(text.upper().split())
    by_serial = db.session.scalars(select(Router).where(Router.serial_number == serial)).one_or_none()
    if by_serial is not None:
        return by_serial
    try:
        address = mac_address(text)
    except Invalid:
        return None
    return db.session.scalars(
        select(Router).where(Router.mac_address.is_not(None), Router.mac_address == address)
    ).one_or_none()


def live_assignment(router_id: int) -> RouterAssignment | None:
    """Where the router stands now, with the line and its customer."""
    return db.session.scalars(
        _with_line().where(RouterAssignment.router_id == router_id, RouterAssignment.returned_on.is_(None))
    ).one_or_none()


def history(router_id: int) -> Sequence[RouterAssignment]:
    """Everywhere a router stood, the newest first."""
    return db.session.scalars(
        _with_line().where(RouterAssignment.router_id == router_id).order_by(RouterAssignment.id.desc())
    ).all()


def of_customer(customer_id: int) -> Sequence[RouterAssignment]:
    """What stands at a customer's lines now, with router and line."""
    return db.session.scalars(
        _with_line().join(RouterAssignment.installation)
        .where(Installation.customer_id == customer_id, RouterAssignment.returned_on.is_(None))
        .order_by(RouterAssignment.id)
    ).all()


def at_line(installation_id: int) -> Sequence[RouterAssignment]:
    """What stands at a line now."""
    return db.session.scalars(
        _with_line().where(RouterAssignment.installation_id == installation_id, RouterAssignment.returned_on.is_(None))
        .order_by(RouterAssignment.id)
    ).all()


def serials_at(installation_ids: Iterable[int]) -> dict[int, str]:
    """The serial numbers of what stands at some lines now, as one text each; a line without a router is left out."""
    rows = db.session.execute(
        select(RouterAssignment.installation_id, func.string_agg(
            Router.serial_number, aggregate_order_by(literal("; "), Router.serial_number)))
        .join(Router, RouterAssignment.router_id == Router.id)
        .where(RouterAssignment.installation_id == any_key(installation_ids), RouterAssignment.returned_on.is_(None))
        .group_by(RouterAssignment.installation_id)
    )
    return {installation_id: serials for installation_id, serials in rows}


def lines(term: str, *, limit: int) -> Sequence[AnyRow]:
    """Lines that stand or are planned and whose customer or address a term finds."""
    found = or_(customer_matches(term), Installation.address.ilike(like_pattern(term)))
    return db.session.execute(
        select(Installation.id, Installation.address, Installation.status, Customer.name, Customer.account_number)
        .join(Customer, Installation.customer_id == Customer.id)
        .where(Installation.status.not_in(GONE), found)
        .order_by(by_letters(Customer.name), Installation.id).limit(limit)
    ).all()


def having(serials: Iterable[str], addresses: Iterable[str]) -> Sequence[Router]:
    """The routers that have one of the serial numbers or MAC addresses."""
    return db.session.scalars(
        select(Router).where(or_(Router.serial_number == any_text(serials), Router.mac_address == any_text(addresses)))
    ).all()


def _with_line() -> AnySelect:
    return select(RouterAssignment).options(
        joinedload(RouterAssignment.router),
        joinedload(RouterAssignment.installation).joinedload(Installation.customer),
    )


def _conditions(wanted: RouterFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.term:
        conditions.append(matching(wanted.term))
    if wanted.status is not None:
        conditions.append(Router.status == wanted.status)
    if wanted.brand:
        conditions.append(Router.brand == wanted.brand)
    return conditions
