"""Credit and debit notes: parts of lines with their tax, never more than is left, and what they settle."""
from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ispbill.billing.charges.models import ChargeKind
from ispbill.billing.invoices import service as invoices
from ispbill.billing.ledger.policy import AccountPurpose
from ispbill.billing.notes import service as notes
from ispbill.billing.notes.policy import Creditable, Take, credit_draft, part_of
from ispbill.billing.notes.service import CreditFacts, NewLine
from ispbill.billing.payments import queries as payments
from ispbill.billing.payments.allocations import service as allocations
from ispbill.billing.runs import jobs
from ispbill.company import service as company
from ispbill.company.policy import BillingTerms
from ispbill.core.current import TenantRef, at, current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.periods import Period
from ispbill.core.unit_of_work import unit_of_work
from ispbill.subscriptions import service as subscriptions
from ispbill.subscriptions.models import Subscription
from ispbill.web.requests import IspbillFlask
from tests.billing import test_changes
from tests.make import bills, corrections, days, offers
from tests.make.browsers import signed_in
from tests.make.corrections import balance, booked, credit_of, credited, findings, loaded, open_amounts

LINE = Creditable(
    id=7, subscription_id=1, component_id=1, description="Fibre", period=Period(date(2026, 3, 1), date(2026, 4, 1)),
    quantity=3, unit_price_minor=33_333, amount_minor=99_999, tax_minor=10_714, left_minor=99_999,
    left_tax_minor=10_714, is_gross=True, tax=None, account="revenue",
)


@pytest.mark.parametrize(("take", "amount_minor"), [
    (Take(), 99_999), (Take(amount_minor=500), 500), (Take(quantity=1), 33_333), (Take(days=31), 99_999),
    (Take(days=3), 9_677),
])
def test_a_part_of_a_line_is_an_amount_or_units_or_days_or_all(take: Take, amount_minor: int) -> None:
    assert part_of(LINE, take) == amount_minor


@pytest.mark.parametrize("take", [
    Take(amount_minor=100_000), Take(amount_minor=0), Take(quantity=4), Take(days=32), Take(days=0),
])
def test_more_than_the_line_has_is_refused(take: Take) -> None:
    with pytest.raises(Invalid):
        part_of(LINE, take)


@pytest.mark.parametrize(("take", "arithmetic"), [
    (Take(days=3), "3 of 31 days, at most what was left"), (Take(quantity=2), "2 of 3, at most what was left"),
    (Take(days=1), "1 of 31 days"), (Take(), ""),
])
def test_a_part_says_where_less_is_left_than_it_comes_to(take: Take, arithmetic: str) -> None:
    (line,) = credit_draft(1, [LINE._replace(left_minor=5_000, left_tax_minor=536)], {7: take}).lines
    assert line.arithmetic == arithmetic


@given(st.lists(st.integers(1, 40_000), max_size=12), st.sampled_from([5, 25, 100]))
def test_credits_are_rounded_for_cash_and_come_to_no_more_than_the_document(parts: list[int], step: int) -> None:
    line, rounded, credited_minor = LINE._replace(left_tax_minor=0, tax_minor=0), 0, 0
    for part in [*parts, LINE.left_minor]:
        take = Take(amount_minor=min(part, line.left_minor))
        # Of less than half a coin, or of what earlier notes rounded off, there is nothing to credit.
        with suppress(Conflict, Invalid):
            note = credit_draft(1, [line], {7: take}, cash_step_minor=step, rounded_minor=rounded)
            credited_minor -= note.total_minor
            line = line._replace(left_minor=line.left_minor + note.lines[0].amount_minor)
            rounded -= sum(rounding.amount_minor for rounding in note.lines[1:])
            assert credited_minor % step == 0 or credited_minor == LINE.left_minor
    assert credited_minor == LINE.left_minor


@given(st.lists(st.integers(1, 40_000), max_size=12))
def test_credits_in_parts_never_exceed_the_line_and_the_last_takes_the_whole_rest(parts: list[int]) -> None:
    left, tax = LINE.left_minor, LINE.left_tax_minor
    for part in parts:
        line = LINE._replace(left_minor=left, left_tax_minor=tax)
        if part >= left:
            break
        (made,) = credit_draft(1, [line], {7: Take(amount_minor=part)}).lines
        left, tax = left + made.amount_minor, tax + made.tax_minor
    rest = credit_draft(1, [LINE._replace(left_minor=left, left_tax_minor=tax)], {7: Take()})
    assert rest.total_minor == -left and rest.tax_minor == -tax and left > 0 and tax >= 0


