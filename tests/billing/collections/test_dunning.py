"""Dunning through the verbs and the real database: each step once, restored at once, a person's decision respected."""
from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from ispbill.areas.models import Area
from ispbill.billing.charges.models import Charge
from ispbill.billing.collections import queries
from ispbill.billing.collections.concessions import service as concessions
from ispbill.billing.collections.dunning import service as dunning
from ispbill.billing.collections.fees import service as fees
from ispbill.billing.collections.models import (
    CollectionAction,
    CollectionDay,
    CollectionEpisode,
    CollectionHold,
    NoCutDay,
)
from ispbill.billing.collections.rounds import service as rounds
from ispbill.billing.invoices import service as invoices
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.payments import service as payments
from ispbill.billing.payments.models import Payment
from ispbill.billing.payments.service import Receipt
from ispbill.core.current import TenantRef, current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers import service as customers
from ispbill.customers.models import Customer
from ispbill.customers.suspension_reasons.models import SuspensionReason
from ispbill.notifications.models import Message
from tests.make import bills, debts, people

# The company stands on Tuesday 10 March 2026; what is billed then is due on Wednesday the 25th.
DUE, CUT_OFF = date(2026, 3, 25), date(2026, 3, 30)


def letters() -> list[str]:
    with unit_of_work():
        return list(db.session.scalars(select(Message.template).order_by(Message.id)))


def episodes() -> list[tuple[date, date | None, str]]:
    with unit_of_work():
        rows = db.session.scalars(select(CollectionEpisode).order_by(CollectionEpisode.id)).all()
        return [(row.began_on, row.ended_on, row.trouble) for row in rows]


def cut_off_debtor(**facts: object) -> int:
    ana = debts.debtor("Ana Reyes", **facts)
    debts.round_on(CUT_OFF)
    assert debts.status(ana) == "suspended"
    return ana


def pay(customer_id: int, amount_minor: int = 149_900) -> None:
    with unit_of_work():
        payments.record(Receipt(customer_id=customer_id, amount_minor=amount_minor, method="cash"))


def test_a_debtor_is_reminded_and_cut_off_each_step_once(tenant: TenantRef) -> None:
    """Pain 17: messages that repeat. Each round is gone twice and says nothing new."""
    ana = debts.debtor()
    for day in (22, 23, 25, 26, 27, 28, 29, 30, 31):
        debts.round_on(date(2026, 3, day))
        debts.round_on(date(2026, 3, day))
    assert debts.steps_taken(ana) == [
        ("Reminder before it is due", date(2026, 3, 22)), ("Reminder on the due day", DUE),
        ("Overdue notice", date(2026, 3, 26)), ("Suspension", CUT_OFF),
    ]
    assert letters() == ["bill_reminder", "bill_reminder", "bill_overdue", "service_suspended"]
    assert episodes() == [(date(2026, 3, 26), None, "")]


def test_a_payment_restores_service_in_its_own_transaction(tenant: TenantRef) -> None:
    """Pain 1 and the reconnection on payment: no job, no morning, no person in between."""
    ana = cut_off_debtor()
    with debts.morning(date(2026, 4, 2)):
        with unit_of_work():
            payments.record(Receipt(customer_id=ana, amount_minor=149_900, method="cash"))
            assert db.session.get_one(Customer, ana).status == "active"
        assert episodes() == [(date(2026, 3, 26), date(2026, 4, 2), "")]
    assert debts.cutoffs(ana) == [(CUT_OFF, "restored")] and letters()[-1] == "service_restored"


def test_the_past_due_invoice_alone_restores_though_a_newer_one_is_open(tenant: TenantRef) -> None:
    ana = debts.debtor()
    with debts.morning(date(2026, 4, 10)):
        from_run = bills.jobs.bill_now(current.today())
        assert from_run.invoices == 1
        debts.go_round()
        assert debts.status(ana) == "suspended"
        pay(ana, 149_900)
        assert debts.status(ana) == "active"


def test_a_part_of_what_is_due_restores_nothing(tenant: TenantRef) -> None:
    ana = cut_off_debtor()
    with debts.morning(CUT_OFF):
        pay(ana, 149_899)
    assert debts.status(ana) == "suspended"


def test_credit_that_settles_at_issue_keeps_from_being_cut_off(tenant: TenantRef) -> None:
    """Pain 1: wallet money counts as paid."""
    ana = bills.subscriber(email="ana@example.com")
    bills.paid(ana, 149_900)
    bills.jobs.bill_now(current.today())
    debts.round_on(CUT_OFF)
    assert debts.status(ana) == "active" and debts.steps_taken(ana) == []


