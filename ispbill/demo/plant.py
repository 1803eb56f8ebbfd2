"""The demo company's fibre plant: a cabinet in each neighbourhood, NAPs on a grid around it, a port a line.

Every step looks first: what stands stays, and a line that has a port or a router keeps it.
"""
from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import product
from random import Random

from sqlalchemy import select

from ispbill.areas import queries as areas
from ispbill.areas.policy import path_key, path_text
from ispbill.core.db import db
from ispbill.demo.population import Subscriber
from ispbill.demo.scripts import AreaScript, CompanyScript
from ispbill.network.routers import service as routers
from ispbill.network.routers.models import Router
from ispbill.network.routers.policy import RouterFacts
from ispbill.plant.lcps import service as lcps
from ispbill.plant.models import Lcp, Nap, Splitter
from ispbill.plant.naps import queries as naps
from ispbill.plant.naps import service as nap_verbs
from ispbill.plant.policy import LcpFacts, NapFacts, SplitterFacts
from ispbill.subscriptions.connections import queries as connected
from ispbill.subscriptions.connections import service as connections
from ispbill.subscriptions.installations import queries as installed
from ispbill.subscriptions.models import Installation

# People live within 0.0055 degrees of the middle: three by three cells of some 400 m, none of them 300 m from its NAP.
_CELL = Decimal("0.0037")
_LONGEST_DROP = 300
_CELLS = tuple(product((-1, 0, 1), repeat=2))
_OUTPUTS = 8
_ROUTERS = (("Huawei", "EG8145X6"), ("ZTE", "F670L"), ("TP-Link", "XC220-G3v"))


def build(script: CompanyScript) -> None:
    """Put up what the company's neighbourhoods are served from."""
    known, places = set(db.session.scalars(select(Lcp.code))), areas.ids_by_path()
    for number, area in enumerate(script.areas, start=1):
        if _lcp_code(number) not in known:
            _put_up(number, area, places[path_key(path_text(area.path))])


def connect(script: CompanyScript, line: Installation, person: Subscriber, *, on: date) -> None:
    """Put a finished line on a free port of its cell's NAP, and a router at its end."""
    number = next(place for place, area in enumerate(script.areas, start=1) if area.path == person.area)
    cell = _cell_of(person, script.areas[number - 1])
    port_id = _free_port(_nap_code(number, cell)) if connected.present(line.id) is None else None
    if port_id is not None:
        known, port = installed.get(line.id), naps.get_port(port_id)
        assert known is not None and port is not None, "both were there a moment ago"
        connections.connect(known, port=port)
    router = _router(person)
    if db.session.scalar(select(Router.id).where(Router.serial_number == router.serial_number)) is None:
        routers.assign(routers.add(router), installation=line, on=on)


def _put_up(number: int, area: AreaScript, area_id: int) -> None:
    lcp = lcps.add(LcpFacts(code=_lcp_code(number), name=f"Cabinet {area.path[-1]}", area_id=area_id,
                            latitude=area.latitude, longitude=area.longitude))
    splitters: list[Splitter] = []
    for place, cell in enumerate(_CELLS):
        if place % _OUTPUTS == 0:
            code = f"SP-{number:02d}-{len(splitters) + 1}"
            splitters.append(lcps.mount(lcp, facts=SplitterFacts(code=code, output_count=_OUTPUTS)))
        nap_verbs.add(NapFacts(
            code=_nap_code(number, cell), max_drop_metres=_LONGEST_DROP, area_id=area_id,
            latitude=area.latitude + cell[0] * _CELL, longitude=area.longitude + cell[1] * _CELL,
        ), splitter=splitters[-1])


def _lcp_code(number: int) -> str:
    return f"LCP-{number:02d}"


def _nap_code(number: int, cell: tuple[int, ...]) -> str:
    return f"NAP-{number:02d}-{_CELLS.index((cell[0], cell[1])) + 1}"


def _cell_of(person: Subscriber, area: AreaScript) -> tuple[int, int]:
    north, east = person.latitude - area.latitude, person.longitude - area.longitude
    return _step(north), _step(east)


def _step(degrees: Decimal) -> int:
    return max(-1, min(1, int((degrees / _CELL).to_integral_value())))


def _free_port(nap_code: str) -> int | None:
    """The first port that a line can be put on; None where the NAP is full."""
    nap_id = db.session.scalars(select(Nap.id).where(Nap.code == nap_code)).one()
    return next((port.id for port in naps.ports_of(nap_id) if port.is_free), None)


def _router(person: Subscriber) -> RouterFacts:
    dice = Random(f"{person.phone} router")
    brand, model = dice.choice(_ROUTERS)
    mac = ":".join(f"{part:02X}" for part in (0xA4, 0x7B, 0x2C, *(dice.randrange(256) for _ in range(3))))
    return RouterFacts(brand=brand, model=model, serial_number=f"{brand[:3].upper()}{dice.randrange(16 ** 10):010X}",
                       mac_address=mac)
