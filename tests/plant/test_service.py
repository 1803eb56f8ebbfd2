"""The plant: what fits where, what must stay, which ports are free."""
from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy.exc import IntegrityError

from ispbill.core.current import TenantRef
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.places import Place
from ispbill.core.unit_of_work import unit_of_work
from ispbill.plant.lcps import queries as lcp_queries
from ispbill.plant.lcps import service as lcps
from ispbill.plant.naps import queries
from ispbill.plant.naps import service as naps
from ispbill.plant.policy import LcpFacts, NapFacts, SplitterFacts
from tests.make import people, plants

HOUSE = Place(Decimal("14.500000"), Decimal("121.000000"))


def test_a_nap_begins_with_all_its_ports_free(tenant: TenantRef) -> None:
    with unit_of_work():
        nap = plants.nap(port_count=4)
        assert [(port.number, port.state) for port in queries.ports_of(nap.id)] == [(n, "free") for n in (1, 2, 3, 4)]
        assert queries.totals() == queries.PortTotals(ports=4, free=4)


def test_an_lcp_holds_as_many_splitters_as_fit(tenant: TenantRef) -> None:
    with unit_of_work():
        lcp = plants.lcp(splitter_capacity=1)
        plants.splitter(lcp)
        with pytest.raises(Conflict, match="is full: it holds 1 splitters"):
            plants.splitter(lcp)
        with pytest.raises(Invalid):
            lcps.change(lcp, facts=LcpFacts("A", "B", splitter_capacity=0))
        lcps.change(lcp, facts=LcpFacts("A", "B", splitter_capacity=2))
        plants.splitter(lcp)
        with pytest.raises(Invalid, match="2 splitters are there already"):
            lcps.change(lcp, facts=LcpFacts("A", "B", splitter_capacity=1))


def test_a_splitter_feeds_as_many_naps_as_it_has_outputs(tenant: TenantRef) -> None:
    with unit_of_work():
        splitter = plants.splitter(output_count=2)
        nap = plants.nap(splitter)
        plants.nap(splitter)
        with pytest.raises(Conflict, match=r"\(1:2\) is full: it holds 2 NAPs"):
            plants.nap(splitter)
        with pytest.raises(Conflict):
            naps.move(plants.nap(), to=splitter)
        naps.move(nap, to=plants.splitter())
        with pytest.raises(Conflict, match="NAPs hang on"):
            lcps.dismount(splitter)
        lcps.change_splitter(splitter, facts=SplitterFacts("SP", 4))
        for _ in range(3):
            plants.nap(splitter)
        with pytest.raises(Invalid, match="4 NAPs are there already"):
            lcps.change_splitter(splitter, facts=SplitterFacts("SP", 2))


def test_what_is_used_stays_and_what_is_empty_goes(tenant: TenantRef) -> None:
    with unit_of_work():
        splitter = plants.splitter()
        lcp, nap = lcp_queries.get(splitter.lcp_id), plants.nap(splitter)
        naps.occupy(plants.port(nap))
        with pytest.raises(Conflict, match="Lines are on"):
            naps.remove(nap)
        with pytest.raises(Conflict, match="Splitters are in"):
            lcps.remove(lcp)
        naps.release(plants.port(nap))
        naps.remove(nap)
        lcps.dismount(splitter)
        lcps.remove(lcp)
        assert lcp_queries.count(lcp_queries.LcpFilter()) == 0


def test_a_port_is_given_once_and_only_when_it_is_good(tenant: TenantRef) -> None:
    with unit_of_work():
        nap = plants.nap()
        naps.occupy(plants.port(nap, 1))
        with pytest.raises(Conflict, match="Port 1 is used"):
            naps.occupy(plants.port(nap, 1))
        plants.mark(nap, 2, condition="reserved", note="For Mrs Cruz")
        with pytest.raises(Conflict, match="Port 2 is reserved"):
            naps.occupy(plants.port(nap, 2))
        with pytest.raises(Conflict, match="nothing to reserve"):
            plants.mark(nap, 1, condition="reserved")
        assert plants.mark(nap, 1, condition="faulty").state == "used"
        assert naps.release(plants.port(nap, 1)).state == "faulty"
        assert queries.totals().free == 6


