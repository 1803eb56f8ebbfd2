"""The wallet shows every movement, and its balance is their sum."""
from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from ispbill.billing.invoices import service as invoices
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.payments import service as payments
from ispbill.billing.payments.models import Payment
from ispbill.billing.prepaid.cancelling import service as cancelling
from ispbill.billing.refunds import service as refunds
from ispbill.billing.runs import jobs
from ispbill.billing.wallet import queries
from ispbill.core.current import TenantRef, at, current
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers.models import Customer
from tests.make import bills, corrections, loads, offers, people
from tests.make.browsers import signed_in

DAY = timedelta(days=1)


def moved(customer_id: int) -> list[tuple[str, int, int]]:
    """Kind, amount and balance of every movement, the oldest first."""
    found = queries.movements_of(customer_id)
    with unit_of_work():
        rows = db.session.execute(found.rows.order_by(*found.newest_first.columns)).all()
        assert (rows[-1].balance_minor if rows else 0) == queries.balance_of(customer_id)
    return [(row.kind, row.amount_minor, row.balance_minor) for row in rows]


@pytest.fixture
def maria(tenant: TenantRef) -> int:
    """A customer who paid 1,500 in advance; the id."""
    with unit_of_work():
        customer_id = people.register_customer("Maria Santos").id
    bills.paid(customer_id, 150_000)
    return customer_id


def test_a_refund_leaves_the_wallet_and_comes_back_when_it_is_cancelled(maria: int) -> None:
    refund = corrections.refunded(maria, 50_000)
    assert moved(maria)[-1] == ("refunded", -50_000, 100_000)
    with unit_of_work():
        refunds.cancel(db.session.merge(refund), reason="never cashed")
    assert moved(maria)[-1] == ("restored", 50_000, 150_000)


def test_what_is_written_off_never_was_in_the_wallet(tenant: TenantRef) -> None:
    invoice = bills.billed()
    corrections.written_off(invoice.id)
    assert moved(invoice.customer_id) == []


def test_an_unused_wallet_has_no_movement(tenant: TenantRef) -> None:
    with unit_of_work():
        customer_id = people.register_customer().id
    assert moved(customer_id) == []


def test_money_in_a_load_and_what_a_cancelled_load_gives_back(maria: int) -> None:
    with unit_of_work():
        load = loads.load(maria, received=None)
        load_id = load.id
    with unit_of_work(), at(current.now() + 15 * DAY):
        cancelling.cancel_load(db.session.get_one(type(load), load_id), reason="moved away")
    assert moved(maria) == [
        ("paid_in", 150_000, 150_000), ("spent", -100_000, 50_000), ("credited", 50_000, 100_000),
    ]


def test_a_postpaid_bill_takes_from_the_same_wallet_and_its_void_gives_back(maria: int) -> None:
    with unit_of_work():
        offers.subscribe(db.session.get_one(Customer, maria), plans=[(offers.plan(80_000), 1, None)])
    jobs.bill_now(current.today())
    with unit_of_work(), at(current.now() + timedelta(hours=1)):
        invoices.void(db.session.query(Invoice).one(), reason="wrong plan")
    with unit_of_work(), at(current.now() + timedelta(hours=2)):
        payments.reverse(db.session.query(Payment).one(), reason="the cheque bounced")
    assert moved(maria) == [
        ("paid_in", 150_000, 150_000), ("spent", -80_000, 70_000), ("freed", 80_000, 150_000),
        ("reversed", -150_000, 0),
    ]


def test_the_page_says_how_the_balance_came_about(app: Flask, tenant: TenantRef, maria: int) -> None:
    with unit_of_work():
        loads.load(maria, received=None)
    browser = signed_in(app, tenant)
    page = browser.get(f"/customers/{maria}/wallet").text
    assert "Wallet of Maria Santos" in page and "₱500.00" in page and "Paid a bill" in page and "Paid in" in page
    assert "Top up" in page and f'href="/customer-subscriptions/new/{maria}"' in page
    first, *_, last = browser.get(f"/customers/{maria}/wallet/export").data.decode("utf-8-sig").splitlines()[1:]
    assert ",Paid in," in first and last.endswith(",500.00,PHP")
    for path in ("/customers/999/wallet", "/customers/999/wallet/export"):
        assert browser.get(path).status_code == 404
