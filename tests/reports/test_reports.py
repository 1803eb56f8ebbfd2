"""The reports, held against a small company whose every number is worked out by hand."""
from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from ispbill.billing.invoices.models import Invoice
from ispbill.billing.prepaid.deferral import service as deferral
from ispbill.billing.runs import jobs
from ispbill.core.current import Actor, TenantRef, acting_as, at, current
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers.models import Customer
from ispbill.reports.contents import REPORTS
from ispbill.reports.definitions.policy import Scope, Sheet, scope_of
from ispbill.subscriptions import queries as subscriptions
from ispbill.subscriptions import service as subscription_verbs
from ispbill.subscriptions.changes import service as changes
from ispbill.subscriptions.changes.service import NewTerms
from ispbill.subscriptions.installations import service as installations
from ispbill.support.tickets import service as tickets
from ispbill.support.tickets.models import Ticket
from tests.conftest import NOON_IN_MANILA
from tests.make import bills, offers, plants, support
from tests.make.browsers import colleague

TENTH = date(2026, 3, 10)
MONTH_LATER = NOON_IN_MANILA + timedelta(days=31)
MARCH = {"since": date(2026, 3, 1), "until": date(2026, 3, 31)}
APRIL = {"since": date(2026, 4, 1), "until": date(2026, 4, 30)}

# Nobody resolved or installed anything in the story.
WITHOUT_ROWS = ("technician-performance",)


def drawn(name: str, **asked: Any) -> Sheet:
    """The sheet of a report; its ties hold, whatever is asked."""
    report = REPORTS[name]
    with unit_of_work():
        sheet = report.draw(scope_of(report.span, today=current.today(), **asked))
    assert [tie.difference_minor for tie in sheet.ties] == [0] * len(sheet.ties), sheet.ties
    return sheet


def figures(sheet: Sheet) -> dict[str, int | None]:
    """The figures by their labels."""
    return {figure.label: figure.value for figure in sheet.figures}


def table(sheet: Sheet) -> list[tuple[Any, ...]]:
    """The cells of rows in which something stands beside the first."""
    return [tuple(row.cells) for row in sheet.rows if any(row.cells[1:])]


def ledger(sheet: Sheet) -> list[int]:
    """What the ledger says in each tie."""
    return [tie.ledger_minor for tie in sheet.ties]


def test_daily_collection_leaves_out_what_was_reversed_and_names_it_on_the_way_to_the_ledger(
    story: dict[str, int]
) -> None:
    sheet = drawn("daily-collection", **MARCH)
    assert table(sheet) == [(TENTH, 3, 150_000, 60_000, 0, 0, 0, 210_000)]
    assert tuple(sheet.totals[1:]) == (3, 150_000, 60_000, 0, 0, 0, 210_000)
    assert figures(sheet) == {"Collected": 210_000, "Payments": 3, "Taken back": 20_000}
    assert ledger(sheet) == [230_000] and [step.amount_minor for step in sheet.ties[0].steps] == [210_000, 0, 20_000, 0]
    april = drawn("daily-collection", **APRIL)
    assert table(april) == [] and ledger(april) == [-20_000]


def test_a_report_of_one_area_counts_its_customers_alone(story: dict[str, int]) -> None:
    cavite = drawn("daily-collection", **MARCH, area_id=story["area"])
    assert figures(cavite)["Collected"] == 50_000 and ledger(cavite) == [70_000]
    assert figures(drawn("receivables-ageing", area_id=story["area"]))["Open"] == 62_000


def test_a_long_period_has_a_row_a_month(story: dict[str, int]) -> None:
    sheet = drawn("daily-collection", since=date(2026, 1, 1), until=date(2026, 4, 30))
    assert [row.cells[0] for row in sheet.rows] == [date(2026, month, 1) for month in (1, 2, 3, 4)]
    assert [row.cells[-1] for row in sheet.rows] == [0, 0, 210_000, 0]


def test_revenue_is_billed_before_tax_without_what_is_void_credited_or_not_used_yet(story: dict[str, int]) -> None:
    sheet = drawn("monthly-revenue", **MARCH)
    # Ana 1,000 + Ben 500 - 70; Dan's 1,000 is owed in time; Cora's 400 is void.
    assert figures(sheet) == {"Revenue": 143_000, "Service": 143_000, "Prepaid time": 0}
    assert ledger(sheet) == [183_000], "in March the books still had Cora's invoice"
    assert ledger(drawn("monthly-revenue", **APRIL)) == [-40_000]


