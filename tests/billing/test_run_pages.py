"""The pages of billing runs as a clerk and a manager use them."""
from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select

from ispbill.billing.invoices.models import Invoice
from ispbill.billing.runs import jobs, service
from ispbill.billing.runs.models import BillingRun
from ispbill.billing.runs.preview import service as previews
from ispbill.billing.runs.preview.models import RunPreviewPart
from ispbill.core.current import TenantRef
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from ispbill.subscriptions import queries as subscriptions
from ispbill.subscriptions.models import SubscriptionComponent
from ispbill.subscriptions.service import suspend
from ispbill.web.requests import IspbillFlask
from tests.make import bills
from tests.make.browsers import signed_in

TODAY = date(2026, 3, 10)
CLERK = ("view_billing_run", "start_billing_run")


def count(model: type[BillingRun | Invoice | RunPreviewPart]) -> int:
    """How many rows a table has."""
    with unit_of_work():
        return db.session.execute(select(func.count()).select_from(model)).scalar_one()


def test_before_the_first_run_the_list_says_what_to_do_next(app: IspbillFlask, tenant: TenantRef) -> None:
    page = signed_in(app, tenant).get("/billing/runs")
    assert "Nothing was billed yet" in page.text and "/billing/runs/prepare" in page.text


def test_a_day_can_be_looked_at_before_anything_is_written(app: IspbillFlask, tenant: TenantRef) -> None:
    bills.subscriber("Ana Reyes", price_minor=149_900)
    bills.unbillable("Broken Record")
    page = signed_in(app, tenant).get("/billing/runs/prepare")
    assert "₱1,499.00" in page.text and "Ana Reyes" in page.text
    assert "Broken Record" in page.text and "periods behind" in page.text
    assert (count(BillingRun), count(Invoice)) == (0, 0)


def test_the_preview_names_what_is_suspended(app: IspbillFlask, tenant: TenantRef) -> None:
    customer_id = bills.subscriber("Sally Suspended")
    with unit_of_work():
        (subscription,) = subscriptions.of_customer(customer_id, status="active")
        suspend(subscription, on=TODAY, reason="Away")
    page = signed_in(app, tenant).get("/billing/runs/prepare")
    assert "Left out: suspended" in page.text and "Sally Suspended" in page.text


