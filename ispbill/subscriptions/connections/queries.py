"""Reads of connections: where a line is and was, who is and was on a NAP's ports."""
from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, select
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.interfaces import ORMOption

from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.pagination import AnyColumn
from ispbill.customers.models import Customer
from ispbill.plant.models import Nap, NapPort, Splitter
from ispbill.subscriptions.connections.models import PortConnection
from ispbill.subscriptions.models import Installation

_MOST_PAST = 50


def present(installation_id: int) -> PortConnection | None:
    """The connection of a line now, with its port, the NAP, and what feeds that."""
    return db.session.scalars(
        select(PortConnection)
        .where(PortConnection.installation_id == installation_id, PortConnection.released_at.is_(None))
        .options(_with_plant())
    ).one_or_none()


def past(installation_id: int) -> Sequence[PortConnection]:
    """The ports that a line was on before, the latest first."""
    return db.session.scalars(
        select(PortConnection)
        .where(PortConnection.installation_id == installation_id, PortConnection.released_at.is_not(None))
        .options(_with_plant()).order_by(PortConnection.id.desc()).limit(_MOST_PAST)
    ).all()


def ports_of(nap_id: int) -> Sequence[AnyRow]:
    """Every port of a NAP with who is on it, by number."""
    lasts = and_(PortConnection.port_id == NapPort.id, PortConnection.released_at.is_(None))
    return db.session.execute(
        select(NapPort.id, NapPort.number, NapPort.condition, NapPort.is_used, PortConnection.connected_at,
               PortConnection.drop_metres, *_who())
        .outerjoin(PortConnection, lasts).outerjoin(Installation, PortConnection.installation_id == Installation.id)
        .outerjoin(Customer, Installation.customer_id == Customer.id)
        .where(NapPort.nap_id == nap_id).order_by(NapPort.number)
    ).all()


def past_of_nap(nap_id: int) -> Sequence[AnyRow]:
    """Who was on the ports of a NAP before, the latest first."""
    return db.session.execute(
        select(NapPort.number, PortConnection.connected_at, PortConnection.released_at, *_who())
        .select_from(PortConnection).join(NapPort, PortConnection.port_id == NapPort.id)
        .join(Installation, PortConnection.installation_id == Installation.id)
        .join(Customer, Installation.customer_id == Customer.id)
        .where(NapPort.nap_id == nap_id, PortConnection.released_at.is_not(None))
        .order_by(PortConnection.id.desc()).limit(_MOST_PAST)
    ).all()


def with_port(statement: AnySelect) -> AnySelect:
    """Join a statement over installations to the port each is on, if any, and its NAP."""
    lasts = and_(PortConnection.installation_id == Installation.id, PortConnection.released_at.is_(None))
    return (
        statement.outerjoin(PortConnection, lasts).outerjoin(NapPort, PortConnection.port_id == NapPort.id)
        .outerjoin(Nap, NapPort.nap_id == Nap.id)
    )


def _who() -> tuple[AnyColumn, ...]:
    return (
        Installation.id.label("installation_id"), Installation.address, Installation.status,
        Customer.id.label("customer_id"), Customer.account_number, Customer.name.label("customer_name"),
    )


def _with_plant() -> ORMOption:
    nap = joinedload(PortConnection.port).joinedload(NapPort.nap)
    return nap.joinedload(Nap.splitter).joinedload(Splitter.lcp)