def test_a_credit_note_bears_the_same_part_of_the_tax_and_settles_its_invoice(tenant: TenantRef) -> None:
    invoice = bills.billed("Ana Reyes", price_minor=112_000, tax=lambda: offers.tax("12"))
    note = credited(invoice.id, Take(amount_minor=28_000))
    assert (note.kind, note.number, note.total_minor, note.tax_minor) == ("credit_note", "CN-000001", -28_000, -3_000)
    assert (note.corrects_id, note.reason, note.buyer_name) == (invoice.id, "Outage", "Ana Reyes")
    assert [(tax.base_minor, tax.tax_minor) for tax in note.taxes] == [(-25_000, -3_000)]
    assert open_amounts(invoice.customer_id) == [84_000] and balance(invoice.customer_id) == 84_000
    assert booked(AccountPurpose.TAX_PAYABLE) == -9_000 and findings() == {}


def test_it_settles_the_invoice_it_is_about_before_older_ones(tenant: TenantRef) -> None:
    older = bills.billed(price_minor=10_000)
    newer = corrections.debited(older.customer_id, 5_000)
    credited(newer.id, Take(amount_minor=4_000))
    assert open_amounts(older.customer_id) == [10_000, 1_000]
    credited(newer.id)
    assert open_amounts(older.customer_id) == [10_000] and findings() == {}


def test_what_a_note_does_not_need_settles_the_oldest_open_invoice_or_stays_credit(tenant: TenantRef) -> None:
    paid = bills.billed(price_minor=10_000)
    bills.paid(paid.customer_id, 10_000)
    later = corrections.debited(paid.customer_id, 3_000)
    credited(paid.id)
    assert open_amounts(paid.customer_id) == [] and credit_of(paid.customer_id) == 7_000
    with unit_of_work():
        assert loaded(later.id).settled_on is not None
    assert balance(paid.customer_id) == -7_000 and findings() == {}


def test_a_line_is_never_credited_beyond_what_is_left_of_it(tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=10_000)
    credited(invoice.id, Take(amount_minor=6_000))
    with pytest.raises(Invalid, match="more than is left"):
        credited(invoice.id, Take(amount_minor=4_001))
    assert credited(invoice.id).total_minor == -4_000
    with pytest.raises(Conflict, match="nothing to credit"):
        credited(invoice.id)


def test_a_whole_credit_leaves_the_period_billed_unless_it_is_to_be_billed_again(tenant: TenantRef) -> None:
    kept, again = bills.billed("Ana"), bills.billed("Ben")
    credited(kept.id)
    credited(again.id, bills_again=True)
    assert jobs.bill_now(current.today()).invoices == 1
    assert open_amounts(kept.customer_id) == []
    assert balance(kept.customer_id) == 0 and balance(again.customer_id) == 149_900
    assert jobs.bill_now(current.today()).invoices == 0 and findings() == {}


def test_a_credit_whose_days_were_billed_again_is_not_voided_before_that_bill(tenant: TenantRef) -> None:
    invoice = bills.billed("Ana")
    note = credited(invoice.id, bills_again=True)
    jobs.bill_now(current.today())
    again = days.newest()
    with pytest.raises(Conflict, match=f"{again.number} has billed the same again"), unit_of_work():
        invoices.void(loaded(note.id), reason="Wrong")
    with unit_of_work():
        invoices.void(loaded(again.id), reason="Wrong")
        invoices.void(loaded(note.id), reason="Wrong")
    assert balance(invoice.customer_id) == 149_900 and findings() == {}
    assert jobs.bill_now(current.today()).invoices == 0


def test_a_credit_is_not_voided_while_a_later_one_lets_the_line_be_billed_again(tenant: TenantRef) -> None:
    invoice = bills.billed("Ana")
    part = credited(invoice.id, Take(amount_minor=9_900))
    rest = credited(invoice.id, bills_again=True)
    with pytest.raises(Conflict, match=f"{rest.number} has given back the rest"), unit_of_work():
        invoices.void(loaded(part.id), reason="Wrong")
    jobs.bill_now(current.today())
    for number in (days.newest().id, rest.id, part.id):
        with unit_of_work():
            invoices.void(loaded(number), reason="Wrong")
    assert balance(invoice.customer_id) == 149_900 and findings() == {}
    assert jobs.bill_now(current.today()).invoices == 0


