"""Taking prepaid time back: what is unused returns, what is used stays paid; time, money and books move together."""
from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from ispbill.billing.invoices import service as invoices
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.ledger import queries as ledger
from ispbill.billing.notes.policy import Take
from ispbill.billing.payments import service as payments
from ispbill.billing.payments.models import Payment
from ispbill.billing.prepaid import queries
from ispbill.billing.prepaid.cancelling import service as cancelling
from ispbill.billing.prepaid.deferral import service as deferral
from ispbill.billing.prepaid.models import PrepaidLoad, PrepaidSubscription
from ispbill.billing.prepaid.offers import queries as offering
from ispbill.billing.prepaid.offers.queries import Purchase
from ispbill.billing.runs import jobs
from ispbill.billing.wallet import queries as wallet
from ispbill.core.current import at, current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers import service as customers
from ispbill.customers.models import Customer
from tests.billing.prepaid.test_loads import account
from tests.make import corrections, loads, offers, people

pytestmark = pytest.mark.usefixtures("tenant")
DAY = timedelta(days=1)


@pytest.fixture
def month() -> PrepaidLoad:
    """A month of a plan of 1,000 with 12 % VAT in it, loaded now."""
    with unit_of_work():
        customer_id = people.register_customer("Maria Santos").id
        plan = offers.plan(100_000, tax=offers.tax("12"), name="Fibre 50")
        load = loads.load(customer_id, plan=plan)
        db.session.refresh(load)
        db.session.expunge(load)
    return load


def fresh(load: PrepaidLoad) -> tuple[PrepaidLoad, PrepaidSubscription]:
    """The load and its subscription as they are now."""
    subscription = db.session.get_one(PrepaidSubscription, load.subscription_id)
    return db.session.get_one(PrepaidLoad, load.id), subscription


def nothing_is_out_of_line(customer_id: int, *, wallet_minor: int) -> None:
    """Nothing is owed but service, and the wallet holds what it should."""
    assert wallet.balance_of(customer_id) == wallet_minor == -ledger.balance_of(customer_id)


def test_a_load_cancelled_after_ten_days_gives_two_thirds_back(month: PrepaidLoad) -> None:
    with unit_of_work(), at(current.now() + 10 * DAY):
        load, subscription = fresh(month)
        cancelling.cancel_load(load, reason="moved away")
        assert (load.credited_minor, load.ends_at) == (66_667, current.now())
        assert (subscription.status, subscription.expires_at) == ("expired", current.now())
        nothing_is_out_of_line(subscription.customer_id, wallet_minor=66_667)
        note = db.session.get_one(Invoice, load.credit_note_id)
        assert (note.kind, note.total_minor, note.net_minor) == ("credit_note", -66_667, -59_524)
        assert note.corrects_id == load.invoice_id and note.reason == "moved away"
        assert db.session.get_one(Invoice, load.invoice_id).settled_on is not None
        assert (account("deferred_revenue"), account("revenue"), account("tax_payable")) == (0, -29_762, -3_571)


def test_what_was_recognised_before_is_not_earned_twice(month: PrepaidLoad) -> None:
    with unit_of_work(), at(current.now() + 10 * DAY):
        deferral.recognise()
    with unit_of_work(), at(current.now() + 10 * DAY):
        load, _ = fresh(month)
        cancelling.cancel_load(load, reason="moved away")
        assert (account("deferred_revenue"), account("revenue")) == (0, -29_762)


def test_a_later_load_follows_up_and_a_whole_line_is_cancelled_at_once(month: PrepaidLoad) -> None:
    with unit_of_work():
        _, subscription = fresh(month)
        plan = queries.plan_of(subscription.plan_id)
        second = loads.load(subscription.customer_id, plan=plan, prepaid_id=subscription.id)
        second_id = second.id
    with unit_of_work(), at(current.now() + 10 * DAY):
        load, subscription = fresh(month)
        cancelling.cancel_load(load, reason="entered twice")
        later = db.session.get_one(PrepaidLoad, second_id)
        assert (later.starts_at, subscription.expires_at) == (current.now(), current.now() + 30 * DAY)
        assert subscription.status == "active"
    with unit_of_work(), at(current.now() + 20 * DAY):
        ended = cancelling.cancel(month.subscription_id, reason="moved away")
        assert (ended.status, ended.cancel_reason) == ("cancelled", "moved away")
        nothing_is_out_of_line(ended.customer_id, wallet_minor=66_667 + 66_667)
        assert account("deferred_revenue") == 0
        with pytest.raises(Conflict, match="cancelled already"):
            cancelling.cancel(ended.id, reason="again")


def test_another_plan_begins_now_and_the_rest_of_the_former_pays_for_it(month: PrepaidLoad) -> None:
    with unit_of_work(), at(current.now() + 10 * DAY):
        _, subscription = fresh(month)
        dearer = offers.plan(150_000, name="Fibre 100")
        offer = offering.offer_for(subscription.customer_id, Purchase(dearer.id, "one_month"), renewed=subscription)
        assert (offer.given_back_minor, offer.missing_minor) == (66_667, 83_333)
        changed = loads.load(subscription.customer_id, plan=dearer, prepaid_id=subscription.id)
        assert (changed.starts_at, changed.ends_at) == (current.now(), current.now() + 30 * DAY)
        assert (subscription.plan_id, subscription.expires_at) == (dearer.id, changed.ends_at)
        nothing_is_out_of_line(subscription.customer_id, wallet_minor=0)
        assert account("deferred_revenue") == -150_000


