"""What a customer's timeline tells of lines, routers, subscriptions, money and messages."""
from __future__ import annotations

from datetime import timedelta

from ispbill.billing.invoices import service as invoices
from ispbill.billing.payments import service as payments
from ispbill.core.current import TenantRef, at, current
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers import queries as customer_queries
from ispbill.customers import service as customers
from ispbill.network.routers import queries as router_queries
from ispbill.network.routers import service as routers
from ispbill.notifications import service as messages
from ispbill.subscriptions.installations import queries as installation_queries
from ispbill.subscriptions.installations import service as installations
from ispbill.web.requests import IspbillFlask
from tests.conftest import NOON_IN_MANILA
from tests.make import bills, equipment, offers, people
from tests.make.browsers import signed_in


def a_year_of_life() -> int:
    """A customer to whom one of everything happened, an hour after the other; the id."""
    with unit_of_work():
        ana = people.register_customer("Ana Cruz", email="ana@example.com")
        offers.installation(ana, address="7 Rizal Avenue")
        ana_id = ana.id
    with at(current.now() + timedelta(hours=1)), unit_of_work():
        ana, (line,) = customer_queries.get(ana_id), installation_queries.standing(ana_id)
        installations.complete(line, on=current.today())
        equipment.assigned(equipment.router("HW-77"), line=line)
        offers.subscribe(ana, plans=[(offers.plan(100_000), 1, None)])
    with at(current.now() + timedelta(hours=2)):
        invoice = bills.billed("Ben", email="ben@example.com")
        payment = bills.paid(ana_id, 50_000)
    with at(current.now() + timedelta(hours=3)), unit_of_work():
        payments.reverse(db.session.merge(payment), reason="Bounced")
        invoices.void(db.session.merge(invoice), reason="Billed in error")
        routers.take_back(router_queries.named("HW-77"), on=current.today(), condition="returned")
    with at(current.now() + timedelta(hours=4)), unit_of_work():
        messages.queue(template="password_reset", recipient="Ana@example.com", unique_key="k", name="Ana",
                       url="https://isp.test")
        customers.suspend(customer_queries.get(ana_id), reason="On holiday")
    return ana_id


def test_everything_that_happened_is_told_in_order(app: IspbillFlask, tenant: TenantRef) -> None:
    ana = a_year_of_life()
    with at(NOON_IN_MANILA + timedelta(hours=5)):
        page = signed_in(app, tenant).get(f"/customers/{ana}/timeline").text
    told = ["Suspended", "reversed", "₱500.00 paid", "Router assigned", "Line installed", "Line planned"]
    places = [page.index(words) for words in told]
    assert places == sorted(places)
    for words in ("Subscription suspended", "Subscription begun", "Registered", "Invoice INV-", "To Ana@example.com",
                  "On holiday", "Bounced", "HW-77", "7 Rizal Avenue"):
        assert words in page, words
    assert "Ben" not in page


def test_the_timeline_shows_only_what_the_viewer_may_see(app: IspbillFlask, tenant: TenantRef) -> None:
    ana = a_year_of_life()
    page = signed_in(app, tenant, permissions=["view_customer_detail"]).get(f"/customers/{ana}/timeline").text
    assert "Registered" in page and "paid" not in page and "Invoice" not in page and "HW-77" not in page


def test_a_longer_life_costs_no_more_statements(app: IspbillFlask, tenant: TenantRef) -> None:
    ana = a_year_of_life()
    browser, counts = signed_in(app, tenant), []
    for _ in range(2):
        bills.paid(ana, 1_000)
        bills.paid(ana, 1_000)
        with bills.statements() as sent:
            browser.get(f"/customers/{ana}")
        counts.append(len(sent))
    assert counts[0] == counts[1]
