"""Changes of what is billed, played through the verbs and the real run: what is credited, what is charged, what stands.

The figures are those of published suites (Kill Bill, Lago); see the conformance cases.
"""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from ispbill.billing.charges import service as charges
from ispbill.billing.charges.models import Charge, ChargeKind
from ispbill.billing.charges.service import ChargeFacts
from ispbill.billing.invoices import service as invoices
from ispbill.billing.invoices.models import Invoice, InvoiceLine
from ispbill.billing.ledger import queries as ledger
from ispbill.billing.runs import jobs
from ispbill.core.current import TenantRef, at, current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers.suspension_reasons.policy import PauseBilling
from ispbill.subscriptions import queries
from ispbill.subscriptions import service as subscriptions
from ispbill.subscriptions.changes import service as changes
from ispbill.subscriptions.changes.service import NewTerms
from ispbill.subscriptions.models import Subscription
from tests.make import bills, offers, people

MAY, JUNE, JULY = date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)


@contextmanager
def day(on: date) -> Iterator[None]:
    """Noon of a day in Manila."""
    with at(datetime(on.year, on.month, on.day, 4, tzinfo=UTC)):
        yield


def billed_on(on: date) -> list[tuple[int, date | None, date | None]]:
    """Bill a day, and then once more; the amounts and periods of what the first added. The second adds nothing."""
    with day(on):
        with unit_of_work():
            before = db.session.scalar(select(InvoiceLine.id).order_by(InvoiceLine.id.desc()).limit(1)) or 0
        jobs.bill_now(on)
        assert jobs.bill_now(on).invoices == 0, "nothing more to bill"
        with unit_of_work():
            lines = db.session.scalars(select(InvoiceLine).where(InvoiceLine.id > before).order_by(InvoiceLine.id))
            return [(line.amount_minor, line.period_start, line.period_end) for line in lines]


def begin(price_minor: int, *, start_on: date = MAY, **facts: Any) -> tuple[int, int]:
    """A customer with a subscription that begins on a day; the ids of both."""
    with day(start_on), unit_of_work():
        line = offers.subscribe(plans=[(offers.plan(price_minor, **facts), 1, None)], start_on=start_on)
        return line.customer_id, line.id


def loaded(subscription_id: int) -> Subscription:
    found = queries.get(subscription_id)
    assert found is not None
    return found


def change(subscription_id: int, price_minor: int, *, on: date, restarts: bool = False, **facts: Any) -> None:
    """Another plan instead of the newest, from a day on."""
    with day(on), unit_of_work():
        line = loaded(subscription_id)
        new = NewTerms(plan=offers.plan(price_minor, **facts), restarts=restarts)
        changes.change(line.running[-1], line, new=new, on=on)


def balance(customer_id: int) -> int:
    """What the books say the customer owes."""
    with unit_of_work():
        return ledger.balance_of(customer_id)


def test_an_upgrade_gives_back_what_was_billed_and_charges_the_rest_of_the_period(tenant: TenantRef) -> None:
    customer, line = begin(59_995)
    assert billed_on(MAY) == [(59_995, MAY, JUNE)]
    change(line, 995, on=date(2026, 5, 7))
    assert billed_on(date(2026, 5, 7)) == [(-48_383, date(2026, 5, 7), JUNE), (802, date(2026, 5, 7), JUNE)]
    change(line, 2_995, on=date(2026, 5, 8))
    assert billed_on(date(2026, 5, 8)) == [(-770, date(2026, 5, 8), JUNE), (2_319, date(2026, 5, 8), JUNE)]
    assert billed_on(JUNE) == [(2_995, JUNE, JULY)]
    assert balance(customer) == 59_995 - 47_581 + 1_549 + 2_995


