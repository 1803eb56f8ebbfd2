"""Proformas: papers that nobody owes, numbered in a series of their own, until they become invoices."""
from __future__ import annotations

from datetime import date, timedelta

import pytest

from ispbill.billing.notes.service import NewLine
from ispbill.billing.proformas import queries
from ispbill.billing.proformas import service as proformas
from ispbill.billing.proformas.models import Proforma
from ispbill.core.current import TenantRef, current
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.web.requests import IspbillFlask
from tests.make import bills, offers, people
from tests.make.browsers import signed_in
from tests.make.corrections import balance, findings, loaded, offered, open_amounts


def customer() -> int:
    with unit_of_work():
        return people.register_customer("Ana Reyes").id


def proforma_of(proforma_id: int) -> Proforma:
    found = queries.detail(proforma_id)
    assert found is not None
    return found


def test_nothing_is_owed_by_a_proforma(tenant: TenantRef) -> None:
    customer_id = customer()
    made = offered(customer_id)
    assert (made.number, made.total_minor, made.status) == ("PF-000001", 50_000, "open")
    assert made.valid_until == current.today() + timedelta(days=30)
    assert balance(customer_id) == 0 and open_amounts(customer_id) == [] and findings() == {}


def test_it_becomes_an_invoice_once(tenant: TenantRef) -> None:
    customer_id = customer()
    bills.paid(customer_id, 20_000)
    made = offered(customer_id)
    with unit_of_work():
        issued = proformas.invoice(proforma_of(made.id))
    assert (issued.number, open_amounts(customer_id)) == ("INV-000001", [30_000])
    with unit_of_work():
        assert proforma_of(made.id).invoice_id == issued.id
        assert loaded(issued.id).reason == "Proforma PF-000001"
        with pytest.raises(Conflict, match="invoiced already"):
            proformas.invoice(proforma_of(made.id))
    assert findings() == {}


def test_it_bears_tax_as_an_invoice_would(tenant: TenantRef) -> None:
    customer_id = customer()
    with unit_of_work():
        tax = offers.tax("12")
        made = proformas.issue(customer_id, [NewLine("Cable", 11_200, 2, tax.id)])
    assert (made.net_minor, made.tax_minor, made.total_minor) == (20_000, 2_400, 22_400)


@pytest.mark.parametrize(("line", "valid_until", "message"), [
    (NewLine(" ", 100), None, "what each line is for"), (NewLine("Cable", 0), None, "needs a price"),
    (NewLine("Cable", 100, 0), None, "quantity"), (NewLine("Cable", 100, 1, 99), None, "a tax that exists"),
    (NewLine("Cable", 100), date(2020, 1, 1), "today or later"),
])
def test_what_cannot_be_charged_is_refused(
    tenant: TenantRef, line: NewLine, valid_until: date | None, message: str
) -> None:
    customer_id = customer()
    with pytest.raises(Invalid, match=message), unit_of_work():
        proformas.issue(customer_id, [line], valid_until=valid_until)


def test_the_pages_issue_invoice_and_cancel(app: IspbillFlask, tenant: TenantRef) -> None:
    customer_id = customer()
    browser = signed_in(app, tenant)
    assert "No proforma invoices yet" in browser.get("/proformas").text
    address = f"/proformas/issue/{customer_id}"
    assert browser.post(address, {}).status_code == 422
    entered = {"description_1": "A year of fibre", "price_1": "500", "kind_1": "one_time"}
    first, second = (browser.post(address, entered).location for _ in range(2))
    assert "A year of fibre" in browser.get(first).text
    assert "Nothing is owed" not in browser.get(f"{first}/invoice").text
    assert "/invoices/" in browser.post(f"{first}/invoice", {}).location
    browser.post(f"{second}/cancel", {"reason": "Ordered elsewhere"})
    assert "Ordered elsewhere" in browser.get(second).text
    assert "PF-000002" in browser.get("/proformas?q=pf-2&status=cancelled").text
    assert "PF-000001" in browser.get("/proformas/export?status=invoiced").text