def test_a_void_restores_service(tenant: TenantRef) -> None:
    ana = cut_off_debtor()
    with debts.morning(CUT_OFF), unit_of_work():
        invoice = db.session.scalars(select(Invoice)).one()
        invoices.void(invoice, reason="billed in error")
    assert debts.status(ana) == "active"


def test_a_reversed_payment_cuts_off_in_the_next_morning_and_takes_no_step_twice(tenant: TenantRef) -> None:
    ana = cut_off_debtor()
    with debts.morning(CUT_OFF):
        pay(ana)
    with debts.morning(date(2026, 3, 31)), unit_of_work():
        payments.reverse(db.session.scalars(select(Payment)).one(), reason="bounced")
    debts.round_on(date(2026, 4, 1))
    assert debts.cutoffs(ana) == [(CUT_OFF, "restored"), (date(2026, 4, 1), None)]
    assert [began for began, _, _ in episodes()] == [date(2026, 3, 26), date(2026, 3, 26)]


def test_what_a_person_suspended_is_never_restored_by_a_payment(tenant: TenantRef) -> None:
    ana = debts.debtor()
    with debts.morning(date(2026, 3, 27)), unit_of_work():
        customers.suspend(db.session.get_one(Customer, ana), reason="Fraud")
    debts.round_on(CUT_OFF)
    with debts.morning(CUT_OFF):
        pay(ana)
    assert debts.status(ana) == "suspended" and debts.cutoffs(ana) == []


def test_who_is_restored_by_hand_is_left_alone_for_three_days(tenant: TenantRef) -> None:
    ana = cut_off_debtor()
    with debts.morning(date(2026, 3, 31)):
        with unit_of_work():
            customers.restore(db.session.get_one(Customer, ana), reason="Her son is ill")
        debts.go_round()
    assert debts.status(ana) == "active" and debts.cutoffs(ana) == [(CUT_OFF, "by_person")]
    with unit_of_work():
        (hold,) = db.session.scalars(select(CollectionHold)).all()
        assert (hold.reason, hold.until_on) == ("Her son is ill", date(2026, 4, 2))
    debts.round_on(date(2026, 4, 2))
    assert debts.status(ana) == "active"
    debts.round_on(date(2026, 4, 3))
    assert debts.status(ana) == "suspended"


def test_a_fiesta_in_the_customers_city_puts_the_suspension_off(tenant: TenantRef) -> None:
    with unit_of_work():
        poblacion = people.area("Cavite", "Imus", "Poblacion")
        imus = db.session.scalars(select(Area).where(Area.name == "Imus")).one()
        db.session.add(NoCutDay(day=CUT_OFF, name="Fiesta", area_id=imus.id))
    ana, ben = debts.debtor("Ana", area_id=poblacion.id), debts.debtor("Ben")
    debts.round_on(CUT_OFF)
    assert (debts.status(ana), debts.status(ben)) == ("active", "suspended")
    debts.round_on(date(2026, 3, 31))
    assert debts.status(ana) == "suspended"


def test_a_promise_restores_at_once_and_when_broken_cuts_off_again(tenant: TenantRef) -> None:
    ana = cut_off_debtor()
    with debts.morning(date(2026, 3, 31)), unit_of_work():
        concessions.promise(ana, until_on=date(2026, 4, 7), note="Remittance on the 7th")
        assert db.session.get_one(Customer, ana).status == "active"
    debts.round_on(date(2026, 4, 7))
    assert debts.status(ana) == "active"
    debts.round_on(date(2026, 4, 8))
    assert debts.status(ana) == "suspended"
    with unit_of_work():
        assert [row.status for row in db.session.scalars(select(concessions.PromiseToPay))] == ["broken"]
    assert [name for name, _ in debts.steps_taken(ana)].count("Suspension") == 1


def test_a_promise_of_a_part_is_kept_by_that_part(tenant: TenantRef) -> None:
    ana = cut_off_debtor()
    with debts.morning(date(2026, 3, 31)):
        with unit_of_work():
            promise = concessions.promise(ana, until_on=date(2026, 4, 7), amount_minor=50_000)
        pay(ana, 50_000)
        with unit_of_work():
            assert db.session.get_one(type(promise), promise.id).status == "kept"
    assert debts.status(ana) == "active"


@pytest.mark.parametrize(("until_on", "amount_minor", "field"), [
    (date(2026, 3, 29), None, "until_on"), (date(2026, 4, 14), None, "until_on"),
    (date(2026, 4, 1), 0, "amount"), (date(2026, 4, 1), 149_901, "amount"),
])
def test_a_promise_lies_within_what_the_company_allows(
    tenant: TenantRef, until_on: date, amount_minor: int | None, field: str
) -> None:
    ana = debts.debtor()
    with debts.morning(CUT_OFF), unit_of_work(), pytest.raises(Invalid) as refusal:
        concessions.promise(ana, until_on=until_on, amount_minor=amount_minor)
    assert refusal.value.field == field


