"""Discounts and taxes on bills, played through the verbs and the real run: what is billed, credited, posted, used up.

Case numbers are those of the published examples that billing is held against.
"""
from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from ispbill.billing.discounts import queries as discounts
from ispbill.billing.discounts import service as discount_verbs
from ispbill.billing.discounts.models import DiscountGrant
from ispbill.billing.discounts.policy import DiscountKind
from ispbill.billing.invoices import service as invoices
from ispbill.billing.invoices.models import InvoiceLine, InvoiceLineTax, InvoiceTax
from ispbill.billing.ledger.models import JournalPosting, LedgerAccount
from ispbill.billing.runs import queries as runs
from ispbill.billing.runs import service as run_verbs
from ispbill.billing.taxes import service as exemptions
from ispbill.billing.taxes.service import ExemptionFacts
from ispbill.catalogue.models import TaxRate
from ispbill.catalogue.taxes import service as taxes
from ispbill.catalogue.taxes.policy import ComponentKind, TaxComponent
from ispbill.company import service as company
from ispbill.company.policy import BillingTerms
from ispbill.core.current import TenantRef
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers.models import Customer
from ispbill.customers.suspension_reasons.policy import PauseBilling
from ispbill.subscriptions import queries as subscriptions
from ispbill.subscriptions import service as subscription_verbs
from ispbill.subscriptions.changes import service as changes
from ispbill.subscriptions.changes.service import NewTerms
from ispbill.subscriptions.models import Subscription
from tests.make import bills, days, offers, people

MAY, JUNE, JULY, AUGUST = date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1), date(2026, 8, 1)
HALF = date(2026, 6, 16)


def begin(price_minor: int, *, tax: TaxRate | None = None, on: date = JUNE, **arguments: Any) -> Subscription:
    """A new customer's subscription from a day, billed on the first of the month."""
    with days.work(on):
        plan = offers.plan(price_minor, tax=tax)
        return offers.subscribe(plans=[(plan, 1, None)], start_on=on, **{"anchor_day": 1, **arguments})


def give(line: Subscription, *, on: date = JUNE, scope: dict[str, Any] | None = None, **terms: Any) -> int:
    """Grant the customer of a subscription a new discount from a day; the grant's id."""
    with days.work(on):
        customer = db.session.get_one(Customer, line.customer_id)
        return offers.grant(offers.discount("Loyalty", **terms), customer, **(scope or {})).id


def loaded(line: Subscription) -> Subscription:
    found = subscriptions.get(line.id)
    assert found is not None
    return found


def amounts(lines: Sequence[InvoiceLine]) -> list[tuple[int, int, int]]:
    """Of each line the discount, the net and the tax."""
    return [(line.discount_minor, line.net_minor, line.tax_minor) for line in lines]


def posted() -> dict[str, int]:
    """The balance of each account that something was posted to, by purpose."""
    with unit_of_work():
        rows = db.session.execute(
            select(LedgerAccount.purpose, func.sum(JournalPosting.amount_minor))
            .join(JournalPosting, JournalPosting.account_id == LedgerAccount.id).group_by(LedgerAccount.purpose)
        )
        return {purpose: int(total) for purpose, total in rows if total}


def used(grant_id: int) -> dict[tuple[int, date], int]:
    """What live lines took of a grant, by period."""
    with unit_of_work():
        given = db.session.get_one(DiscountGrant, grant_id)
        (known,) = discounts.grants_of([given.customer_id], on=date(2030, 1, 1))[given.customer_id]
        return {tuple(key): amount for key, amount in known.used.items()}  # type: ignore[misc]


def tax_of(*parts: TaxComponent, since: date = JUNE) -> TaxRate:
    """A tax that consists of parts."""
    with days.work(since):
        tax = offers.tax("0", mode="exclusive")
        return taxes.begin_version(tax, components=parts, valid_from=since)


def sums() -> list[tuple[str, int, int]]:
    """The taxes of the newest document: name, base, tax."""
    with unit_of_work():
        rows = db.session.scalars(
            select(InvoiceTax).where(InvoiceTax.invoice_id == days.newest().id).order_by(InvoiceTax.id)
        )
        return [(row.name, row.base_minor, row.tax_minor) for row in rows]


def all_lines() -> Sequence[InvoiceLine]:
    with unit_of_work():
        return db.session.scalars(select(InvoiceLine)).all()


def set_terms(**terms: Any) -> None:
    with days.work(JUNE):
        company.change_terms(BillingTerms(due_days=15, auto_issue=True, invoice_note="", **terms))