def test_what_takes_back_more_than_it_asks_is_a_credit_note_that_settles_open_invoices(tenant: TenantRef) -> None:
    _, line = begin(59_995)
    billed_on(MAY)
    change(line, 995, on=date(2026, 5, 7))
    billed_on(date(2026, 5, 7))
    with unit_of_work():
        invoice, note = db.session.scalars(select(Invoice).order_by(Invoice.id)).all()
        assert (note.kind, note.number, note.total_minor) == ("credit_note", "CN-000001", -47_581)
        assert note.settled_on is not None and invoice.settled_on is None


def test_a_bill_is_no_older_than_what_it_takes_back_of_a_bill_made_ahead(tenant: TenantRef) -> None:
    _, line = begin(59_995)
    billed_on(MAY)
    with day(date(2026, 5, 28)):
        jobs.bill_now(JUNE)
    change(line, 999_995, on=date(2026, 5, 29))
    taken_back, charged = [-59_995, -5_806], [96_774]
    assert sorted(amount for amount, *_ in billed_on(date(2026, 5, 29))) == taken_back + charged
    with unit_of_work():
        first, ahead, upgrade = db.session.scalars(select(Invoice).order_by(Invoice.id)).all()
        assert [first.issued_on, ahead.issued_on, upgrade.issued_on] == [MAY, JUNE, JUNE]
        assert upgrade.kind == "invoice"


def test_a_longer_period_keeps_the_billing_day(tenant: TenantRef) -> None:
    _, line = begin(24_995)
    billed_on(MAY)
    change(line, 239_995, on=date(2026, 5, 12), period_count=12)
    assert billed_on(date(2026, 5, 12)) == [
        (-16_126, date(2026, 5, 12), JUNE), (232_762, date(2026, 5, 12), date(2027, 5, 1)),
    ]


def test_or_a_full_new_period_begins_on_the_day_of_the_change(tenant: TenantRef) -> None:
    _, line = begin(10_000, start_on=date(2025, 6, 1))
    billed_on(date(2025, 6, 1))
    change(line, 100_000, on=date(2025, 6, 16), period_count=12, restarts=True)
    assert billed_on(date(2025, 6, 16)) == [
        (-5_000, date(2025, 6, 16), date(2025, 7, 1)), (100_000, date(2025, 6, 16), date(2026, 6, 16)),
    ]


def test_there_and_back_on_one_day_comes_to_nothing(tenant: TenantRef) -> None:
    customer, line = begin(239_995, period_count=12)
    billed_on(MAY)
    before, on = balance(customer), date(2026, 5, 11)
    with unit_of_work():
        annual = loaded(line).components[0].plan
    change(line, 24_995, on=on)
    assert billed_on(on) == [(-233_420, on, date(2027, 5, 1)), (16_932, on, JUNE)]
    with day(on), unit_of_work():
        line_now = loaded(line)
        changes.change(line_now.running[-1], line_now, new=NewTerms(plan=annual), on=on)
    assert sorted(billed_on(on)) == [(-16_932, on, JUNE), (233_420, on, date(2027, 5, 1))]
    assert balance(customer) == before


def test_a_downgrade_at_the_end_of_the_period_credits_nothing(tenant: TenantRef) -> None:
    _, line = begin(59_995)
    billed_on(MAY)
    with day(date(2026, 5, 7)), unit_of_work():
        now = loaded(line)
        changes.change(now.running[0], now, new=NewTerms(plan=offers.plan(995)), on=JUNE)
    assert billed_on(date(2026, 5, 7)) == []
    assert billed_on(JUNE) == [(995, JUNE, JULY)]


def test_a_quantity_changes_on_the_boundary_without_proration(tenant: TenantRef) -> None:
    start = date(2025, 11, 27)
    with day(start), unit_of_work():
        line = offers.subscribe(plans=[(offers.plan(2_995), 7, None)], start_on=start).id
    assert billed_on(start)[0][0] == 20_965
    with day(date(2025, 12, 27)), unit_of_work():
        now = loaded(line)
        changes.change(now.running[0], now, new=NewTerms(quantity=10), on=date(2025, 12, 27))
    assert billed_on(date(2025, 12, 27)) == [(29_950, date(2025, 12, 27), date(2026, 1, 27))]


