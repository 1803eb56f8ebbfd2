"""Usage that is charged: recorded once, rated when its period is over, the difference billed when more arrives.

Case numbers are those of the published examples that billing is held against.
"""
from __future__ import annotations

import io
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from ispbill.billing.charges.models import Charge
from ispbill.billing.invoices import service as invoices
from ispbill.billing.metering import service as metering
from ispbill.billing.metering.models import UsageRating, UsageRecord
from ispbill.billing.metering.policy import Usage
from ispbill.billing.runs.preview import service as previews
from ispbill.catalogue.usage import service as usage_prices
from ispbill.catalogue.usage.policy import Model, PriceList, Tier, UsageFacts
from ispbill.core.current import SYSTEM, TenantRef, bound, current
from ispbill.core.db import db
from ispbill.core.errors import Invalid, InvalidRows
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers.suspension_reasons.policy import PauseBilling
from ispbill.subscriptions import queries as subscriptions
from ispbill.subscriptions import service as subscription_verbs
from ispbill.subscriptions.changes import service as changes
from ispbill.subscriptions.changes.service import NewTerms
from ispbill.subscriptions.models import Subscription
from ispbill.web.requests import IspbillFlask
from tests.make import bills, days, offers
from tests.make.browsers import signed_in
from tests.make.programs import program

MAY, JUNE, JULY, AUGUST = date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1), date(2026, 8, 1)


def metered(*tiers: Tier, on: date = JUNE, minimum_minor: int = 0, **prices: Any) -> Subscription:
    """A subscription that costs nothing but what is used."""
    with days.work(on):
        plan = offers.plan(0)
        known = PriceList(tiers or (Tier(None, Decimal(40)),), **prices)
        usage_prices.set_prices(plan, facts=UsageFacts(known, "GB", MAY, minimum_minor))
        return offers.subscribe(plans=[(plan, 1, None)], start_on=on, anchor_day=1)


def use(line: Subscription, quantity: str, *, used_on: date, source: str | None = None, today: date = JULY) -> int:
    with days.work(today):
        known = source or f"{line.id} {used_on} {quantity}"
        return metering.record([Usage(line.id, used_on, Decimal(quantity), known)])


def later(line: Subscription, verb: Callable[[Subscription], None], *, on: date) -> None:
    """A verb of the subscription on a day."""
    with days.work(on):
        found = subscriptions.get(line.id)
        assert found is not None
        verb(found)


def usage_billed(on: date) -> list[int]:
    """The usage lines that billing a day adds."""
    return [line.net_minor for line in days.billed(on) if line.charge_id is not None]


ISP = (Tier(Decimal(500), Decimal(40)), Tier(Decimal(1000), Decimal(30)), Tier(None, Decimal(20)))
BLOCKS = Tier(None, Decimal(100), block=Decimal(100), whole_blocks=True)


@pytest.mark.parametrize(("tiers", "prices", "quantity", "amount_minor"), [
    pytest.param(ISP, {}, "1280", 40_600, id="I10"),
    pytest.param(ISP, {"model": Model.VOLUME}, "1280", 25_600, id="volume"),
    pytest.param(ISP, {"included": Decimal(280)}, "1280", 35_000, id="included"),
    pytest.param((Tier(Decimal(5), Decimal(700)), Tier(Decimal(10), Decimal(650)), Tier(None, Decimal(600))),
                 {"model": Model.VOLUME}, "20", 12_000, id="I01"),
    pytest.param((BLOCKS,), {}, "401", 500, id="blocks"),
    pytest.param((Tier(None, Decimal("0.5")),), {}, "111.5", 56, id="fractions"),
])
def test_a_period_is_charged_by_its_price_list_when_it_is_over(
    tenant: TenantRef, tiers: tuple[Tier, ...], prices: dict[str, Any], quantity: str, amount_minor: int
) -> None:
    line = metered(*tiers, **prices)
    use(line, quantity, used_on=date(2026, 6, 30))
    assert usage_billed(date(2026, 6, 30)) == []
    assert usage_billed(JULY) == [amount_minor]
    with unit_of_work():
        charge = db.session.scalars(select(Charge)).one()
        assert "GB, 2026-06-01 to 2026-06-30" in charge.description and charge.kind == "usage"


