"""The life of a router through the verbs."""
from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from ispbill.core.current import TenantRef, current
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.network.routers import queries
from ispbill.network.routers import service as routers
from ispbill.network.routers.queries import RouterFilter
from ispbill.subscriptions.installations import service as installations
from tests.make import equipment, offers, people

FILE = b"""brand,model,serial_number,mac_address,status,notes
Huawei,HG8145V5,S1,A4-2B-B0-01-02-03,,
ZTE,F670L,S2,,faulty,no light
"""


def test_a_router_goes_out_comes_back_and_goes_out_again(tenant: TenantRef) -> None:
    with unit_of_work():
        device = equipment.router()
        first = equipment.assigned(device)
        assert device.status == "assigned"
        routers.take_back(device, on=current.today(), condition="returned", note="Moved away")
        second = equipment.assigned(device)
        assert [stay.id for stay in queries.history(device.id)] == [second.id, first.id]
        assert first.return_note == "Moved away" and queries.live_assignment(device.id).id == second.id


def test_a_router_stands_at_one_line_at_a_time(tenant: TenantRef) -> None:
    with unit_of_work():
        device = equipment.router()
        equipment.assigned(device)
        with pytest.raises(Conflict, match="another line"):
            equipment.assigned(device)


@pytest.mark.parametrize("status", ["faulty", "retired"])
def test_a_router_that_is_not_in_order_goes_nowhere(tenant: TenantRef, status: str) -> None:
    with unit_of_work(), pytest.raises(Conflict, match=status):
        equipment.assigned(equipment.router(status=status))


def test_nothing_is_put_at_a_line_that_is_taken_down_or_in_the_future(tenant: TenantRef) -> None:
    with unit_of_work():
        device, line = equipment.router(), offers.installation()
        with pytest.raises(Invalid, match="has not come"):
            routers.assign(device, installation=line, on=current.today() + timedelta(days=1))
        with pytest.raises(Invalid, match="Add it first"):
            routers.assign(queries.named("NOWHERE"), installation=line, on=current.today())
        installations.terminate(line, on=current.today())
        with pytest.raises(Conflict, match="taken down"):
            equipment.assigned(device, line=line)


def test_a_router_at_a_customers_is_not_marked_nor_is_one_with_a_history_removed(tenant: TenantRef) -> None:
    with unit_of_work():
        device = equipment.assigned().router_id
        router = queries.get(device)
        with pytest.raises(Conflict, match="Take it back first"):
            routers.mark(router, status="faulty")
        routers.take_back(router, on=current.today(), condition="faulty")
        routers.mark(router, status="in_stock", reason="New power supply")
        with pytest.raises(Conflict, match="history"):
            routers.remove(router)
        routers.remove(equipment.router())


def test_a_router_is_found_by_any_way_to_say_it(tenant: TenantRef) -> None:
    with unit_of_work():
        equipment.router("HW-77", mac_address="A4:2B:B0:01:02:03")
        equipment.router("OTHER")
        for term in ("hw-77", "huawei hw", "A42B.B001", "a4-2b-b0", "b0:01:02:03"):
            assert [row.serial_number for row in queries.search(term, limit=9)] == ["HW-77"], term
        assert queries.named("a42bb0010203").serial_number == "HW-77" == queries.named(" hw-77 ").serial_number
        assert queries.count(RouterFilter(status="faulty")) == 0


def test_the_list_says_who_has_which(tenant: TenantRef) -> None:
    with unit_of_work():
        equipment.assigned(line=offers.installation(people.register_customer("Ana"), address="7 Rizal Avenue"))
        equipment.router()
        rows = queries.everything(queries.listing(RouterFilter()))
        shown = sorted((row.customer_name or "", row.address or "") for row in rows)
        assert shown == [("", ""), ("Ana", "7 Rizal Avenue")]


def test_a_serial_number_and_a_mac_address_stand_once(tenant: TenantRef) -> None:
    for label in ({"serial_number": "S1"}, {"serial_number": "S2", "mac_address": "A42BB0010203"}):
        with pytest.raises(IntegrityError), unit_of_work():
            equipment.router(**label)
            equipment.router(**{**label, **({"serial_number": "S3"} if "mac_address" in label else {})})