def test_another_billing_day_bills_the_days_up_to_it_and_never_a_gap(tenant: TenantRef) -> None:
    _, line = begin(24_995)
    billed_on(MAY)
    with day(JUNE), unit_of_work():
        changes.move_anchor(loaded(line), anchor_day=15, on=JUNE)
    assert billed_on(JUNE) == [(11_288, JUNE, date(2026, 6, 15))]
    assert billed_on(date(2026, 6, 15)) == [(24_995, date(2026, 6, 15), date(2026, 7, 15))]
    with day(date(2026, 7, 15)), unit_of_work():
        changes.move_anchor(loaded(line), anchor_day=10, on=date(2026, 7, 15))
    assert billed_on(date(2026, 7, 15)) == [(20_964, date(2026, 7, 15), date(2026, 8, 10))]


def test_the_billing_day_moves_before_and_after_a_change_that_is_booked(tenant: TenantRef) -> None:
    _, line = begin(31_000)
    billed_on(MAY)
    with day(date(2026, 5, 5)), unit_of_work():
        now = loaded(line)
        changes.change(now.running[-1], now, new=NewTerms(plan=offers.plan(62_000)), on=JULY)
        changes.move_anchor(loaded(line), anchor_day=11, on=JUNE)
    assert billed_on(JUNE) == [(10_000, JUNE, date(2026, 6, 11))]
    assert billed_on(date(2026, 6, 11)) == [(20_667, date(2026, 6, 11), JULY)]
    assert billed_on(JULY) == [(20_667, JULY, date(2026, 7, 11))]


def test_an_add_on_of_a_day_is_billed_with_its_line_in_arrears(tenant: TenantRef) -> None:
    start = date(2025, 3, 31)
    with day(start), unit_of_work():
        plan = offers.plan(100_000, timing="arrears")
        line = offers.subscribe(plans=[(plan, 1, None)], start_on=start).id
    assert billed_on(start) == []
    assert billed_on(date(2025, 4, 30)) == [(100_000, start, date(2025, 4, 30))]
    with day(date(2025, 5, 30)), unit_of_work():
        changes.add(loaded(line), plan=offers.plan(30_000, timing="arrears"), on=date(2025, 5, 30))
    assert billed_on(date(2025, 5, 31)) == [
        (100_000, date(2025, 4, 30), date(2025, 5, 31)), (968, date(2025, 5, 30), date(2025, 5, 31)),
    ]


def test_a_pause_with_credit_gives_back_and_resuming_bills_up_to_the_billing_day(tenant: TenantRef) -> None:
    customer, line = begin(24_995, start_on=date(2026, 3, 2))
    billed_on(date(2026, 3, 2))
    with day(date(2026, 3, 4)), unit_of_work():
        subscriptions.suspend(loaded(line), on=date(2026, 3, 4), reason="Away", billing=PauseBilling.CREDIT)
    assert billed_on(date(2026, 3, 4)) == [(-23_382, date(2026, 3, 4), date(2026, 4, 2))]
    assert billed_on(date(2026, 4, 2)) == [], "nothing is billed while it is away"
    with day(date(2026, 4, 5)), unit_of_work():
        subscriptions.resume(loaded(line), on=date(2026, 4, 5))
    assert billed_on(date(2026, 4, 5)) == [(22_496, date(2026, 4, 5), date(2026, 5, 2))]
    assert balance(customer) == 24_995 - 23_382 + 22_496


def test_resuming_within_what_was_given_back_charges_the_days_again(tenant: TenantRef) -> None:
    customer, line = begin(31_000)
    billed_on(MAY)
    with day(date(2026, 5, 11)), unit_of_work():
        subscriptions.suspend(loaded(line), on=date(2026, 5, 11), reason="x", billing=PauseBilling.CREDIT)
    assert billed_on(date(2026, 5, 11)) == [(-21_000, date(2026, 5, 11), JUNE)]
    with day(date(2026, 5, 21)), unit_of_work():
        subscriptions.resume(loaded(line), on=date(2026, 5, 21))
    assert billed_on(date(2026, 5, 21)) == [(11_000, date(2026, 5, 21), JUNE)]
    assert balance(customer) == 21_000