def test_only_whole_lines_can_be_billed_again(tenant: TenantRef) -> None:
    with pytest.raises(Conflict, match="in full"):
        credited(bills.billed().id, Take(days=3), bills_again=True)


def test_of_a_line_that_is_to_be_billed_again_only_days_are_given_back_that_were_not_yet(tenant: TenantRef) -> None:
    bills.subscriber()
    jobs.bill_now(current.today())
    billed = days.newest()
    with unit_of_work():
        subscriptions.end(db.session.get_one(Subscription, 1), on=date(2026, 3, 25), reason="Moves")
    jobs.bill_now(date(2026, 3, 25))
    note = credited(billed.id, bills_again=True)
    with unit_of_work():
        (line,) = loaded(note.id).lines
    assert (line.period_start, line.period_end) == (date(2026, 3, 10), date(2026, 3, 25)) and not findings()
    again = jobs.bill_now(current.today())
    assert (again.lines, again.total_minor) == (1, -note.total_minor)


def test_a_voided_credit_note_opens_its_invoice_again(tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=10_000)
    note = credited(invoice.id, Take(amount_minor=6_000))
    with pytest.raises(Conflict, match="Void that first"), unit_of_work():
        invoices.void(loaded(invoice.id), reason="Wrong")
    with unit_of_work():
        invoices.void(loaded(note.id), reason="Wrong")
    assert open_amounts(invoice.customer_id) == [10_000] and findings() == {}
    assert credited(invoice.id).total_minor == -10_000


def test_a_credit_for_days_stands_while_the_line_goes_on(tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=31_000)
    note = credited(invoice.id, Take(days=3), reason="Three days dark")
    assert note.total_minor == -3_000 and note.lines[0].arithmetic == "3 of 31 days"
    with at(datetime(2026, 4, 10, 4, tzinfo=UTC)):
        assert jobs.bill_now(current.today()).invoices == 1
    assert balance(invoice.customer_id) == 59_000 and findings() == {}


def test_a_credit_is_rounded_for_cash_and_the_last_takes_the_whole_rest(tenant: TenantRef) -> None:
    with unit_of_work():
        company.change_terms(BillingTerms(15, True, "", cash_step_minor=25))
    invoice = bills.billed(price_minor=100_000)
    totals = [credited(invoice.id, take).total_minor for take in (Take(days=1), Take(amount_minor=40_012), None)]
    assert totals == [-3_225, -40_000, -56_775] and findings() == {}
    assert balance(invoice.customer_id) == 0 and booked(AccountPurpose.ROUNDING) == 0


@pytest.mark.parametrize("mode", ["", "inclusive", "exclusive"])
def test_of_a_change_of_plan_no_more_is_credited_than_the_difference_that_was_owed(
    tenant: TenantRef, mode: str
) -> None:
    taxed = {"tax": offers.tax("12", mode=mode)} if mode else {}
    customer_id, line = test_changes.begin(31_000, start_on=date(2026, 5, 1), **taxed)
    test_changes.billed_on(date(2026, 5, 1))
    test_changes.change(line, 62_000, on=date(2026, 5, 16), **taxed)
    test_changes.billed_on(date(2026, 5, 16))
    newest = days.newest()
    owed_minor = newest.total_minor
    with test_changes.day(date(2026, 5, 17)):
        with pytest.raises(Invalid, match="gave back"), unit_of_work():
            charge = next(line for line in loaded(newest.id).lines if line.amount_minor > 0)
            notes.credit(loaded(newest.id), CreditFacts("Outage", {charge.id: Take(amount_minor=charge.amount_minor)}))
        with pytest.raises(Conflict, match="in full"):
            credited(newest.id, bills_again=True)
        assert credited(newest.id).total_minor == -owed_minor
        with pytest.raises(Conflict, match="nothing to credit"):
            credited(newest.id)
    assert findings() == {}


def test_a_paid_invoice_is_not_voided_before_its_money_is_taken_off(tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=10_000)
    with at(current.now() + timedelta(hours=1)):
        payment = bills.paid(invoice.customer_id, 4_000)
        with pytest.raises(Conflict, match=payment.number), unit_of_work():
            invoices.void(loaded(invoice.id), reason="Wrong")
        with unit_of_work():
            allocations.unapply(payments.detail(payment.id).live_allocations[0])
            invoices.void(loaded(invoice.id), reason="Wrong")
    assert open_amounts(invoice.customer_id) == [] and credit_of(invoice.customer_id) == 4_000
    assert findings() == {}


