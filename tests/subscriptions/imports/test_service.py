"""Files of customers brought in: the whole file or nothing, and never twice."""
from __future__ import annotations

import io
from collections import Counter
from datetime import date

import pytest
from sqlalchemy import func, select

from ispbill.audit.models import AuditEntry
from ispbill.catalogue.models import Plan, PlanPrice
from ispbill.core.current import SYSTEM, TenantRef, bound
from ispbill.core.db import db
from ispbill.core.errors import Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers import queries as customers
from ispbill.customers.models import Customer
from ispbill.imports.models import ImportBatch
from ispbill.imports.service import MOST_BYTES
from ispbill.subscriptions.imports import service as imports
from ispbill.subscriptions.imports.service import ImportReport
from ispbill.subscriptions.models import Subscription, SubscriptionComponent
from ispbill.web.requests import IspbillFlask
from tests.make import offers, people
from tests.make.browsers import signed_in
from tests.make.files import csv_bytes, telco_file, telco_rows

APRIL = date(2026, 4, 1)
TABLES = (Customer, Plan, PlanPrice, Subscription, SubscriptionComponent, ImportBatch)


def bring_in(content: bytes, **arguments: object) -> ImportReport:
    with unit_of_work():
        return imports.run(content, file_name="customers.csv", **arguments)


def counts() -> list[int]:
    with unit_of_work():
        return [db.session.execute(select(func.count()).select_from(table)).scalar_one() for table in TABLES]


def own(*rows: dict[str, object]) -> bytes:
    """A file in our own layout with the columns that the rows use."""
    return csv_bytes(rows, dict.fromkeys(column for row in rows for column in row))


def test_every_subscriber_gets_a_plan_and_a_subscription_at_their_own_price(tenant: TenantRef) -> None:
    rows = telco_rows(500)
    total_minor = sum(round(float(row["MonthlyCharges"]) * 100) for row in rows)
    report = bring_in(telco_file(rows), start_on=APRIL)
    assert (report.file_format, report.rows, report.created, report.subscriptions) == ("telco", 500, 500, 500)
    assert report.monthly_total_minor == total_minor and report.errors == ()
    assert counts() == [500, report.plans, report.plans, 500, 500, 1]
    with unit_of_work():
        first = db.session.scalars(select(Subscription).order_by(Subscription.id)).first()
        assert (first.start_on, first.anchor_day) == (APRIL, 1)
        assert set(db.session.execute(
            select(SubscriptionComponent.start_on, SubscriptionComponent.billed_until, SubscriptionComponent.due_on)
        ).all()) == {(APRIL, APRIL, APRIL)}
        assert first.external_reference == rows[0]["customerID"]
        billed = db.session.execute(select(func.sum(SubscriptionComponent.unit_price_minor))).scalar_one()
        assert billed == total_minor
        (ana,) = customers.search(rows[0]["customerID"], limit=2)
        assert (ana.name, ana.account_number) == (f"Subscriber {rows[0]['customerID']}", "AC-000001")


def test_a_plan_costs_what_most_of_its_subscribers_pay(tenant: TenantRef) -> None:
    bring_in(telco_file(telco_rows(500)), start_on=APRIL)
    with unit_of_work():
        for plan_id, price_minor in db.session.execute(select(PlanPrice.plan_id, PlanPrice.amount_minor)).all():
            paid = Counter(db.session.scalars(
                select(SubscriptionComponent.unit_price_minor).where(SubscriptionComponent.plan_id == plan_id)
            ))
            assert paid[price_minor] == max(paid.values())


def test_a_dry_run_writes_nothing(tenant: TenantRef) -> None:
    report = bring_in(telco_file(telco_rows(20)), dry_run=True)
    assert report.created == 20 and counts() == [0] * 6


def test_billing_begins_on_the_first_of_next_month_where_nobody_says_otherwise(tenant: TenantRef) -> None:
    assert bring_in(telco_file(telco_rows(2)), dry_run=True).start_on == APRIL


def test_the_same_file_a_second_time_changes_nothing(tenant: TenantRef) -> None:
    content = telco_file(telco_rows(50))
    bring_in(content)
    before = counts()
    again = bring_in(content)
    assert (again.created, again.unchanged, again.subscriptions, again.monthly_total_minor) == (0, 50, 0, 0)
    assert counts() == before


def test_a_longer_file_adds_only_what_is_new(tenant: TenantRef) -> None:
    bring_in(telco_file(telco_rows(30)))
    report = bring_in(telco_file(telco_rows(40)))
    assert (report.created, report.unchanged) == (10, 30) and counts()[0] == 40


