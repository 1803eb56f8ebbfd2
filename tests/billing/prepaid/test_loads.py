"""Loading: the wallet is debited before time is granted, once for each key; money, invoice, books and time agree."""
from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from ispbill.billing.invoices import queries as invoices
from ispbill.billing.invoices.models import Invoice, InvoiceLine
from ispbill.billing.ledger import queries as ledger
from ispbill.billing.ledger.models import JournalPosting, LedgerAccount
from ispbill.billing.payments.models import Payment
from ispbill.billing.prepaid import queries
from ispbill.billing.prepaid import service as prepaid
from ispbill.billing.prepaid.cancelling import service as cancelling
from ispbill.billing.prepaid.models import PrepaidLoad, PrepaidSubscription
from ispbill.billing.prepaid.offers import queries as offering
from ispbill.billing.prepaid.offers.queries import Purchase
from ispbill.billing.prepaid.service import Line, Money
from ispbill.billing.runs import jobs
from ispbill.billing.taxes import service as exemptions
from ispbill.billing.taxes.service import ExemptionFacts
from ispbill.billing.wallet import queries as wallet
from ispbill.catalogue.taxes import service as taxes
from ispbill.catalogue.taxes.policy import TaxComponent
from ispbill.core.current import Actor, TenantRef, acting_as, at, current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Forbidden, Invalid, NotFound
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers import service as customers
from ispbill.customers.models import Customer, CustomerStatus
from tests.make import bills, loads, offers, people

pytestmark = pytest.mark.usefixtures("tenant")
MONTH = timedelta(days=30)


def account(purpose: str) -> int:
    """The balance of an account: debits positive."""
    return int(db.session.execute(
        select(func.coalesce(func.sum(JournalPosting.amount_minor), 0))
        .join(LedgerAccount, LedgerAccount.id == JournalPosting.account_id).where(LedgerAccount.purpose == purpose)
    ).scalar_one())


def rows(model: type) -> int:
    """How many rows a table has."""
    return db.session.execute(select(func.count()).select_from(model)).scalar_one()


def test_a_load_is_paid_billed_settled_and_deferred_in_one_go() -> None:
    with unit_of_work():
        plan = offers.plan(100_000, tax=offers.tax("12"))
        load = loads.load(plan=plan)
    with unit_of_work():
        invoice = db.session.get_one(Invoice, load.invoice_id)
        assert (invoice.total_minor, invoice.settled_on) == (100_000, current.today())
        assert load.net_minor + load.tax_minor == 100_000 and load.payment_id is not None
        assert (load.starts_at, load.ends_at) == (current.now(), current.now() + MONTH)
        assert ledger.balance_of(invoice.customer_id) == 0 and wallet.balance_of(invoice.customer_id) == 0
        assert account("deferred_revenue") == -load.net_minor == -89_286
        assert (account("revenue"), account("tax_payable"), account("cash")) == (0, -10_714, 100_000)


def test_the_invoice_says_what_was_bought_and_until_when() -> None:
    with unit_of_work():
        load = loads.load(plan=offers.plan(100_000, name="Fibre 50"), kind="custom", amount_minor=15_000)
    with unit_of_work():
        (line,) = prepaid_invoice_lines(load)
    assert line.description == "Fibre 50, prepaid 4 days 12 hours"
    assert line.arithmetic == ("10 Mar 2026, 12:00 – 15 Mar 2026, 00:00, "
                               "₱150.00 ÷ ₱1,000.00 × 30 days = 4 days 12 hours")


def prepaid_invoice_lines(load: PrepaidLoad) -> list[InvoiceLine]:
    """The lines of a load's invoice."""
    invoice = invoices.detail(load.invoice_id)
    assert invoice is not None
    return list(invoice.lines)


def test_credit_that_is_there_pays_alone() -> None:
    with unit_of_work():
        customer = people.register_customer()
    bills.paid(customer.id, 70_000)
    with unit_of_work():
        load = loads.load(customer.id, kind="fifteen_days", received=None)
        assert load.payment_id is None and wallet.balance_of(customer.id) == 20_000


def test_a_wallet_that_is_short_grants_nothing_and_says_what_is_missing() -> None:
    """Pain 12: service without payment."""
    with unit_of_work():
        customer, plan = people.register_customer(), offers.plan(100_000)
    bills.paid(customer.id, 40_000)
    with pytest.raises(Conflict, match="wallet holds ₱400.00. Take ₱600.00 more") as refusal, unit_of_work():
        loads.load(customer.id, plan=plan, received=None)
    assert refusal.value.field == "received"
    with unit_of_work():
        assert (rows(PrepaidLoad), rows(PrepaidSubscription), rows(Invoice)) == (0, 0, 0)
        assert loads.load(customer.id, plan=plan).total_minor == 100_000
        assert db.session.scalars(select(Payment.amount_minor).order_by(Payment.id.desc()).limit(1)).one() == 60_000


