"""From prepaid to postpaid and back: every day is paid once, and the line is served all the while."""
from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from ispbill.billing.invoices.models import Invoice
from ispbill.billing.prepaid.cancelling import service as cancelling
from ispbill.billing.prepaid.conversion import service as conversion
from ispbill.billing.prepaid.models import PrepaidLoad, PrepaidSubscription
from ispbill.billing.prepaid.offers.queries import Purchase
from ispbill.billing.prepaid.service import Money
from ispbill.billing.prepaid.upkeep import service as upkeep
from ispbill.billing.runs import jobs
from ispbill.billing.wallet import queries as wallet
from ispbill.catalogue.models import Plan
from ispbill.core.current import TenantRef, at, current
from ispbill.core.db import db
from ispbill.core.errors import Conflict
from ispbill.core.unit_of_work import unit_of_work
from ispbill.subscriptions import queries as subscriptions
from ispbill.subscriptions import service as verbs
from ispbill.subscriptions.models import Subscription
from tests.make import loads, offers, people
from tests.make.browsers import Browser, signed_in
from tests.make.programs import program

pytestmark = pytest.mark.usefixtures("tenant")
DAY = timedelta(days=1)
MANILA = ZoneInfo("Asia/Manila")


@pytest.fixture
def line() -> int:
    """Maria's prepaid line with a month of a plan of 3,000 from noon, 10 March; the subscription's id."""
    with unit_of_work():
        maria = people.register_customer("Maria Santos")
        place = offers.installation(maria, address="12 Mabini Street")
        load = loads.load(maria.id, plan=offers.plan(300_000, name="Fibre 50"), installation_id=place.id)
        return load.subscription_id


@pytest.fixture
def postpaid() -> int:
    """Ana's postpaid line at 3,100 a month, billed from 10 March to 10 April; the subscription's id."""
    with unit_of_work():
        ana = people.register_customer("Ana Reyes")
        place = offers.installation(ana, address="4 Rizal Street")
        plan = offers.plan(310_000, name="Fibre 50")
        key = offers.subscribe(ana, plans=[(plan, 1, None)], installation=place).id
    jobs.bill_now(current.today())
    return key


def prepaid(key: int) -> PrepaidSubscription:
    return db.session.get_one(PrepaidSubscription, key)


def test_at_its_end_the_line_goes_on_as_postpaid_the_rest_of_the_day_is_given(line: int) -> None:
    with unit_of_work():
        begun = conversion.to_postpaid(prepaid(line), at_once=False)
        assert begun.start_on == date(2026, 4, 10) and begun.installation_id == prepaid(line).installation_id
        assert prepaid(line).expires_at == datetime(2026, 4, 10, tzinfo=MANILA)
        assert (prepaid(line).status, prepaid(line).successor_id, prepaid(line).remind_at) == ("active", begun.id, None)
        with pytest.raises(Conflict, match="already"):
            conversion.to_postpaid(prepaid(line), at_once=True)
        with pytest.raises(Conflict, match="goes on as postpaid"):
            loads.load(prepaid(line).customer_id, prepaid_id=line)


@pytest.mark.parametrize("at_once", [False, True])
def test_what_went_on_as_postpaid_becomes_prepaid_again_and_postpaid_once_more(line: int, at_once: bool) -> None:
    with unit_of_work():
        begun = conversion.to_postpaid(prepaid(line), at_once=False).id
    april, may = datetime(2026, 4, 10, 12, tzinfo=MANILA), datetime(2026, 5, 2, 12, tzinfo=MANILA)
    with at(april):
        with unit_of_work():
            upkeep.expire_due()
        jobs.bill_now(april.date())
    with unit_of_work(), at(may):
        found = subscriptions.get(begun)
        assert found is not None
        load = conversion.to_prepaid(
            found, Purchase(prepaid(line).plan_id, "one_month"), at_once=at_once, received=Money("cash")
        )
        assert (load.subscription_id, prepaid(line).successor_id) == (line, None)
        assert load.starts_at == (may if at_once else datetime(2026, 5, 10, tzinfo=MANILA))
        assert conversion.to_postpaid(prepaid(line), at_once=False).start_on > load.starts_at.date()


