"""Tax withheld: what is expected by the rate of each bill's net, what was proved, what is outstanding."""
from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from ispbill.billing.charges import service as charges
from ispbill.billing.charges.models import ChargeKind
from ispbill.billing.charges.service import ChargeFacts
from ispbill.billing.runs import jobs
from ispbill.billing.taxes import service as taxes
from ispbill.billing.withholdings import queries
from ispbill.core.current import TenantRef, current
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers.models import Customer
from ispbill.web.requests import IspbillFlask
from tests.make import bills, days, offers
from tests.make.browsers import signed_in
from tests.make.programs import program
from tests.make.uploads import brought_in


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


def test_nothing_is_expected_of_deposits_and_balances_brought_over(app: IspbillFlask, tenant: TenantRef) -> None:
    ana, today = withholder("Ana Reyes"), current.today()
    with unit_of_work():
        number = db.session.get_one(Customer, ana).account_number
    brought_in("opening_balances", f"account no,balance\n{number},1120.00\n", day=today)
    with unit_of_work():
        charge = charges.add(ChargeFacts(ana, "Modem deposit", 50_000, kind=ChargeKind.DEPOSIT))
        charges.add(ChargeFacts(ana, "Cable", 10_000))
    jobs.bill_now(today)
    with unit_of_work():
        row = queries.of_customer(ana)
        assert row is not None
        assert (row.documents, row.expected_minor, row.no_income_minor) == (2, 2_000 + 200, 112_000 + 50_000)
    browser = signed_in(app, tenant)
    said = "Nothing of ₱1,620.00 that is no income"
    assert said in browser.get("/tax-withheld").text and said in browser.get(f"/customers/{ana}/account").text
    row = program(app, tenant, scopes=["view_payment_list"]).get("withholdings").get_json()["items"][0]
    assert (row["expected_minor"], row["no_income_minor"]) == (2_200, 162_000)
    with days.work(today + timedelta(days=1)):
        charges.give_back(charge, amount_minor=50_000)
        charges.add(ChargeFacts(ana, "Relocation", 20_000))
    with days.noon(today + timedelta(days=1)):
        jobs.bill_now(current.today())
    with unit_of_work():
        row = queries.of_customer(ana)
        assert row is not None, "what is given back lessens no income either"
        assert (row.documents, row.expected_minor, row.no_income_minor) == (3, 2_200 + 400, 112_000)


def test_the_page_the_file_and_the_customer_show_what_is_outstanding(app: IspbillFlask, tenant: TenantRef) -> None:
    ana = withholder("Ana Reyes")
    browser = signed_in(app, tenant)
    page = browser.get("/tax-withheld?state=outstanding&q=ana").text
    assert "Ana Reyes" in page and "₱20.00" in page and "/tax-withheld" in browser.get("/tax-exemptions").text
    assert "Ana Reyes" not in browser.get("/tax-withheld?state=proved").text
    assert "Ana Reyes,2.0000,1,2026-03-10,20.00,0.00,20.00,0.00,PHP" in browser.get("/tax-withheld/export").text
    assert "Record a certificate" in browser.get(f"/customers/{ana}/account").text
    assert signed_in(app, tenant, permissions=["view_customer_list"]).get("/tax-withheld").status_code == 403


def test_nobody_withholds_at_first(app: IspbillFlask, tenant: TenantRef) -> None:
    assert "Nobody withholds tax" in signed_in(app, tenant).get("/tax-withheld").text