def test_too_little_money_is_not_even_recorded() -> None:
    with unit_of_work():
        customer, plan = people.register_customer(), offers.plan(100_000)
    with pytest.raises(Conflict, match="Take ₱0.01 more"), unit_of_work():
        loads.load(customer.id, plan=plan, received=Money("cash", amount_minor=99_999))
    with unit_of_work():
        assert rows(Payment) == 0


def test_money_for_a_load_is_not_taken_by_an_open_bill_and_what_is_left_over_pays_that() -> None:
    with unit_of_work():
        plan = offers.plan(100_000)
    invoice = bills.billed(price_minor=50_000)
    with unit_of_work():
        load = loads.load(invoice.customer_id, plan=plan, received=Money("cash", amount_minor=120_000))
    with unit_of_work():
        assert db.session.get_one(Invoice, load.invoice_id).settled_on is not None
        assert wallet.balance_of(invoice.customer_id) == 0 and ledger.balance_of(invoice.customer_id) == 30_000


def test_a_wallet_topped_up_for_prepaid_pays_the_next_postpaid_bill() -> None:
    with unit_of_work():
        customer = people.register_customer()
    bills.paid(customer.id, 200_000)
    with unit_of_work():
        offers.subscribe(customer, plans=[(offers.plan(80_000), 1, None)])
    jobs.bill_now(current.today())
    with unit_of_work():
        assert wallet.balance_of(customer.id) == 120_000


def test_the_same_key_loads_once() -> None:
    """Pain 11, and case M10: paying twice moves the expiry once."""
    with unit_of_work():
        customer, plan = people.register_customer(), offers.plan(100_000)
        first = loads.load(customer.id, plan=plan, key="one click")
    with unit_of_work():
        again = loads.load(customer.id, plan=plan, key="one click")
        assert again.id == first.id and (rows(PrepaidLoad), rows(Payment), rows(Invoice)) == (1, 1, 1)
        with pytest.raises(Conflict, match="another load"):
            loads.load(customer.id, plan=plan, kind="fifteen_days", key="one click")


def test_the_same_key_with_another_amount_is_refused_and_not_passed_over() -> None:
    with unit_of_work():
        customer, plan = people.register_customer(), offers.plan(100_000)
        first = loads.load(customer.id, plan=plan, kind="custom", amount_minor=20_000, key="one page")
        assert loads.load(customer.id, plan=plan, kind="custom", amount_minor=20_000, key="one page").id == first.id
        with pytest.raises(Conflict, match="another load"):
            loads.load(customer.id, plan=plan, kind="custom", amount_minor=30_000, key="one page")


def test_renewed_early_the_time_is_added_behind_what_is_left() -> None:
    with unit_of_work():
        plan, customer_id = offers.plan(100_000), people.register_customer().id
        first = loads.load(customer_id, plan=plan)
    with unit_of_work(), at(current.now() + timedelta(days=10)):
        second = loads.load(customer_id, plan=plan, prepaid_id=first.subscription_id)
        assert second.starts_at == first.ends_at and second.ends_at == first.starts_at + 2 * MONTH
        assert db.session.get_one(PrepaidSubscription, first.subscription_id).expires_at == second.ends_at
        assert rows(PrepaidSubscription) == 1


def test_renewed_late_it_begins_now() -> None:
    with unit_of_work():
        plan, customer_id = offers.plan(100_000), people.register_customer().id
        first = loads.load(customer_id, plan=plan)
    with unit_of_work(), at(current.now() + timedelta(days=45)):
        second = loads.load(customer_id, plan=plan, prepaid_id=first.subscription_id)
        assert (second.starts_at, second.ends_at) == (current.now(), current.now() + MONTH)


def test_loading_a_line_again_renews_it() -> None:
    with unit_of_work():
        customer, plan = people.register_customer(), offers.plan(100_000)
        line = offers.installation(customer)
        first = loads.load(customer.id, plan=plan, installation_id=line.id)
        second = loads.load(customer.id, plan=plan, installation_id=line.id)
        assert second.subscription_id == first.subscription_id and second.starts_at == first.ends_at


def test_a_lead_becomes_active_and_who_is_suspended_is_refused() -> None:
    with unit_of_work():
        lead = people.register_customer(status=CustomerStatus.LEAD)
        loads.load(lead.id)
        assert db.session.get_one(Customer, lead.id).status == "active"
        paused = people.register_customer()
        customers.suspend(paused, reason="on holiday")
        with pytest.raises(Conflict, match="suspended"):
            loads.load(paused.id)
        with pytest.raises(NotFound):
            loads.load(9_999)


