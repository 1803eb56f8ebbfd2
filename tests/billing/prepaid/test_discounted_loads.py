"""Loads with discounts and rounded for cash: what the screen says is asked, printed, paid, and earned day by day."""
from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from ispbill.billing.discounts import queries as discounts
from ispbill.billing.discounts import service as discount_verbs
from ispbill.billing.discounts.models import DiscountGrant
from ispbill.billing.discounts.policy import DiscountKind
from ispbill.billing.documents import queries as documents
from ispbill.billing.invoices import service as invoices
from ispbill.billing.invoices.models import Invoice, InvoiceLine
from ispbill.billing.notes.policy import Take
from ispbill.billing.payments import service as payments
from ispbill.billing.payments.models import Payment
from ispbill.billing.prepaid.cancelling import service as cancelling
from ispbill.billing.prepaid.conversion import service as conversion
from ispbill.billing.prepaid.deferral import queries as deferral
from ispbill.billing.prepaid.deferral import service as nights
from ispbill.billing.prepaid.models import PrepaidLoad, PrepaidSubscription
from ispbill.billing.prepaid.offers import queries as offering
from ispbill.billing.prepaid.offers.queries import Purchase
from ispbill.billing.taxes import service as exemptions
from ispbill.billing.taxes.service import ExemptionFacts
from ispbill.billing.wallet import queries as wallet
from ispbill.catalogue.models import Plan
from ispbill.company import service as company
from ispbill.company.policy import BillingTerms
from ispbill.core.current import TenantRef, at, current
from ispbill.core.db import db
from ispbill.core.errors import Conflict
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers.models import Customer
from ispbill.reports.contents import REPORTS
from ispbill.reports.definitions.policy import scope_of
from tests.billing.prepaid.test_loads import account
from tests.make import corrections, days, loads, offers, people
from tests.make.browsers import signed_in

pytestmark = pytest.mark.usefixtures("tenant")
DAY = timedelta(days=1)
MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


def customer_with(plan: Callable[[], Plan] | None = None, **terms: Any) -> tuple[Customer, Plan]:
    """A customer who has a discount from today on, and a plan of 1,000."""
    scope = terms.pop("scope", {})
    maria, made = people.register_customer("Maria Santos"), plan() if plan else offers.plan(100_000, name="Fibre 50")
    offers.grant(offers.discount("Loyalty", **terms), maria, **scope)
    return maria, made


def line_of(load: PrepaidLoad) -> InvoiceLine:
    """What a load's invoice says about the time."""
    statement = select(InvoiceLine).where(InvoiceLine.invoice_id == load.invoice_id, InvoiceLine.position == 1)
    return db.session.scalars(statement).one()


def used() -> dict[date, int]:
    """What was taken of the only discount that anybody has, by month."""
    given = db.session.scalars(select(DiscountGrant)).one()
    (known,) = discounts.grants_of([given.customer_id], on=date(2030, 1, 1))[given.customer_id]
    return {key.begins_on: amount_minor for key, amount_minor in known.used.items()}


def round_cash(step_minor: int) -> None:
    """Let totals be rounded to multiples of a coin."""
    company.change_terms(BillingTerms(15, True, "", cash_step_minor=step_minor))


def everything_ties() -> None:
    """The proof of the books finds nothing, and the reports about prepaid time agree with the ledger."""
    assert corrections.findings() == {}
    with unit_of_work():
        assert deferral.tie_out().difference_minor == 0
        for name in ("deferred-revenue", "monthly-revenue", "financial-dashboard"):
            sheet = REPORTS[name].draw(scope_of(REPORTS[name].span, today=current.today()))
            assert [tie.difference_minor for tie in sheet.ties] == [0] * len(sheet.ties), sheet.ties