def test_what_is_used_up_or_cancelled_cannot_be_taken_back(month: PrepaidLoad) -> None:
    with unit_of_work(), at(current.now() + 30 * DAY):
        with pytest.raises(Conflict, match="used up"):
            cancelling.cancel_load(fresh(month)[0], reason="late")
    with unit_of_work():
        with pytest.raises(Invalid, match="Say why"):
            cancelling.cancel_load(fresh(month)[0], reason=" ")
        cancelling.cancel_load(fresh(month)[0], reason="wrong line")
        with pytest.raises(Conflict, match="already"):
            cancelling.cancel_load(fresh(month)[0], reason="wrong line")
        nothing_is_out_of_line(fresh(month)[1].customer_id, wallet_minor=100_000)


def test_voiding_the_bill_of_a_load_takes_its_time_with_it(month: PrepaidLoad) -> None:
    with unit_of_work(), at(current.now() + 10 * DAY):
        load, subscription = fresh(month)
        invoices.void(db.session.get_one(Invoice, load.invoice_id), reason="wrong customer")
        assert load.cancelled_at is not None and subscription.status == "expired"
        nothing_is_out_of_line(subscription.customer_id, wallet_minor=100_000)
        assert (account("deferred_revenue"), account("revenue"), account("tax_payable")) == (0, 0, 0)


def test_the_bill_of_a_load_that_ran_out_can_be_voided_after_the_line_was_cancelled(month: PrepaidLoad) -> None:
    with unit_of_work(), at(current.now() + 31 * DAY):
        load, subscription = fresh(month)
        cancelling.cancel(subscription.id, reason="moved away")
        invoices.void(db.session.get_one(Invoice, load.invoice_id), reason="wrong customer")
        assert load.cancelled_at is not None and subscription.status == "cancelled"
        nothing_is_out_of_line(subscription.customer_id, wallet_minor=100_000)


def test_a_bill_that_was_earned_in_part_is_voided_whole(month: PrepaidLoad) -> None:
    with unit_of_work(), at(current.now() + 10 * DAY):
        deferral.recognise()
        load, _ = fresh(month)
        invoices.void(db.session.get_one(Invoice, load.invoice_id), reason="wrong customer")
        assert (account("deferred_revenue"), account("revenue"), account("tax_payable")) == (0, 0, 0)


def test_the_credit_note_of_a_load_stands_and_so_does_the_bill_that_it_corrects(month: PrepaidLoad) -> None:
    with unit_of_work():
        load, _ = fresh(month)
        cancelling.cancel_load(load, reason="wrong line")
        for key, reason in ((load.credit_note_id, "which is gone"), (load.invoice_id, "Void that first")):
            with pytest.raises(Conflict, match=reason), db.session.begin_nested():
                invoices.void(db.session.get_one(Invoice, key), reason="by mistake")


def test_a_note_by_hand_takes_no_prepaid_time_back_for_the_load_would_not_know(month: PrepaidLoad) -> None:
    with pytest.raises(Conflict, match="Cancel the load instead"):
        corrections.credited(month.invoice_id, Take(amount_minor=1_000))
    assert corrections.findings() == {}


def test_what_is_given_back_pays_a_bill_that_is_open(month: PrepaidLoad) -> None:
    with unit_of_work():
        customer = db.session.get_one(Customer, fresh(month)[1].customer_id)
        offers.subscribe(customer, plans=[(offers.plan(60_000), 1, None)])
    jobs.bill_now(current.today())
    with unit_of_work():
        cancelling.cancel_load(fresh(month)[0], reason="wrong line")
        nothing_is_out_of_line(fresh(month)[1].customer_id, wallet_minor=40_000)


def test_a_reversed_payment_takes_the_time_it_paid_for(month: PrepaidLoad) -> None:
    with unit_of_work(), at(current.now() + 10 * DAY):
        load, subscription = fresh(month)
        payments.reverse(db.session.scalars(select(Payment)).one(), reason="the cheque bounced")
        assert (load.cancelled_at, subscription.status) == (current.now(), "expired")
        assert ledger.balance_of(subscription.customer_id) == 33_333
        assert db.session.get_one(Invoice, load.credit_note_id).settled_on == current.today()
        assert account("deferred_revenue") == 0


def test_a_customer_with_time_left_cannot_leave_and_who_leaves_has_no_line(month: PrepaidLoad) -> None:
    with unit_of_work():
        customer = db.session.get_one(Customer, fresh(month)[1].customer_id)
        with pytest.raises(Conflict, match="prepaid time"), db.session.begin_nested():
            customers.terminate(customer, reason="moved")
    with unit_of_work(), at(current.now() + 40 * DAY):
        customers.terminate(db.session.get_one(Customer, fresh(month)[1].customer_id), reason="moved")
        assert fresh(month)[1].status == "cancelled"
