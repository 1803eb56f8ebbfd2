"""Behind each number of a report stand the rows that it counts: what a link leads to comes to the number."""
from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import current_app

from ispbill.billing.ledger import queries as ledger
from ispbill.core.current import Actor, TenantRef, acting_as, at, current
from ispbill.core.db import db
from ispbill.core.money import to_major
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers.models import Customer
from ispbill.reports.contents import REPORTS
from ispbill.reports.definitions.policy import Column, Kind, Link, Report, scope_of
from ispbill.subscriptions import queries as subscriptions
from ispbill.subscriptions import service as subscription_verbs
from ispbill.subscriptions.installations import service as installations
from ispbill.support.tickets import service as tickets
from ispbill.support.tickets.models import Ticket
from ispbill.web.requests import IspbillFlask
from tests.conftest import NOON_IN_MANILA
from tests.make import bills, offers, people, support
from tests.make.browsers import Browser, colleague, signed_in
from tests.reports.conftest import MONTH_LATER, TENTH

FILES = {
    "customers.index": "customers.export", "payments.index": "payments.export", "invoices.index": "invoices.export",
    "tickets.index": "tickets.export", "subscriptions.installations": "subscriptions.export_installations",
    "ledger.journal": "ledger.export_journal", "reports.subscribers": "reports.subscribers_file",
}
# One document's or customer's own page: there is nothing to count.
PAGES = {"ledger.statement", "payments.detail", "invoices.detail", "prepaid.detail", "subscriptions.detail"}
SUMMED = {"payments.index": "amount", "invoices.index": "total"}
SUMMED_OF = {"Net": "net", "Open": "open", "Overdue": "open"}
WIDE = {"since": date(2026, 2, 1), "until": date(2026, 4, 30)}


@pytest.fixture
def busy(story: dict[str, int]) -> Iterator[dict[str, int]]:
    """The company a month later, with work done, somebody gone, and one who turned out to be another."""
    ben_id = colleague("ben@example.com", permissions=["view_ticket_list", "change_installation_status"]).id
    with at(NOON_IN_MANILA + timedelta(hours=3)), acting_as(Actor("user", "Ben", user_id=ben_id, is_owner=True)):
        with unit_of_work():
            ana = db.session.get_one(Customer, story["ana"])
            done, kept, _nobodys, double = (
                support.ticket(customer=customer, assignee_id=ben_id, category_id=support.category())
                for customer in (ana, ana, None, ana))
            done_id, kept_id, double_id = done.id, kept.id, double.id
            line = offers.installation(ana, technician_id=ben_id)
            installations.complete(line, on=TENTH)
            offers.installation(ana, technician_id=ben_id, scheduled_on=date(2026, 5, 1))
        with unit_of_work():
            tickets.resolve(db.session.get_one(Ticket, done_id), reason="New cable")
            tickets.merge(db.session.get_one(Ticket, double_id), into=db.session.get_one(Ticket, kept_id))
    with at(NOON_IN_MANILA), unit_of_work():
        (line,) = subscriptions.of_customer(story["ben"], status="active")
        subscription_verbs.end(line, on=date(2026, 3, 20), reason="moving")
    with at(MONTH_LATER):
        with unit_of_work():
            people.register_customer("Lea", area_id=story["area"])
        bills.paid(story["ana"], 3_000, method="withholding", reference="2307-9")
        yield story


@pytest.mark.parametrize("name", REPORTS)
def test_what_a_number_leads_to_comes_to_it(
    app: IspbillFlask, tenant: TenantRef, busy: dict[str, int], name: str
) -> None:
    browser, wrong, followed = signed_in(app, tenant), [], 0
    for area_id in (None, busy["area"]) if REPORTS[name].by_area else (None,):
        for label, value, column, link in numbers(REPORTS[name], area_id):
            followed += 1
            if (found := behind(browser, column, link)) != abs(value):
                wrong.append((label, column.label, value, link, found))
    assert wrong == []
    assert followed or name in ("receivables-ageing", "unapplied-payments", "subscription-expiry")


