"""The schedule: a tenant's day begins by its own clock, who may not be served is left out, late days are caught up."""
from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from rq.timeouts import JobTimeoutException
from sqlalchemy import func, select, update

from ispbill import schedule
from ispbill.accounts.models import OneTimeToken, User, UserSession
from ispbill.accounts.passwords import service as passwords
from ispbill.accounts.passwords.service import LinkPurpose
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.runs import jobs
from ispbill.billing.runs import service as runs
from ispbill.core.current import SYSTEM, TenantRef, at, bound, current
from ispbill.core.db import db, platform_transaction
from ispbill.core.errors import Conflict
from ispbill.core.unit_of_work import unit_of_work
from ispbill.jobs import queue
from ispbill.jobs.draining import drain
from ispbill.tenancy import registry
from ispbill.tenancy.models import Tenant
from ispbill.web.once.models import IdempotencyKey
from tests.make import offers
from tests.make.browsers import Browser, signed_in


def due_day(tenant: TenantRef) -> str | None:
    """The day for which the sweep would open the tenant's run, or None."""
    return {ref.code: str(arguments[0]) for ref, arguments in schedule.BILLING.due()}.get(tenant.code)


def set_registry(tenant: TenantRef, **values: object) -> None:
    """Change the tenant's row in the registry."""
    with platform_transaction() as connection:
        connection.execute(update(Tenant).where(Tenant.id == tenant.id).values(**values))


@pytest.mark.parametrize(
    ("instant", "manila", "new_york"),
    [
        (datetime(2026, 3, 10, 16, 4, tzinfo=UTC), "2026-03-10", "2026-03-10"),
        (datetime(2026, 3, 10, 16, 5, tzinfo=UTC), "2026-03-11", "2026-03-10"),
        (datetime(2026, 3, 11, 4, 4, tzinfo=UTC), "2026-03-11", "2026-03-10"),
        (datetime(2026, 3, 11, 4, 5, tzinfo=UTC), "2026-03-11", "2026-03-11"),
    ],
)
def test_each_tenants_day_is_billed_from_five_past_its_own_midnight(
    tenant: TenantRef, other_tenant: TenantRef, instant: datetime, manila: str, new_york: str
) -> None:
    with at(instant):
        assert (due_day(tenant), due_day(other_tenant)) == (manila, new_york)


def test_a_day_that_is_billed_is_not_swept_again(tenant: TenantRef) -> None:
    set_registry(tenant, billed_on=date(2026, 3, 10))
    assert due_day(tenant) is None
    with at(datetime(2026, 3, 10, 16, 6, tzinfo=UTC)):
        assert due_day(tenant) == "2026-03-11"


@pytest.mark.parametrize(
    "values",
    [{"status": "suspended"}, {"status": "cancelled"}, {"status": "trial", "trial_ends_on": date(2026, 3, 9)},
     {"schema_version": "0000"}],
)
def test_who_may_not_be_served_and_who_is_behind_in_version_is_not_billed(
    tenant: TenantRef, values: dict[str, object]
) -> None:
    set_registry(tenant, **values)
    assert due_day(tenant) is None


def test_the_drained_schedule_bills_month_after_month_and_never_twice(tenant: TenantRef) -> None:
    with unit_of_work():
        offers.subscribe(plans=[(offers.plan(100_000), 1, None)], start_on=current.today(), anchor_day=31)
    for day in (10, 10, 11, 30, 31, 31):
        with at(datetime(2026, 3, day, 4, tzinfo=UTC)), bound(None, SYSTEM):
            drain([entry.tick for entry in schedule.ENTRIES[:2]], only=[tenant.code])
    with at(datetime(2026, 6, 2, 4, tzinfo=UTC)), bound(None, SYSTEM):
        drain([schedule.bill_due_tenants], only=[tenant.code])
    with unit_of_work():
        billed = [(invoice.issued_on.isoformat(), invoice.total_minor)
                  for invoice in db.session.scalars(select(Invoice).order_by(Invoice.id))]
    # 21 of the 31 days from 28 February, the anchor clamped, to 31 March; then whole months, two of them at once.
    assert billed == [("2026-03-10", 67_742), ("2026-03-31", 100_000), ("2026-06-02", 200_000)]


def test_a_job_of_a_tenant_that_is_no_longer_served_does_nothing(tenant: TenantRef) -> None:
    set_registry(tenant, status="suspended")
    queue.run_jobs("ispbill.billing.runs.jobs:open_run", [tenant.code], ("2026-03-10",))
    with unit_of_work():
        assert db.session.scalar(select(Invoice.id)) is None


