"""Discounts: verbs and pages."""
from __future__ import annotations

from datetime import timedelta

import pytest

from ispbill.billing.discounts import queries
from ispbill.billing.discounts import service as discounts
from ispbill.core.current import TenantRef, current
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.web.requests import IspbillFlask
from tests.make import offers, people
from tests.make.browsers import signed_in

LOYALTY = {"name": "Loyalty", "kind": "percent", "rate_percent": "12.5", "periods": "3", "rank": "0"}


def test_a_discount_is_added_granted_on_the_customers_page_and_ended(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        plan = offers.plan(name="Fibre 50")
        customer = people.register_customer("Ana Cruz")
        offers.subscribe(customer, plans=[(plan, 1, None)])
        customer_id, plan_id, today = customer.id, plan.id, current.today()
    browser = signed_in(app, tenant)
    assert "No discounts yet" in browser.get("/discounts").text
    assert "No discount can be granted today" in browser.get(f"/customers/{customer_id}/discounts/grant").text
    answer = browser.post("/discounts/add", {**LOYALTY, "plan_ids": str(plan_id)})
    page = browser.get(answer.headers["Location"]).text
    assert "12.5 % for 3 periods" in page and "Fibre 50" in page and "Nobody has a discount" in page
    discount_id = answer.headers["Location"].rpartition("/")[2]
    grant = {"discount_id": discount_id, "subscription_id": "", "starts_on": today.isoformat(), "reason": "Loyal"}
    answer = browser.post(f"/customers/{customer_id}/discounts/grant", grant)
    assert answer.location == f"/customers/{customer_id}/account"
    assert "12.5 % for 3 periods" in browser.get(f"/customers/{customer_id}/account").text
    assert "Ana Cruz" in browser.get("/discounts/granted?state=active").text
    with unit_of_work():
        given = queries.grants_of([customer_id], on=today)[customer_id][0].id
    browser.post(f"/discounts/granted/{given}/end", {"on": today.isoformat()})
    assert "Ana Cruz" in browser.get("/discounts/granted?state=ended").text
    assert "No discount is given" in browser.get(f"/customers/{customer_id}/account").text
    assert browser.post(f"/discounts/granted/{given}/end", {"on": today.isoformat()}).status_code == 422


@pytest.mark.parametrize(("field", "value", "words"), [
    ("name", "", "Give the discount a name"), ("rate_percent", "a lot", "Write the percentage as a number"),
    ("rate_percent", "101", "at most 100 percent"), ("periods", "0", "lasts 1 to 120 periods"),
    ("kind", "amount", "Give the amount it takes off"), ("offered_last", "2020-01-01", "lies before the first"),
])
def test_what_is_wrong_is_told_beside_its_field(
    app: IspbillFlask, tenant: TenantRef, field: str, value: str, words: str
) -> None:
    sent = {**LOYALTY, "offered_from": "2026-01-01", field: value}
    answer = signed_in(app, tenant).post("/discounts/add", sent)
    assert answer.status_code == 422 and words in answer.text


def test_a_discount_is_retired_used_again_and_removed(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        discount = offers.discount("Summer").id
    browser, path = signed_in(app, tenant), f"/discounts/{discount}"
    browser.post(f"{path}/retire")
    assert "Retired" in browser.get(path).text and "Summer" not in browser.get("/discounts?status=active").text
    browser.post(f"{path}/activate")
    assert "Summer,percent,10.0000,0.00,,active" in browser.get("/discounts/export?q=sum").data.decode("utf-8-sig")
    browser.post(f"{path}/remove")
    assert browser.get(path).status_code == 404


def test_the_export_says_who_has_what(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        offers.grant(offers.discount("Summer", kind="voucher", amount_minor=50000), people.register_customer("Ana"))
    lines = signed_in(app, tenant).get("/discounts/granted/export").data.decode("utf-8-sig")
    assert "Ana,Summer,₱500.00 until used up" in lines


def test_a_discount_is_not_granted_when_it_is_not_offered(tenant: TenantRef) -> None:
    with unit_of_work():
        customer, today = people.register_customer(), current.today()
        for terms in ({"offered_from": today + timedelta(days=1)}, {"offered_until": today}):
            with pytest.raises(Invalid):
                offers.grant(offers.discount(**terms), customer)
        retired = discounts.retire(offers.discount())
        with pytest.raises(Invalid):
            offers.grant(retired, customer)
        with pytest.raises(Conflict):
            discounts.retire(retired)


def test_a_discount_is_for_something_of_the_customer(tenant: TenantRef) -> None:
    with unit_of_work():
        other, discount = offers.subscribe(), offers.discount()
        with pytest.raises(Invalid):
            offers.grant(discount, people.register_customer(), subscription_id=other.id)
        with pytest.raises(Invalid):
            offers.grant(discount, people.register_customer(), plan_id=other.components[0].plan_id)


def test_who_may_only_look_grants_nothing(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        customer = people.register_customer().id
        given = offers.grant(offers.discount(), people.register_customer()).id
    browser = signed_in(app, tenant, permissions=["view_customer_detail", "view_invoice_list"])
    assert "Grant discount" not in browser.get(f"/customers/{customer}/account").text
    for path in (f"/customers/{customer}/discounts/grant", f"/discounts/granted/{given}/end", "/discounts/add"):
        assert browser.post(path).status_code == 403