def test_a_large_day_is_looked_at_by_jobs_and_kept_until_it_is_made_anew(
    app: IspbillFlask, tenant: TenantRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    bills.subscriber("Ana Reyes", price_minor=149_900)
    bills.subscriber("Ben Cruz", price_minor=100_000)
    bills.unbillable("Broken Record")
    monkeypatch.setattr(previews, "AT_ONCE", 2)
    monkeypatch.setattr(previews, "CHUNK_SIZE", 2)
    browser = signed_in(app, tenant, permissions=CLERK)
    asked = browser.get("/billing/runs/prepare")
    assert "Make the preview" in asked.text and "Ana Reyes" not in asked.text
    assert browser.get("/billing/runs/prepare/export?day=2026-03-10").status_code == 409
    with bills.jobs_done():
        for _ in range(2):
            answer = browser.post("/billing/runs/previews", {"day": "2026-03-10"})
        at_work = browser.get(answer.location)
        assert 'hx-trigger="every 1s"' in at_work.text and "0 of 2" in at_work.text
    made = browser.get(answer.location)
    assert "every 1s" not in made.text and "Made " in made.text and "Make it anew" in made.text
    assert "₱2,499.00" in made.text and "Ana Reyes" in made.text and "Never billed before" in made.text
    assert "Broken Record" in made.text and "periods behind" in made.text
    file = browser.get("/billing/runs/prepare/export?day=2026-03-10").text
    assert "Ben Cruz,1000.00,PHP,1000.00" in file
    assert "The preview of 10 Mar 2026 is made" in browser.get("/news").text
    assert (count(BillingRun), count(Invoice), count(RunPreviewPart)) == (0, 0, 2)
    bills.subscriber("Carla Diaz", price_minor=50_000)
    assert "₱2,499.00" in browser.get(answer.location).text
    with bills.jobs_done():
        browser.post("/billing/runs/previews", {"day": "2026-03-10"})
    assert "₱2,999.00" in browser.get(answer.location).text


def test_no_preview_is_ordered_of_a_day_that_cannot_be_billed(app: IspbillFlask, tenant: TenantRef) -> None:
    assert signed_in(app, tenant).post("/billing/runs/previews", {"day": "2026-12-31"}).status_code == 422


def test_a_day_that_cannot_be_billed_is_refused_on_its_field(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    for day in ("2026-12-31", "soon", "", "9999-01-01"):
        for answer in (browser.get(f"/billing/runs/prepare?day={day}"),
                       browser.post("/billing/runs", {"billing_on": day, "approve": "1"})):
            assert answer.status_code == 422 and 'aria-invalid="true"' in answer.text
    assert count(BillingRun) == 0


def test_a_clerk_starts_a_run_that_waits_until_the_manager_approves_it(
    app: IspbillFlask, tenant: TenantRef
) -> None:
    bills.subscriber("Ana Reyes")
    clerk = signed_in(app, tenant, permissions=CLERK)
    with bills.jobs_done():
        answer = clerk.post("/billing/runs", {"billing_on": "2026-03-10"})
    assert answer.status_code == 302 and count(Invoice) == 0
    waiting = clerk.get(answer.location)
    assert "Awaiting approval" in waiting.text and "Approve and bill" not in waiting.text
    manager = signed_in(app, tenant)
    assert "Approve and bill" in manager.get(answer.location).text
    with bills.jobs_done():
        manager.post(f"{answer.location}/approve")
    done = manager.get(answer.location)
    assert count(Invoice) == 1 and "Completed" in done.text and "₱1,499.00" in done.text
    assert "Ana" in done.text and "Olivia Owner" in done.text


def test_what_is_due_after_a_run_was_approved_is_not_billed_without_approval(
    app: IspbillFlask, tenant: TenantRef
) -> None:
    bills.subscriber("Ana Reyes")
    jobs.bill_now(TODAY)
    bills.subscriber("Ben Cruz")
    clerk = signed_in(app, tenant, permissions=CLERK)
    assert "Start, approve later" not in clerk.get(f"/billing/runs/prepare?day={TODAY}").text
    with bills.jobs_done():
        answer = clerk.post("/billing/runs", {"billing_on": str(TODAY)})
    assert answer.status_code == 422 and "approved already" in answer.text and count(Invoice) == 1


def test_a_day_to_come_says_that_its_bills_are_issued_now(app: IspbillFlask, tenant: TenantRef) -> None:
    bills.subscriber()
    browser = signed_in(app, tenant)
    assert "still to come" not in browser.get(f"/billing/runs/prepare?day={TODAY}").text
    assert "still to come" in browser.get("/billing/runs/prepare?day=2026-03-12").text


def test_who_may_not_approve_cannot_bill_at_once(app: IspbillFlask, tenant: TenantRef) -> None:
    bills.subscriber()
    clerk = signed_in(app, tenant, permissions=CLERK)
    assert "Start and bill now" not in clerk.get("/billing/runs/prepare").text
    answer = clerk.post("/billing/runs", {"billing_on": "2026-03-10", "approve": "1"})
    assert answer.status_code == 422 and "permission" in answer.text
    assert (count(BillingRun), count(Invoice)) == (0, 0)


def test_approving_twice_is_said_and_does_nothing(app: IspbillFlask, tenant: TenantRef) -> None:
    bills.subscriber()
    jobs.bill_now(TODAY)
    browser = signed_in(app, tenant)
    answer = browser.post("/billing/runs/1/approve")
    assert answer.status_code == 302 and "not waiting for approval" in browser.get(answer.location).text
    assert count(Invoice) == 1


def test_a_run_at_work_shows_how_far_it_is_and_asks_again(app: IspbillFlask, tenant: TenantRef) -> None:
    bills.subscriber()
    with unit_of_work():
        run_id = service.open_run(TODAY, approved=True).id
    page = signed_in(app, tenant).get(f"/billing/runs/{run_id}")
    assert 'hx-trigger="every 1s"' in page.text and "0 of 1" in page.text
    jobs.bill_now(TODAY)
    assert "every 1s" not in signed_in(app, tenant).get(f"/billing/runs/{run_id}").text


def test_what_was_parked_is_billed_again_once_it_is_mended(app: IspbillFlask, tenant: TenantRef) -> None:
    customer_id = bills.unbillable("Broken Record")
    run_id = jobs.bill_now(TODAY).run_id
    browser = signed_in(app, tenant)
    page = browser.get(f"/billing/runs/{run_id}")
    assert "Broken Record" in page.text and f"/customers/{customer_id}" in page.text
    with unit_of_work():
        component = db.session.scalars(select(SubscriptionComponent)).one()
        component.billed_until = component.due_on = TODAY
    with bills.jobs_done():
        answer = browser.post(f"/billing/runs/{run_id}/again")
    done = browser.get(answer.location)
    assert count(Invoice) == 1 and "Broken Record" not in done.text and "₱1,499.00" in done.text


def test_the_file_of_parked_customers_holds_no_formula(app: IspbillFlask, tenant: TenantRef) -> None:
    bills.unbillable("=HYPERLINK(evil)")
    run_id = jobs.bill_now(TODAY).run_id
    answer = signed_in(app, tenant).get(f"/billing/runs/{run_id}/parked/export")
    assert answer.mimetype == "text/csv" and ",'=HYPERLINK(evil)," in answer.text


def test_a_run_leads_to_its_own_invoices(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed("Ana Reyes")
    browser = signed_in(app, tenant)
    assert f"/invoices?run={invoice.billing_run_id}" in browser.get("/billing/runs/1").text
    assert invoice.number in browser.get(f"/invoices?run={invoice.billing_run_id}").text
    assert invoice.number not in browser.get("/invoices?run=99").text


def test_all_runs_come_as_a_file(app: IspbillFlask, tenant: TenantRef) -> None:
    bills.billed()
    text = signed_in(app, tenant).get("/billing/runs/export").text
    assert "2026-03-10,completed,1,1499.00,PHP,0,System,System" in text


def test_without_the_right_no_page_of_runs_opens(app: IspbillFlask, tenant: TenantRef) -> None:
    bills.billed()
    browser = signed_in(app, tenant, permissions=["view_invoice_list"])
    for path in ("", "/prepare", "/1", "/export", "/1/parked/export"):
        assert browser.get(f"/billing/runs{path}").status_code == 403


def test_only_who_may_starts_and_approves(app: IspbillFlask, tenant: TenantRef) -> None:
    viewer = signed_in(app, tenant, permissions=["view_billing_run"])
    assert viewer.post("/billing/runs/previews", {"day": "2026-03-10"}).status_code == 403
    assert viewer.post("/billing/runs", {"billing_on": "2026-03-10"}).status_code == 403
    assert viewer.post("/billing/runs/1/approve").status_code == 403
    assert viewer.post("/billing/runs/1/again").status_code == 403
    assert "Start, approve later" not in viewer.get("/billing/runs/prepare").text


def test_a_run_that_does_not_exist_is_not_found(app: IspbillFlask, tenant: TenantRef) -> None:
    assert signed_in(app, tenant).get("/billing/runs/99").status_code == 404