def test_lines_of_others_and_plans_that_are_not_sold_are_refused() -> None:
    with unit_of_work():
        ana, plan = people.register_customer(), offers.plan(100_000)
        others = offers.installation()
        with pytest.raises(Invalid, match="installation of this customer"):
            loads.load(ana.id, plan=plan, installation_id=others.id)
        with pytest.raises(Invalid, match="plan that can be loaded"):
            loads.load(ana.id, plan=offers.plan(5_000, kind="addon"))
        with pytest.raises(Invalid, match="price of zero"):
            loads.load(ana.id, plan=offers.plan(0))
        foreign = loads.load()
        with pytest.raises(Invalid, match="line of this customer"):
            loads.load(ana.id, plan=plan, prepaid_id=foreign.subscription_id)


def test_a_line_that_has_the_plan_as_postpaid_is_not_sold_it_twice() -> None:
    with unit_of_work():
        customer, plan = people.register_customer(), offers.plan(100_000)
        line = offers.installation(customer)
        offers.subscribe(customer, plans=[(plan, 1, None)], installation=line)
        with pytest.raises(Conflict, match="postpaid already"):
            loads.load(customer.id, plan=plan, installation_id=line.id)
        assert loads.load(customer.id, plan=offers.plan(60_000, kind="voice"), installation_id=line.id)


def test_taking_money_with_a_load_needs_the_right_to() -> None:
    with unit_of_work():
        customer, plan = people.register_customer(), offers.plan(100_000)
    clerk = Actor(kind="user", name="Clerk", permissions=frozenset({"create_subscription"}))
    with acting_as(clerk), pytest.raises(Forbidden), unit_of_work():
        loads.load(customer.id, plan=plan)


def test_an_offer_changes_nothing() -> None:
    with unit_of_work():
        customer, plan = people.register_customer(), offers.plan(100_000, tax=offers.tax("10", mode="exclusive"))
        offer = offering.offer_for(customer.id, Purchase(plan.id, "fifteen_days"))
        assert (offer.draft.net_minor, offer.draft.total_minor, offer.missing_minor) == (50_000, 55_000, 55_000)
        assert offer.given.display == "15 days" and rows(Invoice) == 0


def test_a_customer_has_time_until_the_line_runs_out(tenant: TenantRef) -> None:
    with unit_of_work():
        load = loads.load()
        customer_id = load.subscription.customer_id
        assert queries.has_time(customer_id, at=current.now())
        assert not queries.has_time(customer_id, at=load.ends_at)


def test_a_load_of_a_line_names_the_line() -> None:
    with unit_of_work():
        with pytest.raises(Invalid, match="wallet covers it"):
            customer = people.register_customer()
            plan = offers.plan(100_000)
            prepaid.load(Line(customer.id), Purchase(plan.id, "one_month"), received=Money("cash", amount_minor=0))


def test_who_is_exempt_is_loaded_without_the_tax_and_given_back_so() -> None:
    with unit_of_work():
        school, plan = people.register_customer("School"), offers.plan(112_000, tax=offers.tax("12", name="VAT"))
        exemptions.exempt(school, facts=ExemptionFacts("school", starts_on=current.today()))
        load = loads.load(school.id, plan=plan)
        assert (load.net_minor, load.tax_minor, load.total_minor) == (100_000, 0, 100_000)
        (line,) = prepaid_invoice_lines(load)
        assert "VAT exempt: school" in line.arithmetic
        load_id = load.id
    with unit_of_work(), at(current.now() + timedelta(days=10)):
        cancelling.cancel_load(db.session.get_one(PrepaidLoad, load_id), reason="moved away")
        assert wallet.balance_of(school.id) == 66_667
        assert account("deferred_revenue") == account("tax_payable") == 0


def test_a_tax_of_two_parts_is_on_the_bill_and_taken_back_part_by_part() -> None:
    with unit_of_work():
        both = taxes.add("State and city", rate_percent="6", mode="exclusive")
        taxes.begin_version(both, valid_from=current.today(), components=(
            TaxComponent("State", rate_percent=Decimal(6)), TaxComponent("City", rate_percent=Decimal(2)),
        ))
        load = loads.load(plan=offers.plan(100_000, tax=both))
        assert (load.net_minor, load.tax_minor) == (100_000, 8_000)
        load_id = load.id
    with unit_of_work(), at(current.now() + timedelta(days=10)):
        load = cancelling.cancel_load(db.session.get_one(PrepaidLoad, load_id), reason="moved away")
        note = invoices.detail(load.credit_note_id or 0)
        assert note is not None and (note.net_minor, note.tax_minor) == (-66_667, -5_333)
        assert [(tax.name, tax.tax_minor) for tax in note.taxes] == [("State", -4_000), ("City", -1_333)]
        assert account("deferred_revenue") == 0
