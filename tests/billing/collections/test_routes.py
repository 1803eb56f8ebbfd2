"""Routes of collectors: their areas with all that lie in them, and who has something to pay there, street by street."""
from __future__ import annotations

from datetime import timedelta

import pytest

from ispbill.accounts.users import queries as users
from ispbill.areas import service as areas
from ispbill.areas.models import Area
from ispbill.billing.collections.routes import queries
from ispbill.billing.collections.routes import service as routes
from ispbill.core.current import TenantRef, at, current
from ispbill.core.db import db
from ispbill.core.errors import Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers.models import Customer
from ispbill.web.requests import IspbillFlask
from tests.make import bills
from tests.make.browsers import Browser, colleague
from tests.make.programs import Program, token_of

COLLECTOR = {"collect_in_field", "record_payment", "view_customer_detail"}


def living(name: str, *places: str, street: str) -> int:
    """A customer who owes a bill, in an area; their key."""
    invoice = bills.billed(name)
    with unit_of_work():
        customer = db.session.get_one(Customer, invoice.customer_id)
        customer.area_id, customer.street = place(*places).id, street
    return invoice.customer_id


def place(*names: str) -> Area:
    """The area at the end of a path, made where there is none yet."""
    area: Area | None = None
    for name in names:
        known = db.session.query(Area).filter_by(name=name, parent_id=area and area.id).one_or_none()
        area = known or areas.add(name, parent=area)
    assert area is not None
    return area


def area_named(name: str) -> int:
    with unit_of_work():
        return db.session.query(Area).filter_by(name=name).one().id


def given(user_id: int, *names: str) -> None:
    """The collector goes through the areas of these names."""
    keys = [area_named(name) for name in names]
    with unit_of_work():
        collector = queries.collector(user_id)
        assert collector is not None
        routes.assign(collector, area_ids=keys)


def names(user_id: int, **narrowed: bool) -> list[str]:
    with unit_of_work():
        rows = db.session.execute(
            queries.listing(user_id, today=current.today(), **narrowed).order_by(*queries.AS_ONE_WALKS.columns)
        )
        return [row.name for row in rows]


def test_a_route_goes_area_by_area_and_street_by_street_past_those_who_owe(tenant: TenantRef) -> None:
    rodel = colleague("rodel@example.com", permissions=COLLECTOR).id
    living("Cora", "Cavite", "Imus", "Alapan", street="12 Rizal St.")
    living("Ana", "Cavite", "Imus", "Alapan", street="9 Mabini St.")
    living("Ben", "Cavite", "Bacoor", "Zapote", street="1 Luna St.")
    paid = living("Dina", "Cavite", "Imus", "Alapan", street="1 Mabini St.")
    bills.paid(paid, 1_000_000)
    living("Emil", "Laguna", "Calamba", "Halang", street="1 Mabini St.")
    assert names(rodel) == []
    given(rodel, "Cavite")
    assert names(rodel) == ["Ben", "Cora", "Ana"]
    given(rodel, "Alapan", "Halang")
    assert names(rodel) == ["Cora", "Ana", "Emil"]


def test_it_can_be_narrowed_to_what_is_late(tenant: TenantRef) -> None:
    rodel = colleague("rodel@example.com", permissions=COLLECTOR).id
    living("Ana", "Cavite", street="9 Mabini St.")
    given(rodel, "Cavite")
    assert names(rodel, late_only=True) == [] and names(rodel) == ["Ana"]
    with at(current.now() + timedelta(days=60)):
        assert names(rodel, late_only=True) == ["Ana"]


def test_only_who_may_collect_gets_areas_and_only_those_that_exist(tenant: TenantRef) -> None:
    colleague("ana@example.com", permissions={"record_payment"})
    rodel = colleague("rodel@example.com", permissions=COLLECTOR)
    with unit_of_work():
        cashier = db.session.execute(users.users("ana@example.com")).one().User
        with pytest.raises(Invalid, match="no right to collect"):
            routes.assign(cashier, area_ids=[])
        with pytest.raises(Invalid, match="no such area"):
            routes.assign(rodel, area_ids=[999])


def test_the_collector_s_page_leads_to_the_payment(app: IspbillFlask, tenant: TenantRef) -> None:
    rodel = colleague("rodel@example.com", permissions=COLLECTOR)
    customer = living("Ana", "Cavite", street="9 Mabini St.")
    browser = Browser(app, tenant)
    browser.sign_in("rodel@example.com")
    assert "No areas yet" in browser.get("/collections/route").text
    given(rodel.id, "Cavite")
    page = browser.get("/collections/route").text
    assert "9 Mabini St." in page and f"/payments/record/{customer}" in page
    assert "9 Mabini St." in browser.get("/collections/route/export").text
    bills.paid(customer, 1_000_000)
    assert "Everybody in your areas has paid" in browser.get("/collections/route").text


def test_who_may_change_users_gives_areas(app: IspbillFlask, tenant: TenantRef) -> None:
    rodel = colleague("rodel@example.com", permissions=COLLECTOR)
    living("Ana", "Cavite", street="9 Mabini St.")
    colleague("mona@example.com", permissions={"view_collections", "change_user"})
    mona = Browser(app, tenant)
    mona.sign_in("mona@example.com")
    assert f"/collections/collectors/{rodel.id}" in mona.get("/collections/collectors").text
    assert mona.post(f"/collections/collectors/{rodel.id}", {"area_ids": str(area_named("Cavite"))}).status_code == 302
    assert "Cavite" in mona.get("/collections/collectors").text and names(rodel.id) == ["Ana"]


def test_a_phone_asks_for_the_route(app: IspbillFlask, tenant: TenantRef) -> None:
    rodel = colleague("rodel@example.com", permissions={*COLLECTOR, "change_user"})
    customer = living("Ana", "Cavite", street="9 Mabini St.")
    phone = Program(app, tenant, token_of(rodel, scopes={"collect_in_field", "change_user"}))
    answer = phone.post(f"collections/collectors/{rodel.id}/areas", area_ids=[str(area_named("Cavite"))])
    assert answer.status_code == 200 and len(answer.json["area_ids"]) == 1
    (stop,) = phone.get("collections/route").json["items"]
    assert stop["customer_id"] == str(customer) and stop["area_1"] == "Cavite" and stop["open_minor"] > 0
