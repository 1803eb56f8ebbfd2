"""Tax withheld: what is expected by the rate of each bill's net, what was proved, what is outstanding."""
from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from ispbill.billing.taxes import service as taxes
from ispbill.billing.withholdings import queries
from ispbill.core.current import TenantRef, current
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers.models import Customer
from ispbill.web.requests import IspbillFlask
from tests.make import bills, offers
from tests.make.browsers import signed_in


def withholder(name: str, *, days_ago: int = 0) -> int:
    """A customer billed 1,120 with 12 % VAT in it who keeps 2 % of the net back; the id."""
    customer_id = bills.billed(name, price_minor=112_000, tax=lambda: offers.tax("12")).customer_id
    with unit_of_work():
        customer = db.session.get_one(Customer, customer_id)
        taxes.withhold(customer, rate_percent=Decimal(2), starts_on=current.today() - timedelta(days=days_ago))
    return customer_id


def test_what_is_outstanding_is_the_rate_of_the_net_less_what_was_proved(tenant: TenantRef) -> None:
    ana, ben = withholder("Ana"), withholder("Ben")
    bills.billed("Cora")
    bills.paid(ana, 500, method="withholding", reference="2307-1")
    bills.paid(ben, 2_000, method="withholding", reference="2307-2")
    bills.paid(ben, 2_000)
    with unit_of_work():
        rows = {row.name: row for row in queries.everything(queries.listing())}
        assert {name: (row.documents, row.expected_minor, row.proved_minor, row.outstanding_minor)
                for name, row in rows.items()} == {"Ana": (1, 2_000, 500, 1_500), "Ben": (1, 2_000, 2_000, 0)}
        assert queries.total_outstanding() == 1_500 and queries.of_customer(ana) is not None
        assert [row.name for row in queries.everything(queries.listing(state="proved"))] == ["Ben"]


def test_bills_of_days_before_the_customer_withheld_are_not_expected(tenant: TenantRef) -> None:
    ana = bills.billed("Ana").customer_id
    with unit_of_work():
        customer = db.session.get_one(Customer, ana)
        taxes.withhold(customer, rate_percent=Decimal(2), starts_on=current.today() + timedelta(days=1))
        row = queries.of_customer(ana)
        assert row is not None and (row.documents, row.expected_minor, row.outstanding_minor) == (0, 0, 0)


def test_the_page_the_file_and_the_customer_show_what_is_outstanding(app: IspbillFlask, tenant: TenantRef) -> None:
    ana = withholder("Ana Reyes")
    browser = signed_in(app, tenant)
    page = browser.get("/tax-withheld?state=outstanding&q=ana").text
    assert "Ana Reyes" in page and "₱20.00" in page and "/tax-withheld" in browser.get("/tax-exemptions").text
    assert "Ana Reyes" not in browser.get("/tax-withheld?state=proved").text
    assert "Ana Reyes,2.0000,1,2026-03-10,20.00,0.00,20.00,PHP" in browser.get("/tax-withheld/export").text
    assert "Record a certificate" in browser.get(f"/customers/{ana}/account").text
    assert signed_in(app, tenant, permissions=["view_customer_list"]).get("/tax-withheld").status_code == 403


def test_nobody_withholds_at_first(app: IspbillFlask, tenant: TenantRef) -> None:
    assert "Nobody withholds tax" in signed_in(app, tenant).get("/tax-withheld").text