def test_a_discount_lessens_revenue_in_a_column_of_its_own(tenant: TenantRef) -> None:
    customer_id = bills.subscriber(price_minor=100_000)
    with unit_of_work():
        offers.grant(offers.discount(percent="10"), db.session.get_one(Customer, customer_id))
    jobs.bill_now(TENTH)
    assert table(drawn("monthly-revenue", **MARCH)) == [(TENTH, 100_000, 0, 0, 0, -10_000, 0, 90_000)]


def test_tax_is_that_of_documents_that_stand(story: dict[str, int]) -> None:
    sheet = drawn("tax", **MARCH)
    assert table(sheet) == [("VAT, 12 %", 1, 100_000, 12_000), ("Without tax", 3, 143_000, 0)]
    assert figures(sheet) == {"Tax": 12_000, "Taxed sales": 100_000, "Sales without tax": 143_000}


def test_receivables_are_aged_by_the_due_day_beside_unused_credit(story: dict[str, int]) -> None:
    sheet = drawn("receivables-ageing")
    ana, ben = table(sheet)
    assert ana[0] == "Ana" and sum(ana[2:7]) == 62_000 and ana[7:] == (62_000, 0, 62_000)
    assert ben[0] == "Ben" and ben[7:] == (0, -17_000, -17_000)
    assert tuple(sheet.totals[-3:]) == (62_000, -17_000, 45_000) and ledger(sheet) == [45_000]
    late = (current.today() - db_due(story["ana"])).days
    assert ana[2:7] == (0, 62_000, 0, 0, 0) if 0 < late <= 30 else late


def db_due(customer_id: int) -> date:
    """When a customer's only invoice is due."""
    with unit_of_work():
        due_on: date = db.session.scalars(select(Invoice.due_on).where(Invoice.customer_id == customer_id)).one()
    return due_on


def test_unapplied_payments_are_what_is_left_of_payments_and_credit_notes(story: dict[str, int]) -> None:
    sheet = drawn("unapplied-payments")
    assert [row[1:2] + row[4:] for row in table(sheet)] == [
        ("Ben", 7_000, 0, 7_000), ("Ben", 60_000, 50_000, 10_000),
    ]
    assert figures(sheet) == {"Left": 17_000, "Documents": 2, "Older than 30 days": 17_000}
    assert [list(chart.series.values()) for chart in sheet.charts] == [[[0, 17_000, 0, 0]]]


def test_payment_behaviour_is_about_what_fell_due(story: dict[str, int]) -> None:
    sheet = drawn("payment-behavior")
    rows = {row[0]: row[1:] for row in table(sheet)}
    assert rows == {"On or before the due day": (2, 150_000, 573), "Not paid, overdue": (1, 112_000, 427)}
    assert tuple(sheet.totals[1:]) == (3, 262_000, 1000)
    assert figures(sheet) == {"Paid on time": 573, "Paid at all": 573, "Days late": 0}


def test_recurring_revenue_is_a_month_of_what_runs_postpaid_or_prepaid_without_tax(story: dict[str, int]) -> None:
    with unit_of_work():
        (line,) = subscriptions.of_customer(story["cora"], status="active")
        subscription_verbs.end(line, on=current.today(), reason="Never installed")
    sheet = drawn("recurring-revenue", since=date(2026, 3, 1), until=date(2026, 4, 30))
    assert table(sheet) == [
        (date(2026, 3, 1), 190_000 + 101_389, 4, 72_847, 4, 0, None),
        (date(2026, 4, 1), 150_000, 3, 50_000, 0, 1, 250),
    ]


def test_recurring_revenue_of_a_past_day_ties_to_what_is_active_now(story: dict[str, int]) -> None:
    with at(NOON_IN_MANILA), unit_of_work():
        (line,) = subscriptions.of_customer(story["ben"], status="active")
        subscription_verbs.end(line, on=date(2026, 3, 20), reason="moving")
    (tie,) = drawn("recurring-revenue", **MARCH).ties
    assert [step.amount_minor for step in tie.steps] == [140_000 + 101_389, -101_389] and tie.ledger_minor == 140_000
    assert drawn("recurring-revenue", **MARCH, area_id=story["area"]).ties == ()