def test_a_discount_lessens_the_price_before_tax_and_has_an_account_of_its_own(tenant: TenantRef) -> None:
    with days.work(JUNE):
        vat = offers.tax("12", mode="inclusive")
    line = begin(112_000, tax=vat)
    give(line, percent="10")
    (billed,) = days.billed(JUNE)
    assert amounts([billed]) == [(11_200, 90_000, 10_800)]
    assert billed.amount_minor == 100_800 and billed.arithmetic == "₱1,120.00 − ₱112.00 Loyalty"
    assert posted() == {"receivable": 100_800, "revenue": -100_000, "discounts": 10_000, "tax_payable": -10_800}


def test_a_discount_of_some_periods_counts_each_once_whatever_is_voided_and_billed_again(tenant: TenantRef) -> None:
    line = begin(100_000)
    grant = give(line, percent="20", periods=2, scope={"subscription_id": line.id})
    days.billed(JUNE)
    with days.work(date(2026, 6, 3)):
        invoices.void(days.newest(), reason="Wrong address")
    assert used(grant) == {} and posted() == {}
    assert amounts(days.billed(JULY)) == [(20_000, 80_000, 0), (20_000, 80_000, 0)]
    assert amounts(days.billed(AUGUST)) == [(0, 100_000, 0)]
    assert used(grant) == {(line.id, JUNE): 20_000, (line.id, JULY): 20_000}


def test_a_part_of_a_period_takes_its_part_of_the_discount(tenant: TenantRef) -> None:
    """C22."""
    line = begin(60_000, on=HALF)
    grant = give(line, on=HALF, kind=DiscountKind.AMOUNT, amount_minor=10_000, periods=1,
                 scope={"subscription_id": line.id})
    assert amounts(days.billed(HALF)) == [(5_000, 25_000, 0)]
    assert amounts(days.billed(JULY)) == [(0, 60_000, 0)], "the stub was the one period"
    assert used(grant) == {(line.id, JUNE): 5_000}


def test_an_upgrade_gives_back_the_discounted_price_and_moves_the_rest_of_the_discount(tenant: TenantRef) -> None:
    line = begin(60_000)
    grant = give(line, kind=DiscountKind.AMOUNT, amount_minor=10_000, scope={"subscription_id": line.id})
    assert amounts(days.billed(JUNE)) == [(10_000, 50_000, 0)]
    with days.work(HALF):
        now = loaded(line)
        changes.change(now.running[0], now, new=NewTerms(plan=offers.plan(120_000)), on=HALF)
    assert amounts(days.billed(HALF)) == [(-5_000, -25_000, 0), (5_000, 55_000, 0)]
    assert used(grant) == {(line.id, JUNE): 10_000}
    assert posted() == {"receivable": 80_000, "revenue": -90_000, "discounts": 10_000}


def test_a_change_that_is_billed_later_takes_the_whole_amount_of_the_period_as_well(tenant: TenantRef) -> None:
    line = begin(60_000)
    give(line, kind=DiscountKind.AMOUNT, amount_minor=10_000)
    with days.work(HALF):
        now = loaded(line)
        changes.change(now.running[0], now, new=NewTerms(quantity=2), on=HALF)
    assert amounts(days.billed(date(2026, 6, 30))) == [(5_000, 25_000, 0), (5_000, 55_000, 0)]


@pytest.mark.parametrize("how", ["another billing day", "another quantity"])
def test_a_discount_for_one_plan_of_a_subscription_outlives_what_keeps_the_plan(tenant: TenantRef, how: str) -> None:
    line = begin(60_000)
    give(line, percent="50", scope={"subscription_id": line.id, "plan_id": loaded(line).components[0].plan_id})
    assert amounts(days.billed(JUNE)) == [(30_000, 30_000, 0)]
    with days.work(HALF):
        now = loaded(line)
        if how == "another quantity":
            changes.change(now.running[0], now, new=NewTerms(quantity=2), on=HALF)
        else:
            changes.move_anchor(now, anchor_day=HALF.day, on=HALF)
    for day in (HALF, date(2026, 7, 1), date(2026, 7, HALF.day)):
        assert all(amount_minor == discount_minor for discount_minor, amount_minor, _ in amounts(days.billed(day)))