def test_a_job_of_a_tenant_that_is_not_migrated_yet_waits_for_the_migrator(tenant: TenantRef) -> None:
    with unit_of_work():
        offers.subscribe(start_on=date(2026, 3, 10))
    job, head = "ispbill.billing.runs.jobs:open_run", tenant.schema_version
    for version, billed in (("0001", 0), (head, 1)):
        set_registry(tenant, schema_version=version)
        queue.run_jobs(job, [tenant.code], ("2026-03-10",))
        with unit_of_work():
            assert len(db.session.scalars(select(Invoice)).all()) == billed


def test_only_what_is_a_job_can_be_run_as_one(tenant: TenantRef) -> None:
    with pytest.raises(TypeError, match="is not a job"):
        queue.run_jobs("os:system", [tenant.code], ("true",))


def test_the_same_job_waits_once_and_may_be_queued_again_after_it_failed(
    tenant: TenantRef, other_tenant: TenantRef
) -> None:
    queue.connection().flushdb()
    for _ in range(2):
        schedule.runs.open_run.send(tenant.code, "2026-03-10")
    assert queue.queue().count == 1
    schedule.runs.open_run.send(other_tenant.code, "2026-03-10")
    assert queue.queue().count == 2, "another company's is another job"
    record = queue.queue().jobs[0]
    queue.queue().empty()
    record.set_status("failed")
    record.save()
    schedule.runs.open_run.send(tenant.code, "2026-03-10")
    assert queue.queue().count == 1


def test_small_companies_are_billed_several_by_one_nudge_and_one_that_fails_keeps_no_other_from_its_turn(
    tenant: TenantRef, other_tenant: TenantRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = sorted([tenant.code, other_tenant.code])
    queue.connection().flushdb()
    with bound(None, SYSTEM):
        schedule.bill_due_tenants()
    waiting = [tenant_codes for _path, tenant_codes, _arguments in (record.args for record in queue.queue().jobs)]
    assert all(len(tenant_codes) <= schedule.COMPANIES_BILLED_IN_TURN for tenant_codes in waiting)
    assert set(codes) <= {code for tenant_codes in waiting for code in tenant_codes}
    bill_day = runs.bill_day

    def fail_first(on: date, *, approved: bool) -> None:
        if current.tenant.code == codes[0]:
            raise Conflict("The books are closed.")
        bill_day(on, approved=approved)

    monkeypatch.setattr(runs, "bill_day", fail_first)
    with pytest.raises(ExceptionGroup, match="1 of 2 tenants"):
        queue.run_jobs(jobs.open_run.path, codes, ("2026-03-10",))
    assert [registry.by_code(code).billed_on for code in codes] == [None, date(2026, 3, 10)]


def test_a_company_that_kills_its_worker_each_time_does_not_keep_the_same_ones_waiting(
    tenant: TenantRef, other_tenant: TenantRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    first: set[str] = set()

    def die(_on: date, *, approved: bool) -> None:
        first.add(current.tenant.code)
        raise JobTimeoutException

    monkeypatch.setattr(runs, "bill_day", die)
    for _ in range(40):
        with pytest.raises(JobTimeoutException):
            queue.run_jobs(jobs.open_run.path, [tenant.code, other_tenant.code], ("2026-03-10",))
    assert first == {tenant.code, other_tenant.code}


def test_the_api_forgets_its_answers_after_a_week(tenant: TenantRef) -> None:
    with unit_of_work():
        for key, day in (("old", 2), ("young", 4)):
            db.session.add(IdempotencyKey(
                key=key, request_digest="x", response_status=201, response_body={},
                created_at=datetime(2026, 3, day, tzinfo=UTC),
            ))
    with bound(None, SYSTEM):
        drain([schedule.forget_old_keys], only=[tenant.code])
    with unit_of_work():
        assert db.session.scalars(select(IdempotencyKey.key)).all() == ["young"]


def test_sessions_and_links_are_forgotten_a_month_after_they_ended(app: Flask, tenant: TenantRef) -> None:
    lost, kept = signed_in(app, tenant), Browser(app, tenant)
    lost.post("/logout")
    with at(current.now() + timedelta(days=20)):
        kept.sign_in()
        with unit_of_work():
            person = db.session.scalars(select(User)).one()
            for _ in range(2):
                passwords.send_link(person, LinkPurpose.INVITATION)
    for days, sessions, links in ((29, 2, 2), (31, 1, 2), (51, 1, 1), (66, 0, 0)):
        with at(current.now() + timedelta(days=days)):
            with bound(None, SYSTEM):
                drain([schedule.forget_ended_sessions], only=[tenant.code])
            with unit_of_work():
                counted = [db.session.scalars(select(func.count()).select_from(table)).one()
                           for table in (UserSession, OneTimeToken)]
        assert counted == [sessions, links], days