def test_who_owes_nothing_can_promise_nothing_and_nobody_two_at_once(tenant: TenantRef) -> None:
    ana = debts.debtor()
    with unit_of_work(), pytest.raises(Conflict, match="nothing to promise"):
        concessions.promise(ana, until_on=DUE)
    with debts.morning(CUT_OFF), unit_of_work():
        concessions.promise(ana, until_on=CUT_OFF)
        with pytest.raises(Conflict, match="open already"):
            concessions.promise(ana, until_on=CUT_OFF)


def test_a_dispute_restores_and_after_thirty_days_is_over_by_itself(tenant: TenantRef) -> None:
    """Pain 4 of the law: what is disputed is not payable while it is."""
    ana = cut_off_debtor()
    with debts.morning(date(2026, 3, 31)), unit_of_work():
        row = concessions.dispute(1, reason="Was offline all March")
        assert row.ends_on == date(2026, 4, 30) and row.amount_minor == 149_900
        with pytest.raises(Conflict, match="disputed already"):
            concessions.dispute(1, reason="Again")
    assert debts.status(ana) == "active"
    with debts.morning(date(2026, 4, 29)):
        bills.jobs.bill_now(current.today())
        debts.go_round()
    assert debts.status(ana) == "active"
    debts.round_on(date(2026, 4, 30))
    assert debts.status(ana) == "suspended"


def test_a_dispute_that_is_rejected_cuts_off_in_the_next_morning(tenant: TenantRef) -> None:
    ana = cut_off_debtor()
    with debts.morning(date(2026, 3, 31)):
        with unit_of_work():
            row = concessions.dispute(1, line_id=1, reason="Was offline")
        with unit_of_work():
            concessions.close_dispute(db.session.merge(row), outcome="The log shows traffic each day")
    debts.round_on(date(2026, 4, 1))
    assert debts.status(ana) == "suspended"


def test_a_hold_keeps_the_morning_away_and_can_be_lifted(tenant: TenantRef) -> None:
    ana = debts.debtor()
    with debts.morning(date(2026, 3, 26)), unit_of_work():
        hold = concessions.hold(ana, until_on=date(2026, 4, 20), reason="Barangay captain asked")
    debts.round_on(CUT_OFF)
    assert debts.status(ana) == "active" and debts.steps_taken(ana) == []
    with debts.morning(CUT_OFF), unit_of_work():
        concessions.lift(db.session.merge(hold))
        with pytest.raises(Conflict):
            concessions.lift(db.session.merge(hold))
    debts.round_on(date(2026, 3, 31))
    assert debts.status(ana) == "suspended"


def test_a_late_fee_is_noted_once_for_an_invoice_and_can_be_waived(tenant: TenantRef) -> None:
    debts.set_step("Late fee", is_active=True, fee_flat_minor=5_000, fee_percent=2)
    ana = debts.debtor()
    for day in (28, 29, 30, 31):
        debts.round_on(date(2026, 3, day))
    with unit_of_work():
        (fee,) = db.session.scalars(select(CollectionAction).where(CollectionAction.fee_minor > 0)).all()
        assert (fee.fee_minor, fee.done_on, fee.customer_id) == (5_000 + 2_998, date(2026, 3, 28), ana)
        with pytest.raises(Invalid):
            fees.waive(fee, reason=" ")
        assert fees.waive(fee, reason="First time").waived_by == "System"
        with pytest.raises(Conflict):
            fees.waive(fee, reason="Again")
        assert db.session.scalars(select(Charge.status)).all() == ["cancelled"]


def test_termination_ends_what_is_suspended_and_parts(tenant: TenantRef) -> None:
    debts.set_step("Termination", is_active=True)
    ana = cut_off_debtor()
    debts.round_on(date(2026, 5, 23))
    assert debts.status(ana) == "suspended"
    debts.round_on(date(2026, 5, 25))
    assert debts.status(ana) == "terminated" and debts.cutoffs(ana) == [(CUT_OFF, "terminated")]


