"""A subscription is changed by its pages: each says to the cent what the next bill makes of it, before it is done."""
from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from ispbill.audit.models import AuditEntry
from ispbill.billing.changes import service
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.runs import jobs
from ispbill.core.current import TenantRef, at, current
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from ispbill.subscriptions import queries
from ispbill.subscriptions import service as subscriptions
from ispbill.subscriptions.models import Subscription, SubscriptionComponent, SubscriptionPause
from tests.make import offers, people
from tests.make.browsers import Browser, signed_in

DAY = timedelta(days=1)


@pytest.fixture
def browser(app: Flask, tenant: TenantRef) -> Browser:
    """The owner's browser."""
    return signed_in(app, tenant)


@pytest.fixture
def ana(tenant: TenantRef) -> int:
    """Ana's subscription at 3,100 with an add-on at 310, billed from 10 March to 10 April; plans 1, 2 and 3 (6,200)."""
    with unit_of_work():
        plan, addon = offers.plan(310_000, name="Fibre 50"), offers.plan(31_000, name="Static IP", kind="addon")
        offers.plan(620_000, name="Fibre 100")
        key = offers.subscribe(people.register_customer("Ana Reyes"), plans=[(plan, 1, None), (addon, 1, None)]).id
    jobs.bill_now(current.today())
    return key


def part_of(key: int, plan_name: str) -> int:
    """The running component of a plan; the id."""
    with unit_of_work():
        subscription = queries.get(key)
        assert subscription is not None
        return next(part.id for part in subscription.running if part.plan.name == plan_name)


def cancelling_of(key: int) -> str:
    """Where the only pause of a subscription is cancelled."""
    with unit_of_work():
        mine = select(SubscriptionPause.id).where(SubscriptionPause.subscription_id == key)
        return f"/customer-subscriptions/pauses/{db.session.scalars(mine).one()}/cancel"


def billed(on: date) -> int:
    """What the billing of a day comes to; nothing where it billed nothing."""
    with unit_of_work():
        before = db.session.scalar(select(func.coalesce(func.max(Invoice.id), 0)))
    with at(current.now() + (on - current.today())):
        jobs.bill_now(on)
    with unit_of_work():
        rows = db.session.scalars(select(Invoice.total_minor).where(Invoice.id > before))
        return sum(rows)


def test_an_upgrade_is_foreseen_to_the_cent_and_billed_so(browser: Browser, ana: int) -> None:
    path = f"/customer-subscriptions/components/{part_of(ana, 'Fibre 50')}/change"
    assert "That is what is charged already" in browser.get(path).text
    page = browser.get(f"{path}?plan_id=3&quantity=1&unit_price=&on=2026-03-20").text
    assert "Credit: Fibre 50" in page and "−₱2,100.00" in page and "₱4,200.00" in page
    assert "To pay more" in page and "₱2,100.00" in page
    assert "₱3,410.00" in page and "₱6,510.00" in page, "a month until now, and from then on"
    assert "10 Apr 2026" in page, "when it is billed again"
    shown = browser.post(path, {"plan_id": "3", "quantity": "1", "on": "2026-03-20", "show": "1"})
    assert shown.status_code == 200 and "₱4,200.00" in shown.text
    done = browser.post(path, {"plan_id": "3", "quantity": "1", "on": "2026-03-20"})
    assert done.status_code == 302 and "Fibre 100" in browser.get(done.location).text
    assert billed(date(2026, 3, 20)) == 210_000


def test_a_downgrade_gives_back(browser: Browser, ana: int) -> None:
    path = f"/customer-subscriptions/components/{part_of(ana, 'Fibre 50')}/change"
    page = browser.get(f"{path}?plan_id=1&quantity=1&unit_price=1550&on=2026-03-10").text
    assert "Given back" in page and "₱1,550.00" in page
    browser.post(path, {"plan_id": "1", "quantity": "1", "unit_price": "1550", "on": "2026-03-10"})
    assert billed(date(2026, 3, 10)) == -155_000