def test_a_suspension_that_is_billed_all_the_same_changes_nothing(tenant: TenantRef) -> None:
    _, line = begin(31_000)
    billed_on(MAY)
    with day(date(2026, 5, 11)), unit_of_work():
        subscriptions.suspend(loaded(line), on=date(2026, 5, 11), reason="Unpaid", billing=PauseBilling.BILL)
    assert billed_on(date(2026, 5, 11)) == []
    assert billed_on(JUNE) == [(31_000, JUNE, JULY)]


def test_who_leaves_at_once_gets_the_unused_days_back_and_is_over(tenant: TenantRef) -> None:
    _, line = begin(239_995, start_on=date(2025, 8, 18), period_count=12)
    billed_on(date(2025, 8, 18))
    with day(date(2025, 9, 17)), unit_of_work():
        subscriptions.end(loaded(line), on=date(2025, 9, 17), reason="Moves")
    assert billed_on(date(2025, 9, 17)) == [(-220_269, date(2025, 9, 17), date(2026, 8, 18))]
    with unit_of_work():
        assert loaded(line).status == "ended"


def test_who_leaves_without_credit_has_paid_for_the_days_that_are_billed(tenant: TenantRef) -> None:
    _, line = begin(31_000)
    billed_on(MAY)
    with day(date(2026, 5, 11)), unit_of_work():
        subscriptions.end(loaded(line), on=date(2026, 5, 11), reason="Moves", credits=False)
    assert billed_on(date(2026, 5, 11)) == [] and billed_on(JUNE) == []


def test_who_leaves_without_credit_before_a_change_that_is_booked_gets_nothing_back_for_it(tenant: TenantRef) -> None:
    _, line = begin(31_000)
    billed_on(MAY)
    with day(date(2026, 5, 2)), unit_of_work():
        now = loaded(line)
        changes.change(now.running[-1], now, new=NewTerms(plan=offers.plan(20_000)), on=date(2026, 5, 21))
        subscriptions.end(now, on=date(2026, 5, 11), reason="Moves", credits=False)
    assert billed_on(date(2026, 5, 11)) == [] and billed_on(JUNE) == []


def test_an_end_that_is_withdrawn_after_the_credit_is_charged_again(tenant: TenantRef) -> None:
    customer, line = begin(31_000)
    billed_on(MAY)
    with day(date(2026, 5, 11)), unit_of_work():
        subscriptions.end(loaded(line), on=date(2026, 5, 20), reason="Moves")
    assert billed_on(date(2026, 5, 11)) == []
    with day(date(2026, 5, 12)), unit_of_work():
        subscriptions.keep(loaded(line))
    assert billed_on(date(2026, 5, 20)) == [] and balance(customer) == 31_000


def test_a_void_invoice_is_billed_again_together_with_the_next_period(tenant: TenantRef) -> None:
    begin(24_995, start_on=date(2026, 6, 14))
    billed_on(date(2026, 6, 14))
    with day(date(2026, 6, 20)), unit_of_work():
        invoices.void(db.session.scalars(select(Invoice)).one(), reason="Wrong address")
    assert billed_on(date(2026, 7, 14)) == [
        (24_995, date(2026, 6, 14), date(2026, 7, 14)), (24_995, date(2026, 7, 14), date(2026, 8, 14)),
    ]


def test_what_a_credit_takes_back_is_not_voided_before_the_credit(tenant: TenantRef) -> None:
    customer, line = begin(1_995, start_on=date(2026, 6, 15))
    billed_on(date(2026, 6, 15))
    with day(JULY), unit_of_work():
        subscriptions.end(loaded(line), on=JULY, reason="Moves")
    assert billed_on(JULY) == [(-931, JULY, date(2026, 7, 15))]
    with day(JULY), unit_of_work():
        invoice, note = db.session.scalars(select(Invoice).order_by(Invoice.id)).all()
        with pytest.raises(Conflict, match="CN-000001 takes a part of it back"):
            invoices.void(invoice, reason="wrong")
        invoices.void(note, reason="wrong")
        invoices.void(invoice, reason="wrong")
    assert billed_on(JULY) == [(1_064, date(2026, 6, 15), JULY)]
    assert balance(customer) == 1_064


