"""Billing runs: preview equals run, every period once, a bad customer parked, numbers gapless, books balanced."""
from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import event, func, select, text, update
from sqlalchemy.exc import DBAPIError

from ispbill.billing.charges import service as charges
from ispbill.billing.charges.models import ChargeKind
from ispbill.billing.charges.service import ChargeFacts
from ispbill.billing.invoices import service as invoices
from ispbill.billing.invoices.models import Invoice, InvoiceLine
from ispbill.billing.ledger import queries as ledger
from ispbill.billing.payments import service as payments
from ispbill.billing.payments.service import Receipt
from ispbill.billing.runs import jobs, queries, service
from ispbill.billing.runs.chunks import service as chunks
from ispbill.billing.runs.models import BillingRun, BillingRunChunk, RunStatus
from ispbill.company.models import SeriesKind
from ispbill.company.numbers import service as numbers
from ispbill.company.numbers.policy import SeriesFacts
from ispbill.core.current import SYSTEM, TenantRef, at, bound, current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers.suspension_reasons.policy import PauseBilling
from ispbill.jobs.queue import delivering_to
from ispbill.subscriptions import service as subscriptions
from ispbill.subscriptions.models import Subscription, SubscriptionComponent
from ispbill.tenancy import registry
from ispbill.web.requests import IspbillFlask
from tests.make import offers, people

TODAY = date(2026, 3, 10)


def subscribe_many(count: int, *, price_minor: int = 100_000) -> None:
    """`count` customers with one subscription each from today."""
    with unit_of_work():
        plan = offers.plan(price_minor, tax=offers.tax("12"))
        for _ in range(count):
            offers.subscribe(plans=[(plan, 1, None)], start_on=TODAY)


def invoices_of(customer_id: int | None = None) -> list[Invoice]:
    """All invoices, or a customer's, oldest first."""
    statement = select(Invoice).order_by(Invoice.id)
    if customer_id is not None:
        statement = statement.where(Invoice.customer_id == customer_id)
    return list(db.session.scalars(statement.execution_options(populate_existing=True)))


def test_a_run_bills_every_subscription_once_and_a_second_run_bills_nothing(tenant: TenantRef) -> None:
    subscribe_many(7)
    first, second = jobs.bill_now(TODAY), jobs.bill_now(TODAY)
    assert (first.due, first.invoices, first.lines, first.already_billed) == (7, 7, 7, 0)
    assert (second.due, second.invoices, second.total_minor, second.already_billed) == (0, 0, 0, 7)
    assert first.run_id == second.run_id


def test_the_preview_is_what_the_run_then_does_and_writes_nothing(tenant: TenantRef) -> None:
    subscribe_many(3)
    seen = jobs.preview(TODAY)
    with unit_of_work():
        assert invoices_of() == []
    done = jobs.bill_now(TODAY)
    assert (seen.due, seen.invoices, seen.lines, seen.total_minor) == (
        done.due, done.invoices, done.lines, done.total_minor
    )


def test_numbers_are_gapless_over_chunks(tenant: TenantRef, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "CHUNK_SIZE", 2)
    subscribe_many(5)
    jobs.bill_now(TODAY)
    with unit_of_work():
        assert sorted(invoice.number for invoice in invoices_of()) == [f"INV-{n:06d}" for n in range(1, 6)]


def test_two_workers_share_a_day_unless_it_is_small(tenant: TenantRef, monkeypatch: pytest.MonkeyPatch) -> None:
    subscribe_many(5)

    with unit_of_work():
        ((first, last),) = queries.due_ranges(TODAY, size=1000)
        monkeypatch.setattr(queries, "SMALL", 2)
        assert queries.due_ranges(TODAY, size=1000) == [(first, first + 1), (first + 2, last)]


def test_the_first_month_is_prorated_to_the_anchor_and_the_next_is_whole(tenant: TenantRef) -> None:
    with unit_of_work():
        customer = people.register_customer()
        offers.subscribe(customer, plans=[(offers.plan(100_000), 1, None)], start_on=TODAY, anchor_day=1)
    assert jobs.bill_now(TODAY).total_minor == 70_968
    with at(datetime(2026, 4, 1, 4, tzinfo=UTC)):
        assert jobs.bill_now(date(2026, 4, 1)).total_minor == 100_000