@pytest.mark.parametrize("terms", [
    {"percent": "50", "periods": 1}, {"kind": DiscountKind.AMOUNT, "amount_minor": 15_500, "periods": 1},
])
def test_an_upgrade_moves_the_rest_of_an_accounts_discount_in_the_period_that_has_it(
    tenant: TenantRef, terms: dict[str, Any]
) -> None:
    begun, on = date(2026, 5, 20), date(2026, 6, 3)
    line = begin(31_000, on=begun, anchor_day=20)
    grant = give(line, on=begun, **terms)
    assert amounts(days.billed(begun)) == [(15_500, 15_500, 0)]
    with days.work(on):
        now = loaded(line)
        changes.change(now.running[0], now, new=NewTerms(quantity=2), on=on)
    off_minor = 8_500 * (2 if "percent" in terms else 1)
    assert amounts(days.billed(on)) == [(-8_500, -8_500, 0), (off_minor, 34_000 - off_minor, 0)]
    assert amounts(days.billed(date(2026, 6, 20))) == [(0, 62_000, 0)], "the month that has it is May"
    assert list(used(grant)) == [(0, MAY)]


def test_there_and_back_on_one_day_comes_to_nothing_with_a_discount(tenant: TenantRef) -> None:
    with days.work(JUNE):
        vat = offers.tax("12", mode="inclusive")
    line = begin(99_900, tax=vat)
    grant = give(line, percent="33.3333")
    days.billed(JUNE)
    before, on = posted(), date(2026, 6, 8)
    with days.work(on):
        now = loaded(line)
        plan = now.components[0].plan
        changes.change(now.running[0], now, new=NewTerms(plan=offers.plan(50_000)), on=on)
    days.billed(on)
    with days.work(on):
        now = loaded(line)
        changes.change(now.running[-1], now, new=NewTerms(plan=plan), on=on)
    days.billed(on)
    assert posted() == before and list(used(grant).values()) == [33_300]


def test_a_voucher_pays_what_is_owed_until_it_is_used_up(tenant: TenantRef) -> None:
    line = begin(60_000)
    grant = give(line, kind=DiscountKind.VOUCHER, amount_minor=100_000)
    assert amounts(days.billed(JUNE)) == [(60_000, 0, 0)]
    with days.work(JUNE):
        assert days.newest().settled_on == JUNE
    assert amounts(days.billed(JULY)) == [(40_000, 20_000, 0)]
    assert amounts(days.billed(AUGUST)) == [(0, 60_000, 0)]
    with days.work(AUGUST):
        discount_verbs.end(db.session.get_one(DiscountGrant, grant), on=AUGUST)


@pytest.mark.parametrize("kind", [DiscountKind.VOUCHER, DiscountKind.AMOUNT])
def test_an_upgrade_of_what_a_discount_paid_for_whole_keeps_its_part_of_the_discount(
    tenant: TenantRef, kind: DiscountKind
) -> None:
    """The credit is nothing, and it gives half of the discount back, which the new plan takes."""
    line = begin(60_000)
    grant = give(line, kind=kind, amount_minor=60_000, scope={"subscription_id": line.id})
    assert amounts(days.billed(JUNE)) == [(60_000, 0, 0)]
    with days.work(HALF):
        now = loaded(line)
        changes.change(now.running[0], now, new=NewTerms(plan=offers.plan(120_000)), on=HALF)
    assert amounts(days.billed(HALF)) == [(-30_000, 0, 0), (30_000, 30_000, 0)]
    assert sum(used(grant).values()) == 60_000
    assert posted() == {"receivable": 30_000, "revenue": -90_000, "discounts": 60_000}


def test_who_leaves_gets_the_unused_part_of_a_voucher_that_paid_for_all(tenant: TenantRef) -> None:
    line = begin(60_000)
    grant = give(line, kind=DiscountKind.VOUCHER, amount_minor=60_000)
    days.billed(JUNE)
    with days.work(HALF):
        subscription_verbs.end(loaded(line), on=HALF, reason="Moves")
    assert amounts(days.billed(HALF)) == [(-30_000, 0, 0)]
    assert sum(used(grant).values()) == 30_000
    assert days.billed(date(2026, 6, 17)) == [], "it is given back once"


def test_who_leaves_gets_back_what_was_paid_and_not_what_was_taken_off(tenant: TenantRef) -> None:
    line = begin(60_000)
    give(line, percent="50")
    days.billed(JUNE)
    with days.work(HALF):
        subscription_verbs.end(loaded(line), on=HALF, reason="Moves")
    assert amounts(days.billed(HALF)) == [(-15_000, -15_000, 0)]
    assert posted() == {"receivable": 15_000, "revenue": -30_000, "discounts": 15_000}


FIXED = TaxComponent("Levy", ComponentKind.PER_UNIT, amount_minor=1_000)
TEN = TaxComponent("VAT", rate_percent=Decimal(10))


