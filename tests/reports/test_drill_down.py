"""Behind each number of a report stand the rows that it counts: what a link leads to comes to the number."""
from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from html import unescape
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import current_app

from ispbill.billing.ledger import queries as ledger
from ispbill.core.current import Actor, TenantRef, acting_as, at, current
from ispbill.core.db import db
from ispbill.core.money import to_major
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers.models import Customer
from ispbill.reports.contents import REPORTS
from ispbill.reports.definitions.policy import Kind, Link, Report, Sheet, scope_of
from ispbill.subscriptions import queries as subscriptions
from ispbill.subscriptions import service as subscription_verbs
from ispbill.subscriptions.installations import service as installations
from ispbill.support.tickets import service as tickets
from ispbill.support.tickets.models import Ticket
from ispbill.web.requests import IspbillFlask
from tests.conftest import NOON_IN_MANILA
from tests.make import bills, offers, people, plants, support
from tests.make.browsers import Browser, colleague, signed_in
from tests.reports.conftest import MONTH_LATER, TENTH

FILES = {
    "customers.index": "customers.export", "payments.index": "payments.export", "invoices.index": "invoices.export",
    "tickets.index": "tickets.export", "subscriptions.installations": "subscriptions.export_installations",
    "ledger.journal": "ledger.export_journal", "reports.subscribers": "reports.subscribers_file",
    "reports.recurring": "reports.recurring_file", "reports.taxed": "reports.taxed_file",
    "reports.unapplied_payments": "reports.unapplied_payments_file", "chart.detail": "chart.export_postings",
    "plant.naps": "plant.export_naps",
}
# One document's or customer's own page: there is nothing to count.
PAGES = {"ledger.statement", "payments.detail", "invoices.detail", "prepaid.detail", "subscriptions.detail"}
# Means and shares lead to what they are of: what stands at another place of the row.
OF_WHAT = {"ARPU": 1, "Churn": 5}
# Numbers that lead nowhere: they are the sum, the difference or the mean of numbers beside them, or count the rows of
# the report itself. What stands under a customer's name is behind the row's own link, and percentages are of both.
BESIDE = {
    "monthly-revenue": {"Revenue"}, "receivables-ageing": {"Balance"}, "customer-acquisition": {"Growth"},
    "payment-behavior": {"Days late"}, "technician-performance": {"Days after plan, on average"},
    "unapplied-payments": {"Amount", "Used", "Left", "Documents", "Older than 30 days"},
    "subscription-expiry": {"Services that end", "Of them prepaid", "Of them postpaid", "Days left"},
}
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
        with unit_of_work():
            tickets.reopen(db.session.get_one(Ticket, done_id), reason="Again")
        with unit_of_work():
            tickets.resolve(db.session.get_one(Ticket, done_id), reason="Another cable")
            plants.nap(area_id=story["area"])
            plants.nap()
    with at(NOON_IN_MANILA), unit_of_work():
        (line,) = subscriptions.of_customer(story["ben"], status="active")
        subscription_verbs.end(line, on=date(2026, 3, 20), reason="moving")
    with at(MONTH_LATER):
        with unit_of_work():
            people.register_customer("Lea", area_id=story["area"])
        bills.paid(story["ana"], 3_000, method="withholding", reference="2307-9")
        yield story


class Number(NamedTuple):
    """A number that leads somewhere, and what the rows there must come to."""

    place: str
    label: str
    kind: Kind
    value: int
    link: Link


@pytest.mark.parametrize("name", REPORTS)
def test_what_a_number_leads_to_comes_to_it(
    app: IspbillFlask, tenant: TenantRef, busy: dict[str, int], name: str
) -> None:
    browser, wrong, followed = signed_in(app, tenant), [], 0
    for area_id in (None, busy["area"]) if REPORTS[name].by_area else (None,):
        for number in numbers(drawn(REPORTS[name], area_id)):
            followed += 1
            if (found := behind(browser, number)) != abs(number.value):
                wrong.append((number, found))
    assert wrong == []
    assert followed or name in ("unapplied-payments", "subscription-expiry")


@pytest.mark.parametrize("name", REPORTS)
def test_every_number_leads_somewhere_or_stands_beside_what_it_is_made_of(busy: dict[str, int], name: str) -> None:
    sheet, beside = drawn(REPORTS[name], None), BESIDE.get(name, set())
    lost = {figure.label for figure in sheet.figures if counts(figure.kind) and figure.link is None}
    for place, column in enumerate(sheet.columns):
        leads = all(row.link or place in row.links for row in sheet.rows if row.cells[place])
        total_leads = place in sheet.total_links or not sheet.totals or sheet.totals[place] is None
        if counts(column.kind) and not (leads and total_leads):
            lost.add(column.label)
    assert lost <= beside, lost - beside


def counts(kind: Kind) -> bool:
    """Whether a number of a kind is a sum of rows."""
    return kind in (Kind.MONEY, Kind.COUNT)