def test_a_run_that_is_done_late_gives_the_same_days_to_pay(tenant: TenantRef) -> None:
    subscribe_many(1)
    with unit_of_work():
        service.open_run(TODAY, approved=False)
    with at(datetime(2026, 3, 21, 4, tzinfo=UTC)):
        jobs.bill_now(TODAY)
        with unit_of_work():
            (invoice,) = invoices_of()
            assert (invoice.issued_on, invoice.due_on) == (TODAY, date(2026, 4, 5)), "fifteen days from the 21st"
            assert not invoice.due_on < current.today()


def test_a_document_takes_its_number_from_the_year_of_its_day(tenant: TenantRef) -> None:
    with unit_of_work():
        numbers.change(SeriesKind.INVOICE, SeriesFacts("INV-{year}-", resets_yearly=True))
    with at(datetime(2026, 12, 31, 4, tzinfo=UTC)), unit_of_work():
        for _ in range(2):
            offers.subscribe()
    with at(datetime(2027, 1, 2, 4, tzinfo=UTC)):
        for day in (date(2026, 12, 31), date(2027, 1, 31)):
            jobs.bill_now(day)
    with unit_of_work():
        assert sorted(invoice.number for invoice in invoices_of()) == [
            "INV-2026-000001", "INV-2026-000002", "INV-2027-000001", "INV-2027-000002",
        ]


def test_all_subscriptions_of_a_customer_stand_on_one_invoice(tenant: TenantRef) -> None:
    with unit_of_work():
        customer = people.register_customer()
        for price in (100_000, 50_000):
            offers.subscribe(customer, plans=[(offers.plan(price), 1, None), (offers.plan(9_900), 2, None)])
    result = jobs.bill_now(TODAY)
    assert (result.invoices, result.lines, result.total_minor) == (1, 4, 150_000 + 4 * 9_900)


def test_a_customer_that_cannot_be_billed_is_parked_with_the_reason_and_all_others_are_billed(
    tenant: TenantRef,
) -> None:
    subscribe_many(3)
    with unit_of_work():
        bad = db.session.scalars(select(SubscriptionComponent).order_by(SubscriptionComponent.id).limit(1)).one()
        bad.start_on = bad.billed_until = bad.due_on = offers.LONG_AGO
    seen = jobs.preview(TODAY)
    result = jobs.bill_now(TODAY)
    assert result.invoices == 2
    (parked,) = result.parked
    assert seen.parked == [parked]
    assert "periods behind" in str(parked["reason"])
    assert result.due == 3


def test_credit_notes_without_numbers_park_whom_they_are_for_and_nobody_else(tenant: TenantRef) -> None:
    for name in ("Ana Cruz", "Ben Diaz"):
        jobs.bill_now(TODAY)
        with unit_of_work():
            owed = people.register_customer(name)
            charges.add(ChargeFacts(owed.id, "Sorry", -10_000, kind=ChargeKind.ADJUSTMENT))
            last = owed.account_number
    with unit_of_work():
        numbers.change(SeriesKind.CREDIT_NOTE, SeriesFacts("CN-", range_end=1))
    subscribe_many(2)
    result = jobs.bill_now(TODAY)
    (parked,) = result.parked
    assert (result.invoices, parked["customer"]) == (2, last) and "no numbers left" in str(parked["reason"])


def test_a_parked_customer_is_billed_by_the_next_run_once_the_cause_is_mended(tenant: TenantRef) -> None:
    subscribe_many(1)
    with unit_of_work():
        component = db.session.scalars(select(SubscriptionComponent)).one()
        component.start_on = component.billed_until = component.due_on = offers.LONG_AGO
    assert len(jobs.bill_now(TODAY).parked) == 1
    with unit_of_work():
        component = db.session.scalars(select(SubscriptionComponent)).one()
        component.billed_until = component.due_on = TODAY
    mended = jobs.bill_now(TODAY)
    assert (mended.invoices, mended.parked) == (1, [])


