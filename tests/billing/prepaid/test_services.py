"""A customer's services at one glance: each line with what is billed next, or how much time is left."""
from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask

from ispbill.billing.prepaid.cancelling import service as cancelling
from ispbill.billing.prepaid.services import queries
from ispbill.billing.runs import jobs
from ispbill.core.current import TenantRef, at, current
from ispbill.core.unit_of_work import unit_of_work
from ispbill.subscriptions import service as subscriptions
from tests.make import bills, loads, offers, people
from tests.make.browsers import signed_in


@pytest.fixture
def ana(tenant: TenantRef) -> int:
    """A customer with a postpaid line, a prepaid line and an empty one; the id."""
    with unit_of_work():
        ana, plan = people.register_customer("Ana Reyes"), offers.plan(100_000, name="Fibre 50")
        house, shop, _ = (offers.installation(ana, address=place) for place in ("House", "Shop", "Garage"))
        offers.subscribe(ana, plans=[(plan, 1, None)], installation=house)
        loads.load(ana.id, plan=offers.plan(60_000, name="Voice", kind="voice"), installation_id=shop.id)
        gone = loads.load(ana.id, plan=plan, kind="fifteen_days")
        cancelling.cancel(gone.subscription_id, reason="entered twice")
    jobs.bill_now(current.today())
    return ana.id


def test_each_line_says_what_runs_on_it(app: Flask, tenant: TenantRef, ana: int) -> None:
    with unit_of_work():
        found = queries.of_customer(ana)
        assert [(line.installation and line.installation.address, len(line.postpaid), len(line.prepaid))
                for line in found.lines] == [("House", 1, 0), ("Shop", 0, 1), ("Garage", 0, 0)]
        assert found.former_count == 1
    with at(current.now() + timedelta(days=5, hours=6)):
        page = signed_in(app, tenant).get(f"/customers/{ana}").text
    card = page.split("Services</h2>")[1]
    assert card.index("House") < card.index("next bill 10 Apr 2026") < card.index("Shop")
    assert "24 days 18 hours left, until 9 Apr 2026, 12:00" in card and "No service on this line yet" in card
    assert "with 1 former" in card and "/renew" in card


def test_who_may_do_nothing_about_services_sees_no_empty_row(app: Flask, tenant: TenantRef) -> None:
    with unit_of_work():
        ana = people.register_customer("Ana").id
    viewer = signed_in(app, tenant, permissions=["view_customer_detail", "view_subscription_list"])
    card = viewer.get(f"/customers/{ana}").text.split("Services</h2>")[1].split("</section>")[0]
    assert "nothing is billed" in card and not re.search(r"<div[^>]*>\s*</div>", card)


def test_a_service_without_an_installation_and_one_that_ends_are_shown(app: Flask, tenant: TenantRef) -> None:
    with unit_of_work():
        ben = people.register_customer("Ben Cruz")
        ending = offers.subscribe(ben, plans=[(offers.plan(100_000), 1, None)])
        subscriptions.end(ending, on=current.today() + timedelta(days=10), reason="moves")
        ben_id = ben.id
    page = signed_in(app, tenant).get(f"/customers/{ben_id}").text
    assert "Without an installation" in page and "ends 20 Mar 2026" in page
    with unit_of_work():
        nobody = people.register_customer().id
    assert "No service yet: nothing is billed" in signed_in(app, tenant).get(f"/customers/{nobody}").text


def test_the_card_costs_the_same_however_many_lines_there_are(tenant: TenantRef, ana: int) -> None:
    def cost() -> int:
        with unit_of_work(), bills.statements() as sent:
            queries.of_customer(ana)
            return len(sent)

    before = cost()
    with unit_of_work():
        plan = offers.plan(50_000)
        for _ in range(5):
            loads.load(ana, plan=plan)
    assert cost() == before