def test_a_percentage_lessens_what_is_asked_printed_paid_and_earned() -> None:
    with unit_of_work():
        maria, plan = customer_with(lambda: offers.plan(100_000, tax=offers.tax("12"), name="Fibre 50"))
        offer = offering.offer_for(maria.id, Purchase(plan.id, "one_month"))
        assert (offer.given.amount_minor, offer.discount_minor, offer.missing_minor) == (100_000, 10_000, 90_000)
        load = loads.load(maria.id, plan=plan)
        assert (load.amount_minor, load.net_minor, load.tax_minor, load.total_minor) == (100_000, 80_357, 9_643, 90_000)
        assert db.session.get_one(Payment, load.payment_id).amount_minor == 90_000
        line = line_of(load)
        assert (line.unit_price_minor, line.discount_minor, line.amount_minor) == (100_000, 10_000, 90_000)
        assert line.arithmetic == "10 Mar 2026, 12:00 – 9 Apr 2026, 12:00, ₱1,000.00 − ₱100.00 Loyalty"
        # Service is owed at what was paid for it, so nothing is a discount in the books before it is earned.
        assert (account("deferred_revenue"), account("discounts"), account("revenue")) == (-80_357, 0, 0)
    with unit_of_work(), at(current.now() + 10 * DAY):
        nights.recognise()
        assert account("revenue") == -25_446
    everything_ties()
    with unit_of_work(), at(current.now() + 31 * DAY):
        nights.recognise()
        assert (account("deferred_revenue"), account("revenue"), account("discounts")) == (0, -80_357, 0)
    everything_ties()


@pytest.mark.parametrize(("kind", "amount", "asked", "time"), [
    ("one_month", None, 90_000, "30 days"),
    ("fifteen_days", None, 45_000, "15 days"),
    ("custom", 20_000, 18_000, "6 days"),
    ("custom", 15_000, 13_500, "4 days 12 hours"),
    ("custom", 250_000, 225_000, "75 days"),
])
@pytest.mark.parametrize("terms", [
    {"percent": "10"}, {"kind": DiscountKind.AMOUNT, "rate_percent": Decimal(0), "amount_minor": 10_000},
])
def test_the_amount_buys_the_time_it_always_buys_and_the_discount_is_a_part_of_it(
    kind: str, amount: int | None, asked: int, time: str, terms: dict[str, Any]
) -> None:
    with unit_of_work():
        maria, plan = customer_with(**terms)
        offer = offering.offer_for(maria.id, Purchase(plan.id, kind, amount))
        load = loads.load(maria.id, plan=plan, kind=kind, amount_minor=amount)
        assert (offer.given.display, offer.missing_minor, load.total_minor) == (time, asked, asked)


def test_any_amount_with_a_discount_prints_both_sums() -> None:
    with unit_of_work():
        maria, plan = customer_with()
        load = loads.load(maria.id, plan=plan, kind="custom", amount_minor=20_000)
        assert line_of(load).arithmetic == ("10 Mar 2026, 12:00 – 16 Mar 2026, 12:00, "
                                            "₱200.00 ÷ ₱1,000.00 × 30 days = 6 days, ₱200.00 − ₱20.00 Loyalty")


def test_a_load_of_ninety_days_counts_for_three_months() -> None:
    with unit_of_work():
        maria, plan = customer_with(percent="50", periods=2)
        load = loads.load(maria.id, plan=plan, kind="custom", amount_minor=300_000)
        assert load.total_minor == 200_000
        assert used() == {MARCH: 50_000, APRIL: 50_000}
        assert line_of(load).arithmetic.endswith("₱3,000.00 − ₱1,000.00 Loyalty")
        assert loads.load(maria.id, plan=plan, prepaid_id=load.subscription_id).total_minor == 100_000
    everything_ties()


@pytest.mark.parametrize("day", [date(2026, 5, 1), date(2026, 5, 5), date(2026, 5, 31)])
def test_ninety_days_take_an_amount_three_times_whenever_they_begin(day: date) -> None:
    with days.work(day):
        maria, plan = customer_with(kind=DiscountKind.AMOUNT, rate_percent=Decimal(0), amount_minor=10_000)
        assert loads.load(maria.id, plan=plan, kind="custom", amount_minor=300_000).total_minor == 270_000
        assert used() == {date(2026, month, 1): 10_000 for month in (5, 6, 7)}


