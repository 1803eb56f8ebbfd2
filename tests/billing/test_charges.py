"""One-time charges, deposits and what leaving early costs, from the verb to the bill and back."""
from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from ispbill.billing.charges import queries
from ispbill.billing.charges import service as charges
from ispbill.billing.charges.models import Charge, ChargeKind
from ispbill.billing.charges.service import ChargeFacts
from ispbill.billing.invoices import service as invoices
from ispbill.billing.ledger import queries as ledger
from ispbill.billing.notes.policy import Take
from ispbill.billing.proof import service as proof
from ispbill.billing.runs import jobs
from ispbill.catalogue.contracts import service as contracts
from ispbill.catalogue.contracts.policy import ContractFacts
from ispbill.core.current import TenantRef, current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.subscriptions import queries as subscriptions
from ispbill.subscriptions import service as subscription_verbs
from ispbill.subscriptions.changes import service as changes
from ispbill.subscriptions.changes.service import NewTerms
from ispbill.subscriptions.models import Subscription
from ispbill.web.requests import IspbillFlask
from tests.make import corrections, days, offers, people
from tests.make.browsers import signed_in

JUNE, JULY = date(2026, 6, 1), date(2026, 7, 1)


def deposit(amount_minor: int = 100_000) -> tuple[int, int]:
    """A customer's billed deposit; the customer and the charge."""
    with days.work(JUNE):
        customer = people.register_customer()
        charge = charges.add(ChargeFacts(customer.id, "Modem deposit", amount_minor, kind=ChargeKind.DEPOSIT))
    days.billed(JUNE)
    return customer.id, charge.id


def give_back(charge_id: int, amount_minor: int) -> Charge:
    with days.work(JULY):
        return charges.give_back(db.session.get_one(Charge, charge_id), amount_minor=amount_minor)


def balances(customer_id: int) -> tuple[int, int]:
    """What the customer owes, and the deposits that the books say are held."""
    with unit_of_work():
        held = sum(row.held_minor for row in queries.deposits_held(customer_id))
        return ledger.balance_of(customer_id), held


def promised(*, on: date = JUNE, price_minor: int = 100_000, **facts: object) -> Subscription:
    """A subscription to a plan with a contract."""
    with days.work(on):
        plan = offers.plan(price_minor)
        contracts.bind(plan, facts=ContractFacts(**{"months": 12, **facts}))  # type: ignore[arg-type]
        return offers.subscribe(plans=[(plan, 1, None)], start_on=on)


def end(line: Subscription, on: date, *, today: date | None = None) -> None:
    with days.work(today or on):
        found = subscriptions.get(line.id)
        assert found is not None
        subscription_verbs.end(found, on=on, reason="Moves")


def fees() -> list[tuple[int, date, str]]:
    with unit_of_work():
        rows = db.session.scalars(
            select(Charge).where(Charge.kind == ChargeKind.EARLY_TERMINATION).order_by(Charge.id)
        )
        return [(row.amount_minor, row.bill_on, row.status) for row in rows]


def test_a_deposit_is_held_until_it_lessens_a_bill(tenant: TenantRef) -> None:
    customer, charge = deposit()
    assert balances(customer) == (100_000, 100_000)
    give_back(charge, 60_000)
    assert balances(customer) == (100_000, 40_000)
    (line,) = days.billed(JULY)
    assert (line.net_minor, line.account) == (-60_000, "deposits")
    assert balances(customer) == (40_000, 40_000)


def test_no_more_of_a_deposit_is_given_back_than_is_held(tenant: TenantRef) -> None:
    _, charge = deposit()
    give_back(charge, 70_000)
    with pytest.raises(Invalid, match="₱300.00 are held"):
        give_back(charge, 30_001)
    back = give_back(charge, 30_000)
    with days.work(JULY):
        charges.withdraw(db.session.merge(back), reason="The modem is broken")
    give_back(charge, 30_000)


