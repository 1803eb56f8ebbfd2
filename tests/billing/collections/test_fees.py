"""Late fees through the verbs and the real billing run: one for an invoice and a step, on the next bill, let go."""
from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from ispbill.billing.charges.models import Charge
from ispbill.billing.collections.fees import service as fees
from ispbill.billing.collections.models import CollectionAction
from ispbill.billing.invoices import service as invoices
from ispbill.billing.invoices.models import Invoice, InvoiceLine
from ispbill.billing.ledger import queries as ledger
from ispbill.billing.ledger.policy import AccountPurpose
from ispbill.billing.runs import jobs
from ispbill.core.current import TenantRef
from ispbill.core.db import db
from ispbill.core.errors import Conflict
from ispbill.core.unit_of_work import unit_of_work
from ispbill.subscriptions import queries as subscriptions
from ispbill.subscriptions.changes import service as changes
from ispbill.subscriptions.changes.service import NewTerms
from tests.make import corrections, debts, offers

# Billed on 10 March and due on the 25th; three days later the fee is charged, on 10 April the next month is billed.
FEE_DAY, NEXT_BILL = date(2026, 3, 28), date(2026, 4, 10)


def late_debtor(*, percent: int = 0) -> int:
    debts.set_step("Late fee", is_active=True, fee_flat_minor=5_000, fee_percent=percent)
    ana = debts.debtor("Ana Reyes")
    debts.round_on(FEE_DAY)
    return ana


def charged() -> list[tuple[str, str, int, str]]:
    with unit_of_work():
        rows = db.session.scalars(select(Charge).order_by(Charge.id))
        return [(row.kind, row.description, row.unit_price_minor, row.status) for row in rows]


def fee_of_record() -> CollectionAction:
    return db.session.scalars(select(CollectionAction).where(CollectionAction.fee_minor > 0)).one()


def bill(on: date) -> None:
    with debts.morning(on):
        jobs.bill_now(on)


def test_a_late_fee_is_a_charge_once_for_an_invoice_and_a_step(tenant: TenantRef) -> None:
    late_debtor(percent=2)
    for day in (28, 29, 30, 31):
        debts.round_on(date(2026, 3, day))
    assert charged() == [("late_fee", "Late fee: INV-000001, due 25 Mar 2026", 5_000 + 2_998, "pending")]


def test_a_fee_on_a_credit_note_is_waived_with_the_next_bill(tenant: TenantRef) -> None:
    ana = late_debtor()
    with debts.morning(date(2026, 3, 29)), unit_of_work():
        line = subscriptions.get(1)
        assert line is not None
        changes.change(line.running[-1], line, new=NewTerms(plan=offers.plan(100)), on=date(2026, 3, 29))
    bill(date(2026, 3, 29))
    with debts.morning(date(2026, 3, 30)), unit_of_work():
        note = db.session.scalars(select(Invoice).order_by(Invoice.id.desc()).limit(1)).one()
        assert note.kind == "credit_note"
        fees.waive(fee_of_record(), reason="First time")
    before = corrections.balance(ana)
    bill(NEXT_BILL)
    assert corrections.balance(ana) == before - 5_000 + 100
    assert corrections.booked(AccountPurpose.LATE_FEES) == 0 and corrections.findings() == {}
    with pytest.raises(Conflict, match="no fee"), unit_of_work():
        fees.waive(fee_of_record(), reason="Again")


def test_the_fee_stands_on_the_next_bill_as_income_from_late_fees(tenant: TenantRef) -> None:
    ana = late_debtor()
    bill(NEXT_BILL)
    with unit_of_work():
        line = db.session.scalars(select(InvoiceLine).where(InvoiceLine.account == "late_fees")).one()
        assert (line.amount_minor, line.description) == (5_000, "Late fee: INV-000001, due 25 Mar 2026")
        assert ledger.balance_of(ana) == 2 * 149_900 + 5_000
    assert [status for *_, status in charged()] == ["billed"]


def test_nobody_is_charged_a_fee_for_a_fee(tenant: TenantRef) -> None:
    late_debtor(percent=2)
    bill(date(2026, 3, 29))
    for on in (date(2026, 4, 20), NEXT_BILL.replace(month=5)):
        debts.round_on(on)
    assert [words for _, words, *_ in charged()] == ["Late fee: INV-000001, due 25 Mar 2026"]


def test_a_fee_is_found_on_what_an_invoice_asks_beside_fees(tenant: TenantRef) -> None:
    late_debtor()
    bill(NEXT_BILL)
    debts.set_step("Late fee", is_active=True, fee_flat_minor=0, fee_percent=10)
    debts.round_on(date(2026, 4, 30))
    assert [amount_minor for _, _, amount_minor, _ in charged()] == [5_000, 14_990]


