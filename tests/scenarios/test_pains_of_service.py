"""What users of billing systems complain of (isp_field.md §4), told as tests: who is served, cut off and written to.

Pains 1, 2, 4, 12, 16 and 17; each test is named after its pain.
"""
from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from ispbill.areas.models import Area
from ispbill.billing.collections.concessions import service as concessions
from ispbill.billing.collections.differences import queries as differences
from ispbill.billing.collections.dunning import service as dunning
from ispbill.billing.collections.models import NoCutDay
from ispbill.billing.collections.overdue import queries as overdue
from ispbill.billing.invoices.models import Invoice, InvoiceLine
from ispbill.billing.payments import service as payments
from ispbill.billing.payments.models import Payment
from ispbill.billing.prepaid.models import PrepaidLoad
from ispbill.billing.runs import jobs
from ispbill.core.current import TenantRef, current
from ispbill.core.db import db
from ispbill.core.errors import Conflict
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers import service as customers
from ispbill.customers.models import Customer
from ispbill.notifications import service as messages
from ispbill.notifications.models import Message
from ispbill.subscriptions import service as subscription_verbs
from ispbill.subscriptions.models import Subscription
from tests.make import bills, debts, loads, offers, people

# Billed on 10 March 2026, due on the 25th, cut off on Monday the 30th: five days late, and not at the weekend.
EVE, CUT_OFF, AFTER = date(2026, 3, 29), date(2026, 3, 30), date(2026, 3, 31)


def pays(customer_id: int, *, on: date, amount_minor: int = 149_900) -> None:
    with debts.morning(on):
        bills.paid(customer_id, amount_minor)


def debtor_cut_off() -> int:
    ana = debts.debtor("Ana Reyes")
    debts.round_on(CUT_OFF)
    assert debts.status(ana) == "suspended"
    return ana


def test_pain_1_suspended_although_paid_never_when_paid_just_before_the_round(tenant: TenantRef) -> None:
    ana = debts.debtor("Ana Reyes")
    pays(ana, on=CUT_OFF)
    debts.round_on(CUT_OFF)
    assert debts.status(ana) == "active" and debts.cutoffs(ana) == []


def test_pain_1_suspended_although_paid_ends_with_the_payment_just_after_the_round(tenant: TenantRef) -> None:
    ana = debtor_cut_off()
    with debts.morning(CUT_OFF), unit_of_work():
        payments.record(payments.Receipt(customer_id=ana, amount_minor=149_900, method="cash"))
        assert db.session.get_one(Customer, ana).status == "active", "in the transaction of the payment"


def test_pain_1_suspended_although_what_was_past_due_is_paid_and_only_the_new_bill_is_open(tenant: TenantRef) -> None:
    ana = debts.debtor("Ana Reyes")
    with debts.morning(date(2026, 4, 10)):
        jobs.bill_now(current.today())
        debts.go_round()
        assert debts.status(ana) == "suspended"
        bills.paid(ana, 149_900)
        assert debts.status(ana) == "active"


def test_pain_1_suspended_although_credit_in_the_wallet_had_paid_the_bill(tenant: TenantRef) -> None:
    ana = bills.subscriber("Ana Reyes", email="ana@example.com")
    bills.paid(ana, 150_000)
    jobs.bill_now(current.today())
    debts.round_on(CUT_OFF)
    assert debts.status(ana) == "active" and debts.steps_taken(ana) == []


def test_pain_1_suspended_although_paid_is_listed_whoever_suspended(tenant: TenantRef) -> None:
    ana = debts.debtor("Ana Reyes")
    with unit_of_work():
        customers.suspend(db.session.get_one(Customer, ana), reason="Did not pay in February")
    bills.paid(ana, 149_900)
    with unit_of_work():
        (blocked,) = differences.differences()
        assert (blocked.customer_id, blocked.should_be_on) == (ana, True)
        dunning.restore(ana)
    assert debts.status(ana) == "active"


def test_pain_2_unpaid_but_still_online_is_listed_and_mended_with_one_verb(tenant: TenantRef) -> None:
    ana = debtor_cut_off()
    with debts.morning(CUT_OFF), unit_of_work():
        customers.restore(db.session.get_one(Customer, ana), reason="By mistake")
    with debts.morning(date(2026, 4, 3)):  # what a person restores is left alone for three days
        with unit_of_work():
            (open_one,) = list(differences.differences())
            assert (open_one.customer_id, open_one.should_be_on) == (ana, False)
            dunning.cut_off(ana)
            assert list(differences.differences()) == []
    assert debts.status(ana) == "suspended"


def test_pain_4_invoiced_while_suspended_does_not_happen_and_nothing_appears_at_reactivation(
    tenant: TenantRef
) -> None:
    ana = debtor_cut_off()
    for day in (date(2026, 4, 10), date(2026, 5, 10), date(2026, 6, 10)):
        with debts.morning(day):
            assert jobs.bill_now(day).invoices == 0
    with debts.morning(date(2026, 6, 20)):
        bills.paid(ana, 149_900)
        billed = jobs.bill_now(date(2026, 6, 20))
    assert debts.status(ana) == "active" and billed.invoices == 1
    with unit_of_work():
        line = db.session.scalars(select(InvoiceLine).order_by(InvoiceLine.id.desc()).limit(1)).one()
        # 20 days of June up to the billing day, and none of the months in between.
        assert (line.period_start, line.period_end) == (date(2026, 6, 20), date(2026, 7, 10))


