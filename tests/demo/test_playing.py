"""The play itself, on a small company: billed by the real schedule, safe to stop anywhere, done only once."""
from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from ispbill.accounts.sessions import service as sessions
from ispbill.billing.cash.models import CashDeposit, CashSession, CashSessionStatus
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.ledger import queries as ledger
from ispbill.billing.prepaid.models import PrepaidLoad, PrepaidSubscription
from ispbill.billing.proof import service as proof
from ispbill.billing.proof.models import BooksCheck
from ispbill.billing.runs import jobs as runs
from ispbill.billing.runs.models import BillingRun, RunStatus
from ispbill.core.current import SYSTEM, TenantRef, bound, current
from ispbill.core.db import db
from ispbill.core.errors import Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers.models import Customer, CustomerStatus
from ispbill.demo import days, founding, playing, scripts
from ispbill.demo.playing import Step
from ispbill.demo.scripts import CompanyScript
from ispbill.demo.stage import Stage
from ispbill.network.routers.models import RouterAssignment
from ispbill.subscriptions.connections.models import PortConnection
from ispbill.subscriptions.models import Installation, InstallationStatus
from ispbill.support.tickets.models import Ticket, TicketStatus
from ispbill.tenancy import registry
from ispbill.tenancy.models import TenantStatus
from tests.conftest import NOON_IN_MANILA

PASSWORD = "four words that differ"
STAGE = Stage(began_at=NOON_IN_MANILA, months=1)
_numbers = itertools.count(1)
FACTS = {
    "customers": "SELECT account_number, name, status, status_reason, phone FROM customers ORDER BY id",
    "subscriptions": "SELECT customer_id, status, s.start_on, billed_until, s.end_on FROM subscriptions s"
                     " JOIN subscription_components c ON c.subscription_id = s.id ORDER BY c.id",
    "invoices": "SELECT number, customer_id, status, issued_on, total_minor, settled_on FROM invoices ORDER BY number",
    "drawers": "SELECT holder_name, opened_at::date, expected_minor, variance_minor FROM cash_sessions ORDER BY 2, 1",
    "deposits": "SELECT reference, amount_minor FROM cash_deposits ORDER BY 1",
    "payments": "SELECT customer_id, amount_minor, method, received_on, status FROM payments ORDER BY 1, 4, 2",
}


@pytest.fixture
def script(context: None) -> CompanyScript:
    """A company like Bayanihan, but small and at an address of its own."""
    bayanihan = scripts.companies()[0]
    return replace(bayanihan, subdomain=f"playing-{next(_numbers)}", subscribers=40, areas=bayanihan.areas[:3])


def _ignore(step: Step) -> Callable[[int], None]:
    return lambda count: None


def _play(script: CompanyScript) -> TenantRef:
    return playing.play(script, STAGE, password=PASSWORD, begin=_ignore)


def _facts(tenant: TenantRef) -> dict[str, list[tuple[Any, ...]]]:
    with bound(tenant, SYSTEM), unit_of_work():
        return {name: [tuple(row) for row in db.session.execute(text(sql))] for name, sql in FACTS.items()}


def test_every_day_is_billed_by_the_schedule_and_billing_again_adds_nothing(script: CompanyScript) -> None:
    tenant = _play(script)
    assert tenant.status == TenantStatus.ACTIVE and tenant.billed_on is not None
    with bound(tenant, SYSTEM):
        again = runs.bill_now(current.today())
        with unit_of_work():
            runs_done = db.session.scalar(select(func.count()).where(BillingRun.status == RunStatus.COMPLETED))
            invoices = db.session.scalar(select(func.count()).select_from(Invoice))
            balances = [int(row.balance_minor) for row in ledger.trial_balance()]
    assert again.invoices == 0 and not again.parked
    assert runs_done == STAGE.span(script.timezone).days == 38
    assert invoices is not None and invoices > 30
    assert sum(balances) == 0 and any(balances)


def test_the_books_were_checked_in_the_last_nights_and_clean(script: CompanyScript) -> None:
    with bound(_play(script), SYSTEM), unit_of_work():
        checks = db.session.scalars(select(BooksCheck)).all()
        assert len(checks) == 7 and all(check.is_clean for check in checks)


def test_cash_goes_from_drawers_to_the_office_and_the_bank(script: CompanyScript) -> None:
    with bound(_play(script), SYSTEM), unit_of_work():
        drawers = db.session.scalars(select(CashSession)).all()
        assert {drawer.holder_name for drawer in drawers} == {"Liezl Mangubat", "Rodel Pangilinan"}
        assert all(drawer.status == CashSessionStatus.CLOSED for drawer in drawers)
        assert any(drawer.counted_minor for drawer in drawers)
        assert {deposit.deposited_on.weekday() for deposit in db.session.scalars(select(CashDeposit))} == {0}
        assert proof.check().is_clean


def test_a_second_start_changes_nothing(script: CompanyScript) -> None:
    before = _facts(_play(script))
    assert _facts(_play(script)) == before


