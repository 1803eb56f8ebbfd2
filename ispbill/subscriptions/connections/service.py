"""Verbs of connections: put a line on a port, take it off. A line is on one port at most, a port carries one line."""
from __future__ import annotations

from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict
from ispbill.core.i18n import gettext as _
from ispbill.core.places import place_of
from ispbill.plant.models import Nap, NapPort
from ispbill.plant.naps import service as naps
from ispbill.plant.policy import checked_drop, drop_metres
from ispbill.subscriptions.connections import queries
from ispbill.subscriptions.connections.models import PortConnection
from ispbill.subscriptions.models import Installation


def connect(line: Installation, *, port: NapPort, override_reason: str = "") -> PortConnection:
    """Put a line, loaded with its customer, on a port, loaded with its NAP; it leaves the port it was on.

    Raises Conflict for a line that is taken down or a port that is not free, Invalid for a drop that is longer than
    the NAP allows without a reason.
    """
    db.session.refresh(line, ["status"], with_for_update=True)
    if line.is_gone:
        raise Conflict(_("The installation is gone; nothing about it changes any more."))
    metres = measured(line, port.nap)
    reason = checked_drop(metres, most=port.nap.max_drop_metres, reason=override_reason)
    release(line.id)
    naps.occupy(port)
    connection = PortConnection(
        installation_id=line.id, port_id=port.id, drop_metres=metres, override_reason=reason,
        connected_by=current.actor.name, connected_at=current.now(),
    )
    db.session.add(connection)
    db.session.flush()
    return connection


def release(installation_id: int) -> PortConnection | None:
    """Take a line off its port, which is free again; None where it is on none."""
    connection = queries.present(installation_id)
    if connection is None:
        return None
    connection.released_at = current.now()
    naps.release(connection.port)
    return connection


def measured(line: Installation, nap: Nap) -> int | None:
    """The metres of a straight drop from a NAP to the line's customer; None where either place is unknown."""
    customer = line.customer
    return drop_metres(place_of(nap.latitude, nap.longitude), place_of(customer.latitude, customer.longitude))