@pytest.mark.parametrize(("changes", "column", "words"), [
    ({"customerID": ""}, "customerID", "Nothing stands here"),
    ({"MonthlyCharges": ""}, "MonthlyCharges", "Nothing stands here"),
    ({"MonthlyCharges": "29.855"}, "MonthlyCharges", "it has 2 decimals"),
    ({"MonthlyCharges": "a lot"}, "MonthlyCharges", "is not an amount"),
    ({"MonthlyCharges": "-3"}, "MonthlyCharges", "negative"),
    ({"TotalCharges": "x"}, "TotalCharges", "is not an amount"),
    ({"tenure": "-1"}, "tenure", "not a whole number"),
    ({"Churn": "Perhaps"}, "Churn", "not one of the values"),
    ({"InternetService": "Cable"}, "InternetService", "not one of the values"),
    ({"TechSupport": "Sometimes"}, "TechSupport", "not one of the values"),
    ({"PhoneService": "No", "MultipleLines": "Yes"}, "MultipleLines", "contradicts"),
    ({"PhoneService": "No", "MultipleLines": "No phone service", "InternetService": "No"},
     "InternetService", "nothing"),
    ({"customerID": "x" * 150}, "external_reference", "at most"),
])
def test_one_wrong_row_is_named_and_nothing_is_imported(
    tenant: TenantRef, changes: dict[str, str], column: str, words: str
) -> None:
    rows = telco_rows(3)
    rows[1].update(changes)
    report = bring_in(telco_file(rows))
    assert (report.errors[0].line, report.errors[0].column) == (3, column) and words in report.errors[0].problem
    assert report.created == 0 and counts() == [0] * 6


def test_blank_totals_of_new_subscribers_are_fine(tenant: TenantRef) -> None:
    rows = telco_rows(3)
    rows[0].update(tenure="0", TotalCharges=" ")
    assert bring_in(telco_file(rows)).errors == ()


def test_a_customer_who_stands_twice_is_named_with_both_lines(tenant: TenantRef) -> None:
    rows = telco_rows(3)
    rows[2]["customerID"] = rows[0]["customerID"]
    (error,) = bring_in(telco_file(rows)).errors
    assert (error.line, error.column) == (4, "external_reference") and "line 2" in error.problem


def test_a_missing_column_is_named(tenant: TenantRef) -> None:
    content = telco_file(telco_rows(1)).replace(b"Churn", b"Churned")
    (error,) = bring_in(content).errors
    assert (error.line, error.column) == (1, "Churn")


def test_all_errors_are_told_at_once_in_the_order_of_lines(tenant: TenantRef) -> None:
    content = own(
        {"name": "Ana", "email": "x", "area": "", "plan_code": ""},
        {"name": "", "email": "b@example.com", "area": "", "plan_code": ""},
        {"name": "Ben", "email": "", "area": "Nowhere", "plan_code": "NONE"},
    )
    errors = bring_in(content).errors
    assert [(error.line, error.column) for error in errors] == [
        (2, "email"), (3, "name"), (4, "area"), (4, "plan_code"),
    ]
    assert all(error.problem and error.hint for error in errors)


def test_our_own_layout_brings_customers_with_areas_and_plans(tenant: TenantRef) -> None:
    with unit_of_work():
        people.area("Luzon", "Manila", "Tondo")
        offers.plan(149900, code="FIBER-50")
    report = bring_in(own({
        "account_number": "ac-000007", "name": "Ana Cruz", "phone": "0917 123 4567", "area": "luzon > MANILA > tondo",
        "latitude": "14.6", "longitude": "120.97", "plan_code": "fiber-50", "monthly_price": "1,299.00",
        "start_on": "2026-03-15", "anchor_day": "31",
    }, {
        "account_number": "", "name": "Ben Cruz", "phone": "", "area": "", "latitude": "", "longitude": "",
        "plan_code": "FIBER-50", "monthly_price": "", "start_on": "", "anchor_day": "",
    }), start_on=APRIL)
    assert (report.created, report.subscriptions, report.monthly_total_minor) == (2, 2, 129900 + 149900)
    with unit_of_work():
        ana = customers.by_account_number("AC-000007")
        assert (ana.phone, ana.status, customers.get(ana.id).area.name) == ("+639171234567", "active", "Tondo")
        assert customers.by_account_number("AC-000001").name == "Ben Cruz"
        days = select(Subscription.start_on, Subscription.anchor_day).order_by(Subscription.id)
        assert db.session.execute(days).all() == [(date(2026, 3, 15), 31), (APRIL, 1)]