def test_a_discount_that_ends_between_two_loads_is_off_the_first_only() -> None:
    with unit_of_work():
        maria, plan = customer_with(scope={"ends_on": date(2026, 4, 9)})
        first = loads.load(maria.id, plan=plan)
        # Renewed early, the second begins where the first ends: on the ninth of April.
        second = loads.load(maria.id, plan=plan, prepaid_id=first.subscription_id)
        assert (first.total_minor, second.total_minor) == (90_000, 100_000)


def test_a_discount_that_begins_with_the_next_load_is_off_it_though_it_is_paid_before() -> None:
    with unit_of_work():
        maria, plan = customer_with(scope={"starts_on": date(2026, 4, 1)})
        first = loads.load(maria.id, plan=plan)
        second = loads.load(maria.id, plan=plan, prepaid_id=first.subscription_id)
        assert (first.total_minor, second.total_minor) == (100_000, 90_000)


def test_an_amount_is_given_once_a_month_however_many_loads_there_are() -> None:
    with unit_of_work():
        maria, plan = customer_with(kind=DiscountKind.AMOUNT, rate_percent=Decimal(0), amount_minor=10_000)
        asked = [loads.load(maria.id, plan=plan, kind="custom", amount_minor=60_000).total_minor for _ in range(3)]
        assert asked == [54_000, 56_000, 60_000] and used() == {MARCH: 10_000}


def test_a_discount_for_other_plans_is_not_for_this_one() -> None:
    with unit_of_work():
        maria, plan = customer_with(plans=[offers.plan(50_000)])
        assert loads.load(maria.id, plan=plan).total_minor == 100_000


def test_a_discount_of_a_postpaid_line_is_not_for_the_prepaid_one() -> None:
    with unit_of_work():
        maria, plan = people.register_customer(), offers.plan(100_000)
        postpaid = offers.subscribe(maria)
        offers.grant(offers.discount(), maria, subscription_id=postpaid.id)
        assert loads.load(maria.id, plan=plan).total_minor == 100_000


def test_a_voucher_keeps_what_a_load_did_not_use() -> None:
    with unit_of_work():
        maria, plan = customer_with(kind=DiscountKind.VOUCHER, rate_percent=Decimal(0), amount_minor=70_000)
        half = loads.load(maria.id, plan=plan, kind="fifteen_days", received=None)
        assert (half.total_minor, half.payment_id) == (0, None)
        assert db.session.get_one(Invoice, half.invoice_id).settled_on == current.today()
        assert loads.load(maria.id, plan=plan).total_minor == 80_000
    everything_ties()


def test_time_that_cost_nothing_gives_nothing_back() -> None:
    with unit_of_work():
        maria, plan = customer_with(percent="100")
        load = loads.load(maria.id, plan=plan, received=None)
        cancelling.cancel_load(load, reason="wrong line")
        assert (load.credit_note_id, load.credited_minor, wallet.balance_of(maria.id)) == (None, 0, 0)
    everything_ties()


def test_the_exempt_pay_the_discounted_price_without_the_tax_in_it() -> None:
    with unit_of_work():
        tax = offers.tax("12")
        maria, plan = customer_with(lambda: offers.plan(112_000, tax=tax))
        exemptions.exempt(maria, facts=ExemptionFacts("Embassy", current.today()))
        load = loads.load(maria.id, plan=plan)
        assert (load.total_minor, load.tax_minor) == (90_000, 0)
        cancelling.cancel_load(load, reason="wrong line")
        assert load.credited_minor == 90_000
    everything_ties()


def half_used(**terms: Any) -> tuple[int, int]:
    """A month less 10 %, and the clock fifteen days on: the load and its customer."""
    with unit_of_work():
        maria, plan = customer_with(**terms)
        place = offers.installation(maria, address="12 Mabini Street")
        return loads.load(maria.id, plan=plan, installation_id=place.id).id, maria.id