@pytest.mark.parametrize(("billing", "invoices"), [("skip", 0), ("credit", 1), ("bill", 1)])
def test_pain_4_invoiced_while_paused_follows_the_policy_that_was_chosen_for_the_pause(
    tenant: TenantRef, billing: str, invoices: int
) -> None:
    ana = bills.billed("Ana Reyes").customer_id
    with unit_of_work():
        customers.suspend(db.session.get_one(Customer, ana), reason="Away for the winter", billing=billing)
    with debts.morning(date(2026, 4, 10)):
        assert jobs.bill_now(date(2026, 4, 10)).invoices == invoices
    with unit_of_work():
        totals = list(db.session.scalars(select(Invoice.total_minor).order_by(Invoice.id)))
        line = db.session.scalars(select(Subscription)).one()
        subscription_verbs.hold(line)
        assert [pause.billing for pause in line.pauses] == [billing]
    assert totals == {"skip": [149_900], "credit": [149_900, -149_900], "bill": [149_900, 149_900]}[billing]


def test_pain_12_service_without_paying_a_load_that_the_wallet_cannot_pay_grants_nothing(tenant: TenantRef) -> None:
    with unit_of_work():
        ana, plan = people.register_customer("Ana Reyes").id, offers.plan(100_000)
    bills.paid(ana, 99_999)
    with pytest.raises(Conflict), unit_of_work():
        loads.load(ana, plan=plan, received=None)
    with unit_of_work():
        assert db.session.scalars(select(PrepaidLoad)).all() == []
        assert db.session.scalars(select(Invoice)).all() == []


def test_pain_12_service_without_paying_a_load_is_debited_in_the_transaction_that_grants_it(tenant: TenantRef) -> None:
    with unit_of_work():
        load = loads.load()
        invoice = db.session.get_one(Invoice, load.invoice_id)
        assert invoice.settled_on == current.today() and load.ends_at - load.starts_at == timedelta(days=30)


def test_pain_16_cut_off_on_a_day_when_nobody_is_at_the_office_waits_for_the_next_working_day(
    tenant: TenantRef
) -> None:
    with unit_of_work():
        poblacion = people.area("Cavite", "Imus", "Poblacion")
        imus = db.session.scalars(select(Area).where(Area.name == "Imus")).one()
        db.session.add(NoCutDay(day=CUT_OFF, name="Fiesta of Imus", area_id=imus.id))
    ana, ben = debts.debtor("Ana", area_id=poblacion.id), debts.debtor("Ben")
    debts.set_step("Suspension", days=3)  # 28 March, a Saturday
    for day in (date(2026, 3, 28), EVE):
        debts.round_on(day)
        assert (debts.status(ana), debts.status(ben)) == ("active", "active"), day
    debts.round_on(CUT_OFF)
    assert (debts.status(ana), debts.status(ben)) == ("active", "suspended")
    debts.round_on(AFTER)
    assert debts.status(ana) == "suspended"


def test_pain_16_one_customer_is_held_off_until_a_day_by_a_person_who_is_named(tenant: TenantRef) -> None:
    ana = debts.debtor("Ana Reyes")
    with debts.morning(EVE), unit_of_work():
        hold = concessions.hold(ana, until_on=date(2026, 4, 8), reason="Her husband is in hospital")
        assert hold.placed_by == current.actor.name
    debts.round_on(date(2026, 4, 8))
    assert debts.status(ana) == "active"
    debts.round_on(date(2026, 4, 9))
    assert debts.status(ana) == "suspended"


def test_pain_17_messages_never_repeat_however_often_the_round_is_gone(tenant: TenantRef) -> None:
    debts.debtor("Ana Reyes")
    for day in (22, 22, 25, 25, 26, 26, 30, 30, 31):
        debts.round_on(date(2026, 3, day))
    with unit_of_work():
        sent = list(db.session.scalars(select(Message.template).order_by(Message.id)))
    assert sent == ["bill_reminder", "bill_reminder", "bill_overdue", "service_suspended"]


def test_pain_17_messages_never_stop_silently_what_could_not_be_sent_is_said_and_kept(tenant: TenantRef) -> None:
    mute = debts.debtor("Mute", email="")
    debts.round_on(date(2026, 3, 26))
    with unit_of_work():
        (action,) = overdue.history(mute).actions
        assert action.note == "Not told: the customer has no e-mail address." and action.message_id is None
        message_id = messages.queue(template="service_restored", recipient="a@example.com", unique_key="k",
                                    name="Ana", account_number="AC-1")
        assert message_id is not None and not messages.deliver(message_id)
        assert db.session.get_one(Message, message_id).status == "queued", "without a mail server it waits"


def test_pain_2_a_bounced_payment_cuts_off_again_the_next_morning(tenant: TenantRef) -> None:
    ana = debtor_cut_off()
    pays(ana, on=CUT_OFF)
    with debts.morning(AFTER), unit_of_work():
        payments.reverse(db.session.scalars(select(Payment)).one(), reason="bounced")
    assert debts.status(ana) == "active"
    debts.round_on(date(2026, 4, 1))
    assert debts.status(ana) == "suspended"
