"""Verbs of NAPs and their ports. A port that is used, or ever was, stays."""
from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from sqlalchemy import insert, select

from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.i18n import gettext as _
from ispbill.plant.lcps import queries as lcps
from ispbill.plant.models import Nap, NapPort, PortCondition, Splitter
from ispbill.plant.policy import NapFacts, check_room, checked_condition, checked_nap


def add(facts: NapFacts, *, splitter: Splitter) -> Nap:
    """Hang a NAP on an output of a splitter, with all its ports free.

    Raises Invalid, or Conflict where no output is left.
    """
    return add_all([(facts, splitter)])[0]


def add_all(wanted: Sequence[tuple[NapFacts, Splitter]]) -> list[Nap]:
    """The same for many, in a constant number of statements, and in their order."""
    known = [(checked_nap(facts), splitter) for facts, splitter in wanted]
    _check_outputs(Counter(splitter for _, splitter in known))
    hung = [Nap(**asdict(facts), splitter_id=splitter.id, created_at=current.now()) for facts, splitter in known]
    db.session.add_all(hung)
    db.session.flush()
    _add_ports([(nap.id, number) for nap in hung for number in range(1, nap.port_count + 1)])
    return hung


def change(nap: Nap, *, facts: NapFacts) -> Nap:
    """Correct what is known of a NAP, or give it more or fewer ports.

    Raises Invalid, also where a port that would go is used or not in good condition.
    """
    known = checked_nap(facts)
    db.session.refresh(nap, ["port_count"], with_for_update=True)
    before = nap.port_count
    for name, value in asdict(known).items():
        setattr(nap, name, value)
    db.session.flush()
    _add_ports([(nap.id, number) for number in range(before + 1, nap.port_count + 1)])
    _drop_ports(nap, above=known.port_count)
    return nap


def move(nap: Nap, *, to: Splitter) -> Nap:
    """Feed a NAP from another splitter. Raises Conflict where that has no output left."""
    if nap.splitter_id != to.id:
        _check_outputs({to: 1})
        nap.splitter_id = to.id
        db.session.flush()
    return nap


def remove(nap: Nap) -> Nap:
    """Take a NAP down. Raises Conflict while a line is on it, or from the database where one ever was."""
    if any(port.is_used for port in _locked_ports(nap.id)):
        raise Conflict(_("Lines are on %(code)s. Move or terminate those first.", code=nap.code))
    db.session.delete(nap)
    db.session.flush()
    return nap


def mark(port: NapPort, *, condition: str, note: str = "") -> NapPort:
    """Say that a port is good, reserved or faulty, and why; a line that is on it stays.

    Raises Invalid.
    """
    known = checked_condition(condition, note)
    _lock(port)
    if condition == PortCondition.RESERVED and port.is_used:
        raise Conflict(_("A line is on this port already; there is nothing to reserve."))
    port.condition, port.note = condition, known
    db.session.flush()
    return port


def occupy(port: NapPort) -> NapPort:
    """Put a line on a port. Raises Conflict for one that is not free."""
    _lock(port)
    if not port.is_free:
        raise Conflict(_("Port %(number)s is %(state)s. Choose another one.", number=port.number, state=port.state))
    port.is_used = True
    db.session.flush()
    return port


def release(port: NapPort) -> NapPort:
    """Take the line off a port; its condition stays as it is."""
    _lock(port)
    port.is_used = False
    db.session.flush()
    return port


def _check_outputs(wanted: Mapping[Splitter, int]) -> None:
    """Raises Conflict where a splitter has not so many outputs left."""
    held = lcps.held_splitters([splitter.id for splitter in wanted])
    for splitter, count in wanted.items():
        output_count, taken = held[splitter.id]
        check_room(taken + count - 1, output_count, noun="NAPs", of=f"Splitter {splitter.code} (1:{output_count})")


def _add_ports(ports: Sequence[tuple[int, int]]) -> None:
    if ports:
        # Not one entry of the record for each: that the NAP has so many ports is in its own.
        db.session.execute(insert(NapPort), [{"nap_id": nap_id, "number": number} for nap_id, number in ports])


def _drop_ports(nap: Nap, *, above: int) -> None:
    for port in _locked_ports(nap.id):
        if port.number > above:
            _drop(port)
    db.session.flush()


def _drop(port: NapPort) -> None:
    if not port.is_free:
        raise Invalid(_("Port %(number)s is %(state)s; it cannot go.", number=port.number, state=port.state),
                      field="port_count")
    db.session.delete(port)


def _locked_ports(nap_id: int) -> list[NapPort]:
    return list(db.session.scalars(
        select(NapPort).where(NapPort.nap_id == nap_id).order_by(NapPort.number).with_for_update()
        .execution_options(populate_existing=True)
    ))


def _lock(port: NapPort) -> None:
    db.session.refresh(port, ["condition", "is_used"], with_for_update=True)
