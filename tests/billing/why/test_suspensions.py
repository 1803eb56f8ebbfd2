"""Why a customer is cut off: what was owed then, what was done before, what was considered, what ended it."""
from __future__ import annotations

from datetime import date, timedelta

from ispbill.billing.collections.concessions import service as concessions
from ispbill.billing.collections.models import CollectionCutoff
from ispbill.billing.invoices import service as invoices
from ispbill.billing.notes.policy import Take
from ispbill.billing.payments import service as payments
from ispbill.billing.why import queries
from ispbill.core.current import TenantRef
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers import service as customers
from ispbill.customers.models import Customer
from ispbill.web.requests import IspbillFlask
from tests.make import bills, debts
from tests.make.browsers import signed_in
from tests.make.corrections import credited, loaded
from tests.make.programs import program

# What is billed on 10 March is due on the 25th.
FIRST_STEP, CUT_OFF = date(2026, 3, 26), date(2026, 3, 30)


def trace(cutoff_id: int = 1) -> dict[str, list[str]]:
    """The steps of a suspension: the title and the facts of each topic."""
    with unit_of_work():
        steps = queries.of_suspension(db.session.get_one(CollectionCutoff, cutoff_id))
        return {step.topic: [step.title, *(f"{fact.label}: {fact.value}" for fact in step.facts)] for step in steps}


def cut_off() -> int:
    """A customer who was reminded and then cut off; the id."""
    ana = debts.debtor("Ana Reyes")
    day = FIRST_STEP
    while day <= CUT_OFF:
        debts.round_on(day)
        day += timedelta(days=1)
    assert debts.status(ana) == "suspended"
    return ana


def test_a_suspension_names_the_debt_the_steps_before_it_and_that_it_still_holds(tenant: TenantRef) -> None:
    cut_off()
    steps = trace()
    assert steps["verdict"][0] == "Cut off on 30 Mar 2026, 09:00" and "Customer: Ana Reyes" in steps["verdict"]
    assert steps["debt"][0] == "₱1,499.00 was open then" and any("due 25 Mar 2026" in fact for fact in steps["debt"])
    assert len(steps["action"]) > 1 and steps["episode"][0] == "Overdue since 26 Mar 2026"
    assert "Nobody is cut off: 28 Mar 2026: Every week on this day" in steps["considered"]
    assert steps["ending"] == ["It still holds"]


def test_what_was_owed_then_stays_told_after_the_payment_that_ended_it(tenant: TenantRef) -> None:
    ana = cut_off()
    with debts.morning(date(2026, 4, 2)):
        payment = bills.paid(ana, 149_900)
    steps = trace()
    assert steps["debt"][0] == "₱1,499.00 was open then"
    assert steps["ending"][0] == "Service was restored on 2 Apr 2026, 09:00"
    assert f"{payment.number}: ₱1,499.00, 2 Apr 2026, 09:00" in steps["ending"]


def test_money_is_told_that_stood_when_the_suspension_ended(tenant: TenantRef) -> None:
    ana = cut_off()
    with debts.morning(date(2026, 3, 31)):
        early = bills.paid(ana, 50_000)
        note = credited(1, Take(amount_minor=20_000))
        with unit_of_work():
            payments.reverse(db.session.merge(early), reason="Bounced")
            invoices.void(loaded(note.id), reason="For another customer")
    with debts.morning(date(2026, 4, 2)):
        payment = bills.paid(ana, 149_900)
    with debts.morning(date(2026, 4, 3)), unit_of_work():
        payments.reverse(db.session.merge(payment), reason="Bounced")
    ending = trace()["ending"]
    assert f"{payment.number}: ₱1,499.00, 2 Apr 2026, 09:00" in ending
    assert not any(number in fact for number in (early.number, note.number) for fact in ending)


def test_promises_and_holds_that_were_considered_are_named(tenant: TenantRef) -> None:
    ana = debts.debtor("Ana Reyes")
    debts.round_on(FIRST_STEP)
    with debts.morning(FIRST_STEP), unit_of_work():
        concessions.promise(ana, until_on=date(2026, 4, 2), note="Salary comes")
    for day in (date(2026, 4, 2), date(2026, 4, 3), date(2026, 4, 6)):
        debts.round_on(day)
    considered = " ".join(trace()["considered"])
    assert "Promise to pay, broken: 26 Mar 2026 – 2 Apr 2026: Salary comes" in considered


def test_a_suspension_by_a_person_says_who_and_that_a_payment_does_not_end_it(
    app: IspbillFlask, tenant: TenantRef
) -> None:
    ana = bills.billed("Ana Reyes").customer_id
    with unit_of_work():
        customers.suspend(db.session.get_one(Customer, ana), reason="Abuse of the line")
    page = signed_in(app, tenant).get(f"/collections/customers/{ana}/suspension").text
    assert "Abuse of the line" in page and "System" in page and "a payment alone does not" in page
    assert f"/collections/customers/{ana}/suspension" in signed_in(app, tenant).get(f"/customers/{ana}").text


def test_the_pages_and_the_api_tell_the_same(app: IspbillFlask, tenant: TenantRef) -> None:
    ana = cut_off()
    browser, api = signed_in(app, tenant), program(app, tenant)
    assert "/collections/suspensions/1" in browser.get(f"/collections/customers/{ana}").text
    for path in ("/collections/suspensions/1", f"/collections/customers/{ana}/suspension"):
        assert "₱1,499.00 was open then" in browser.get(path).text
    by_id, now = api.get("suspensions/1/why").json, api.get(f"customers/{ana}/suspension").json
    assert by_id == now and by_id is not None and by_id["steps"][2]["title"] == "₱1,499.00 was open then"


def test_who_is_not_suspended_has_no_suspension(app: IspbillFlask, tenant: TenantRef) -> None:
    ana = bills.billed("Ana Reyes").customer_id
    assert signed_in(app, tenant).get(f"/collections/customers/{ana}/suspension").status_code == 404
    browser = signed_in(app, tenant, permissions=["view_invoice_list"])
    assert browser.get("/collections/suspensions/1").status_code == 403
