"""The one list of all subscriptions: both kinds, filters, what ends soon, export, who may."""
from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from flask import Flask

from ispbill.billing.prepaid.overview import queries
from ispbill.core.current import TenantRef, at, current
from ispbill.core.pagination import paginate
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers.models import Customer
from ispbill.subscriptions import service as subscriptions
from tests.make import bills, loads, offers, people
from tests.make.browsers import Browser, signed_in

LIST = "/customer-subscriptions"
DAY = timedelta(days=1)


@pytest.fixture
def browser(app: Flask, tenant: TenantRef) -> Browser:
    """The owner's browser."""
    return signed_in(app, tenant)


@pytest.fixture
def many(tenant: TenantRef) -> dict[str, Customer]:
    """Maria is prepaid for a month, Ana for three days, Ben is postpaid for ever, Carla's postpaid ends in ten days."""
    with unit_of_work():
        plan, dearer = offers.plan(100_000, name="Fibre 50"), offers.plan(200_000, name="Fibre 100")
        names = ("Maria Santos", "Ana Reyes", "Ben Cruz", "Carla Diaz")
        maria, ana, ben, carla = (people.register_customer(name) for name in names)
        loads.load(maria.id, plan=plan)
        loads.load(ana.id, plan=dearer, kind="custom", amount_minor=20_000)
        offers.subscribe(ben, plans=[(plan, 1, None)])
        ending = offers.subscribe(carla, plans=[(dearer, 1, None)])
        subscriptions.end(ending, on=current.today() + 10 * DAY, reason="moves away")
        return {"maria": maria, "ana": ana, "ben": ben, "carla": carla}


def names(browser: Browser, **arguments: str) -> list[str]:
    """The customers that the export shows with these filters, in its order."""
    asked = "&".join(f"{name}={value}" for name, value in arguments.items())
    answer = browser.get(f"{LIST}/export?{asked}")
    assert answer.status_code == 200
    return [row["customer"] for row in csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff")))]


def test_an_empty_list_says_what_to_do(browser: Browser) -> None:
    page = browser.get(LIST).text
    assert "No subscriptions yet" in page and 'href="/customer-subscriptions/new"' in page


def test_both_kinds_stand_in_one_list(browser: Browser, many: dict[str, Customer]) -> None:
    page = browser.get(LIST).text
    assert all(customer.name in page for customer in many.values())
    assert "Prepaid" in page and "Postpaid" in page and "4 subscriptions" in page
    assert sorted(names(browser)) == ["Ana Reyes", "Ben Cruz", "Carla Diaz", "Maria Santos"]


@pytest.mark.parametrize(("arguments", "found"), [
    ({"type": "prepaid"}, {"Maria Santos", "Ana Reyes"}), ({"type": "postpaid"}, {"Ben Cruz", "Carla Diaz"}),
    ({"q": "maria"}, {"Maria Santos"}), ({"status": "expired"}, set()),
    ({"status": "active", "q": "ben"}, {"Ben Cruz"}),
    ({"expiring": "3"}, {"Ana Reyes"}), ({"expiring": "15"}, {"Ana Reyes", "Carla Diaz"}),
    ({"expiring": "30", "type": "prepaid"}, {"Ana Reyes", "Maria Santos"}), ({"type": "nonsense"}, {
        "Maria Santos", "Ana Reyes", "Ben Cruz", "Carla Diaz"}),
])
def test_the_filters(browser: Browser, many: dict[str, Customer], arguments: dict[str, str], found: set[str]) -> None:
    assert set(names(browser, **arguments)) == found
    asked = "&".join(f"{name}={value}" for name, value in arguments.items())
    page = browser.get(f"{LIST}?{asked}").text
    for customer in many.values():
        assert (f">{customer.name}</a>" in page) == (customer.name in found)


def test_what_ends_soon_is_listed_by_when_it_ends(browser: Browser, many: dict[str, Customer]) -> None:
    page = browser.get(f"{LIST}?expiring=30").text
    assert page.index("Ana Reyes") < page.index("Carla Diaz") < page.index("Maria Santos")
    assert f"{LIST}/prepaid/" in page and "Renew" in page


def test_who_ran_out_is_found_and_can_be_renewed_before_the_sweep_and_after(
    browser: Browser, many: dict[str, Customer]
) -> None:
    """Pain: an expired customer must still be findable and renewable."""
    with at(current.now() + 4 * DAY):
        page = browser.get(f"{LIST}?q=ana").text
        assert "Expired" in page and "/renew" in page


def test_a_plans_holders_of_both_kinds_are_a_click_away(browser: Browser, many: dict[str, Customer]) -> None:
    with unit_of_work():
        plan_id = offers.plan(1_000).id - 2
    assert set(names(browser, plan=str(plan_id))) == {"Maria Santos", "Ben Cruz"}


def test_the_page_costs_the_same_however_many_there_are(browser: Browser, many: dict[str, Customer]) -> None:
    with bills.statements() as few:
        browser.get(LIST)
    with unit_of_work():
        plan = offers.plan(50_000)
        for _ in range(12):
            loads.load(plan=plan)
            offers.subscribe(people.register_customer(), plans=[(plan, 1, None)])
    with bills.statements() as more:
        browser.get(LIST)
    assert len(more) == len(few)


def test_the_list_is_paged_over_both_kinds(many: dict[str, Customer]) -> None:
    with unit_of_work():
        plan = offers.plan(50_000)
        for _ in range(30):
            loads.load(plan=plan)
            offers.subscribe(people.register_customer(), plans=[(plan, 1, None)])
        found = queries.listing(queries.Wanted())
        for name, order in found.orders.items():
            seen, cursor = [], None
            while True:
                page = paginate(found.keys, order, cursor=cursor)
                seen += [(row.kind, row.id) for row in page.rows]
                cursor = page.next_cursor
                if cursor is None:
                    break
            assert len(seen) == len(set(seen)) == 64, name
