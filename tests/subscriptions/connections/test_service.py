"""A line on a port: one each way, in reach or with a reason, free again in the end. Today is 10 March 2026."""
from __future__ import annotations

import threading
from datetime import date
from decimal import Decimal

import pytest
from flask import current_app
from sqlalchemy.exc import IntegrityError

from ispbill.core.current import SYSTEM, TenantRef, bound
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers import service as customers
from ispbill.plant.naps import queries as naps
from ispbill.subscriptions.connections import queries
from ispbill.subscriptions.connections import service as connections
from ispbill.subscriptions.connections.models import PortConnection
from ispbill.subscriptions.installations import queries as installed
from ispbill.subscriptions.installations import service as installations
from tests.make import offers, people, plants

TODAY = date(2026, 3, 10)
HOUSE = {"latitude": Decimal("14.5"), "longitude": Decimal("121")}


def test_a_port_carries_one_line_and_a_line_is_on_one_port(tenant: TenantRef) -> None:
    with unit_of_work():
        nap, line = plants.nap(), offers.installation()
        plants.connect(line, nap, 1)
        with pytest.raises(Conflict, match="Port 1 is used"):
            plants.connect(offers.installation(), nap, 1)
        plants.connect(line, nap, 2)
        assert [(row.number, row.installation_id) for row in queries.ports_of(nap.id) if row.is_used] == [(2, line.id)]
        assert [past.port.number for past in queries.past(line.id)] == [1]
        assert [row.number for row in queries.past_of_nap(nap.id)] == [1]


def test_the_database_holds_against_two_lines_on_one_port(tenant: TenantRef) -> None:
    with unit_of_work():
        first = plants.connect(offers.installation())
        twin = PortConnection(installation_id=offers.installation().id, port_id=first.port_id,
                              connected_at=first.connected_at)
        with pytest.raises(IntegrityError, match="uq_port_connections_live_port"), db.session.begin_nested():
            db.session.add(twin)
            db.session.flush()


def test_the_port_is_free_again_once_the_line_is_taken_down(tenant: TenantRef) -> None:
    with unit_of_work():
        ana = people.register_customer()
        line, nap = offers.installation(ana), plants.nap()
        plants.connect(line, nap)
        customers.terminate(ana, reason="Moved away")
        assert queries.present(line.id) is None and plants.port(nap).is_free
        with pytest.raises(Conflict, match="is gone"):
            plants.connect(line, nap)
        assert [row.customer_name for row in queries.past_of_nap(nap.id)] == [ana.name]


def test_a_faulty_port_stays_faulty_when_its_line_leaves(tenant: TenantRef) -> None:
    with unit_of_work():
        nap, line = plants.nap(), offers.installation()
        plants.connect(line, nap, 3)
        plants.mark(nap, 3, condition="faulty")
        assert connections.release(line.id) is not None and connections.release(line.id) is None
        assert plants.port(nap, 3).state == "faulty"


def test_a_drop_that_is_too_long_needs_a_reason(tenant: TenantRef) -> None:
    with unit_of_work():
        line = offers.installation(people.register_customer(**HOUSE))
        far = plants.nap(latitude="14.502", longitude="121", max_drop_metres=100)
        with pytest.raises(Invalid, match="223 m from this NAP, which serves up to 100 m"):
            plants.connect(line, far)
        connection = plants.connect(line, far, override_reason="Messenger wire")
        assert (connection.drop_metres, connection.override_reason) == (223, "Messenger wire")
        near = plants.connect(line, plants.nap(latitude="14.5005", longitude="121"), override_reason="not needed")
        assert (near.drop_metres, near.override_reason) == (56, "")


def test_a_drop_of_unknown_length_passes(tenant: TenantRef) -> None:
    with unit_of_work():
        assert plants.connect(offers.installation()).drop_metres is None


def test_a_completed_line_keeps_its_port(tenant: TenantRef) -> None:
    with unit_of_work():
        line = offers.installation()
        plants.connect(line)
        installations.complete(line, on=TODAY)
        assert queries.present(line.id) is not None and naps.totals().free == 7


def test_of_two_who_want_a_port_at_once_one_gets_it(tenant: TenantRef) -> None:
    with unit_of_work():
        port_id = plants.port().id
        lines = [offers.installation().id for _ in range(2)]
    outcomes: list[str] = []
    start, application = threading.Barrier(2), current_app._get_current_object()  # type: ignore[attr-defined]

    def want(line_id: int) -> None:
        with application.app_context(), bound(tenant, SYSTEM):
            try:
                with unit_of_work():
                    line, port = installed.get(line_id), naps.get_port(port_id)
                    assert line is not None and port is not None
                    start.wait(5)
                    connections.connect(line, port=port)
                outcomes.append("got it")
            except Conflict:
                outcomes.append("refused")

    threads = [threading.Thread(target=want, args=(line_id,)) for line_id in lines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["got it", "refused"]
