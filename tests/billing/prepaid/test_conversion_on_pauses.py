"""Conversion between prepaid and postpaid while a suspension is booked. Today is 10 March 2026 in Manila."""
from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ispbill.billing.prepaid.conversion import service as conversion
from ispbill.billing.prepaid.models import PrepaidSubscription
from ispbill.billing.prepaid.offers.queries import Purchase
from ispbill.billing.prepaid.service import Money
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers.suspension_reasons.policy import PauseBilling
from ispbill.subscriptions import queries
from ispbill.subscriptions import service as subscriptions
from ispbill.subscriptions.models import Subscription
from ispbill.subscriptions.pauses import service as pauses
from tests.make import loads, offers, people
from tests.make.days import billed, work

pytestmark = pytest.mark.usefixtures("tenant")
TODAY, AWAY, BACK, APRIL = date(2026, 3, 10), date(2026, 3, 21), date(2026, 3, 31), date(2026, 4, 10)
MANILA = ZoneInfo("Asia/Manila")


@pytest.fixture
def postpaid() -> int:
    """Ana's line at 3,100 a month, billed from 10 March to 10 April, pausing from 21 to 30 March with credit."""
    with unit_of_work():
        ana = people.register_customer("Ana Reyes")
        line = offers.subscribe(ana, plans=[(offers.plan(310_000), 1, None)], installation=offers.installation(ana))
    billed(TODAY)
    with unit_of_work():
        held = loaded(line.id)
        subscriptions.suspend(held, on=AWAY, until=BACK, reason="Holiday", billing=PauseBilling.CREDIT)
    return line.id


def loaded(subscription_id: int) -> Subscription:
    found = queries.get(subscription_id)
    assert found is not None
    return found


def test_postpaid_converts_at_the_end_of_its_period_and_the_pause_before_it_is_still_given_back(postpaid: int) -> None:
    with unit_of_work():
        line = loaded(postpaid)
        made = conversion.to_prepaid(line, Purchase(line.running[0].plan_id, "one_month"), received=Money("cash"))
        assert made.starts_at == datetime(2026, 4, 10, tzinfo=MANILA)
    assert [(line.amount_minor, line.period_start, line.period_end) for line in billed(AWAY)] == [
        (-100_000, AWAY, BACK)]
    for on, status in ((AWAY, "suspended"), (BACK, "active"), (APRIL, "active")):
        with work(on):
            pauses.turn_due()
            assert loaded(postpaid).status == status
    billed(APRIL)
    with unit_of_work():
        assert loaded(postpaid).status == "ended"


def test_postpaid_converts_at_once_and_every_day_from_then_on_is_given_back_once(postpaid: int) -> None:
    with work(date(2026, 3, 15)):
        line = loaded(postpaid)
        conversion.to_prepaid(line, Purchase(line.running[0].plan_id, "one_month"), at_once=True,
                              received=Money("cash"))
    given_back = [line.amount_minor for on in (date(2026, 3, 15), AWAY, BACK) for line in billed(on)]
    assert given_back == [-260_000], "26 of 31 days, those of the pause among them"
    with unit_of_work():
        assert loaded(postpaid).status == "ended"


def test_what_became_postpaid_is_booked_to_pause_and_billed_by_the_days_it_is_served() -> None:
    with unit_of_work():
        maria = people.register_customer("Maria Santos")
        load = loads.load(maria.id, plan=offers.plan(300_000), installation_id=offers.installation(maria).id)
        begun = conversion.to_postpaid(db.session.get_one(PrepaidSubscription, load.subscription_id), at_once=False)
        start = begun.start_on
        subscriptions.suspend(begun, on=start + timedelta(days=5), until=start + timedelta(days=10), reason="Holiday")
        assert begun.status == "active"
    with work(start):
        pauses.turn_due()
        assert loaded(begun.id).status == "active"
    (line,) = billed(start)
    assert (line.period_start, line.period_end) == (start, start + timedelta(days=5))
    (rest,) = billed(start + timedelta(days=10))
    assert rest.period_start == start + timedelta(days=10)
    assert (line.amount_minor, rest.amount_minor) == (50_000, 200_000)