def test_ending_before_a_change_that_is_billed_already_gives_the_change_back(tenant: TenantRef) -> None:
    customer, line = begin(31_000)
    billed_on(MAY)
    with day(date(2026, 5, 20)), unit_of_work():
        now = loaded(line)
        changes.change(now.running[-1], now, new=NewTerms(plan=offers.plan(62_000)), on=JUNE)
    with day(date(2026, 5, 25)):
        jobs.bill_now(JUNE)
    with day(date(2026, 5, 26)), unit_of_work():
        subscriptions.end(loaded(line), on=date(2026, 5, 26), reason="moved away")
    billed_on(date(2026, 5, 26))
    assert balance(customer) == 25_000


@pytest.mark.parametrize("ends", [[date(2026, 5, 26)], [date(2026, 5, 26), date(2026, 8, 1)], [JUNE, JULY]])
def test_a_change_that_is_booked_comes_where_an_end_is_withdrawn_or_moved_behind_it(
    tenant: TenantRef, ends: list[date]
) -> None:
    _, line = begin(31_000)
    with day(MAY), unit_of_work():
        changes.add(loaded(line), plan=offers.plan(5_000), on=MAY)
    billed_on(MAY)
    with day(date(2026, 5, 20)), unit_of_work():
        now = loaded(line)
        plan, addon = now.running
        changes.change(plan, now, new=NewTerms(plan=offers.plan(62_000)), on=JUNE)
        changes.remove(addon, now, on=JUNE)
        for end_on in ends:
            subscriptions.end(now, on=end_on, reason="moves away")
        if len(ends) == 1:
            subscriptions.keep(now)
        assert len(now.running) == 1
    assert billed_on(JUNE) == [(62_000, JUNE, JULY)]


def test_an_end_withdrawn_on_the_day_of_a_change_goes_on_with_what_was_changed_to(tenant: TenantRef) -> None:
    _, line = begin(31_000)
    billed_on(MAY)
    with day(date(2026, 5, 20)), unit_of_work():
        now = loaded(line)
        changes.change(now.running[-1], now, new=NewTerms(plan=offers.plan(20_000)), on=JUNE)
        subscriptions.end(now, reason="moves away")
        assert (now.end_on, len(now.running), queries.monthly_minor(line, on=JUNE)) == (JUNE, 1, 20_000)
        subscriptions.keep(now)
    assert billed_on(JUNE) == [(20_000, JUNE, JULY)]


def test_what_was_to_be_removed_stays_so_where_an_end_is_withdrawn(tenant: TenantRef) -> None:
    _, line = begin(31_000)
    with day(MAY), unit_of_work():
        changes.add(loaded(line), plan=offers.plan(5_000), on=MAY)
    billed_on(MAY)
    for end_on in (JUNE, date(2026, 5, 26)):
        with day(date(2026, 5, 20)), unit_of_work():
            now = loaded(line)
            if len(now.running) > 1:
                changes.remove(now.running[-1], now, on=JUNE)
            subscriptions.end(now, on=end_on, reason="moves away")
            subscriptions.keep(now)
    assert billed_on(JUNE) == [(31_000, JUNE, JULY)]


