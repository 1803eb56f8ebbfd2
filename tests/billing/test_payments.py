"""Payments: oldest invoice first, what is left stays credit, nothing counts twice, a reversal undoes its effects."""
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from ispbill.billing.invoices.models import Invoice
from ispbill.billing.ledger import queries as ledger
from ispbill.billing.payments import queries
from ispbill.billing.payments import service as payments
from ispbill.billing.payments.models import Payment, PaymentAllocation
from ispbill.billing.payments.policy import Credit, OpenInvoice, Share, allocate
from ispbill.billing.payments.service import Receipt
from ispbill.billing.runs import jobs
from ispbill.company.models import SeriesKind
from ispbill.company.numbers import service as numbers
from ispbill.company.numbers.policy import SeriesFacts
from ispbill.core.current import SYSTEM, Actor, TenantRef, acting_as, at, bound
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Forbidden, Invalid, NotFound
from ispbill.core.unit_of_work import unit_of_work
from ispbill.web.requests import IspbillFlask
from tests.make import offers, people

TODAY = date(2026, 3, 10)
CASHIER = Actor(kind="user", name="Ana Cashier", user_id=None, permissions=frozenset({"record_payment"}))


def billed_customer(*prices_minor: int) -> int:
    """A customer with one invoice a price, oldest first; the id."""
    with unit_of_work():
        customer = people.register_customer()
    for price_minor in prices_minor:
        with unit_of_work():
            offers.subscribe(customer, plans=[(offers.plan(price_minor), 1, None)])
        jobs.bill_now(TODAY)
    return customer.id


def pay(customer_id: int, amount_minor: int, **facts: object) -> Payment:
    """A cash payment, committed."""
    with unit_of_work():
        receipt = {"method": "cash", **facts}
        return payments.record(Receipt(customer_id=customer_id, amount_minor=amount_minor, **receipt))  # type: ignore[arg-type]


def open_amounts(customer_id: int) -> list[int]:
    """What is open of the customer's invoices, oldest first."""
    with unit_of_work():
        return [invoice.open_minor for invoice in queries.open_invoices([customer_id]).get(customer_id, [])]


def test_receipts_of_a_list_are_numbered_by_the_years_of_their_days(tenant: TenantRef) -> None:
    with unit_of_work():
        numbers.change(SeriesKind.RECEIPT, SeriesFacts("OR-{year}-", resets_yearly=True))
        customer = people.register_customer()
    received = [date(2027, 1, 2), date(2026, 12, 30), date(2027, 1, 2)]
    with at(datetime(2027, 1, 3, 4, tzinfo=UTC)), unit_of_work():
        payments.record_list([
            Receipt(customer.id, 100, "cash", received_on=day, idempotency_key=str(place))
            for place, day in enumerate(received)
        ], label="bank.csv")
        found = db.session.scalars(select(Payment).order_by(Payment.id))
        assert [payment.number for payment in found] == ["OR-2027-000001", "OR-2026-000001", "OR-2027-000002"]


def test_a_payment_settles_the_oldest_invoice_first(tenant: TenantRef) -> None:
    customer_id = billed_customer(100_000, 50_000)
    pay(customer_id, 120_000)
    assert open_amounts(customer_id) == [30_000]


def test_an_overpayment_stays_as_credit_and_is_not_lost(tenant: TenantRef) -> None:
    customer_id = billed_customer(100_000)
    payment = pay(customer_id, 130_000)
    with unit_of_work():
        assert queries.credits([customer_id]) == {customer_id: [Credit(payment.id, 30_000)]}
        assert ledger.balance_of(customer_id) == -30_000


def test_receipts_are_numbered_without_gaps(tenant: TenantRef) -> None:
    customer_id = billed_customer()
    assert [pay(customer_id, 100).number for _ in range(3)] == ["CR-000001", "CR-000002", "CR-000003"]


def test_the_same_click_twice_records_one_payment(tenant: TenantRef) -> None:
    customer_id = billed_customer()
    first, second = (pay(customer_id, 5_000, idempotency_key="form-1") for _ in range(2))
    assert first.id == second.id
    with pytest.raises(Conflict, match="another payment"):
        pay(customer_id, 6_000, idempotency_key="form-1")


def test_two_identical_clicks_at_the_same_moment_record_one_payment(app: IspbillFlask, tenant: TenantRef) -> None:
    customer_id = billed_customer(100_000)

    def click(_: int) -> int:
        with app.app_context(), bound(tenant, SYSTEM):
            return pay(customer_id, 40_000, idempotency_key="double").id

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(click, range(4)))) == 1
    assert open_amounts(customer_id) == [60_000]