def test_a_deposit_bears_no_tax_for_nothing_is_supplied_for_it(tenant: TenantRef) -> None:
    with days.work(JUNE):
        customer, tax = people.register_customer(), offers.tax("12")
        with pytest.raises(Invalid, match="bears no tax") as refused:
            charges.add(ChargeFacts(customer.id, "Deposit", 100, kind=ChargeKind.DEPOSIT, tax_rate_id=tax.id))
        assert refused.value.field == "tax_rate_id"


def test_what_is_no_billed_deposit_is_not_given_back(tenant: TenantRef) -> None:
    with days.work(JUNE):
        customer = people.register_customer()
        waiting = charges.add(ChargeFacts(customer.id, "Deposit", 100, kind=ChargeKind.DEPOSIT))
        fee = charges.add(ChargeFacts(customer.id, "Installation", 100))
        for charge in (waiting, fee):
            with pytest.raises(Conflict, match="Only a deposit that was billed"):
                charges.give_back(charge, amount_minor=1)


def test_a_deposit_that_a_credit_note_gave_back_is_held_only_once_that_is_void(tenant: TenantRef) -> None:
    customer, charge = deposit()
    note = corrections.credited(1, Take(70_000))
    assert balances(customer) == (30_000, 30_000)
    corrections.credited(1)
    with pytest.raises(Conflict, match="given back already"):
        give_back(charge, 1)
    assert days.billed(JULY) == [] and corrections.findings() == {}
    with days.work(JULY):
        invoices.void(corrections.loaded(note.id), reason="Wrong deposit")
    assert balances(customer) == (70_000, 70_000)


@pytest.mark.parametrize("is_billed", [True, False])
def test_a_credit_note_takes_no_more_of_a_deposit_than_is_held(tenant: TenantRef, is_billed: bool) -> None:
    customer, charge = deposit()
    give_back(charge, 60_000)
    if is_billed:
        days.billed(JULY)
    with pytest.raises(Invalid, match="more than is left"):
        corrections.credited(1, Take(40_001))
    with pytest.raises(Conflict, match="credited in full"):
        corrections.credited(1, bills_again=True)
    assert corrections.credited(1).total_minor == -40_000
    days.billed(JULY)
    assert balances(customer) == (0, 0)


@pytest.mark.parametrize("is_billed", [True, False])
def test_the_bill_of_a_deposit_that_is_given_back_is_not_voided(tenant: TenantRef, is_billed: bool) -> None:
    customer, charge = deposit()
    back = give_back(charge, 60_000)
    if is_billed:
        days.billed(JULY)
    with days.work(JULY), pytest.raises(Conflict, match="A deposit on it is given back"):
        invoices.void(corrections.loaded(1), reason="Wrong customer")
    with days.work(JULY):
        if is_billed:
            invoices.void(days.newest(), reason="Wrong customer")
        charges.withdraw(db.session.get_one(Charge, back.id), reason="Wrong customer")
        invoices.void(corrections.loaded(1), reason="Wrong customer")
    assert balances(customer) == (0, 0)


def test_a_void_bill_lets_its_deposit_wait_again(tenant: TenantRef) -> None:
    customer, _ = deposit()
    with days.work(JULY):
        invoices.void(days.newest(), reason="Wrong customer")
    assert balances(customer) == (0, 0)
    assert len(days.billed(JULY)) == 1 and balances(customer) == (100_000, 100_000)


def test_leaving_before_the_promised_day_costs_what_was_agreed(tenant: TenantRef) -> None:
    line = promised(remaining_percent=Decimal(50))
    end(line, date(2027, 2, 10))
    assert fees() == [(200_000, date(2027, 2, 10), "pending")]


def test_a_change_before_the_end_asks_for_leaving_what_it_asks_when_the_end_is_said_after_it(tenant: TenantRef) -> None:
    line = promised(remaining_percent=Decimal(50))
    end(line, date(2027, 2, 10), today=JULY)
    with days.work(JULY):
        found = subscriptions.get(line.id)
        assert found is not None
        changes.change(found.running[0], found, new=NewTerms(quantity=3), on=date(2026, 12, 10))
    assert fees() == [(200_000, date(2027, 2, 10), "cancelled"), (600_000, date(2027, 2, 10), "pending")]
    with days.work(JULY):
        found = subscriptions.get(line.id)
        assert found is not None
        changes.add(found, plan=offers.plan(0), on=date(2026, 12, 10))
    assert len(fees()) == 2, "what asks the same stays as it is"