@pytest.mark.parametrize(("price_minor", "parts", "net_minor", "expected"), [
    pytest.param(20_000, [FIXED, TEN], 20_000, [1_000, 2_000], id="H01 separate"),
    pytest.param(20_000, [FIXED._replace(raises_next=True), TEN], 20_000, [1_000, 2_100], id="H01 compound"),
    pytest.param(20_000, [TaxComponent("Fee", ComponentKind.DIVISION, Decimal(10))], 20_000, [2_222], id="H03"),
    pytest.param(230_000, [TaxComponent("In", rate_percent=Decimal("5.5"), is_inclusive=True),
                           TaxComponent("On", rate_percent=Decimal(15))], 218_009, [11_991, 32_701], id="H07"),
])
def test_each_part_of_a_tax_is_shown_billed_and_given_back(
    tenant: TenantRef, price_minor: int, parts: list[TaxComponent], net_minor: int, expected: list[int]
) -> None:
    line = begin(price_minor, tax=tax_of(*parts))
    (billed,) = days.billed(JUNE)
    assert (billed.net_minor, billed.tax_minor) == (net_minor, sum(expected))
    assert [tax_minor for _, _, tax_minor in sums()] == expected
    with days.work(date(2026, 6, 2)):
        subscription_verbs.end(loaded(line), on=JUNE, reason="Never began")
    (credit,) = days.billed(date(2026, 6, 2))
    assert (credit.net_minor, credit.tax_minor) == (-net_minor, -sum(expected)) and posted() == {}
    assert [-tax_minor for _, _, tax_minor in sums()] == expected


def test_parts_of_a_tax_are_credited_in_proportion_and_charged_again_as_they_were(tenant: TenantRef) -> None:
    line = begin(9_999, tax=tax_of(FIXED._replace(amount_minor=101), TEN._replace(rate_percent=Decimal("7.7"))))
    days.billed(JUNE)
    on = date(2026, 6, 8)
    with days.work(on):
        subscription_verbs.suspend(loaded(line), on=on, reason="Away", billing=PauseBilling.CREDIT)
    assert [(line.net_minor, line.tax_minor) for line in days.billed(on)] == [(-7_666, -668)]
    assert [tax_minor for _, _, tax_minor in sums()] == [-77, -591]
    with days.work(on):
        subscription_verbs.resume(loaded(line), on=on)
    assert [(line.net_minor, line.tax_minor) for line in days.billed(on)] == [(7_666, 668)]
    with days.work(on):
        subscription_verbs.end(loaded(line), on=JUNE, reason="Never began")
    days.billed(on)
    with unit_of_work():
        parts = select(InvoiceLineTax.name, func.sum(InvoiceLineTax.tax_minor)).group_by(InvoiceLineTax.name)
        assert {name: int(total) for name, total in db.session.execute(parts)} == {"Levy": 0, "VAT": 0}


def test_a_rate_that_changes_inside_a_period_taxes_its_days_apart(tenant: TenantRef) -> None:
    """H18."""
    with days.work(JUNE):
        vat = offers.tax("10", mode="exclusive", name="VAT")
        taxes.begin_version(vat, components=[TEN._replace(rate_percent=Decimal(20))], valid_from=HALF)
    begin(30_000, tax=vat)
    assert amounts(days.billed(JUNE)) == [(0, 30_000, 4_500)]
    assert sums() == [("VAT", 15_000, 1_500), ("VAT", 15_000, 3_000)]
    assert amounts(days.billed(JULY)) == [(0, 30_000, 6_000)]


def test_or_the_day_of_issue_decides_the_rate(tenant: TenantRef) -> None:
    set_terms(tax_point="issue")
    with days.work(JUNE):
        vat = offers.tax("10", mode="exclusive", name="VAT")
        taxes.begin_version(vat, components=[TEN._replace(rate_percent=Decimal(20))], valid_from=HALF)
    begin(30_000, tax=vat)
    assert amounts(days.billed(JUNE)) == [(0, 30_000, 3_000)]


@pytest.mark.parametrize(("rounding", "tax_minor"), [("line", 486), ("document", 489)])
def test_taxes_are_rounded_by_line_or_once_on_the_document(
    tenant: TenantRef, rounding: str, tax_minor: int
) -> None:
    """H10."""
    set_terms(tax_rounding=rounding)
    raising = TaxComponent("A", rate_percent=Decimal(6), raises_next=True)
    parallel = raising._replace(name="B", ignores_previous=True)
    tax = tax_of(raising, parallel, TaxComponent("C", rate_percent=Decimal(3)))
    with days.work(JUNE):
        plans = [(offers.plan(1_589, tax=tax), 1, None) for _ in range(2)]
        offers.subscribe(plans=plans, start_on=JUNE)
    lines = days.billed(JUNE)
    assert sum(line.tax_minor for line in lines) == tax_minor == sum(part for _, _, part in sums())