def test_a_play_that_was_killed_goes_on_and_ends_as_if_it_had_not_been(
    script: CompanyScript, monkeypatch: pytest.MonkeyPatch
) -> None:
    unbroken = _facts(_play(script))
    broken = replace(script, subdomain=f"playing-{next(_numbers)}")
    work, calls = days._work, itertools.count(1)

    def work_until_killed(*arguments: Any) -> None:
        if next(calls) in (5, 9, 20):
            raise KeyboardInterrupt
        work(*arguments)

    monkeypatch.setattr(days, "_work", work_until_killed)
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            _play(broken)
        assert registry.named(broken.subdomain).status == TenantStatus.TRIAL
    assert _facts(_play(broken)) == unbroken


def test_some_newcomers_load_time_and_some_of_their_lines_have_run_out(script: CompanyScript) -> None:
    tenant = playing.play(replace(script, subscribers=80), replace(STAGE, months=3), password=PASSWORD, begin=_ignore)
    with bound(tenant, SYSTEM), unit_of_work():
        states = dict(db.session.execute(
            select(PrepaidSubscription.status, func.count()).group_by(PrepaidSubscription.status)).all())
        loads = db.session.scalar(select(func.count()).select_from(PrepaidLoad)) or 0
        assert set(states) == {"active", "expired"} and loads > sum(states.values())
        assert proof.check().is_clean


def test_lines_end_on_ports_within_reach_at_routers_and_troubles_come_to_the_desk(script: CompanyScript) -> None:
    tenant = _play(script)
    with bound(tenant, SYSTEM), unit_of_work():
        standing = db.session.scalars(
            select(Installation.id).where(Installation.status == InstallationStatus.ACTIVE)).all()
        on_ports = db.session.scalars(
            select(PortConnection.installation_id).where(PortConnection.released_at.is_(None))).all()
        with_routers = db.session.scalars(
            select(RouterAssignment.installation_id).where(RouterAssignment.returned_on.is_(None))).all()
        assert set(standing) == set(on_ports) == set(with_routers)
        states = set(db.session.scalars(select(Ticket.status)))
        assert TicketStatus.RESOLVED in states or TicketStatus.CLOSED in states


def test_the_staff_can_sign_in_each_with_their_role(script: CompanyScript) -> None:
    tenant = _play(script)
    with bound(tenant, SYSTEM), unit_of_work():
        for person in script.staff:
            assert sessions.sign_in(person.email, password=PASSWORD) is not None
    with bound(tenant, SYSTEM):
        staff = founding.cast(script)
    assert staff["Owner"].is_owner and staff["Cashier"].may("record_payment") and staff["Manager"].may("void_invoice")
    assert not staff["Technician"].may("record_payment")


def test_lines_are_planned_for_the_days_to_come(script: CompanyScript) -> None:
    tenant = _play(script)
    with bound(tenant, SYSTEM), unit_of_work():
        planned = db.session.scalars(
            select(Installation.scheduled_on).where(Installation.status == InstallationStatus.SCHEDULED)
        ).all()
        leads = db.session.scalar(select(func.count()).where(Customer.status == CustomerStatus.LEAD))
        assert planned and min(planned) > current.today() and leads is not None and leads >= len(planned)


def test_subscribers_come_from_a_file_for_the_company_that_takes_one(script: CompanyScript, tmp_path: Path) -> None:
    columns = (
        "customerID,gender,SeniorCitizen,Partner,Dependents,tenure,PhoneService,MultipleLines,InternetService,"
        "OnlineSecurity,OnlineBackup,DeviceProtection,TechSupport,StreamingTV,StreamingMovies,Contract,"
        "PaperlessBilling,PaymentMethod,MonthlyCharges,TotalCharges,Churn"
    )
    row = ("{0:04d}-ABCDE,Female,0,Yes,No,1,Yes,No,DSL,No,Yes,No,No,No,No,Month-to-month,Yes,Electronic check,"
           "29.85,29.85,No")
    file = tmp_path / "people.csv"
    file.write_text("\n".join([columns, *(row.format(number) for number in range(8))]))
    stage = Stage(began_at=datetime(2026, 3, 2, 18, tzinfo=UTC), months=1, customers=file)
    taking = replace(script, from_file=True)
    with bound(tenant := playing.play(taking, stage, password=PASSWORD, begin=_ignore), SYSTEM), unit_of_work():
        totals = db.session.execute(
            select(Invoice.issued_on, func.count(), func.sum(Invoice.total_minor)).group_by(Invoice.issued_on)
            .order_by(Invoice.issued_on)
        ).all()
    assert [(str(on), count, int(total)) for on, count, total in totals] == [
        ("2026-02-01", 8, 8 * 2985), ("2026-03-01", 8, 8 * 2985),
    ]
    assert tenant.status == TenantStatus.ACTIVE


def test_a_file_with_a_fault_is_refused_with_its_line(script: CompanyScript, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("customerID,MonthlyCharges\n1,abc\n")
    stage = Stage(began_at=NOON_IN_MANILA, months=1, customers=file)
    with pytest.raises(Invalid, match="people.csv, line"):
        playing.play(replace(script, from_file=True), stage, password=PASSWORD, begin=_ignore)