def test_a_fee_carries_the_tax_that_the_company_chose_for_fees(tenant: TenantRef) -> None:
    with unit_of_work():
        tax = offers.tax("12", mode="exclusive")
    debts.set_plan(fee_tax_rate_id=tax.id)
    late_debtor()
    bill(NEXT_BILL)
    with unit_of_work():
        line = db.session.scalars(select(InvoiceLine).where(InvoiceLine.account == "late_fees")).one()
        assert (line.net_minor, line.tax_minor) == (5_000, 600)


def test_a_waived_fee_that_is_not_billed_yet_never_is(tenant: TenantRef) -> None:
    late_debtor()
    with unit_of_work():
        fees.waive(fee_of_record(), reason="First time")
    bill(NEXT_BILL)
    assert [(kind, status) for kind, _, _, status in charged()] == [("late_fee", "cancelled")]


def test_a_waived_fee_that_is_billed_is_given_back_at_once_as_it_was_billed(tenant: TenantRef) -> None:
    with unit_of_work():
        tax = offers.tax("12", mode="exclusive")
    debts.set_plan(fee_tax_rate_id=tax.id)
    ana = late_debtor()
    bill(NEXT_BILL)
    with unit_of_work():
        before = ledger.balance_of(ana)
    with debts.morning(NEXT_BILL), unit_of_work():
        fees.waive(fee_of_record(), reason="The bank was late")
    with unit_of_work():
        assert ledger.balance_of(ana) == before - 5_600
        note = db.session.scalars(select(Invoice).order_by(Invoice.id.desc()).limit(1)).one()
        assert (note.kind, note.total_minor, note.tax_minor) == ("credit_note", -5_600, -600)
        assert note.reason == "Waived: The bank was late"
    assert corrections.booked(AccountPurpose.LATE_FEES) == 0 and corrections.findings() == {}


def test_a_fee_that_a_credit_note_took_back_is_not_given_back_again(tenant: TenantRef) -> None:
    late_debtor()
    bill(NEXT_BILL)
    with unit_of_work():
        line = db.session.scalars(select(InvoiceLine).where(InvoiceLine.account == "late_fees")).one()
    corrections.credited(line.invoice_id)
    with unit_of_work(), pytest.raises(Conflict, match="credited already"):
        fees.waive(fee_of_record(), reason="Once more")


def test_a_fee_that_was_credited_and_billed_again_is_given_back_from_the_newer_bill(tenant: TenantRef) -> None:
    ana = late_debtor()
    bill(NEXT_BILL)
    with unit_of_work():
        line = db.session.scalars(select(InvoiceLine).where(InvoiceLine.account == "late_fees")).one()
    with debts.morning(NEXT_BILL):
        corrections.credited(line.invoice_id, bills_again=True)
    bill(date(2026, 4, 11))
    before = corrections.balance(ana)
    with debts.morning(date(2026, 4, 12)), unit_of_work():
        fees.waive(fee_of_record(), reason="The bank was late")
    assert corrections.balance(ana) == before - 5_000
    assert corrections.booked(AccountPurpose.LATE_FEES) == 0 and corrections.findings() == {}


def test_a_fee_whose_credit_is_void_is_not_billed_again(tenant: TenantRef) -> None:
    ana = late_debtor()
    bill(NEXT_BILL)
    before = corrections.balance(ana)
    with unit_of_work():
        line = db.session.scalars(select(InvoiceLine).where(InvoiceLine.account == "late_fees")).one()
    with debts.morning(NEXT_BILL):
        note = corrections.credited(line.invoice_id, bills_again=True)
        with unit_of_work():
            invoices.void(corrections.loaded(note.id), reason="Wrong")
    bill(date(2026, 4, 11))
    assert [status for *_, status in charged()] == ["billed"]
    assert corrections.balance(ana) == before and corrections.findings() == {}


def test_the_fee_of_a_voided_invoice_is_withdrawn_with_it(tenant: TenantRef) -> None:
    late_debtor()
    with debts.morning(date(2026, 3, 29)), unit_of_work():
        invoices.void(db.session.scalars(select(Invoice)).one(), reason="billed in error")
    assert [status for *_, status in charged()] == ["cancelled"]
    with unit_of_work(), pytest.raises(Conflict, match="withdrawn"):
        fees.waive(fee_of_record(), reason="Once more")


def test_the_fee_of_a_voided_invoice_is_not_billed_anew_when_its_own_bill_is_voided(tenant: TenantRef) -> None:
    ana = late_debtor()
    bill(NEXT_BILL)
    with debts.morning(date(2026, 4, 11)), unit_of_work():
        for invoice in db.session.scalars(select(Invoice).order_by(Invoice.id)).all():
            invoices.void(invoice, reason="billed in error")
    assert [status for *_, status in charged()] == ["cancelled"]
    bill(date(2026, 4, 12))
    assert corrections.balance(ana) == 2 * 149_900 and corrections.findings() == {}