def test_half_of_a_discounted_load_gives_half_of_what_was_paid_and_of_the_discount_back() -> None:
    load_id, customer_id = half_used()
    with unit_of_work(), at(current.now() + 15 * DAY):
        load = cancelling.cancel_load(db.session.get_one(PrepaidLoad, load_id), reason="moved away")
        note = db.session.get_one(Invoice, load.credit_note_id)
        assert (load.credited_minor, -note.total_minor, wallet.balance_of(customer_id)) == (45_000, 45_000, 45_000)
        assert used() == {MARCH: 5_000}
        assert (account("revenue"), account("deferred_revenue")) == (-45_000, 0)
    with at(current.now() + 15 * DAY):
        everything_ties()


def test_another_plan_gives_back_what_the_former_cost_and_not_its_price() -> None:
    load_id, customer_id = half_used()
    with unit_of_work(), at(current.now() + 15 * DAY):
        load, dearer = db.session.get_one(PrepaidLoad, load_id), offers.plan(200_000)
        known = db.session.get_one(PrepaidSubscription, load.subscription_id)
        offer = offering.offer_for(customer_id, Purchase(dearer.id, "one_month"), renewed=known)
        assert (offer.given_back_minor, offer.draft.total_minor, offer.missing_minor) == (45_000, 180_000, 135_000)
        loads.load(customer_id, plan=dearer, prepaid_id=known.id)
        assert wallet.balance_of(customer_id) == 0


def test_reversing_the_payment_leaves_what_was_used_owed_at_the_discounted_price() -> None:
    load_id, customer_id = half_used()
    with unit_of_work(), at(current.now() + 15 * DAY):
        load = db.session.get_one(PrepaidLoad, load_id)
        payments.reverse(db.session.get_one(Payment, load.payment_id), reason="the cheque bounced")
        assert load.credited_minor == 45_000
    assert corrections.balance(customer_id) == 45_000
    with at(current.now() + 15 * DAY):
        everything_ties()


def test_voiding_the_bill_gives_the_discount_back() -> None:
    load_id, customer_id = half_used()
    with unit_of_work(), at(current.now() + 15 * DAY):
        load = db.session.get_one(PrepaidLoad, load_id)
        invoices.void(db.session.get_one(Invoice, load.invoice_id), reason="wrong customer")
        assert (load.credited_minor, wallet.balance_of(customer_id), used()) == (90_000, 90_000, {})
    everything_ties()


def test_a_half_used_load_goes_on_as_postpaid_and_the_discount_with_it() -> None:
    terms = {"kind": DiscountKind.AMOUNT, "rate_percent": Decimal(0), "amount_minor": 10_000}
    load_id, customer_id = half_used(**terms)
    morning = datetime(2026, 3, 25, 8, tzinfo=current.tenant.zone)
    with unit_of_work(), at(morning):
        load = db.session.get_one(PrepaidLoad, load_id)
        known = db.session.get_one(PrepaidSubscription, load.subscription_id)
        conversion.to_postpaid(known, at_once=True)
        # From midnight on: of thirty days from noon of the tenth, fifteen and a half are left.
        assert load.credited_minor == 46_500 and used() == {MARCH: 4_833}
    (line,) = days.billed(date(2026, 3, 25))
    assert (line.discount_minor, line.net_minor) == (5_167, 94_833)
    with unit_of_work():
        assert used() == {MARCH: 10_000}
    with at(morning):
        everything_ties()


def test_a_load_is_rounded_for_cash_by_a_line_of_its_own() -> None:
    with unit_of_work():
        round_cash(25)
        maria, plan = customer_with(lambda: offers.plan(99_990, tax=offers.tax("12"), name="Fibre 50"), percent="1")
        offer = offering.offer_for(maria.id, Purchase(plan.id, "one_month"))
        assert (offer.cost.rounding_minor, offer.missing_minor) == (10, 99_000)
        load = loads.load(maria.id, plan=plan)
        assert (load.net_minor + load.tax_minor, load.rounding_minor, load.total_minor) == (98_990, 10, 99_000)
        invoice = corrections.loaded(load.invoice_id)
        assert [line.description for line in invoice.lines][1:] == ["Rounding"] and invoice.total_minor == 99_000
        assert (account("rounding"), account("deferred_revenue"), account("cash")) == (-10, -load.net_minor, 99_000)
    everything_ties()


