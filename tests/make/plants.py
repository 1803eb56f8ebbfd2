"""Builders of the plant: LCPs, splitters, NAPs and the state of their ports."""
from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from ispbill.core.db import db
from ispbill.plant.lcps import service as lcps
from ispbill.plant.models import Lcp, Nap, NapPort, Splitter
from ispbill.plant.naps import queries
from ispbill.plant.naps import service as naps
from ispbill.plant.policy import LcpFacts, NapFacts, SplitterFacts
from ispbill.subscriptions.connections import service as connections
from ispbill.subscriptions.connections.models import PortConnection
from ispbill.subscriptions.installations import queries as installed
from ispbill.subscriptions.models import Installation

_numbers = itertools.count(1)


def lcp(code: str | None = None, **facts: Any) -> Lcp:
    """An LCP; `facts` are those of LcpFacts, coordinates may be text."""
    known = code or f"LCP-{next(_numbers)}"
    return lcps.add(LcpFacts(code=known, **{"name": f"Cabinet {known}", **_placed(facts)}))


def splitter(within: Lcp | None = None, *, code: str | None = None, output_count: int = 8, notes: str = "") -> Splitter:
    """A splitter, 1:8 unless said otherwise, in a new LCP where none is given."""
    facts = SplitterFacts(code=code or f"SP-{next(_numbers)}", output_count=output_count, notes=notes)
    return lcps.mount(within or lcp(), facts=facts)


def nap(on: Splitter | None = None, *, code: str | None = None, **facts: Any) -> Nap:
    """A NAP with eight free ports, on a new splitter where none is given; `facts` are those of NapFacts."""
    known = NapFacts(code=code or f"NAP-{next(_numbers)}", **_placed(facts))
    return naps.add(known, splitter=on or splitter())


def port(of: Nap | None = None, number: int = 1) -> NapPort:
    """A port by its number, of a new NAP where none is given."""
    return next(port for port in queries.ports_of((of or nap()).id) if port.number == number)


def mark(of: Nap, number: int, *, condition: str, note: str = "Because") -> NapPort:
    """A port whose condition is said."""
    return naps.mark(port(of, number), condition=condition, note=note)


def named(code: str) -> Nap:
    """The NAP with a code."""
    return db.session.scalars(select(Nap).where(Nap.code == code.upper())).one()


def connect(line: Installation, of: Nap | None = None, number: int = 1, *, override_reason: str = "") -> PortConnection:
    """A line on a port, by its number, of a NAP; of a new one where none is given."""
    known = installed.get(line.id)
    free = queries.get_port(port(of, number).id)
    assert known is not None and free is not None
    return connections.connect(known, port=free, override_reason=override_reason)


def _placed(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: Decimal(value) if name in ("latitude", "longitude") else value for name, value in facts.items()}