@pytest.mark.parametrize("gives_back_first", [False, True])
def test_another_day_takes_the_place_of_an_end_and_the_days_up_to_it_are_billed(
    tenant: TenantRef, gives_back_first: bool
) -> None:
    customer, line = begin(31_000)
    billed_on(MAY)
    with day(date(2026, 5, 10)), unit_of_work():
        subscriptions.end(loaded(line), on=date(2026, 5, 22), reason="moves away")
    if gives_back_first:
        with day(date(2026, 5, 10)):
            jobs.bill_now(date(2026, 5, 22))
        assert balance(customer) == 21_000
    with day(date(2026, 5, 12)), unit_of_work():
        subscriptions.end(loaded(line), on=date(2026, 6, 16), reason="moves later")
    billed_on(JUNE)
    assert balance(customer) == 31_000 + 15_500


def test_a_trial_that_is_ended_and_kept_is_charged_after_all(tenant: TenantRef) -> None:
    _, line = begin(30_000, trial_days=14)
    with day(date(2026, 5, 3)), unit_of_work():
        now = loaded(line)
        subscriptions.end(now, on=date(2026, 5, 10), reason="does not like it")
        subscriptions.keep(now)
    (first, *_) = billed_on(date(2026, 5, 15))
    assert first[1] == date(2026, 5, 15)


def test_a_one_time_charge_stands_on_the_next_bill_and_only_there(tenant: TenantRef) -> None:
    customer, _ = begin(31_000)
    with day(MAY), unit_of_work():
        facts = ChargeFacts(customer, "Installation", 150_000, source="install:1")
        assert charges.add(facts).id == charges.add(facts).id, "the same cause counts once"
        charges.add(ChargeFacts(customer, "Modem deposit", 50_000, kind=ChargeKind.DEPOSIT, bill_on=JUNE))
    assert [amount for amount, _, _ in billed_on(MAY)] == [31_000, 150_000]
    assert [amount for amount, _, _ in billed_on(JUNE)] == [31_000, 50_000]
    with unit_of_work():
        (deposit,) = db.session.scalars(select(Charge).where(Charge.kind == "deposit"))
        with pytest.raises(Conflict, match="billed already"):
            charges.cancel(deposit, reason="no modem")


def test_a_customer_without_subscription_is_billed_for_a_charge_alone(tenant: TenantRef) -> None:
    with unit_of_work():
        customer = people.register_customer()
        charges.add(ChargeFacts(customer.id, "Relocation", 80_000))
    today = current.today()
    assert billed_on(today) == [(80_000, None, None)]
    with unit_of_work():
        invoices.void(db.session.scalars(select(Invoice)).one(), reason="wrong")
    assert billed_on(today) == [(80_000, None, None)], "what is voided waits again"


def test_only_an_adjustment_may_be_below_zero(tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=100_000)
    with unit_of_work():
        with pytest.raises(Invalid):
            charges.add(ChargeFacts(invoice.customer_id, "Fee", -1))
        charges.add(ChargeFacts(invoice.customer_id, "Outage", -30_000, kind=ChargeKind.ADJUSTMENT))
    assert billed_on(current.today())[0][0] == -30_000
    assert balance(invoice.customer_id) == 70_000


@pytest.mark.parametrize("unit", ["day", "month"])
def test_periods_may_be_weeks_or_quarters(tenant: TenantRef, unit: str) -> None:
    begin(70_000, period_unit=unit, period_count=7 if unit == "day" else 3)
    end = date(2026, 5, 8) if unit == "day" else date(2026, 8, 1)
    assert billed_on(MAY) == [(70_000, MAY, end)]
    assert billed_on(end)[0][:2] == (70_000, end)


def test_what_was_replaced_or_repeated_is_not_changed(tenant: TenantRef) -> None:
    _, line = begin(31_000)
    with day(MAY), unit_of_work():
        now = loaded(line)
        (part,) = now.components
        with pytest.raises(Invalid, match="charged already"):
            changes.change(part, now, new=NewTerms(quantity=1), on=MAY)
        with pytest.raises(Conflict, match="End the subscription"):
            changes.remove(part, now, on=MAY)
        changes.change(part, now, new=NewTerms(quantity=2), on=date(2026, 5, 5))
        with pytest.raises(Conflict, match="replaced already"):
            changes.change(part, now, new=NewTerms(quantity=3), on=MAY)