def test_the_exempt_pay_the_price_without_the_tax_in_it_and_the_bill_says_why(tenant: TenantRef) -> None:
    with days.work(JUNE):
        vat = offers.tax("12", mode="inclusive", name="VAT")
    line = begin(112_000, tax=vat)
    with days.work(JUNE):
        customer = db.session.get_one(Customer, line.customer_id)
        exemptions.exempt(customer, facts=ExemptionFacts("School, DepEd 17/2026", JUNE))
    (billed,) = days.billed(JUNE)
    assert (billed.amount_minor, billed.net_minor, billed.tax_minor) == (100_000, 100_000, 0)
    assert billed.arithmetic == "VAT exempt: School, DepEd 17/2026" and sums() == [("VAT", 100_000, 0)]
    with unit_of_work():
        assert db.session.scalars(select(InvoiceTax.exemption)).all() == ["School, DepEd 17/2026"]


def test_totals_are_rounded_to_the_smallest_coin_where_the_company_says_so(tenant: TenantRef) -> None:
    set_terms(cash_step_minor=25)
    begin(99_990)
    lines = days.billed(JUNE)
    assert [(line.description, line.net_minor) for line in lines[1:]] == [("Rounding", 10)]
    assert posted() == {"receivable": 100_000, "revenue": -99_990, "rounding": -10}
    with days.work(JUNE):
        invoices.void(days.newest(), reason="Wrong")
    assert posted() == {}


def test_a_credit_names_the_tax_as_it_was_billed(tenant: TenantRef) -> None:
    with days.work(JUNE):
        vat = offers.tax("10", mode="exclusive", name="VAT")
    line = begin(30_000, tax=vat)
    days.billed(JUNE)
    with days.work(HALF):
        taxes.begin_version(vat, components=[TEN._replace(rate_percent=Decimal(20))], valid_from=HALF)
        subscription_verbs.end(loaded(line), on=HALF, reason="Moves")
    assert amounts(days.billed(HALF)) == [(0, -15_000, -1_500)]
    with unit_of_work():
        assert db.session.scalars(select(InvoiceTax.rate_percent).order_by(InvoiceTax.id)).all() == [10, 10]


def test_a_chunk_takes_the_same_number_of_statements_however_many_discounts_it_holds(tenant: TenantRef) -> None:
    counts = []
    for number in (1, 2, 12):
        with days.work(JUNE):
            half = offers.discount(percent="50")
            for _ in range(number):
                customer = people.register_customer()
                offers.subscribe(customer, start_on=JUNE)
                offers.grant(half, customer)
            (chunk_id,) = runs.pending_chunk_ids(run_verbs.open_run(JUNE, approved=True).id)
        with bills.statements() as sent, days.work(JUNE):
            run_verbs.bill_chunk(chunk_id)
        counts.append(len(sent))
    assert counts[1] == counts[2]


def test_what_is_billed_and_given_back_in_any_way_leaves_books_that_balance(tenant: TenantRef) -> None:
    with days.work(JUNE):
        vat = offers.tax("12", mode="inclusive")
    line = begin(99_999, tax=vat)
    grant = give(line, percent="12.5")
    days.billed(JUNE)
    for number, on in enumerate((date(2026, 6, 5), date(2026, 6, 11), date(2026, 6, 26)), start=1):
        with days.work(on):
            now = loaded(line)
            changes.change(now.running[-1], now, new=NewTerms(unit_price_minor=99_999 + 7_777 * number), on=on)
        days.billed(on)
    with days.work(date(2026, 6, 27)):
        subscription_verbs.end(loaded(line), on=date(2026, 6, 26), reason="Moves")
    days.billed(date(2026, 6, 27))
    with unit_of_work():
        net, tax, off = db.session.execute(select(
            func.sum(InvoiceLine.net_minor), func.sum(InvoiceLine.tax_minor), func.sum(InvoiceLine.discount_net_minor),
        )).one()
    assert posted() == {
        "receivable": net + tax, "revenue": -net - off, "discounts": off, "tax_payable": -tax,
    }
    assert sum(used(grant).values()) == sum(line.discount_minor for line in all_lines())