def test_who_stays_on_other_terms_has_not_left(tenant: TenantRef) -> None:
    line = promised(remaining_percent=Decimal(50))
    end(line, date(2027, 2, 10))
    with days.work(JULY):
        found = subscriptions.get(line.id)
        assert found is not None
        subscription_verbs.end(found, on=date(2027, 1, 10), reason="Goes on as prepaid", stays=True)
    assert fees() == [(200_000, date(2027, 2, 10), "cancelled")]


def test_what_was_agreed_stays_whatever_the_plan_is_sold_with_later(tenant: TenantRef) -> None:
    line = promised(fixed_minor=300_000)
    with days.work(JULY):
        found = subscriptions.get(line.id)
        assert found is not None
        contracts.release(found.components[0].plan)
    end(line, date(2026, 8, 1))
    assert fees() == [(300_000, date(2026, 8, 1), "pending")]
    days.billed(date(2026, 8, 1))
    assert fees() == [(300_000, date(2026, 8, 1), "billed")]


def test_leaving_costs_by_the_price_of_the_last_day_and_not_by_one_that_is_booked_for_later(tenant: TenantRef) -> None:
    line = promised(remaining_percent=Decimal(50))
    with days.work(JUNE):
        found = subscriptions.get(line.id)
        assert found is not None
        changes.change(found.running[-1], found, new=NewTerms(plan=offers.plan(1_000)), on=date(2027, 4, 1))
    end(line, date(2027, 2, 10))
    assert fees() == [(200_000, date(2027, 2, 10), "pending")]


def test_who_keeps_the_promise_leaves_free_of_charge(tenant: TenantRef) -> None:
    end(promised(fixed_minor=300_000), date(2027, 6, 1))
    end(promised(fixed_minor=300_000, on=JULY), JULY, today=JULY)
    assert fees() == []


def test_another_day_replaces_the_fee_and_going_on_withdraws_it(tenant: TenantRef) -> None:
    line = promised(fixed_minor=120_000, is_declining=True)
    end(line, date(2026, 9, 1), today=JULY)
    end(line, date(2026, 12, 1), today=JULY)
    assert fees() == [(90_000, date(2026, 9, 1), "cancelled"), (60_000, date(2026, 12, 1), "pending")]
    with days.work(JULY):
        found = subscriptions.get(line.id)
        assert found is not None
        subscription_verbs.keep(found)
    assert [status for _, _, status in fees()] == ["cancelled", "cancelled"]


def leaving_billed_ahead(on: date) -> Subscription:
    """Who said on 5 June that they leave, with a fee for it that a run ahead has billed."""
    line = promised(fixed_minor=250_000)
    days.billed(JUNE)
    end(line, on, today=date(2026, 6, 5))
    with days.noon(date(2026, 6, 10)):
        jobs.bill_now(JULY)
    return line


@pytest.mark.parametrize("on", [date(2026, 6, 15), JULY])
def test_a_fee_that_is_billed_ahead_is_credited_where_it_goes_on(tenant: TenantRef, on: date) -> None:
    line = leaving_billed_ahead(on)
    with days.work(date(2026, 6, 12)):
        found = subscriptions.get(line.id)
        assert found is not None
        subscription_verbs.keep(found)
    days.billed(JULY)
    assert fees() == [(250_000, on, "cancelled")] and balances(line.customer_id) == (200_000, 0)
    with days.work(JULY):
        assert proof.check().is_clean


def test_a_fee_that_is_billed_ahead_is_charged_once_where_the_day_changes(tenant: TenantRef) -> None:
    line, sooner = leaving_billed_ahead(JULY), date(2026, 6, 16)
    end(line, sooner, today=date(2026, 6, 11))
    days.billed(sooner)
    assert fees() == [(250_000, JULY, "cancelled"), (250_000, sooner, "billed")]
    assert balances(line.customer_id) == (50_000 + 250_000, 0)