def test_a_row_the_database_refuses_parks_only_its_own_customer(
    tenant: TenantRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe_many(3)
    victim: dict[str, int] = {}
    real_issue = invoices.issue

    def issue(documents: Any, **arguments: Any) -> Any:
        victim.setdefault("id", documents[len(documents) // 2].draft.customer_id)
        for document in documents:
            if document.draft.customer_id == victim["id"]:
                document.draft.lines[0] = document.draft.lines[0]._replace(component_id=987_654)
        return real_issue(documents, **arguments)

    monkeypatch.setattr(invoices, "issue", issue)
    result = jobs.bill_now(TODAY)
    assert result.invoices == 2 and len(result.parked) == 1
    with unit_of_work():
        assert [invoice.number for invoice in invoices_of()] == ["INV-000001", "INV-000002"]


def test_a_suspended_subscription_is_skipped_with_the_reason(tenant: TenantRef) -> None:
    subscribe_many(1)
    jobs.bill_now(TODAY)
    with unit_of_work():
        subscription = db.session.scalars(select(Subscription)).one()
        subscriptions.suspend(subscription, on=TODAY, reason="away")
    with at(datetime(2026, 4, 10, 4, tzinfo=UTC)):
        result = jobs.bill_now(date(2026, 4, 10))
    assert result.invoices == 0
    assert result.skipped == [{"subscription": subscription.id, "reason": "the subscription is suspended"}]


def test_the_books_balance_and_the_customer_owes_what_is_billed(tenant: TenantRef) -> None:
    subscribe_many(2)
    jobs.bill_now(TODAY)
    with unit_of_work():
        accounts = {row.name: int(row.balance_minor) for row in ledger.trial_balance()}
        assert sum(accounts.values()) == 0
        assert accounts["Accounts receivable"] == 200_000
        assert accounts["Tax payable"] == -2 * 10_714
        assert ledger.balance_of(invoices_of()[0].customer_id) == 100_000


def test_money_paid_in_advance_settles_the_invoice_when_it_is_issued(tenant: TenantRef) -> None:
    with unit_of_work():
        customer = people.register_customer()
        offers.subscribe(customer, plans=[(offers.plan(100_000), 1, None)])
        payments.record(Receipt(customer_id=customer.id, amount_minor=250_000, method="cash"))
    jobs.bill_now(TODAY)
    with unit_of_work():
        (invoice,) = invoices_of()
        assert invoice.settled_on == TODAY
        assert ledger.balance_of(customer.id) == -150_000


def test_a_run_waits_for_approval_where_the_company_wants_to_look_first(tenant: TenantRef) -> None:
    subscribe_many(2)
    with unit_of_work():
        run = service.open_run(TODAY, approved=False)
        chunk_ids = queries.pending_chunk_ids(run.id)
        assert run.status == RunStatus.AWAITING_APPROVAL
    with unit_of_work(), pytest.raises(Conflict, match="not approved"):
        service.bill_chunk(chunk_ids[0])
    with unit_of_work():
        service.approve(db.session.get_one(BillingRun, run.id))
    with unit_of_work():
        outcome = service.bill_chunk(queries.pending_chunk_ids(run.id)[0])
        assert outcome is not None and outcome.invoices == 2


def test_a_chunk_is_billed_once_however_often_its_job_is_delivered(tenant: TenantRef) -> None:
    subscribe_many(2)
    with unit_of_work():
        run = service.open_run(TODAY, approved=True)
        (chunk_id,) = queries.pending_chunk_ids(run.id)
    with unit_of_work():
        assert service.bill_chunk(chunk_id) is not None
    with unit_of_work():
        assert service.bill_chunk(chunk_id) is None


@pytest.mark.parametrize(("most", "parts", "nudged"), [(2, 2, 0), (2, 1, 1), (1, 2, 2)])
def test_the_job_that_opens_a_day_bills_a_few_customers_and_leaves_more_of_them_or_of_their_parts_to_the_workers(
    tenant: TenantRef, monkeypatch: pytest.MonkeyPatch, most: int, parts: int, nudged: int
) -> None:
    monkeypatch.setattr(queries, "SMALL", most)
    monkeypatch.setattr(queries, "COMPONENTS_OF_SMALL", parts)
    with unit_of_work():
        for _ in range(2):
            offers.subscribe(start_on=TODAY)
    nudges: list[tuple[object, ...]] = []
    with delivering_to(lambda *nudge: nudges.append(nudge)):
        jobs.open_run.run(tenant, TODAY.isoformat())
    assert len(nudges) == nudged
    with unit_of_work():
        assert len(db.session.scalars(select(Invoice)).all()) == (0 if nudged else 2)


def test_a_small_day_that_fails_leaves_the_opened_run_its_day_unbilled_and_a_chunk_to_the_workers(
    tenant: TenantRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe_many(2)

    def fail(*_: object, **__: object) -> None:
        raise Conflict("The account is held.")

    nudges: list[tuple[object, ...]] = []
    with monkeypatch.context() as broken, delivering_to(lambda *nudge: nudges.append(nudge)):
        broken.setattr(chunks.payments, "settle", fail)
        jobs.open_run.run(tenant, TODAY.isoformat())
    with unit_of_work():
        run = db.session.scalars(select(BillingRun)).one()
        waiting = queries.pending_chunk_ids(run.id)
        assert (run.status, len(waiting), invoices_of()) == (RunStatus.RUNNING, 1, [])
    assert nudges == [(jobs.bill_chunk.path, tenant.code, (waiting[0], run.id))]
    with unit_of_work():
        assert not registry.by_code(tenant.code).billed_on
    jobs.bill_chunk.run(tenant, waiting[0], run.id)
    with unit_of_work():
        assert len(invoices_of()) == 2 and queries.detail(run.id).status == RunStatus.COMPLETED


def test_a_chunk_that_another_worker_holds_is_left_alone_and_billed_by_the_next_run(
    app: IspbillFlask, tenant: TenantRef
) -> None:
    subscribe_many(1)
    with unit_of_work():
        run = service.open_run(TODAY, approved=True)
        (chunk_id,) = queries.pending_chunk_ids(run.id)

    def another_worker() -> object:
        with app.app_context(), bound(tenant, SYSTEM), unit_of_work():
            return service.bill_chunk(chunk_id)

    with unit_of_work():
        db.session.get_one(BillingRunChunk, chunk_id, with_for_update=True)
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(another_worker).result(timeout=30) is None
    with unit_of_work():
        assert invoices_of() == [] and queries.pending_chunk_ids(run.id) == [chunk_id]
    assert jobs.bill_now(TODAY).invoices == 1


@pytest.mark.parametrize("verb", ["pause", "end"])
def test_what_is_said_while_a_run_prices_waits_and_sees_what_it_billed(
    app: IspbillFlask, tenant: TenantRef, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    subscribe_many(1)
    jobs.bill_now(TODAY)
    april, on, real_issue = date(2026, 4, 10), date(2026, 4, 20), invoices.issue
    said: list[Future[None]] = []

    def say() -> None:
        with app.app_context(), bound(tenant, SYSTEM), unit_of_work():
            line = db.session.scalars(select(Subscription)).one()
            if verb == "end":
                subscriptions.end(line, on=on, reason="Moves")
            else:
                subscriptions.suspend(line, on=on, reason="Holiday", billing=PauseBilling.CREDIT)

    with ThreadPoolExecutor(1) as pool:
        def issue(*arguments: Any, **more: Any) -> Any:
            if not said:
                said.append(pool.submit(say))
                wait(said, timeout=1)
            return real_issue(*arguments, **more)

        monkeypatch.setattr(invoices, "issue", issue)
        assert jobs.bill_now(april).invoices == 1
        said[0].result(timeout=20)
    with unit_of_work():
        assert db.session.scalars(select(SubscriptionComponent.review_from)).one() == on


def test_the_database_itself_refuses_to_bill_a_period_twice(tenant: TenantRef) -> None:
    subscribe_many(1)
    jobs.bill_now(TODAY)
    with unit_of_work():
        part = SubscriptionComponent
        db.session.execute(update(part).values(billed_until=part.start_on, due_on=part.start_on))
    result = jobs.bill_now(TODAY)
    assert result.invoices == 0
    assert "uq_invoice_lines_live_charge" in str(result.parked[0]["reason"])


def test_a_chunk_takes_the_same_number_of_statements_however_many_customers_it_holds(tenant: TenantRef) -> None:
    statements: list[str] = []

    def count(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        statements.append(statement)

    counts = []
    event.listen(db.engine, "before_cursor_execute", count)
    try:
        for customers in (1, 2, 40):
            subscribe_many(customers)
            with unit_of_work():
                (chunk_id,) = queries.pending_chunk_ids(service.open_run(TODAY, approved=True).id)
            statements.clear()
            with unit_of_work():
                outcome = service.bill_chunk(chunk_id)
            assert outcome is not None and outcome.invoices == customers
            counts.append(len(statements))
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
    # A run's first chunk need not ask whom an earlier one has parked.
    assert counts[0] + 1 == counts[1] == counts[2]


def test_an_issued_invoice_is_frozen_by_the_database(tenant: TenantRef) -> None:
    subscribe_many(1)
    jobs.bill_now(TODAY)
    for statement in (
        "UPDATE invoices SET total_minor = 1, net_minor = 1, tax_minor = 0", "DELETE FROM invoices",
        "UPDATE invoice_lines SET amount_minor = 1", "DELETE FROM invoice_lines",
        "UPDATE invoice_taxes SET tax_minor = 0",
        "UPDATE journal_postings SET amount_minor = 1", "DELETE FROM journal_entries",
    ):
        with pytest.raises(DBAPIError), unit_of_work():
            db.session.execute(text(statement))


def test_an_entry_that_does_not_balance_is_refused_by_the_database(tenant: TenantRef) -> None:
    with pytest.raises(DBAPIError, match="does not balance"), unit_of_work():
        db.session.execute(text(
            "INSERT INTO journal_entries (posted_on, source, source_id, memo, created_by, created_at) "
            "VALUES ('2026-03-10', 'test', 1, 'crooked', 'test', now())"
        ))
        db.session.execute(text(
            "INSERT INTO journal_postings (entry_id, account_id, amount_minor) VALUES (1, 1, 100), (1, 2, -99)"
        ))


def test_an_entry_without_postings_is_refused_at_commit(tenant: TenantRef) -> None:
    with pytest.raises(DBAPIError, match="does not balance"), unit_of_work():
        db.session.execute(text(
            "INSERT INTO journal_entries (posted_on, source, source_id, memo, created_by, created_at) "
            "VALUES ('2026-03-10', 'test', 1, 'empty', 'test', now())"
        ))


def test_a_voided_invoice_keeps_its_number_and_its_period_is_billed_again(tenant: TenantRef) -> None:
    subscribe_many(1)
    jobs.bill_now(TODAY)
    with unit_of_work():
        (invoice,) = invoices_of()
        payments.record(Receipt(customer_id=invoice.customer_id, amount_minor=40_000, method="cash"))
        invoices.void(invoice, reason="wrong plan")
        assert ledger.balance_of(invoice.customer_id) == -40_000
    assert jobs.bill_now(TODAY).invoices == 1
    with unit_of_work():
        old, new = invoices_of()
        assert (old.status, old.number, new.number) == ("void", "INV-000001", "INV-000002")
        assert ledger.balance_of(new.customer_id) == 60_000
        assert db.session.scalar(select(func.count()).where(InvoiceLine.is_live)) == 1


def test_an_older_invoice_is_voided_with_a_reason_and_only_its_own_period_is_billed_again(tenant: TenantRef) -> None:
    subscribe_many(1)
    jobs.bill_now(TODAY)
    with at(datetime(2026, 4, 10, 4, tzinfo=UTC)):
        jobs.bill_now(date(2026, 4, 10))
        with unit_of_work():
            first = invoices_of()[0]
            with pytest.raises(Invalid, match="Say why"):
                invoices.void(first, reason=" ")
            invoices.void(first, reason="wrong")
        jobs.bill_now(date(2026, 4, 10))
        with unit_of_work():
            (again,) = db.session.scalars(select(InvoiceLine).where(InvoiceLine.is_live, InvoiceLine.invoice_id == 3))
            assert (again.period_start, again.period_end) == (TODAY, date(2026, 4, 10))
        assert jobs.bill_now(date(2026, 4, 10)).invoices == 0


def test_a_run_far_ahead_is_refused(tenant: TenantRef) -> None:
    with pytest.raises(Invalid, match="days ahead"):
        jobs.bill_now(date(2026, 9, 1))


def test_a_run_by_hand_that_finds_nothing_still_closes_the_tenants_day(tenant: TenantRef) -> None:
    jobs.bill_now(TODAY)
    assert registry.by_code(tenant.code).billed_on == TODAY