@pytest.mark.parametrize(("row", "column"), [
    ({"name": "Ana", "plan_code": "", "monthly_price": "5"}, "plan_code"),
    ({"name": "Ana", "plan_code": "OLD", "monthly_price": "5"}, "plan_code"),
    ({"name": "Ana", "plan_code": "LATE", "monthly_price": ""}, "monthly_price"),
    ({"name": "Ana", "plan_code": "LATE", "start_on": "2020-01-01"}, "start_on"),
    ({"name": "Ana", "plan_code": "LATE", "anchor_day": "0"}, "anchor_day"),
    ({"name": "Ana", "plan_code": "LATE", "status": "lead"}, "status"),
    ({"name": "Ana", "latitude": "91", "longitude": "0"}, "latitude"),
    ({"name": "Ana", "kind": "robot"}, "kind"),
    ({"name": "Ana", "colour": "red"}, "colour"),
])
def test_what_our_own_layout_cannot_mean_is_refused(tenant: TenantRef, row: dict[str, object], column: str) -> None:
    with unit_of_work():
        offers.plan(code="OLD").status = "retired"
        offers.plan(code="LATE", valid_from=date(2027, 1, 1))
    errors = bring_in(own(row)).errors
    assert column in [error.column for error in errors] and counts()[0] == 0


def test_a_suspended_customer_comes_with_a_suspended_subscription(tenant: TenantRef) -> None:
    with unit_of_work():
        offers.plan(code="F")
    bring_in(own({"name": "Ana", "status": "suspended", "plan_code": "F"}))
    with unit_of_work():
        line = db.session.scalars(select(Subscription)).one()
        assert (line.status, line.suspended_on) == ("suspended", date(2026, 3, 10))


def test_rows_without_any_number_are_known_by_their_file(tenant: TenantRef) -> None:
    content = own({"name": "Ana"}, {"name": "Ben"})
    assert bring_in(content).created == 2
    again = bring_in(content)
    assert (again.created, again.unchanged, counts()[0]) == (0, 2, 2)


def test_what_the_customer_list_exports_can_be_brought_into_another_company(
    app: IspbillFlask, tenant: TenantRef, other_tenant: TenantRef
) -> None:
    with unit_of_work():
        area = people.area("Luzon", "Manila")
        people.register_customer("=Ana", phone="+63 917 123 4567", area_id=area.id, notes="two\nlines")
        people.register_customer("Ben, Jr.", kind="company", external_reference="-7", status="lead")
    exported = signed_in(app, tenant).get("/customers/export").data
    with bound(other_tenant, SYSTEM):
        with unit_of_work():
            people.area("Luzon", "Manila")
        assert bring_in(exported).errors == ()
        assert signed_in(app, other_tenant).get("/customers/export").data == exported
        with unit_of_work():
            assert people.register_customer().account_number == "AC-000003", "brought numbers are passed over"


def test_an_import_leaves_one_note(tenant: TenantRef) -> None:
    bring_in(telco_file(telco_rows(5)), start_on=APRIL)
    with unit_of_work():
        (note,) = db.session.scalars(select(AuditEntry).where(AuditEntry.entity == "import"))
        assert note.label == "customers.csv" and note.after["customers"] == 5
        assert db.session.scalars(select(AuditEntry).where(AuditEntry.entity == "customer")).all() == []


def test_progress_grows_to_the_end(tenant: TenantRef) -> None:
    heard: list[tuple[int, int]] = []
    bring_in(telco_file(telco_rows(5)), progress=lambda done, total: heard.append((done, total)))
    assert heard[0] == (1, 10) and heard[-1] == (10, 10) and heard == sorted(heard)


def test_a_path_and_a_stream_are_read_too(tenant: TenantRef, tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "telco.csv"
    path.write_bytes(telco_file(telco_rows(2)))
    assert bring_in(path, dry_run=True).created == 2
    assert bring_in(str(path), dry_run=True).created == 2
    assert bring_in(io.BytesIO(path.read_bytes()), dry_run=True).created == 2


def test_a_format_that_is_unknown_is_refused(tenant: TenantRef) -> None:
    with pytest.raises(Invalid):
        bring_in(b"name\nAna\n", format="excel")


def test_a_file_that_is_too_large_is_refused(tenant: TenantRef) -> None:
    with pytest.raises(Invalid, match="larger than"):
        bring_in(b"x" * (MOST_BYTES + 1))