def test_a_fee_is_waived_and_an_error_withdrawn(tenant: TenantRef) -> None:
    line = promised(fixed_minor=300_000)
    end(line, date(2026, 8, 1))
    with days.work(date(2026, 8, 1)):
        (fee,) = queries.waiting(line.customer_id)
        with pytest.raises(Conflict, match="waived by those who may"):
            charges.withdraw(fee, reason="Error")
        error = charges.add(ChargeFacts(line.customer_id, "Installation", 100))
        with pytest.raises(Conflict, match="Only a fee"):
            charges.waive(error, reason="Kind")
        charges.waive(fee, reason="Moves abroad")
        charges.withdraw(error, reason="Typed twice")
    assert days.billed(date(2026, 8, 1))[-1].net_minor > 0 and [status for *_, status in fees()] == ["cancelled"]


def test_a_page_that_is_sent_twice_charges_once(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    with unit_of_work():
        customer_id = people.register_customer().id
    page = f"/customers/{customer_id}/charges/add"
    sent = {
        "kind": "one_time", "description": "Installation", "quantity": "1", "unit_price": "750", "tax_rate_id": "",
        "bill_on": current.today().isoformat(), "subscription_id": "", "page_key": "this-page",
    }
    assert 'name="page_key"' in browser.get(page).text
    assert [browser.post(page, sent).status_code for _ in range(2)] == [302, 302]
    assert browser.post(page, {**sent, "unit_price": "900"}).status_code == 422
    with unit_of_work():
        assert [charge.amount_minor for charge in queries.waiting(customer_id)] == [75_000]


def test_a_charge_is_added_withdrawn_and_listed_on_pages(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    with unit_of_work():
        customer = people.register_customer("Ana Reyes")
    answer = browser.post(f"/customers/{customer.id}/charges/add", {
        "kind": "one_time", "description": "Installation", "quantity": "2", "unit_price": "750",
        "bill_on": current.today().isoformat(), "tax_rate_id": "", "subscription_id": "",
    })
    account = f"/customers/{customer.id}/account"
    assert answer.location == account, "where it can be seen, and withdrawn again"
    with unit_of_work():
        (charge,) = queries.waiting(customer.id)
        assert charge.amount_minor == 150_000
    assert f'href="{account}"' in browser.get("/charges").text
    assert "Installation" in browser.get(f"/customers/{customer.id}/account").text
    assert "₱1,500.00" in browser.get("/charges", query_string={"status": "pending", "kind": "one_time"}).text
    assert "1500.00" in browser.get("/charges/export").text
    assert browser.post(f"/charges/{charge.id}/waive", {"reason": "Kind"}).status_code == 422
    assert browser.post(f"/charges/{charge.id}/withdraw", {"reason": ""}).status_code == 422
    assert browser.post(f"/charges/{charge.id}/withdraw", {"reason": "Typed twice"}).location == account
    assert "Nothing waits for the next bill" in browser.get(f"/customers/{customer.id}/account").text


def test_a_deposit_is_given_back_on_a_page(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    customer, charge = deposit()
    assert "Deposit held" in browser.get(f"/customers/{customer}/account").text
    assert browser.post(f"/charges/{charge}/give-back", {"amount": "5000"}).status_code == 422
    assert browser.post(f"/charges/{charge}/give-back", {"amount": "1000"}).status_code == 302
    assert balances(customer)[1] == 0


def test_a_subscriptions_page_tells_what_leaving_costs(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    with unit_of_work():
        plan = offers.plan(100_000)
        contracts.bind(plan, facts=ContractFacts(months=24, fixed_minor=250_000))
        line = offers.subscribe(plans=[(plan, 1, None)], start_on=date(2026, 1, 1))
    page = browser.get(f"/customer-subscriptions/{line.id}").text
    assert "Leaving today costs" in page and "₱2,500.00" in page
