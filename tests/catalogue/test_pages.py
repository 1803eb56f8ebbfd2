"""The pages of the catalogue."""
from __future__ import annotations

import csv
import io

import pytest

from ispbill.catalogue.taxes import queries as taxes
from ispbill.core.current import TenantRef
from ispbill.core.unit_of_work import unit_of_work
from ispbill.web.requests import IspbillFlask
from tests.make import offers, people
from tests.make.browsers import signed_in

FIBRE = {"code": "fiber-50", "name": "Fibre 50", "kind": "internet", "download_mbps": "50", "upload_mbps": "25",
         "tax_rate_id": "", "amount": "1,499.50", "valid_from": "2026-03-01"}


def test_a_plan_is_added_with_its_tax_and_price(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    assert "No plans yet" in browser.get("/subscriptions/plans").text
    browser.post("/taxes/add", {"name": "VAT", "rate_percent": "12", "mode": "inclusive"})
    assert "VAT 12 % inclusive" in browser.get("/subscriptions/plans/add").text
    with unit_of_work():
        vat = taxes.listing()[0].id
    answer = browser.post("/subscriptions/plans/add", {**FIBRE, "tax_rate_id": str(vat)})
    page = browser.get(answer.headers["Location"]).text
    assert "FIBER-50" in page and "₱1,499.50" in page and "50 Mbps" in page and "VAT 12 % inclusive" in page
    listed = browser.get("/subscriptions/plans?q=fib&kind=internet&status=active").text
    assert "₱1,499.50" in listed and "50 / 25 Mbps" in listed


def test_the_only_tax_is_chosen_already_and_of_several_none(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    with unit_of_work():
        vat = offers.tax("12").id
    assert f'<option selected value="{vat}">' in browser.get("/subscriptions/plans/add").text
    with unit_of_work():
        offers.tax("3", name="Other")
    assert '<option selected value="">No tax' in browser.get("/subscriptions/plans/add").text


@pytest.mark.parametrize(("field", "value", "words"), [
    ("amount", "", "Give the price."), ("amount", "1.999", "it has 2 decimals"),
    ("amount", "-5", "Enter an amount of zero or more."), ("code", "a b", "A code has 1 to 30 letters"),
    ("download_mbps", "fast", "Enter a whole number"), ("download_mbps", "-1", "Give the speed in Mbps"),
    ("valid_from", "", "Say from which day."), ("tax_rate_id", "5", "Choose one of the list."),
    ("kind", "gas", "Choose one of the list"),
])
def test_what_is_wrong_is_told_beside_its_field(
    app: IspbillFlask, tenant: TenantRef, field: str, value: str, words: str
) -> None:
    answer = signed_in(app, tenant).post("/subscriptions/plans/add", {**FIBRE, field: value})
    assert answer.status_code == 422 and words in answer.text


def test_another_service_is_sold_by_itself_at_the_price_of_its_period(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    cameras = {**FIBRE, "code": "CCTV", "name": "Care of cameras", "kind": "other", "period_count": "3",
               "timing": "arrears"}
    refused = browser.post("/subscriptions/plans/add", cameras)
    assert refused.status_code == 422 and "Only a line to the internet" in refused.text
    made = browser.post("/subscriptions/plans/add", {**cameras, "download_mbps": "", "upload_mbps": ""})
    page = browser.get(made.headers["Location"]).text
    assert "each quarter" in page and "In arrears" in page
    listed = browser.get("/subscriptions/plans?kind=other").text
    assert "Other service" in listed and "each quarter" in listed
    (row,) = csv.DictReader(io.StringIO(browser.get("/subscriptions/plans/export").data.decode("utf-8-sig")))
    assert (row["kind"], row["price"], row["period_unit"], row["period_count"], row["timing"]) == \
        ("other", "1499.50", "month", "3", "arrears")
    with unit_of_work():
        ana = people.register_customer("Ana Cruz").id
    assert "Care of cameras, ₱1,499.50 a quarter" in browser.get(f"/customers/{ana}/subscribe").text


def test_a_new_price_is_planned_and_the_history_shown(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        plan = offers.plan(100000).id
    browser = signed_in(app, tenant)
    assert "Today ₱1,000.00" in browser.get(f"/subscriptions/plans/{plan}/price").text
    browser.post(f"/subscriptions/plans/{plan}/price", {"amount": "1200", "valid_from": "2026-06-01"})
    page = browser.get(f"/subscriptions/plans/{plan}").text
    assert "₱1,200.00" in page and "Planned" in page and "In force" in page
    again = browser.post(f"/subscriptions/plans/{plan}/price", {"amount": "1300", "valid_from": "2026-06-01"})
    assert again.status_code == 422 and "has a price from that day already" in again.text


def test_a_plan_shows_who_pays_which_price(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        plan = offers.plan(100000)
        offers.subscribe(plans=[(plan, 1, 80000)])
        plan_id = plan.id
    browser = signed_in(app, tenant)
    assert "₱800.00" in browser.get(f"/subscriptions/plans/{plan_id}").text
    assert f"/customer-subscriptions?plan={plan_id}" in browser.get("/subscriptions/plans").text


def test_a_plan_is_changed_retired_sold_again_and_removed(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        plan = offers.plan(code="OLD").id
    browser, path = signed_in(app, tenant), f"/subscriptions/plans/{plan}"
    browser.post(f"{path}/change", {**FIBRE, "name": "Fibre 60"})
    browser.post(f"{path}/retire")
    assert "Retired" in browser.get(path).text
    assert browser.post(f"{path}/retire").status_code == 422
    browser.post(f"{path}/activate")
    browser.post(f"{path}/remove")
    assert browser.get(path).status_code == 404


def test_a_plan_somebody_has_is_not_removed(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        plan = offers.plan()
        offers.subscribe(plans=[(plan, 1, None)])
        path = f"/subscriptions/plans/{plan.id}"
    answer = signed_in(app, tenant).post(f"{path}/remove")
    assert answer.status_code == 422 and "still refers to this" in answer.text


def test_taxes_are_renamed_retired_used_again_and_removed(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        tax = offers.tax("8.875", name="Sales tax", mode="exclusive").id
    browser = signed_in(app, tenant)
    assert "8.875 %" in browser.get("/taxes").text
    browser.post(f"/taxes/{tax}/rename", {"name": "NYC sales tax"})
    browser.post(f"/taxes/{tax}/retire")
    assert "Retired" in browser.get("/taxes").text
    browser.post(f"/taxes/{tax}/activate")
    assert "NYC sales tax,8.8750,exclusive,yes,0" in browser.get("/taxes/export").data.decode("utf-8-sig")
    browser.post(f"/taxes/{tax}/remove")
    assert "No taxes yet" in browser.get("/taxes").text


def test_the_export_holds_what_the_filters_show(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        offers.plan(149950, code="A1", name="Fibre")
        offers.plan(100, code="B1", name="Phone", kind="voice")
    lines = signed_in(app, tenant).get("/subscriptions/plans/export?kind=internet").data.decode("utf-8-sig")
    assert "A1,Fibre,internet,active,,,1499.50" in lines and "B1" not in lines


def test_who_may_only_look_changes_nothing(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        plan, tax = offers.plan().id, offers.tax().id
    browser = signed_in(app, tenant, permissions=["view_subscriptionplan_list"])
    page = browser.get(f"/subscriptions/plans/{plan}").text
    assert "Retire" not in page and "Who pays what" not in page
    for path in (f"/subscriptions/plans/{plan}/retire", f"/taxes/{tax}/retire", "/taxes/add"):
        assert browser.post(path).status_code == 403