def test_a_paused_subscription_is_no_recurring_revenue_while_it_is_paused(tenant: TenantRef) -> None:
    customer_id = bills.subscriber(price_minor=30_000)
    with unit_of_work():
        (line,) = subscriptions.of_customer(customer_id, status="active")
        subscription_verbs.suspend(line, on=TENTH, reason="away")
    assert figures(drawn("recurring-revenue"))["MRR"] == 0


def test_prepaid_time_is_owed_until_it_has_passed(story: dict[str, int]) -> None:
    sheet = drawn("deferred-revenue", **MARCH)
    assert figures(sheet) == {
        "Owed at the end": 100_000, "Owed now": 100_000, "Bought": 100_000, "Earned or given back": 0}
    assert sheet.rows[8].cells[1:] == (0, 0, 0, 0) and sheet.rows[9].cells[1:] == (0, 100_000, 0, 100_000)
    assert ledger(sheet) == [100_000]


def test_what_is_owed_in_prepaid_time_ties_at_the_end_of_any_period(story: dict[str, int]) -> None:
    with unit_of_work():
        deferral.recognise()
    sheet, now = drawn("deferred-revenue", **MARCH), drawn("deferred-revenue", **APRIL)
    assert figures(sheet)["Owed at the end"] == 100_000, "in March nothing had become revenue"
    assert figures(sheet)["Owed now"] == figures(now)["Owed at the end"] == ledger(sheet)[0] == 0


def test_the_financial_dashboard_ties_all_three_ways(story: dict[str, int]) -> None:
    sheet = drawn("financial-dashboard")
    assert figures(sheet) == {
        "Billed": 255_000, "Collected": 210_000, "Collected of billed": 824, "Open now": 62_000,
        "Overdue now": 62_000, "Unused credit now": -17_000,
    }
    assert sheet.rows[-2].cells == (date(2026, 3, 1), 243_000, 12_000, 255_000, 210_000)
    assert ledger(sheet) == [255_000, 210_000, 45_000]


def test_who_came_and_who_left(story: dict[str, int]) -> None:
    with unit_of_work():
        (line,) = subscriptions.of_customer(story["ben"], status="active")
        subscription_verbs.end(line, on=current.today(), reason="moved away")
    sheet = drawn("customer-acquisition", since=date(2026, 3, 1), until=date(2026, 4, 30))
    assert [row.cells for row in sheet.rows] == [(date(2026, 3, 1), 4, 4, 0, 4, 4), (date(2026, 4, 1), 0, 0, 1, -1, 3)]


def test_areas_have_the_money_of_their_own_customers(story: dict[str, int]) -> None:
    with unit_of_work():
        support.ticket(customer=db.session.get_one(Customer, story["ana"]))
        plants.nap(area_id=story["area"])
    sheet = drawn("area-performance", **MARCH)
    assert table(sheet) == [("Cavite", "Luzon", 1, 1, 112_000, 112_000, 50_000, 62_000, 62_000, 1, 8),
                            ("No area", None, 3, 3, 90_000, 143_000, 160_000, 0, 0, 0, 0)]
    assert tuple(sheet.totals[2:]) == (4, 4, 202_000, 255_000, 210_000, 62_000, 62_000, 1, 8)


def test_tax_that_was_withheld_is_collected_in_no_area(story: dict[str, int]) -> None:
    bills.paid(story["ana"], 2_000, method="withholding", reference="2307-1", received_on=TENTH)
    assert drawn("area-performance", **MARCH).totals[6] == 210_000
    assert figures(drawn("financial-dashboard"))["Collected"] == 210_000


def test_the_month_agreed_of_an_area_is_what_runs_now_whatever_is_agreed_for_later(tenant: TenantRef) -> None:
    customer_id = bills.subscriber(price_minor=30_000)
    with unit_of_work():
        line = subscriptions.get(subscriptions.of_customer(customer_id, status="active")[0].id)
        assert line is not None
        changes.change(line.running[-1], line, new=NewTerms(plan=offers.plan(50_000)), on=MONTH_LATER.date())
    assert drawn("area-performance", **MARCH).totals[4] == 30_000


def test_services_that_end_are_listed_before_they_do(story: dict[str, int]) -> None:
    with at(NOON_IN_MANILA), unit_of_work():
        (line,) = subscriptions.of_customer(story["ben"], status="active")
        subscription_verbs.end(line, on=date(2026, 3, 20), reason="moving")
    with at(NOON_IN_MANILA):
        sheet = drawn("subscription-expiry")
    assert [(row[0], row[4], row[5], row[6]) for row in table(sheet)] == [
        ("Ben", "Postpaid", date(2026, 3, 20), 10), ("Dan", "Prepaid", date(2026, 4, 9), 30),
    ]
    assert figures(sheet) == {"Services that end": 2, "Of them prepaid": 1, "Of them postpaid": 1}