def test_something_is_added_and_removed(browser: Browser, ana: int) -> None:
    path = f"/customer-subscriptions/{ana}/add"
    assert "Choose a plan" in browser.get(path).text
    page = browser.get(f"{path}?plan_id=2&quantity=2&on=2026-03-10").text
    assert "₱620.00" in page and "To pay more" in page
    assert browser.post(path, {"plan_id": "2", "quantity": "0", "on": "2026-03-10"}).status_code == 422
    browser.post(path, {"plan_id": "2", "quantity": "2", "on": "2026-03-10"})
    assert billed(date(2026, 3, 10)) == 62_000
    less = f"/customer-subscriptions/components/{part_of(ana, 'Static IP')}/remove"
    page = browser.get(f"{less}?on=2026-03-20").text
    assert "Given back" in page and "₱210.00" in page
    browser.post(less, {"on": "2026-03-20"})
    assert billed(date(2026, 3, 20)) == -21_000


def test_another_billing_day_bills_the_days_up_to_it(browser: Browser, ana: int) -> None:
    path = f"/customer-subscriptions/{ana}/billing-day"
    assert 'value="2026-04-10"' in browser.get(path).text
    page = browser.get(f"{path}?anchor_day=1&on=2026-04-10").text
    assert "× 21 ÷ 30 days" in page and "1 May 2026" in page
    assert "between 1 and 31" in browser.get(f"{path}?anchor_day=32&on=2026-04-10").text
    browser.post(path, {"anchor_day": "1", "on": "2026-04-10"})
    with unit_of_work():
        assert db.session.get_one(Subscription, ana).anchor_day == 1


NON_PAYMENT, HOLIDAY, MISUSE = "1", "2", "5"


@pytest.mark.parametrize(("reason", "words", "amount_minor"), [
    (NON_PAYMENT, "₱0.00", 0), (HOLIDAY, "₱2,310.00", -231_000), (MISUSE, "₱0.00", 0),
])
def test_a_pause_says_what_it_means(browser: Browser, ana: int, reason: str, words: str, amount_minor: int) -> None:
    with at(current.now() + 10 * DAY):
        path = f"/customer-subscriptions/{ana}/suspend"
        assert words in browser.get(f"{path}?on=2026-03-20&reason_id={reason}").text.split('id="effect"')[1]
        assert browser.post(path, {"on": "2026-03-20", "reason": "Away"}).status_code == 422, "why?"
        browser.post(path, {"on": "2026-03-20", "reason_id": reason, "reason": ""})
    assert billed(date(2026, 3, 20)) == amount_minor
    with at(current.now() + 10 * DAY):
        assert "Billed again on" in browser.get(f"/customer-subscriptions/{ana}/resume").text


def test_an_end_gives_back_or_not(browser: Browser, ana: int) -> None:
    path = f"/customer-subscriptions/{ana}/end"
    page = browser.get(f"{path}?on=2026-03-20&credits=y").text
    assert "₱2,310.00" in page and "Not any more" in page
    kept = browser.get(f"{path}?on=2026-03-20").text.split('id="effect"')[1]
    assert "₱2,310.00" not in kept
    browser.post(path, {"on": "2026-03-20", "credits": "y", "reason": "Moves"})
    assert billed(date(2026, 3, 20)) == -231_000


def test_looking_changes_nothing_and_leaves_no_trace(browser: Browser, ana: int) -> None:
    part = part_of(ana, "Fibre 50")

    def state() -> tuple[object, ...]:
        with unit_of_work():
            parts = db.session.execute(select(SubscriptionComponent.__table__).order_by(SubscriptionComponent.id)).all()
            counts = [db.session.scalar(select(func.count()).select_from(model)) for model in (Invoice, AuditEntry)]
            return *parts, *counts

    before = state()
    for path in (f"components/{part}/change?plan_id=3&quantity=1&on=2026-03-20",
                 f"components/{part}/remove?on=2026-03-20", f"{ana}/add?plan_id=2&quantity=1&on=2026-03-10",
                 f"{ana}/billing-day?anchor_day=1&on=2026-04-10",
                 f"{ana}/suspend?on=2026-03-10&reason_id=2", f"{ana}/end?on=2026-03-20&credits=y"):
        assert "Nothing is saved yet" in browser.get(f"/customer-subscriptions/{path}").text, path
    assert state() == before