def test_a_debit_note_is_owed_at_once_and_takes_credit_that_is_there(tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=10_000)
    bills.paid(invoice.customer_id, 12_000)
    note = corrections.debited(invoice.customer_id, 5_000, corrects=invoice)
    assert (note.kind, note.number, note.total_minor) == ("debit_note", "DN-000001", 5_000)
    assert open_amounts(invoice.customer_id) == [3_000] and booked(AccountPurpose.OTHER_INCOME) == -5_000
    assert findings() == {}


def test_a_deposit_is_not_asked_by_hand_for_nobody_could_give_it_back(tenant: TenantRef) -> None:
    customer = bills.unbillable()
    with unit_of_work(), pytest.raises(Invalid, match="as a charge") as refused:
        notes.debit(customer, [NewLine("Modem", 5_000, kind=ChargeKind.DEPOSIT)], reason="Modem")
    assert refused.value.field == "lines"


def test_a_note_is_no_older_than_the_invoice_it_is_about(tenant: TenantRef) -> None:
    bills.subscriber()
    ahead = current.today() + timedelta(days=5)
    jobs.bill_now(ahead)
    invoice = days.newest()
    assert invoice.issued_on == ahead, "billed ahead"
    assert credited(invoice.id, Take(amount_minor=5_000)).issued_on == ahead
    with unit_of_work():
        more = notes.debit(invoice.customer_id, [NewLine("Visit", 2_000)], reason="Late", corrects=loaded(invoice.id))
    assert loaded(more.id).issued_on == ahead and not findings()
    with at(current.now() + timedelta(days=9)):
        assert credited(invoice.id, Take(amount_minor=5_000)).issued_on == current.today()


def test_a_bill_that_gives_back_what_was_billed_ahead_is_no_older(tenant: TenantRef) -> None:
    bills.subscriber()
    jobs.bill_now(current.today())
    with at(current.now() + timedelta(days=25)):
        ahead = date(2026, 4, 10)
        jobs.bill_now(ahead)
        with unit_of_work():
            subscriptions.end(db.session.get_one(Subscription, 1), on=current.today(), reason="Moves")
        jobs.bill_now(current.today())
        note = days.newest()
        assert (note.kind, note.issued_on) == ("credit_note", ahead) and note.total_minor < -149_900
    assert findings() == {}


def test_notes_need_a_reason_and_something_to_correct(tenant: TenantRef) -> None:
    invoice = bills.billed()
    note = credited(invoice.id, Take(amount_minor=100))
    for about, reason, message in ((invoice, " ", "Say why"), (note, "Wrong", "credit note itself")):
        with pytest.raises((Invalid, Conflict), match=message), unit_of_work():
            notes.credit(loaded(about.id), CreditFacts(reason))


def test_the_page_issues_a_credit_note_and_shows_it_on_the_invoice(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed(price_minor=31_000)
    with unit_of_work():
        line_id = loaded(invoice.id).lines[0].id
    browser = signed_in(app, tenant)
    address = f"/invoices/{invoice.id}/credit"
    assert "Left to credit: ₱310.00" in browser.get(address).text
    assert browser.post(address, {"reason": "Outage"}).status_code == 422
    assert "more than is left" in browser.post(address, {"reason": "Outage", f"amount_{line_id}": "311"}).text
    answer = browser.post(address, {"reason": "Outage", f"days_{line_id}": "3"})
    assert answer.status_code == 302
    assert "−₱30.00" in browser.get(answer.location).text
    assert "CN-000001" in browser.get(f"/invoices/{invoice.id}").text


def test_the_page_issues_a_debit_note(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed()
    browser = signed_in(app, tenant)
    entered = {"reason": "Found later", "description_1": "Router", "price_1": "500", "quantity_1": "2",
               "kind_1": "one_time"}
    for address in (f"/invoices/{invoice.id}/debit", f"/customers/{invoice.customer_id}/debit"):
        assert browser.post(address, {"reason": "Found later"}).status_code == 422
        page = browser.get(browser.post(address, entered).location).text
        assert "₱1,000.00" in page and "Router" in page