def test_a_nap_grows_and_shrinks_only_by_free_ports(tenant: TenantRef) -> None:
    with unit_of_work():
        nap = plants.nap(code="N")
        naps.change(nap, facts=NapFacts("N", port_count=16))
        assert len(queries.ports_of(nap.id)) == 16
        naps.occupy(plants.port(nap, 9))
        with pytest.raises(Invalid, match="Port 9 is used"), db.session.begin_nested():
            naps.change(nap, facts=NapFacts("N", port_count=8))
        naps.change(nap, facts=NapFacts("N", port_count=9))
        assert [port.number for port in queries.ports_of(nap.id)] == list(range(1, 10))


@pytest.mark.parametrize("make", [plants.lcp, plants.nap])
def test_a_code_stands_once(tenant: TenantRef, make: object) -> None:
    with unit_of_work():
        make(code="twin")  # type: ignore[operator]
        with pytest.raises(IntegrityError), db.session.begin_nested():
            make(code="TWIN")  # type: ignore[operator]


def test_lists_count_what_is_below(tenant: TenantRef) -> None:
    with unit_of_work():
        area = people.area("Luzon", "Manila")
        lcp = plants.lcp(code="A", area_id=area.id)
        splitter = plants.splitter(lcp, output_count=4)
        full, free = plants.nap(splitter, code="FULL", port_count=1), plants.nap(splitter, code="FREE", port_count=2)
        naps.occupy(plants.port(full))
        plants.mark(free, 2, condition="faulty")
        plants.splitter(plants.lcp(code="B"))
        one, other = lcp_queries.everything(lcp_queries.listing(lcp_queries.LcpFilter()))
        assert (one.splitter_count, one.nap_count, one.port_count, one.free_count) == (1, 2, 3, 1)
        assert (other.splitter_count, other.nap_count, other.port_count, other.free_count) == (1, 0, 0, 0)
        (row,) = lcp_queries.splitters_of([lcp.id])
        assert (row.nap_count, row.port_count, row.free_count) == (2, 3, 1)
        assert [(nap.code, nap.used_count, nap.free_count) for nap in queries.of_splitters([splitter.id])] == [
            ("FREE", 0, 1), ("FULL", 1, 0)]
        assert _codes(lcp_queries, lcp_queries.LcpFilter(has_free=True)) == ["A"]
        assert _codes(queries, queries.NapFilter(has_free=True)) == ["FREE"]
        assert lcp_queries.count_by_area([area.id, area.parent_id or 0]) == {area.id: 1, area.parent_id: 1}


@pytest.mark.parametrize(("wanted", "codes"), [
    ({"term": "plaza"}, ["N-1"]), ({"term": "l-2"}, ["N-2"]), ({"term": "n-"}, ["N-1", "N-2"]), ({"term": "%"}, []),
])
def test_naps_are_found_by_code_address_and_lcp(tenant: TenantRef, wanted: dict[str, str], codes: list[str]) -> None:
    with unit_of_work():
        plants.nap(plants.splitter(plants.lcp(code="L-1")), code="N-1", address="Plaza Rizal")
        plants.nap(plants.splitter(plants.lcp(code="L-2")), code="N-2")
        assert _codes(queries, queries.NapFilter(**wanted)) == codes
        assert queries.count(queries.NapFilter(**wanted)) == len(codes)


def test_the_nearest_naps_with_a_free_port_come_first(tenant: TenantRef) -> None:
    with unit_of_work():
        for code, latitude in (("FAR", "14.503"), ("NEAR", "14.5005"), ("FULL", "14.5001"), ("AWAY", "15.5")):
            nap = plants.nap(code=code, port_count=1, latitude=latitude, longitude="121")
            if code == "FULL":
                naps.occupy(plants.port(nap))
        plants.nap(code="NOWHERE")
        assert [(hit.nap.code, hit.metres, hit.is_in_reach) for hit in queries.nearest(HOUSE, limit=5)] == [
            ("NEAR", 56, True), ("FAR", 334, False)]
        assert len(queries.nearest(HOUSE, limit=1)) == 1


def _codes(module: object, wanted: object) -> list[str]:
    rows = module.everything(module.listing(wanted))  # type: ignore[attr-defined]
    return [row.code for row in rows]