def test_who_cannot_be_cut_off_is_noted_and_all_others_are(
    tenant: TenantRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pain 19: a bulk action that stops at its first failure."""
    ana, ben = debts.debtor("Ana"), debts.debtor("Ben")
    suspend = customers.suspend

    def refuse_ana(customer: Customer, *, reason: str, because: SuspensionReason) -> Customer:
        suspend(customer, reason=reason, because=because)
        if customer.id == ana:
            raise Conflict("A line of Ana is stuck.")
        return customer

    monkeypatch.setattr(customers, "suspend", refuse_ana)
    debts.round_on(CUT_OFF)
    assert (debts.status(ana), debts.status(ben)) == ("active", "suspended")
    assert episodes()[0] == (date(2026, 3, 26), None, "A line of Ana is stuck.")
    with unit_of_work():
        assert db.session.scalars(select(CollectionDay)).one().trouble_count == 1
    monkeypatch.undo()
    with debts.morning(CUT_OFF), unit_of_work():
        tried = rounds.retry()
        assert (tried.cut, tried.troubled, rounds.retry().cut) == (1, 0, 0)
    assert debts.status(ana) == "suspended" and episodes()[0] == (date(2026, 3, 26), None, "")


def test_a_company_that_switched_collections_off_takes_no_step(tenant: TenantRef) -> None:
    ana = debts.debtor()
    debts.set_plan(is_enabled=False)
    debts.round_on(CUT_OFF)
    assert debts.status(ana) == "active" and debts.steps_taken(ana) == []


def test_a_customer_without_an_address_is_cut_off_all_the_same_and_the_record_says_so(tenant: TenantRef) -> None:
    cut_off_debtor(email="")
    with unit_of_work():
        notes = list(db.session.scalars(select(CollectionAction.note)))
    assert letters() == [] and set(notes) == {"Not told: the customer has no e-mail address."}


def test_a_round_goes_on_where_it_was_cut_short(tenant: TenantRef) -> None:
    owing = [debts.debtor() for _ in range(3)]
    with debts.morning(CUT_OFF):
        with unit_of_work():
            assert rounds.begin(CUT_OFF) == 0
        with unit_of_work():
            assert rounds.pursue_next(CUT_OFF, size=2) == owing[1]
        assert [debts.status(customer_id) for customer_id in owing] == ["suspended", "suspended", "active"]
        with unit_of_work():
            assert rounds.begin(CUT_OFF) == owing[1]
        debts.go_round()
        assert debts.status(owing[2]) == "suspended"
        with unit_of_work():
            assert rounds.begin(CUT_OFF) is None
            day = db.session.scalars(select(CollectionDay)).one()
            assert (day.customer_count, day.cut_count, day.trouble_count) == (3, 3, 0)


def test_facts_of_many_customers_take_a_constant_number_of_statements(tenant: TenantRef) -> None:
    few = [debts.debtor() for _ in range(2)]
    many = few + [debts.debtor() for _ in range(6)]
    counts = []
    for customer_ids in (few, many):
        with bills.statements() as sent, unit_of_work():
            assert len(queries.accounts(customer_ids)) == len(customer_ids)
        counts.append(len(sent))
    assert counts[0] == counts[1]


def test_reminding_many_takes_as_many_statements_as_reminding_few(tenant: TenantRef) -> None:
    counts = []
    for number in (2, 8):
        owing = [debts.debtor() for _ in range(number)]
        with debts.morning(date(2026, 3, 26)), bills.statements() as sent, unit_of_work():
            assert dunning.pursue(owing).actions == number
        counts.append(len(sent))
    assert counts[0] == counts[1]


def test_looking_at_many_of_whom_nothing_is_due_takes_a_constant_number_of_statements(tenant: TenantRef) -> None:
    counts = []
    for number in (2, 8):
        owing = [debts.debtor() for _ in range(number)]
        with debts.morning(date(2026, 3, 26)), unit_of_work():
            dunning.pursue(owing)
        with debts.morning(date(2026, 3, 27)), bills.statements() as sent, unit_of_work():
            assert dunning.pursue(owing).actions == 0
        counts.append(len(sent))
    assert counts[0] == counts[1]


def test_cutting_off_and_restoring_by_hand_follow_the_entitlement(tenant: TenantRef) -> None:
    ana = debts.debtor()
    with debts.morning(CUT_OFF):
        with unit_of_work():
            dunning.cut_off(ana)
        with unit_of_work(), pytest.raises(Conflict, match="nothing to restore"):
            dunning.restore(ana)
        assert debts.status(ana) == "suspended"
    ben = debts.debtor("Ben")
    with debts.morning(DUE), unit_of_work(), pytest.raises(Conflict, match="nothing to cut off"):
        dunning.cut_off(ben)
    with debts.morning(DUE), unit_of_work():
        customers.suspend(db.session.get_one(Customer, ben), reason="Did not pay in February")
        dunning.restore(ben)
    assert debts.status(ben) == "active"
