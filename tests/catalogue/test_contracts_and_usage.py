"""Contracts and usage prices of plans: rules, verbs, pages."""
from __future__ import annotations

from decimal import Decimal

import pytest

from ispbill.catalogue.contracts import queries as contracts
from ispbill.catalogue.usage import queries as usage
from ispbill.catalogue.usage.policy import Model, PriceList, Tier, UsageFacts, checked
from ispbill.core.current import TenantRef, current
from ispbill.core.errors import Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.web.requests import IspbillFlask
from tests.make import offers
from tests.make.browsers import signed_in

CENT = Decimal(1)


def test_a_plan_is_sold_with_a_contract_and_without_again(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        plan = offers.plan().id
    browser, path = signed_in(app, tenant), f"/subscriptions/plans/{plan}"
    assert "customers may leave any day" in browser.get(path).text
    browser.post(f"{path}/contract", {"months": "24", "fixed": "1,500", "is_declining": "y",
                                      "remaining_percent": "50", "most": ""})
    page = browser.get(path).text
    assert "₱1,500.00, less with each month" in page and "50 %" in page and "No limit" in page
    with unit_of_work():
        contract = contracts.of_plan(plan)
        assert contract is not None and (contract.months, contract.fixed_minor) == (24, 150_000)
        assert [one.plan_id for one in contracts.of_plans([plan])] == [plan]
    assert 'value="24"' in browser.get(f"{path}/contract").text
    browser.post(f"{path}/contract/release")
    assert "customers may leave any day" in browser.get(path).text
    assert browser.post(f"{path}/contract/release").status_code == 422


@pytest.mark.parametrize(("field", "value", "words"), [
    ("months", "0", "A contract lasts 1 to 120 months."), ("months", "", "Say how many months."),
    ("remaining_percent", "101", "between 0 and 100 percent"), ("fixed", "-1", "zero or more"),
])
def test_a_contract_that_cannot_be_is_told_beside_its_field(
    app: IspbillFlask, tenant: TenantRef, field: str, value: str, words: str
) -> None:
    with unit_of_work():
        plan = offers.plan().id
    answer = signed_in(app, tenant).post(f"/subscriptions/plans/{plan}/contract", {"months": "12", field: value})
    assert answer.status_code == 422 and words in answer.text


def test_usage_is_priced_in_steps_from_a_day_on(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        plan, today = offers.plan().id, current.today()
    browser, path = signed_in(app, tenant), f"/subscriptions/plans/{plan}"
    assert "Nothing is charged by use" in browser.get(path).text
    entered = {"valid_from": today.isoformat(), "unit": "GB", "included": "100", "minimum": "50", "model": "graduated",
               "up_to_1": "500", "price_1": "0.4", "price_2": "0.305", "block_2": "10", "whole_blocks_2": "y"}
    browser.post(f"{path}/usage-price", entered)
    page = browser.get(path).text
    assert "Up to 500 GB: 0.4 PHP for a GB" in page and "Above: 0.305 PHP for 10 GB, begun blocks count" in page
    assert "100 GB included" in page and "at least ₱50.00" in page
    with unit_of_work():
        price = usage.in_force(plan, on=today)
        assert price is not None and usage.prices_of(price).tiers[0].price_minor == 40
        assert usage.in_force(plan, on=today.replace(year=2000)) is None
    again = browser.post(f"{path}/usage-price", entered)
    assert again.status_code == 422 and "a price from that day already" in again.text


@pytest.mark.parametrize(("tiers", "facts", "field"), [
    ((), {}, "tiers"), ((Tier(Decimal(5), CENT),), {}, "tiers"), ((Tier(None, CENT), Tier(None, CENT)), {}, "tiers"),
    ((Tier(Decimal(5), CENT), Tier(Decimal(5), CENT), Tier(None, CENT)), {}, "tiers"),
    ((Tier(None, -CENT),), {}, "tiers"), ((Tier(None, Decimal("0.0000001")),), {}, "tiers"),
    ((Tier(None, CENT, block=Decimal(0)),), {}, "tiers"), ((Tier(None, CENT, flat_minor=-1),), {}, "tiers"),
    ((Tier(None, CENT),), {"unit": " "}, "unit"), ((Tier(None, CENT),), {"minimum_minor": -1}, "minimum"),
])
def test_a_price_list_that_cannot_be_computed_is_refused(
    tiers: tuple[Tier, ...], facts: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        checked(UsageFacts(**{"prices": PriceList(tiers), "unit": "GB", "valid_from": offers.LONG_AGO, **facts}))  # type: ignore[arg-type]
    assert refusal.value.field == field


def test_a_price_list_says_how_its_steps_are_read() -> None:
    with pytest.raises(Invalid):
        checked(UsageFacts(PriceList((Tier(None, CENT),), "guess"), "GB", offers.LONG_AGO))
    known = checked(UsageFacts(PriceList((Tier(None, CENT),), Model.VOLUME), "GB", offers.LONG_AGO))
    assert known.prices.model == "volume"


def test_who_may_only_look_prices_nothing(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        plan = offers.plan().id
    browser = signed_in(app, tenant, permissions=["view_subscriptionplan_list"])
    assert "Add contract" not in browser.get(f"/subscriptions/plans/{plan}").text
    for path in ("contract", "contract/release", "usage-price"):
        assert browser.post(f"/subscriptions/plans/{plan}/{path}").status_code == 403