def test_what_is_included_and_the_minimum_do_not_grow_with_the_quantity(app: IspbillFlask, tenant: TenantRef) -> None:
    """Of three sites with a minimum each, each is a subscription of its own: its usage is counted by itself."""
    with days.work(JUNE):
        plan = offers.plan(0)
        known = PriceList((Tier(None, Decimal(40)),), included=Decimal(10))
        usage_prices.set_prices(plan, facts=UsageFacts(known, "GB", MAY, 1_000))
        line = offers.subscribe(plans=[(plan, 3, None)], start_on=JUNE, anchor_day=1)
    use(line, "12", used_on=date(2026, 6, 3))
    assert usage_billed(JULY) == [1_000]
    use(line, "60", used_on=date(2026, 7, 3), today=AUGUST)
    assert usage_billed(AUGUST) == [50 * 40]
    page = signed_in(app, tenant).get(f"/subscriptions/plans/{plan.id}/usage-price").text
    assert "Once for a subscription, whatever its quantity" in page


def test_usage_that_arrives_late_bills_the_difference_and_a_correction_gives_it_back(tenant: TenantRef) -> None:
    """I09."""
    line = metered(BLOCKS)
    use(line, "100", used_on=date(2026, 6, 3))
    assert usage_billed(JULY) == [100]
    use(line, "301", used_on=date(2026, 6, 9), today=date(2026, 7, 2))
    assert usage_billed(date(2026, 7, 2)) == [400]
    use(line, "-201", used_on=date(2026, 6, 9), today=date(2026, 7, 3))
    assert usage_billed(date(2026, 7, 3)) == [-300]