def numbers(report: Report, area_id: int | None) -> list[tuple[object, Any, Column, Link]]:
    """The numbers of a report that lead somewhere, those that are nothing left out."""
    asked = WIDE if report.span != "now" else {}
    with unit_of_work():
        sheet = report.draw(scope_of(report.span, today=current.today(), area_id=area_id, **asked))
    assert all(row.link is None or row.link.endpoint in PAGES for row in sheet.rows)
    return [(row.cells[0], row.cells[place], sheet.columns[place], link)
            for row in sheet.rows for place, link in row.links.items() if row.cells[place]]


def behind(browser: Browser, column: Column, link: Link) -> int | Decimal:
    """What the rows of a link come to, by the file of its list: their number, or their sum in minor units."""
    urls = current_app.url_map.bind("")
    address, file = (urls.build(endpoint, dict(link.values)) for endpoint in (link.endpoint, FILES[link.endpoint]))
    assert browser.get(address).status_code == 200
    rows = list(csv.DictReader(io.StringIO(browser.get(file).data.decode("utf-8-sig"))))
    if column.kind == Kind.COUNT:
        return len(rows)
    if link.endpoint == "ledger.journal":
        amounts = [Decimal(row["amount"]) for row in rows if row["account_code"] == code_of(link.values["account"])
                   and sides(link.values.get("side"), Decimal(row["amount"]))]
    else:
        amounts = [Decimal(row[SUMMED_OF.get(str(column.label), SUMMED[link.endpoint])]) for row in rows]
    return abs(sum(amounts, Decimal(0)) / to_major(1, current.tenant.currency))


def sides(side: str | None, amount: Decimal) -> bool:
    """Whether an amount is on the side that is asked for."""
    return side is None or (amount > 0) == (side == "debit")


def code_of(account_id: int) -> str:
    """The code of an account."""
    with unit_of_work():
        return next(account.code for account in ledger.accounts() if account.id == account_id)


def test_an_area_alone_and_no_area_are_places(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        inner = people.area("Luzon", "Cavite")
        outer_id, inner_id = inner.parent_id, inner.id
        for name, area_id in (("Ana", outer_id), ("Ben", inner_id), ("Cora", None)):
            people.register_customer(name, area_id=area_id)
    browser = signed_in(app, tenant)
    found = {place: [name for name in ("Ana", "Ben", "Cora") if f">{name}<" in browser.get(
        f"/customers?area={place}").text] for place in (outer_id, f"{outer_id}-alone", inner_id, "none", "nonsense")}
    assert list(found.values()) == [["Ana", "Ben"], ["Ana"], ["Ben"], ["Cora"], ["Ana", "Ben", "Cora"]]
    assert "Luzon, not what lies in it" in browser.get(f"/customers?area={outer_id}-alone").text


def test_a_merged_ticket_is_found_by_its_words_and_by_asking_for_merged_ones(
    app: IspbillFlask, tenant: TenantRef
) -> None:
    with unit_of_work():
        kept, double = support.ticket("No light"), support.ticket("No light either")
        tickets.merge(double, into=kept)
    browser = signed_in(app, tenant)
    shown = ["No light either" in browser.get(f"/tickets{asked}").text for asked in ("", "?q=either", "?status=merged")]
    assert shown == [False, True, True]


def test_subscribers_say_who_they_are_about_and_are_filed_with_both_rights(
    app: IspbillFlask, tenant: TenantRef, story: dict[str, int]
) -> None:
    page = signed_in(app, tenant).get("/reports/subscribers?what=began&since=2026-03-01&until=2026-03-31").text
    assert "4 customers" in page and "Dan" in page
    reader = signed_in(app, tenant, permissions=["export_reports"])
    assert [reader.get(f"/reports/subscribers{tail}").status_code for tail in ("", "/export")] == [403, 403]
