"""The network map: its page, its points, and where its pictures may come from."""
from __future__ import annotations

import time
from decimal import Decimal

import pytest

from ispbill.company import service as company
from ispbill.company.policy import MapTiles, checked_tiles, tile_origin
from ispbill.core.current import TenantRef, current
from ispbill.core.errors import Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.plant.naps import service as naps
from ispbill.web.requests import IspbillFlask
from ispbill.web.security import POLICY
from tests.make import bills, crowds, people, plants
from tests.make.browsers import signed_in
from tests.make.programs import program

TILES = "https://tiles.example.com:8443/osm/{z}/{x}/{y}.png"


def test_the_page_names_its_points_and_lists_the_plant(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    assert "Nothing on the map yet" in browser.get("/network/map").text
    with unit_of_work():
        plants.lcp(code="L-1", latitude="14.5", longitude="121")
        plants.lcp(code="L-2")
    page = browser.get("/network/map?latitude=14.5&longitude=121").text
    assert "1 of 2 LCPs and 0 of 0 NAPs have coordinates" in page and "14.500000, 121.000000" in page
    for address in ("/customers/api/coordinates/", "/network/api/lcps/", "/network/api/naps/"):
        assert f'"{address}"' in page and browser.get(address).json["type"] == "FeatureCollection"  # type: ignore[index]
    assert 'data-latitude="14.5' in page and 'data-tiles=""' in page
    assert "data-latitude" not in browser.get("/network/map?latitude=x&longitude=1").text


def test_links_are_only_for_those_who_may_follow_them(app: IspbillFlask, tenant: TenantRef) -> None:
    page = signed_in(app, tenant, permissions=["view_network_map"]).get("/network/map").text
    assert 'data-customer-page=""' in page and 'data-nap-page=""' in page


def test_the_points_say_what_is_free_and_how_far_it_reaches(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        lcp = plants.lcp(code="L", name="Plaza", latitude="14.599512", longitude="120.984222")
        nap = plants.nap(plants.splitter(lcp), code="N", latitude="14.6", longitude="121", port_count=2)
        naps.occupy(plants.port(nap, 1))
        plants.nap(code="NOWHERE")
        people.register_customer("Ana Cruz", latitude=Decimal("14.5"), longitude=Decimal("121"))
    api = program(app, tenant, scopes=["view_network_map"])
    (feature,) = api.get("/network/api/lcps/").json["features"]
    assert feature["geometry"] == {"type": "Point", "coordinates": [120.984222, 14.599512]}
    assert feature["properties"] == {"code": "L", "name": "Plaza", "accuracy": "exact"}
    (feature,) = api.get("/network/api/naps/").json["features"]
    assert feature["properties"] == {"code": "N", "accuracy": "exact", "port_count": 2, "free_count": 1,
                                     "max_drop_metres": 100}
    (feature,) = api.get("/customers/api/coordinates/").json["features"]
    assert feature["properties"] == {"status": "active"}, "who it is says the right to the list of customers"
    named = program(app, tenant, scopes=["view_network_map", "view_customer_list"])
    (feature,) = named.get("/customers/api/coordinates/").json["features"]
    assert feature["properties"] == {"account_number": "AC-000001", "name": "Ana Cruz", "status": "active"}


def test_fifty_thousand_customers_are_sent_in_one_statement_and_soon(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        crowds.settle(50_000)
    browser = signed_in(app, tenant)
    browser.get("/network/map")
    with bills.statements() as asked:
        began = time.monotonic()
        answer = browser.get("/customers/api/coordinates/")
        seconds = time.monotonic() - began
    assert len(answer.json["features"]) == 50_000  # type: ignore[index]
    assert sum("FROM customers" in statement for statement in asked) == 1
    assert seconds < 10, f"{seconds:.1f} s"


def test_pictures_come_only_from_the_host_that_is_set(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    assert browser.get("/network/map").headers["Content-Security-Policy"] == POLICY
    refused = browser.post("/settings/map", {"map_tile_url": "http://a.example/{z}/{x}/{y}", "map_attribution": "x"})
    assert refused.status_code == 422 and "with https and without {s}" in refused.text
    assert browser.post("/settings/map", {"map_tile_url": TILES, "map_attribution": "© Mappers"}).status_code == 302
    page = browser.get("/network/map")
    policy = page.headers["Content-Security-Policy"]
    assert "img-src 'self' https://tiles.example.com:8443 data:;" in policy and "script-src 'self';" in policy
    assert TILES in page.text and "© Mappers" in page.text and TILES in browser.get("/settings").text
    assert browser.get("/lcp").headers["Content-Security-Policy"] == POLICY


@pytest.mark.parametrize("url", [
    "http://a.example/{z}/{x}/{y}", "https://a.example/{z}/{x}", "https://{s}.a.example/{z}/{x}/{y}",
    "https://a.example; script-src *;/{z}/{x}/{y}", "https://*/{z}/{x}/{y}", "javascript:{z}{x}{y}",
    "https://a.example/{z}/{x}/{y} 'unsafe-inline'", "https://a@b.example/{z}/{x}/{y}", "https://-a.example/{z}/{x}/{y}",
])
def test_an_address_that_could_say_more_than_a_host_is_refused(url: str) -> None:
    with pytest.raises(Invalid) as refusal:
        checked_tiles(MapTiles(url, "Mappers"))
    assert refusal.value.field == "map_tile_url" and tile_origin("") == ""


def test_tiles_say_whose_they_are_and_may_be_taken_away(tenant: TenantRef) -> None:
    with unit_of_work():
        with pytest.raises(Invalid, match="whose map"):
            company.change_map(MapTiles(TILES, " "))
        company.change_map(MapTiles(TILES, "Mappers"))
        assert company.change_map(MapTiles()).map_tile_url == ""
    assert tile_origin(TILES) == "https://tiles.example.com:8443" and current.tenant.code == tenant.code