def test_a_line_is_loaded_again_where_the_postpaid_one_never_begins(line: int) -> None:
    with unit_of_work():
        begun = conversion.to_postpaid(prepaid(line), at_once=False)
        verbs.end(begun, on=begun.start_on, reason="Changed their mind")
        again = loads.load(begun.customer_id, plan=db.session.get_one(Plan, prepaid(line).plan_id), prepaid_id=line)
        assert again.starts_at == datetime(2026, 4, 10, tzinfo=MANILA)


def test_the_page_offers_what_can_be_done_with_a_line_that_does_not_go_on_after_all(
    app: Flask, tenant: TenantRef, line: int
) -> None:
    browser, path = signed_in(app, tenant), f"/customer-subscriptions/prepaid/{line}"
    with unit_of_work():
        begun = conversion.to_postpaid(prepaid(line), at_once=False)
    page = browser.get(path).text
    assert "Goes on as postpaid" in page and f"{path}/renew" not in page
    assert f"{path}/renew" not in browser.get("/customer-subscriptions").text
    with unit_of_work():
        verbs.end(db.session.merge(begun), on=begun.start_on, reason="Changed their mind")
    page = browser.get(path).text
    assert "Goes on as postpaid" not in page and f"{path}/renew" in page
    assert f"{path}/renew" in browser.get("/customer-subscriptions").text
    with unit_of_work():
        assert conversion.to_postpaid(prepaid(line), at_once=False).id != begun.id


def test_at_once_what_is_left_from_this_morning_on_returns_and_pays_the_first_bill(line: int) -> None:
    evening = datetime(2026, 3, 25, 18, tzinfo=MANILA)
    with unit_of_work(), at(evening):
        begun = conversion.to_postpaid(prepaid(line), at_once=True)
        load = db.session.scalars(select(PrepaidLoad)).one()
        assert (begun.start_on, prepaid(line).status) == (date(2026, 3, 25), "cancelled")
        assert load.ends_at == datetime(2026, 3, 25, tzinfo=MANILA)
        assert load.credited_minor == 155_000 == wallet.balance_of(begun.customer_id)
    with at(evening):
        jobs.bill_now(current.today())
    with unit_of_work():
        bill = db.session.scalars(select(Invoice).order_by(Invoice.id.desc()).limit(1)).one()
        db.session.refresh(bill, ["allocations"])
        assert (bill.total_minor, bill.open_minor) == (300_000, 145_000)
        assert wallet.balance_of(bill.customer_id) == 0


def test_an_expired_line_is_billed_from_today(line: int) -> None:
    with unit_of_work(), at(current.now() + 45 * DAY):
        begun = conversion.to_postpaid(prepaid(line), at_once=False)
        assert begun.start_on == current.today() and prepaid(line).status == "cancelled"
        assert wallet.balance_of(begun.customer_id) == 0


def test_postpaid_ends_where_it_is_billed_to_and_time_is_loaded_from_there(postpaid: int) -> None:
    with unit_of_work(), at(current.now() + 5 * DAY):
        ana = subscriptions.get(postpaid)
        assert ana is not None
        plan_id = ana.running[0].plan_id
        made = conversion.to_prepaid(ana, Purchase(plan_id, "one_month"), received=Money("cash"), idempotency_key="a")
        again = conversion.to_prepaid(ana, Purchase(plan_id, "one_month"), received=Money("cash"), idempotency_key="a")
        assert made.id == again.id
        assert made.starts_at == datetime(2026, 4, 10, tzinfo=MANILA) and made.ends_at == made.starts_at + 30 * DAY
        assert ana.end_on == date(2026, 4, 10) and ana.status == "active"


def test_an_end_is_withdrawn_only_after_the_prepaid_line_that_follows_it_is_cancelled(postpaid: int) -> None:
    with unit_of_work():
        ana = subscriptions.get(postpaid)
        assert ana is not None
        made = conversion.to_prepaid(ana, Purchase(ana.running[0].plan_id, "one_month"), received=Money("cash"))
    with pytest.raises(Conflict, match="Cancel the prepaid line first"), unit_of_work():
        verbs.keep(db.session.get_one(Subscription, postpaid))
    with unit_of_work():
        assert db.session.get_one(Subscription, postpaid).end_on == date(2026, 4, 10)
        cancelling.cancel(made.subscription_id, reason="Changed their mind")
        assert verbs.keep(db.session.get_one(Subscription, postpaid)).end_on is None