def drawn(report: Report, area_id: int | None) -> Sheet:
    """A report over days in which everything happened."""
    asked = WIDE if report.span != "now" else {}
    with unit_of_work():
        return report.draw(scope_of(report.span, today=current.today(), area_id=area_id, **asked))


def numbers(sheet: Sheet) -> Iterator[Number]:
    """The numbers of a report that lead somewhere, those that are nothing left out."""
    assert all(row.link is None or row.link.endpoint in PAGES for row in sheet.rows)
    lines = [(row.cells, row.links) for row in sheet.rows] + [(sheet.totals, sheet.total_links)]
    for cells, links in lines:
        for place, link in links.items():
            column = sheet.columns[place]
            if cells and cells[place]:
                yield Number(str(cells[0]), column.label, column.kind, cells[OF_WHAT.get(column.label, place)], link)
    for figure in sheet.figures:
        if figure.value and figure.link:
            of_what = OF_WHAT.get(figure.label)
            value = figure.value if of_what is None else sheet.rows[-1].cells[of_what]
            yield Number("figure", figure.label, figure.kind, value, figure.link)


def behind(browser: Browser, number: Number) -> int | Decimal:
    """What the rows of a link come to, by the file of its list: their number, or their sum in minor units."""
    urls, link = current_app.url_map.bind(""), number.link
    address, file = (urls.build(endpoint, dict(link.values)) for endpoint in (link.endpoint, FILES[link.endpoint]))
    assert browser.get(address).status_code == 200
    rows = list(csv.DictReader(io.StringIO(browser.get(file).data.decode("utf-8-sig"))))
    if link.endpoint == "plant.naps":
        return sum(int(row["free_ports"]) for row in rows)
    if number.kind != Kind.MONEY:
        return len(rows)
    return abs(sum(amounts(rows, number), Decimal(0)) / to_major(1, current.tenant.currency))


def amounts(rows: list[dict[str, str]], number: Number) -> list[Decimal]:
    """The amounts of a file's rows that a number is about."""
    label, link = number.label, number.link
    if link.endpoint == "ledger.journal":
        return [Decimal(row["amount"]) for row in rows if row["account_code"] == code_of(link.values["account"])
                and sides(link.values.get("side"), Decimal(row["amount"]))]
    if link.endpoint == "reports.unapplied_payments":
        return [Decimal(row["Left (PHP)"]) for row in rows[:-1]]
    column = {
        "invoices.index": "net" if label == "Net" else "open" if "state" in link.values and link.values["state"] in (
            "open", "overdue") else "total",
        "reports.recurring": "a_month" if "kind" in link.values else "without_tax",
        "reports.taxed": "sales" if "ales" in label else "tax",
    }.get(link.endpoint, "amount")
    return [Decimal(row[column]) for row in rows]


def test_the_figures_of_the_dashboard_lead_to_the_rows_that_they_count(
    app: IspbillFlask, tenant: TenantRef, busy: dict[str, int]
) -> None:
    browser = signed_in(app, tenant)
    page = browser.get("/dashboard").text
    card = r'<a class="cover-link[^>]*href="([^"]+)">([^<]+)</a>.*?<p class="mt-1[^>]*>([^<]+)</p>'
    found = re.findall(card, page, re.DOTALL)
    cards = {unescape(label): (unescape(address), unescape(value)) for address, label, value in found}
    assert {"Billed this month", "Collected this month", "Overdue", "Monthly recurring revenue", "Collected today",
            "Active subscribers", "New this month", "Left this month", "Unresolved tickets", "Free ports"} <= set(cards)
    for label, (address, text) in cards.items():
        money = "₱" in text
        value = int(re.sub(r"\D", "", text))
        number = Number("dashboard", label, Kind.MONEY if money else Kind.COUNT, value, named(address))
        if number.link.endpoint in FILES and label != "Revenue per subscriber":
            assert behind(browser, number) == value, number


def test_the_values_of_the_dashboards_charts_lead_to_the_rows_that_they_count(
    app: IspbillFlask, tenant: TenantRef, busy: dict[str, int]
) -> None:
    browser, followed = signed_in(app, tenant), 0
    for chart in ("money", "subscribers", "ageing"):
        spec = browser.get(f"/dashboard/{chart}").get_json()
        kind = Kind.MONEY if spec["unit"] == "money" else Kind.COUNT
        for series in spec["series"]:
            for value, address in zip(series["values"], series["links"], strict=True):
                if value:
                    followed += 1
                    assert behind(browser, Number(chart, series["name"], kind, value, named(address))) == value
    assert followed >= 7
    reader = signed_in(app, tenant, permissions=["view_financial_dashboard"])
    assert reader.get("/dashboard/ageing").get_json()["series"][0]["links"] == [None] * 5


def named(address: str) -> Link:
    """The link that an address is made from."""
    parts = urlsplit(address)
    endpoint, values = current_app.url_map.bind("").match(parts.path)
    return Link(endpoint, "", {**values, **dict(parse_qsl(parts.query))})


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