def test_payments_at_the_same_moment_never_settle_more_than_is_open(app: IspbillFlask, tenant: TenantRef) -> None:
    customer_id = billed_customer(100_000)

    def come_in(_: int) -> None:
        with app.app_context(), bound(tenant, SYSTEM):
            pay(customer_id, 30_000)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(come_in, range(5)))
    assert open_amounts(customer_id) == []
    with unit_of_work():
        assert db.session.scalar(select(func.sum(PaymentAllocation.amount_minor))) == 100_000
        assert ledger.balance_of(customer_id) == -50_000


def test_a_reference_counts_once_for_a_method(tenant: TenantRef) -> None:
    customer_id = billed_customer()
    pay(customer_id, 100, method="e_wallet", reference="GC-1")
    with pytest.raises(Exception, match="uq_payments_reference"):
        pay(customer_id, 100, method="e_wallet", reference="GC-1")
    pay(customer_id, 100, method="bank", reference="GC-1")


def test_a_reversed_payment_opens_its_invoices_again_and_frees_its_reference(tenant: TenantRef) -> None:
    customer_id = billed_customer(100_000)
    payment = pay(customer_id, 100_000, method="cheque", reference="77")
    assert open_amounts(customer_id) == []
    with unit_of_work():
        payments.reverse(db.session.get_one(Payment, payment.id), reason="bounced")
    assert open_amounts(customer_id) == [100_000]
    with unit_of_work():
        assert ledger.balance_of(customer_id) == 100_000
        assert db.session.scalars(select(Invoice)).one().settled_on is None
    pay(customer_id, 100_000, method="cheque", reference="77")
    with unit_of_work(), pytest.raises(Conflict, match="reversed already"):
        payments.reverse(db.session.get_one(Payment, payment.id), reason="again")


def test_other_credit_takes_the_place_of_a_reversed_payment(tenant: TenantRef) -> None:
    customer_id = billed_customer(100_000)
    first = pay(customer_id, 100_000)
    pay(customer_id, 70_000)
    with unit_of_work():
        payments.reverse(db.session.get_one(Payment, first.id), reason="counterfeit")
    assert open_amounts(customer_id) == [30_000]


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"amount_minor": 0}, "amount"), ({"amount_minor": -5}, "amount"), ({"method": "shells"}, "method"),
        ({"method": "bank"}, "reference"), ({"received_on": TODAY + timedelta(days=1)}, "received_on"),
    ],
)
def test_what_is_wrong_with_a_payment_is_said_of_its_field(
    tenant: TenantRef, facts: dict[str, object], field: str
) -> None:
    customer_id = billed_customer()
    with pytest.raises(Invalid) as refusal:
        pay(customer_id, **{"amount_minor": 100, **facts})  # type: ignore[arg-type]
    assert refusal.value.field == field


def test_only_those_with_the_right_record_a_payment_of_an_earlier_day(tenant: TenantRef) -> None:
    customer_id = billed_customer()
    with acting_as(CASHIER), pytest.raises(Forbidden):
        pay(customer_id, 100, received_on=TODAY - timedelta(days=1))
    assert pay(customer_id, 100, received_on=TODAY - timedelta(days=1)).received_on == date(2026, 3, 9)


def test_a_customer_that_does_not_exist_cannot_pay(tenant: TenantRef) -> None:
    with pytest.raises(NotFound):
        pay(987_654, 100)


def test_the_day_of_receipt_is_the_tenants_own_day(tenant: TenantRef) -> None:
    assert pay(billed_customer(), 100).received_on == TODAY


amounts = st.lists(st.integers(1, 10**6), max_size=8)


@given(credits=amounts, invoices=amounts)
def test_allocation_spends_all_it_can_and_never_more(credits: list[int], invoices: list[int]) -> None:
    shares = allocate(
        [Credit(key, amount) for key, amount in enumerate(credits)],
        [OpenInvoice(key, amount) for key, amount in enumerate(invoices)],
    )
    for key, amount in enumerate(credits):
        assert sum(share.amount_minor for share in shares if share.payment_id == key) <= amount
    for key, amount in enumerate(invoices):
        assert sum(share.amount_minor for share in shares if share.invoice_id == key) <= amount
    assert sum(share.amount_minor for share in shares) == min(sum(credits), sum(invoices))
    assert all(share.amount_minor > 0 for share in shares)
    assert [share.invoice_id for share in shares] == sorted(share.invoice_id for share in shares)


def test_one_payment_over_three_invoices_splits_in_their_order() -> None:
    invoices = [OpenInvoice(1, 100), OpenInvoice(2, 50), OpenInvoice(3, 70)]
    assert allocate([Credit(9, 180)], invoices) == [Share(9, 1, 100), Share(9, 2, 50), Share(9, 3, 30)]