def test_an_end_moves_beyond_the_prepaid_line_that_follows_it_only_once_that_is_cancelled(
    postpaid: int, app: Flask, tenant: TenantRef
) -> None:
    with unit_of_work():
        ana = subscriptions.get(postpaid)
        assert ana is not None
        made = conversion.to_prepaid(ana, Purchase(ana.running[0].plan_id, "one_month"), received=Money("cash"))
    browser, later = signed_in(app, tenant), {"on": "2026-04-20", "reason": "Stays a little longer"}
    page = browser.post(f"/customer-subscriptions/{postpaid}/end", later)
    assert page.status_code == 422 and "Cancel the prepaid line first" in page.text
    answer = program(app, tenant).post(f"subscriptions/{postpaid}/end", **later)
    assert answer.status_code == 409 and "Cancel the prepaid line first" in answer.json["detail"]
    with unit_of_work():
        ana = db.session.get_one(Subscription, postpaid)
        assert ana.end_on == date(2026, 4, 10)
        assert verbs.end(ana, on=date(2026, 4, 8), reason="Leaves sooner").end_on == date(2026, 4, 8)
        assert verbs.end(ana, on=date(2026, 4, 10), reason="Or then").end_on == date(2026, 4, 10)
        cancelling.cancel(made.subscription_id, reason="Changed their mind")
        assert verbs.end(ana, on=date(2026, 4, 20), reason="Stays longer").end_on == date(2026, 4, 20)


def test_now_the_next_billing_gives_back_what_is_billed_and_time_begins_at_once(postpaid: int) -> None:
    moment = datetime(2026, 3, 20, 9, tzinfo=MANILA)
    with unit_of_work(), at(moment):
        ana = subscriptions.get(postpaid)
        assert ana is not None
        made = conversion.to_prepaid(ana, Purchase(ana.running[0].plan_id, "one_month"), at_once=True,
                                     received=Money("cash"))
        assert made.starts_at == moment
    with at(moment):
        jobs.bill_now(current.today())
    with unit_of_work():
        note = db.session.scalars(select(Invoice).order_by(Invoice.id.desc()).limit(1)).one()
        assert (note.kind, note.total_minor) == ("credit_note", -210_000)
        assert db.session.get_one(Subscription, postpaid).status == "ended"


@pytest.fixture
def browser(app: Flask, tenant: TenantRef) -> Browser:
    """The owner's browser."""
    return signed_in(app, tenant)


def test_the_pages_of_both_ways(browser: Browser, line: int, postpaid: int) -> None:
    path = f"/customer-subscriptions/prepaid/{line}/to-postpaid"
    assert "billing begins on 10 Apr 2026" in browser.get(path).text
    done = browser.post(path, {"when": "at_expiry"})
    page = browser.get(done.location).text
    assert done.status_code == 302 and "Maria Santos" in page
    assert "Goes on as postpaid" in browser.get(f"/customer-subscriptions/prepaid/{line}").text
    assert browser.post(path, {"when": "at_once"}).status_code == 422
    back = f"/customer-subscriptions/{postpaid}/to-prepaid"
    assert f'href="{back}"' in browser.get(f"/customer-subscriptions/{postpaid}").text
    form = browser.get(back).text
    assert "10 Apr 2026, 00:00" in form
    plan_id = form.split('<option selected value="')[1].split('"')[0]
    asked = browser.get(f"{back}?plan_id={plan_id}&kind=one_month&when=at_once").text
    assert "10 Mar 2026, 12:00" in asked
    made = browser.post(back, {"plan_id": plan_id, "kind": "one_month", "when": "as_billed", "method": "cash"})
    assert made.status_code == 302 and "10 May 2026, 00:00" in browser.get(made.location).text