def test_usage_that_arrives_while_its_period_is_rated_is_charged_by_the_next_run(
    app: IspbillFlask, tenant: TenantRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    line, count = metered(), metering.queries.quantities
    use(line, "10", used_on=date(2026, 6, 3))

    def arrive(quantity: str) -> None:
        with app.app_context(), bound(tenant, SYSTEM):
            use(line, quantity, used_on=date(2026, 6, 9))

    def count_meanwhile(keys: Collection[int]) -> dict[int, Decimal]:
        with ThreadPoolExecutor(1) as another:
            another.submit(arrive, "200").result()
            counted = count(keys)
            another.submit(arrive, "300").result()
        return counted

    with monkeypatch.context() as patched:
        patched.setattr(metering.queries, "quantities", count_meanwhile)
        with days.work(JULY):
            metering.rate_ended(by=JULY)
    assert usage_billed(JULY) == [400, 20_000]


def test_a_preview_foresees_the_usage_that_the_run_rates_and_writes_nothing(tenant: TenantRef) -> None:
    line, _ = metered(), metered(minimum_minor=3_000)
    use(line, "100", used_on=date(2026, 6, 3))
    with days.work(JULY):
        draft = previews.foresee(line.customer_id, on=JULY)
        assert draft is not None and draft.total_minor == 4_000
        assert previews.preview(JULY).total_minor == 7_000
        assert db.session.scalar(select(func.count()).select_from(UsageRating)) == 0
    assert [reading.rating_id for reading in _readings()] == [None]
    assert usage_billed(JULY) == [4_000, 3_000]


def test_the_same_reading_counts_once(tenant: TenantRef) -> None:
    line = metered()
    assert use(line, "5", used_on=JUNE, source="meter 1") == 1
    assert use(line, "7", used_on=JUNE, source="meter 1") == 0
    with unit_of_work():
        assert db.session.scalar(select(func.sum(UsageRecord.quantity))) == 5


def test_a_minimum_is_charged_whatever_was_used_and_a_part_of_a_period_has_its_part(tenant: TenantRef) -> None:
    """J02."""
    line = metered(on=date(2026, 6, 16), minimum_minor=10_000)
    use(line, "50", used_on=date(2026, 6, 20))
    assert usage_billed(JULY) == [5_000]
    assert usage_billed(AUGUST) == [10_000]


def test_a_minimum_is_not_charged_for_days_without_service(tenant: TenantRef) -> None:
    line = metered(minimum_minor=30_000)
    with days.work(date(2026, 6, 11)):
        found = subscriptions.get(line.id)
        assert found is not None
        subscription_verbs.suspend(found, on=date(2026, 6, 11), reason="away")
    assert usage_billed(JULY) == [10_000], "ten of thirty days"


def _ended(line: Subscription) -> None:
    subscription_verbs.end(line, on=date(2026, 6, 11), reason="left")


def _paused(line: Subscription) -> None:
    subscription_verbs.suspend(line, on=date(2026, 6, 11), until=JULY, reason="away", billing=PauseBilling.CREDIT)


def _doubled(line: Subscription) -> None:
    changes.change(line.running[0], line, new=NewTerms(quantity=2), on=date(2026, 6, 11))


def _doubled_and_back(line: Subscription) -> None:
    _doubled(line)
    changes.change(line.running[0], line, new=NewTerms(quantity=1), on=date(2026, 6, 11))


@pytest.mark.parametrize(("verb", "amounts"), [
    (_ended, [-20_000]), (_paused, [-20_000]), (_doubled, [-20_000, 20_000]), (_doubled_and_back, []),
])
def test_a_minimum_is_given_back_for_days_that_are_taken_away_after_they_were_charged(
    tenant: TenantRef, verb: Callable[[Subscription], None], amounts: list[int]
) -> None:
    line = metered(minimum_minor=30_000)
    assert usage_billed(JULY) == [30_000]
    later(line, verb, on=date(2026, 7, 3))
    assert sorted(usage_billed(date(2026, 7, 3))) == amounts


def test_a_back_dated_upgrade_rates_each_plan_for_its_days_and_going_back_restores_it(tenant: TenantRef) -> None:
    line = metered(included=Decimal(30))
    use(line, "40", used_on=date(2026, 6, 10))
    use(line, "60", used_on=date(2026, 6, 11))
    assert usage_billed(JULY) == [2_800]

    def upgrade(line: Subscription) -> None:
        dear = offers.plan(0)
        usage_prices.set_prices(dear, facts=UsageFacts(PriceList((Tier(None, Decimal(100)),)), "GB", MAY))
        changes.change(line.running[0], line, new=NewTerms(plan=dear), on=date(2026, 6, 11))

    def go_back(line: Subscription) -> None:
        changes.change(line.running[0], line, new=NewTerms(plan=line.components[0].plan), on=date(2026, 6, 11))

    later(line, upgrade, on=date(2026, 7, 2))
    assert sorted(usage_billed(date(2026, 7, 2))) == [1_200 - 2_800, 6_000], "10 of 30 GB are included in ten days"
    later(line, go_back, on=date(2026, 7, 3))
    assert sorted(usage_billed(date(2026, 7, 3))) == [-6_000, 2_800 - 1_200]


def test_an_upgrade_rates_each_plan_for_its_days(tenant: TenantRef) -> None:
    line = metered(included=Decimal(30))
    with days.work(date(2026, 6, 11)):
        found = subscriptions.get(line.id)
        assert found is not None
        dear = offers.plan(0)
        usage_prices.set_prices(dear, facts=UsageFacts(PriceList((Tier(None, Decimal(100)),)), "GB", MAY))
        changes.change(found.running[0], found, new=NewTerms(plan=dear), on=date(2026, 6, 11))
    use(line, "15", used_on=date(2026, 6, 10))
    use(line, "15", used_on=date(2026, 6, 11))
    assert sorted(usage_billed(JULY)) == [200, 1_500], "10 of 30 GB are included in ten of thirty days"


def _to_and_fro(line: Subscription) -> None:
    _doubled(line)
    metering.record([Usage(line.id, date(2026, 6, 20), Decimal(5), "between")])
    changes.change(line.running[0], line, new=NewTerms(quantity=1), on=date(2026, 6, 11))


def _moved(line: Subscription) -> None:
    changes.move_anchor(line, anchor_day=10, on=date(2026, 6, 15))


@pytest.mark.parametrize(("verb", "bills"), [
    pytest.param(_doubled, {JULY: [600]}, id="a change"),
    pytest.param(_to_and_fro, {JULY: [800]}, id="there and back"),
    pytest.param(_moved, {JULY: [], date(2026, 7, 10): [600]}, id="another billing day"),
])
def test_what_was_recorded_before_a_change_is_charged_once(
    tenant: TenantRef, verb: Callable[[Subscription], None], bills: dict[date, list[int]]
) -> None:
    line = metered()
    use(line, "15", used_on=date(2026, 6, 20), today=date(2026, 6, 20))
    later(line, verb, on=date(2026, 6, 22))
    assert {on: usage_billed(on) for on in bills} == bills
    assert all(reading.rating_id for reading in _readings())


def test_who_leaves_is_charged_what_was_used_to_the_last_day(tenant: TenantRef) -> None:
    line = metered()
    use(line, "10", used_on=date(2026, 6, 9), today=date(2026, 6, 9))
    with days.work(date(2026, 6, 10)):
        found = subscriptions.get(line.id)
        assert found is not None
        subscription_verbs.end(found, on=date(2026, 6, 10), reason="Moves")
    assert usage_billed(date(2026, 6, 10)) == [400]


def trial(*, on: date = JUNE, trial_days: int = 9) -> Subscription:
    """A subscription whose plan costs by use, and is free for its first days."""
    with days.work(on):
        plan = offers.plan(0, trial_days=trial_days)
        usage_prices.set_prices(plan, facts=UsageFacts(PriceList((Tier(None, Decimal(40)),)), "GB", MAY))
        return offers.subscribe(plans=[(plan, 1, None)], start_on=on, anchor_day=1)


def test_what_is_used_in_a_free_trial_is_recorded_and_costs_nothing(tenant: TenantRef) -> None:
    line = trial()
    for used_on in (JUNE, date(2026, 6, 9), date(2026, 6, 10)):
        use(line, "10", used_on=used_on, today=date(2026, 6, 10))
    assert usage_billed(date(2026, 6, 11)) == []
    use(line, "5", used_on=date(2026, 6, 2), today=date(2026, 6, 12))
    assert usage_billed(JULY) == [400], "of the day after the trial"
    with unit_of_work():
        periods = db.session.scalars(select(UsageRating).order_by(UsageRating.period_start)).all()
        assert [(row.period_start, row.period_end, row.quantity, row.amount_minor) for row in periods] == [
            (JUNE, date(2026, 6, 10), 25, 0), (date(2026, 6, 10), JULY, 10, 400)]
        assert not db.session.scalars(select(UsageRecord).where(UsageRecord.rating_id.is_(None))).all()


def test_who_leaves_within_the_trial_used_it_for_nothing_and_cannot_use_it_later(tenant: TenantRef) -> None:
    line = trial()
    with days.work(date(2026, 6, 5)):
        found = subscriptions.get(line.id)
        assert found is not None
        subscription_verbs.end(found, on=date(2026, 6, 5), reason="Moves")
    use(line, "10", used_on=date(2026, 6, 4))
    with days.work(JULY), pytest.raises(Invalid, match="charged by use"):
        metering.record_one(Usage(line.id, date(2026, 6, 5), Decimal(10), "too late"))
    assert usage_billed(JULY) == []


def test_use_is_priced_from_its_day_though_a_trial_was_used(tenant: TenantRef) -> None:
    with days.work(JUNE):
        plan = offers.plan(0, trial_days=9)
        line = offers.subscribe(plans=[(plan, 1, None)], start_on=JUNE, anchor_day=1)
        priced = PriceList((Tier(None, Decimal(40)),), included=Decimal(30))
        usage_prices.set_prices(plan, facts=UsageFacts(priced, "GB", date(2026, 6, 21)))
    use(line, "7", used_on=date(2026, 6, 3), today=date(2026, 6, 4))
    assert usage_billed(date(2026, 6, 5)) == []
    use(line, "15", used_on=date(2026, 6, 25))
    assert usage_billed(JULY) == [200], "ten of thirty days have 10 of 30 GB"


def test_every_reading_that_is_wrong_is_said_and_none_is_recorded(tenant: TenantRef) -> None:
    line = metered()
    right = Usage(line.id, JUNE, Decimal(5), "right")
    wrong = [replace(right, quantity=Decimal(6)), replace(right, subscription_id=999, source="whose"),
             replace(right, quantity=Decimal(0), source="nothing")]
    with days.work(JULY):
        with pytest.raises(InvalidRows, match="3 readings are wrong") as refusal:
            metering.record([right, *wrong])
        assert [flaw["field"] for flaw in refusal.value.flaws] == [
            "records.1.source", "records.2.subscription_id", "records.3.quantity"]
        assert metering.record([right, right]) == 1, "said twice it counts once"


def test_a_void_bill_charges_its_usage_again(tenant: TenantRef) -> None:
    line = metered()
    use(line, "10", used_on=JUNE)
    assert usage_billed(JULY) == [400]
    with days.work(JULY):
        invoices.void(days.newest(), reason="Wrong address")
    assert usage_billed(date(2026, 7, 2)) == [400]


@pytest.mark.parametrize(("facts", "field"), [
    ({"quantity": Decimal(0)}, "quantity"), ({"quantity": Decimal("0.0000001")}, "quantity"),
    ({"used_on": date(2026, 7, 2)}, "used_on"), ({"used_on": MAY}, "subscription_id"), ({"source": " "}, "source"),
    ({"subscription_id": 999}, "subscription_id"),
])
def test_what_cannot_be_usage_is_refused(tenant: TenantRef, facts: dict[str, Any], field: str) -> None:
    line = metered()
    known = {"subscription_id": line.id, "used_on": JUNE, "quantity": Decimal(1), "source": "x", **facts}
    with days.work(JULY), pytest.raises(Invalid) as refusal:
        metering.record_one(Usage(**known))
    assert refusal.value.field == field


def test_rating_reads_and_writes_in_the_same_number_of_statements_for_many(tenant: TenantRef) -> None:
    counts = []
    for number in (2, 8):
        for _ in range(number):
            use(metered(), "3", used_on=JUNE)
        with bills.statements() as sent, days.work(JULY):
            assert metering.rate_ended(by=JULY) == number
        counts.append(len(sent))
    with days.work(JULY):
        assert metering.rate_ended(by=JULY) == 0
        assert db.session.scalar(select(func.count()).select_from(UsageRating)) == 10
    assert counts[0] == counts[1]


def test_readings_come_by_hand_and_by_file_and_are_listed(app: IspbillFlask, tenant: TenantRef) -> None:
    browser, today = signed_in(app, tenant), current.today()
    line = metered(on=today)
    assert "No period is over yet" in browser.get(f"/customer-subscriptions/{line.id}").text
    entered = {"used_on": today.isoformat(), "quantity": "12.5", "source": "meter 7"}
    path = f"/customer-subscriptions/{line.id}/usage/add"
    assert browser.post(path, {**entered, "quantity": "0"}).status_code == 422
    assert browser.post(path, entered).status_code == 302
    content = f"subscription,used_on,quantity,source\n{line.id},{today},3,meter 8\n{line.id},{today},1,meter 7\n"
    upload = {"file": (io.BytesIO(content.encode()), "usage.csv")}
    answer = browser.post("/usage-records/import", upload, content_type="multipart/form-data", follow_redirects=True)
    assert "1 readings are recorded; 1 were known" in answer.text
    assert "meter 8" in browser.get("/usage-records?state=open").text
    assert "meter 7" in browser.get("/usage-records/export").text
    assert "15.5" in browser.get(f"/customer-subscriptions/{line.id}").text
    assert "is recorded already" in browser.post(path, entered).text
    lines = f"subscription,used_on,quantity,source\n1,soon,3,x\n{line.id},{today},3,y\n999,{today},3,z\n"
    wrong = {"file": (io.BytesIO(lines.encode()), "usage.csv")}
    refused = browser.post("/usage-records/import", wrong, content_type="multipart/form-data")
    assert refused.status_code == 422 and "This is not a date" in refused.text
    assert "Nothing of subscription 999" in refused.text and "y" not in [row.source for row in _readings()]


def test_a_program_is_told_which_readings_are_wrong(app: IspbillFlask, tenant: TenantRef) -> None:
    line, today = metered(on=current.today()), current.today().isoformat()
    right = {"subscription_id": str(line.id), "used_on": today, "quantity": "3", "source": "meter 9"}
    api = program(app, tenant)
    answer = api.post("usage-records", records=[right, {**right, "subscription_id": "999", "source": "meter 10"}])
    assert answer.status_code == 422 and "Nothing is recorded: 1 reading is wrong" in answer.json["detail"]
    (flaw,) = answer.json["errors"]
    assert flaw["field"] == "records.1.subscription_id" and "999" in flaw["message"]
    assert not _readings()
    assert api.post("usage-records", records=[right]).json == {"created": 1, "known": 0}


def _readings() -> list[UsageRecord]:
    with unit_of_work():
        return list(db.session.scalars(select(UsageRecord)))
