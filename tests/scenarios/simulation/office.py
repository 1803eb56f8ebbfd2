"""Moves of the office: bank files, drafts, holds, terms that change, books that are closed; by the verbs staff use."""
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

from sqlalchemy import func, select

from ispbill.billing.closing import service as closing
from ispbill.billing.collections.concessions import service as concessions
from ispbill.billing.collections.models import CollectionHold, PromiseStatus, PromiseToPay
from ispbill.billing.discounts import service as discounts
from ispbill.billing.discounts.models import DiscountGrant
from ispbill.billing.drafts import service as drafts
from ispbill.billing.drafts.models import DraftInvoice
from ispbill.billing.drafts.service import DraftFacts
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.notes.service import NewLine
from ispbill.billing.payments import service as payments
from ispbill.billing.taxes.policy import Rounding
from ispbill.catalogue.models import TaxRate
from ispbill.company import service as company
from ispbill.company.policy import BillingTerms
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.customers.models import Customer
from tests.scenarios.simulation import chance


def pay_by_list(dice: Random) -> None:
    """The bank's file of a day, and the same file again."""
    receipts = [
        payments.Receipt(chance.one(dice, Customer).id, dice.randint(100, 300_000), "bank",
                         reference=f"B{dice.random()}", received_on=chance.past_day(dice),
                         idempotency_key=f"B{dice.random()}")
        for _ in range(dice.randint(1, 4))
    ]
    assert payments.record_list(receipts, label="simulated") == len(receipts)
    assert payments.record_list(receipts, label="simulated") == 0, "the same file was recorded twice"


def draft(dice: Random) -> None:
    """An invoice is written by hand and saved."""
    tax_id = chance.one(dice, TaxRate).id
    line = NewLine("Simulated", dice.randint(100, 90_000), dice.randint(1, 3), dice.choice((None, tax_id)))
    drafts.draft(chance.one(dice, Customer).id, DraftFacts([line]))


def issue_draft(dice: Random) -> None:
    """A saved invoice is issued; twice is once."""
    row = chance.one(dice, DraftInvoice)
    before = _documents()
    issued = row.invoice_id is None
    assert drafts.issue(row) == drafts.issue(row), "the same draft was issued twice"
    assert _documents() == before + issued, "a draft becomes one invoice"


def end_discount(dice: Random) -> None:
    """A discount is given no longer."""
    discounts.end(chance.one(dice, DiscountGrant), on=chance.day(dice))


def hold(dice: Random) -> None:
    """A customer is left alone for some days."""
    until_on = current.today() + timedelta(days=dice.randint(0, 9))
    concessions.hold(chance.one(dice, Customer).id, until_on=until_on, reason="simulated")


def lift(dice: Random) -> None:
    """And no longer."""
    is_open = CollectionHold.lifted_on.is_(None), CollectionHold.until_on >= current.today()
    concessions.lift(chance.one(dice, CollectionHold, *is_open))


def withdraw_promise(dice: Random) -> None:
    """A promise is taken back."""
    concessions.withdraw(chance.one(dice, PromiseToPay, PromiseToPay.status == PromiseStatus.OPEN))


def change_terms(dice: Random) -> None:
    """The company rounds otherwise, or lets another day decide the rate of a tax."""
    settings = company.settings()
    terms = BillingTerms(15, auto_issue=True, invoice_note="", proration=settings.proration,
                         first_period=settings.first_period)
    company.change_terms(replace(
        terms, cash_step_minor=dice.choice((0, 0, 5, 25)), tax_rounding=dice.choice(list(Rounding)),
        tax_point=dice.choice(("period", "issue")),
    ))


def close_books(dice: Random) -> None:
    """Nothing is posted any more to days that are over."""
    closing.close(last_day=current.today() - timedelta(days=dice.choice((1, 5, 20, 40))))


def _documents() -> int:
    return db.session.scalar(select(func.count()).select_from(Invoice)) or 0
