"""Bundles: put together, sold, and what stays with who has one."""
from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from ispbill.catalogue.bundles import queries
from ispbill.catalogue.bundles import service as bundles
from ispbill.catalogue.bundles.models import Bundle
from ispbill.catalogue.bundles.policy import PartFacts
from ispbill.core.current import TenantRef, current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.subscriptions.bundles import service as sales
from ispbill.subscriptions.models import Subscription
from ispbill.subscriptions.policy import Start
from ispbill.web.requests import IspbillFlask
from tests.make import days, offers, people
from tests.make.browsers import signed_in

JUNE = date(2026, 6, 1)


def test_a_bundle_bills_each_plan_at_its_own_price_and_later_prices_change_nothing(tenant: TenantRef) -> None:
    with days.work(JUNE):
        fibre, phone = offers.plan(150_000), offers.plan(30_000)
        made = bundles.add("Fibre and phone", parts=[PartFacts(fibre.id, 1, 140_000), PartFacts(phone.id, 2)])
        bundle = queries.get(made.id)
        assert bundle is not None
        sales.sell(bundle, customer=people.register_customer(), start=Start(JUNE))
        offers.catalogue.set_price(phone, amount_minor=99_000, valid_from=JUNE)
        bundles.retire(bundle)
    assert [line.net_minor for line in days.billed(JUNE)] == [140_000, 60_000]
    assert [line.net_minor for line in days.billed(date(2026, 7, 1))] == [140_000, 60_000]


def test_a_retired_bundle_is_not_sold_until_it_is_sold_again(tenant: TenantRef) -> None:
    with unit_of_work():
        made = bundles.add("Both", parts=[PartFacts(offers.plan().id), PartFacts(offers.plan().id)])
        bundle, customer = queries.get(made.id), people.register_customer()
        assert bundle is not None
        bundles.retire(bundle)
        with pytest.raises(Conflict, match="is retired"):
            sales.sell(bundle, customer=customer, start=Start(current.today()))
        with pytest.raises(Conflict):
            bundles.retire(bundle)
        bundles.activate(bundle)
        assert sales.sell(bundle, customer=customer, start=Start(current.today())).id


@pytest.mark.parametrize(("change", "field"), [
    ({"name": " "}, "name"), ({"count": 1}, "plan_1"), ({"repeat": True}, "plan_2"), ({"quantity": 0}, "quantity_1"),
    ({"unit_price_minor": -1}, "price_1"), ({"retired": True}, "plan_1"),
])
def test_what_cannot_be_a_bundle_is_refused(tenant: TenantRef, change: dict[str, Any], field: str) -> None:
    with unit_of_work():
        plans = [offers.plan() for _ in range(2)]
        if change.get("retired"):
            offers.catalogue.retire(plans[0])
        keys = [plan.id for plan in plans][: change.get("count", 2)]
        keys = [keys[0], keys[0]] if change.get("repeat") else keys
        known = {name: change[name] for name in ("quantity", "unit_price_minor") if name in change}
        parts = [PartFacts(key, **known) for key in keys]
        with pytest.raises(Invalid) as refusal:
            bundles.add(change.get("name", "Both"), parts=parts)
        assert refusal.value.field == field


def test_a_bundle_is_added_sold_and_retired_on_pages(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    with unit_of_work():
        fibre, phone = offers.plan(150_000, name="Fibre"), offers.plan(30_000, name="Phone")
        customer = people.register_customer()
    assert "There are no bundles" in browser.get("/bundles").text
    entered = {"name": "Both", "plan_1": fibre.id, "price_1": "1400", "plan_2": phone.id, "quantity_2": "2"}
    assert browser.post("/bundles/add", {**entered, "plan_2": ""}).status_code == 422
    assert browser.post("/bundles/add", entered).status_code == 302
    assert "There is already a bundle with this name." in browser.post("/bundles/add", entered).text
    with unit_of_work():
        key = db.session.scalars(select(Bundle.id)).one()
    assert "₱1,400.00" in browser.get(f"/bundles/{key}").text and "Fibre, Phone" in browser.get("/bundles?q=bo").text
    assert "Both,active,Fibre,1,1400.00" in browser.get("/bundles/export").data.decode("utf-8-sig")
    sold = browser.post(f"/customers/{customer.id}/bundle",
                        {"bundle_id": key, "start_on": current.today().isoformat()})
    assert sold.status_code == 302
    with unit_of_work():
        assert db.session.scalars(select(Subscription.customer_id)).all() == [customer.id]
    browser.post(f"/bundles/{key}/retire")
    assert "Sell again" in browser.get(f"/bundles/{key}").text
    browser.post(f"/bundles/{key}/activate")
    assert "Retire" in browser.get(f"/bundles/{key}").text
