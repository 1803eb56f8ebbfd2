"""Exemptions and withholdings: verbs and pages."""
from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from ispbill.billing.taxes import queries
from ispbill.billing.taxes import service as taxes
from ispbill.billing.taxes.service import ExemptionFacts
from ispbill.core.current import TenantRef, current
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.web.requests import IspbillFlask
from tests.make import offers, people
from tests.make.browsers import signed_in


def test_an_exemption_is_added_shown_and_ended(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        customer, today = people.register_customer("San Jose School").id, current.today()
        offers.tax(name="VAT")
    browser = signed_in(app, tenant)
    assert "Nobody is exempt" in browser.get("/tax-exemptions").text
    entered = {"tax_rate_id": "", "reason": "Public school", "certificate": "C-7", "starts_on": today.isoformat(),
               "last_day": (today + timedelta(days=9)).isoformat()}
    answer = browser.post(f"/customers/{customer}/tax-exemptions/add", entered)
    assert answer.location == f"/customers/{customer}/account"
    page = browser.get(f"/customers/{customer}/account").text
    assert "Exempt: Public school" in page and "All taxes" in page and "C-7" in page
    assert "San Jose School" in browser.get("/tax-exemptions?state=expiring&q=jose").text
    assert "Public school,C-7" in browser.get("/tax-exemptions/export").data.decode("utf-8-sig")
    with unit_of_work():
        (exemption,) = queries.of_customer(customer, on=today)
        path = f"/tax-exemptions/{exemption.id}/end"
        assert queries.exemptions_of([customer], on=today)[customer][0].covers(5, today)
    later = (today + timedelta(days=3)).isoformat()
    browser.post(path, {"on": later})
    assert browser.post(path, {"on": (today + timedelta(days=5)).isoformat()}).status_code == 422
    browser.post(path, {"on": today.isoformat()})
    assert "Billed with every tax" in browser.get(f"/customers/{customer}/account").text


@pytest.mark.parametrize(("facts", "field"), [
    ({"reason": " "}, "reason"), ({"reason": "x" * 201}, "reason"), ({"certificate": "x" * 201}, "certificate"),
    ({"tax_rate_id": 999}, "tax_rate_id"), ({"days": -1}, "last_day"),
])
def test_an_exemption_that_cannot_be_is_refused_at_its_field(
    tenant: TenantRef, facts: dict[str, Any], field: str
) -> None:
    with unit_of_work():
        today, days = current.today(), facts.pop("days", 9)
        with pytest.raises(Invalid) as refusal:
            taxes.exempt(people.register_customer(), facts=ExemptionFacts(
                **{"reason": "School", "starts_on": today, "ends_on": today + timedelta(days=days), **facts}))
    assert refusal.value.field == field


def test_a_customer_withholds_once_at_a_time(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        customer, today = people.register_customer(), current.today()
        taxes.withhold(customer, rate_percent=Decimal(2), starts_on=today - timedelta(days=5))
        with pytest.raises(Conflict):
            taxes.withhold(customer, rate_percent=Decimal(1), starts_on=today)
        with pytest.raises(Invalid):
            taxes.withhold(people.register_customer(), rate_percent=Decimal(0), starts_on=today)
        customer_id = customer.id
        withholding = queries.withholding_of(customer_id, on=today)
        assert withholding is not None
        path = f"/withholdings/{withholding.id}/end"
    browser = signed_in(app, tenant)
    assert "Withholds 2 % of the net" in browser.get(f"/customers/{customer_id}/account").text
    assert browser.post(path, {"on": today.isoformat()}).location == f"/customers/{customer_id}/account"
    entered = {"rate_percent": "1", "starts_on": today.isoformat(), "last_day": ""}
    browser.post(f"/customers/{customer_id}/withholding/add", entered)
    assert "Withholds 1 % of the net" in browser.get(f"/customers/{customer_id}/account").text
    assert browser.post(f"/customers/{customer_id}/withholding/add", entered).status_code == 422


def test_who_may_only_look_exempts_nobody(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        customer = people.register_customer().id
    browser = signed_in(app, tenant, permissions=["view_customer_detail", "view_invoice_list"])
    assert "Add exemption" not in browser.get(f"/customers/{customer}/account").text
    assert browser.post(f"/customers/{customer}/tax-exemptions/add").status_code == 403
    assert browser.post(f"/customers/{customer}/withholding/add").status_code == 403