def test_foreseeing_comes_to_what_billing_does_and_leaves_the_rest_of_the_bill_out(ana: int) -> None:
    with unit_of_work():
        subscription = queries.get(ana)
        assert subscription is not None
        on = date(2026, 4, 20)
        effect = service.foresee(
            subscription, lambda: subscriptions.end(subscription, on=on, reason="moves"), on=on
        )
        assert effect.before.total_minor == 341_000, "the next month"
        assert effect.after.total_minor == effect.before.total_minor + effect.difference_minor
        assert len(effect.lines) == len(effect.omitted) == 2
        assert effect.after.next_on is None


@pytest.mark.parametrize("nonsense", ["on=x", "on=&plan_id=x", "on=2026-03-20&plan_id=99&quantity=a", "on=9999-12-31"])
def test_nonsense_in_the_address_is_no_fault(browser: Browser, ana: int, nonsense: str) -> None:
    part = part_of(ana, "Fibre 50")
    for path in (f"components/{part}/change", f"components/{part}/remove", f"{ana}/add", f"{ana}/billing-day",
                 f"{ana}/suspend", f"{ana}/resume", f"{ana}/end"):
        assert browser.get(f"/customer-subscriptions/{path}?{nonsense}").status_code == 200, path


def test_what_would_not_be_billed_then_is_not_told_as_given_back(browser: Browser, ana: int) -> None:
    page = browser.get(f"/customer-subscriptions/{ana}/end?on=2026-04-10").text.split('id="effect"')[1]
    assert "Not billed: Fibre 50" in page and "Less to pay" in page and "Given back" not in page


def test_each_change_needs_its_right(app: Flask, tenant: TenantRef, ana: int) -> None:
    part = part_of(ana, "Fibre 50")
    looker = signed_in(app, tenant, permissions=["view_subscription_list"])
    page = looker.get(f"/customer-subscriptions/{ana}").text
    for path in (f"components/{part}/change", f"components/{part}/remove", f"{ana}/add", f"{ana}/billing-day",
                 f"{ana}/suspend", f"{ana}/resume", f"{ana}/end"):
        assert looker.get(f"/customer-subscriptions/{path}").status_code == 403 and path not in page


def test_a_suspension_is_booked_on_its_page_listed_and_cancelled(browser: Browser, ana: int) -> None:
    here, path = f"/customer-subscriptions/{ana}", f"/customer-subscriptions/{ana}/suspend"
    page = browser.get(f"{path}?on=2026-04-01&until=2026-04-05&reason_id=2").text.split('id="effect"')[1]
    assert "Given back" in page and "₱440.00" in page, "4 of the 31 days from 10 March"
    assert "at least a day after" in browser.get(f"{path}?on=2026-04-01&until=2026-04-01&reason_id=1").text
    booked = {"on": "2026-04-01", "until": "2026-04-05", "reason_id": HOLIDAY}
    assert browser.post(path, booked).status_code == 302
    assert browser.post(path, booked).status_code == 422, "it pauses then already"
    detail = browser.get(here).text
    assert "Booked" in detail and "5 Apr 2026" in detail and "Suspended since" not in detail
    cancelling = cancelling_of(ana)
    assert cancelling in detail and "Cancel the suspension from 1 Apr 2026?" in browser.get(cancelling).text
    assert browser.post(cancelling).status_code == 302
    assert "Booked" not in browser.get(here).text
    assert billed(date(2026, 4, 1)) == 0


def test_a_suspension_that_runs_says_when_it_ends(browser: Browser, ana: int) -> None:
    browser.post(f"/customer-subscriptions/{ana}/suspend",
                 {"on": "2026-03-10", "until": "2026-03-20", "reason_id": HOLIDAY})
    assert "Suspended from 10 Mar 2026 to 19 Mar 2026" in browser.get(f"/customer-subscriptions/{ana}").text
    assert browser.post(cancelling_of(ana)).status_code == 422