@pytest.mark.parametrize(("after", "credited"), [(timedelta(0), 99_000), (10 * DAY, 66_000), (15 * DAY, 49_500)])
def test_what_is_given_back_of_a_rounded_load_can_be_paid_in_cash(after: timedelta, credited: int) -> None:
    with unit_of_work():
        round_cash(25)
        load_id = loads.load(plan=offers.plan(98_990)).id
    with unit_of_work(), at(current.now() + after):
        load = cancelling.cancel_load(db.session.get_one(PrepaidLoad, load_id), reason="moved away")
        assert load.credited_minor == credited
        assert -db.session.get_one(Invoice, load.credit_note_id).total_minor == credited
        assert account("deferred_revenue") == 0
    with at(current.now() + after):
        everything_ties()


def test_no_more_is_given_back_than_was_asked_when_the_coins_have_grown() -> None:
    with unit_of_work():
        load_id = loads.load(plan=offers.plan(98_990)).id
        round_cash(100)
        load = cancelling.cancel_load(db.session.get_one(PrepaidLoad, load_id), reason="wrong line")
        assert load.credited_minor == 98_990
    everything_ties()


def test_a_rest_that_no_coin_can_pay_is_earned() -> None:
    with unit_of_work():
        round_cash(500)
        load_id = loads.load(plan=offers.plan(100_000)).id
    with unit_of_work(), at(current.now() + 30 * DAY - timedelta(minutes=30)):
        load = cancelling.cancel_load(db.session.get_one(PrepaidLoad, load_id), reason="moved away")
        assert (load.credit_note_id, load.credited_minor, account("revenue")) == (None, 0, -100_000)
    with at(current.now() + 30 * DAY):
        everything_ties()


def test_what_the_wallet_lacks_is_asked_in_coins_that_exist() -> None:
    with unit_of_work():
        maria, plan = people.register_customer(), offers.plan(100_000)
        payments.record(payments.Receipt(customer_id=maria.id, amount_minor=3_317, method="bank",
                                         reference="REF1", idempotency_key=None))
        round_cash(25)
        load = loads.load(maria.id, plan=plan)
        assert db.session.get_one(Payment, load.payment_id).amount_minor == 96_700
        assert wallet.balance_of(maria.id) == 17


def test_the_rounding_of_a_load_is_no_note_by_hand_either() -> None:
    with unit_of_work():
        round_cash(25)
        load = loads.load(plan=offers.plan(98_990))
        invoice_id, rounding = load.invoice_id, corrections.loaded(load.invoice_id).lines[1].id
    with pytest.raises(Conflict, match="Cancel the load instead"), unit_of_work():
        corrections.notes.credit(corrections.loaded(invoice_id), corrections.CreditFacts("x", {rounding: Take()}))


def test_the_page_says_price_discount_and_rounding_before_it_is_paid(app: Flask, tenant: TenantRef) -> None:
    with unit_of_work():
        round_cash(25)
        maria, plan = customer_with(lambda: offers.plan(99_990, name="Fibre 50"), percent="1")
        path = f"/customer-subscriptions/new/{maria.id}?plan_id={plan.id}&kind=one_month"
    page = signed_in(app, tenant).get(path).text
    for words in ("₱999.90", "−₱10.00", "Rounding", "₱0.10", "₱990.00"):
        assert words in page, words


def test_the_receipt_says_what_was_paid_with_its_rounding() -> None:
    with unit_of_work():
        round_cash(25)
        load = loads.load(plan=offers.plan(98_990, tax=offers.tax("12")))
        paper = documents.load_paper(load.id)
        assert paper is not None
        assert (paper.paper.total_minor, paper.rounding_minor) == (99_000, 10)


def test_a_discount_that_was_ended_is_off_nothing_that_begins_later() -> None:
    with unit_of_work():
        maria, plan = customer_with()
        first = loads.load(maria.id, plan=plan)
        discount_verbs.end(db.session.scalars(select(DiscountGrant)).one(), on=current.today() + DAY)
        second = loads.load(maria.id, plan=plan, prepaid_id=first.subscription_id)
        assert (first.total_minor, second.total_minor) == (90_000, 100_000)