def test_tickets_are_analysed_by_category_and_by_who_resolved_them(tenant: TenantRef) -> None:
    ben_id = colleague("ben@example.com", permissions=["view_ticket_list", "change_installation_status"]).id
    with unit_of_work():
        first = support.ticket(category_id=support.category(), assignee_id=ben_id)
        support.ticket(category_id=support.category(), assignee_id=ben_id)
        wrong = support.ticket(category_id=support.category())
        tickets.remove(wrong, reason="By mistake")
        line = offers.installation(technician_id=ben_id)
        installations.complete(line, on=TENTH)
        first_id = first.id
    ben = Actor("user", "Ben", user_id=ben_id, is_owner=True)
    with at(NOON_IN_MANILA + timedelta(hours=3)), acting_as(ben), unit_of_work():
        tickets.resolve(db.session.get_one(Ticket, first_id), reason="New cable")
    sheet = drawn("ticket-analysis", **MARCH)
    assert table(sheet) == [("No connection", 2, 1, 1, 0, 0, 0, 180, 180)]
    people_sheet = drawn("technician-performance", **MARCH)
    assert table(people_sheet) == [("Ben", 1, 1000, 0, 180, 1, 0, 1)]


def test_days_after_plan_are_an_average_of_each_person_and_of_all(tenant: TenantRef) -> None:
    ben_id, eve_id = (colleague(f"{name}@example.com", permissions=["change_installation_status"]).id
                      for name in ("ben", "eve"))
    with at(NOON_IN_MANILA + timedelta(days=6)), unit_of_work():
        for technician_id, planned_on in ((ben_id, TENTH), (ben_id, date(2026, 3, 12)), (eve_id, date(2026, 3, 16))):
            line = offers.installation(technician_id=technician_id, scheduled_on=planned_on)
            installations.complete(line, on=date(2026, 3, 16))
    sheet = drawn("technician-performance", **MARCH)
    assert [row[5:7] for row in table(sheet)] == [(2, 5), (1, 0)] and tuple(sheet.totals[5:7]) == (3, 3)


@pytest.mark.parametrize("name", REPORTS)
def test_a_company_without_anything_has_empty_reports_that_tie(tenant: TenantRef, name: str) -> None:
    sheet = drawn(name)
    assert not any(value for figure in sheet.figures for value in [figure.value])
    assert REPORTS[name].definition and len(sheet.figures) >= 3 and all(figure.definition for figure in sheet.figures)
    assert all(len(row.cells) == len(sheet.columns) for row in sheet.rows)
    assert not sheet.totals or len(sheet.totals) == len(sheet.columns)


@pytest.mark.parametrize("name", REPORTS)
def test_totals_are_of_all_rows_however_few_are_shown(story: dict[str, int], name: str) -> None:
    report, scope = REPORTS[name], scope_of(REPORTS[name].span, today=current.today(), **_wide(name))
    with unit_of_work():
        one, all_of_them = report.draw(replace(scope, most=1)), report.draw(scope)
    assert one.totals == all_of_them.totals and one.row_count == all_of_them.row_count
    assert one.left_out == one.row_count - len(one.rows)
    assert all_of_them.charts or name in WITHOUT_ROWS, "each report has a picture"
    assert [tie.difference_minor for tie in all_of_them.ties] == [0] * len(all_of_them.ties)
    assert bool(all_of_them.ties) == (REPORTS[name].group == "Money" or name == "area-performance")


def _wide(name: str) -> dict[str, date]:
    return {} if REPORTS[name].span == "now" else {"since": date(2026, 1, 1), "until": date(2026, 5, 31)}


def test_a_scope_has_days_up_to_a_month_and_months_beyond() -> None:
    scope = Scope(date(2026, 1, 30), date(2026, 3, 2), TENTH)
    assert not scope.by_day and scope.steps() == [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]
    assert scope.within(date(2026, 1, 1)) == (date(2026, 1, 30), date(2026, 1, 31))
    assert scope.within(date(2026, 3, 1)) == (date(2026, 3, 1), date(2026, 3, 2))
    assert len(Scope(date(2026, 1, 1), date(2026, 1, 31), TENTH).steps()) == 31
