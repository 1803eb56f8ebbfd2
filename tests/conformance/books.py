"""The books of a customer, told by charges, payments and notes: what is owed, paid, and left over."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select

from ispbill.billing.charges import service as charges
from ispbill.billing.charges.models import Charge, ChargeKind
from ispbill.billing.charges.service import ChargeFacts
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.ledger.policy import AccountPurpose
from ispbill.billing.notes import service as notes
from ispbill.billing.notes.policy import Take
from ispbill.billing.notes.service import NewLine
from ispbill.billing.payments import queries as credits
from ispbill.billing.payments import service as payments
from ispbill.billing.payments.allocations import service as allocations
from ispbill.billing.payments.models import Payment, PaymentAllocation
from ispbill.billing.rating.policy import rate
from ispbill.billing.runs import jobs
from ispbill.billing.taxes import service as exemptions
from ispbill.billing.taxes.policy import Rounding
from ispbill.catalogue.usage.policy import PriceList, Tier
from ispbill.company import service as company
from ispbill.company.policy import BillingTerms
from ispbill.core.db import db
from ispbill.core.money import exponent, to_major, to_minor
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers.models import Customer
from tests.conformance.story import Story, Terms, day
from tests.make import corrections


class Account:
    """A customer who is owed and owes: one-time charges, payments, notes. Amounts in major units of the currency."""

    def __init__(self) -> None:
        self._story = Story()

    def owe(self, amounts: Sequence[Decimal], *, on: date, tax: Decimal | None = None) -> None:
        """Bill some charges on a day, each on a line; below zero they are a credit note."""
        self.charge(amounts, on=on, tax=tax)
        self.bill(on=on)

    def charge(self, amounts: Sequence[Decimal], *, on: date, tax: Decimal | None = None) -> None:
        """Put charges on the next bill; `tax` is the percentage added."""
        self._story.charge(amounts, on=on, tax=tax)

    def deposit(self, amount: Decimal, *, on: date) -> None:
        """Hold money of the customer, billed and paid."""
        with day(on), unit_of_work():
            charges.add(ChargeFacts(self._story.customer_id, "Deposit", to_minor(amount, self._story.currency),
                                    ChargeKind.DEPOSIT))
        self.bill(on=on)
        self.pay(amount, on=on)

    def give_deposits_back(self, *, on: date) -> None:
        """Give back all that is held."""
        with day(on), unit_of_work():
            for charge in db.session.scalars(select(Charge).where(Charge.kind == ChargeKind.DEPOSIT)).all():
                charges.give_back(charge, amount_minor=charge.amount_minor)
        self.bill(on=on)

    def owe_more(self, amount: Decimal) -> None:
        """Issue a document about an amount, now."""
        with unit_of_work():
            notes.debit(self._story.customer_id, [NewLine("Charge", to_minor(amount, self._story.currency))],
                        reason="more")

    def rated(self, price: Decimal) -> Decimal:
        """What a unit of usage at a price costs on a line; the price may have more decimals than the currency."""
        exact = price.scaleb(exponent(self._story.currency))
        return to_major(rate(Decimal(1), PriceList((Tier(None, exact),))).amount_minor, self._story.currency)

    def exempts(self, *, on: date) -> None:
        """The customer owes no tax from a day on."""
        with day(on), unit_of_work():
            customer = db.session.get_one(Customer, self._story.customer_id)
            exemptions.exempt(customer, facts=exemptions.ExemptionFacts("certificate", on))

    def rounds_by_document(self) -> None:
        """Round taxes once on the document, not on each line."""
        with unit_of_work():
            company.change_terms(BillingTerms(15, True, "", tax_rounding=Rounding.DOCUMENT))

    def subscribe(self, price: Decimal, *, on: date) -> None:
        """Charge a monthly plan from a day."""
        self._story.begin(price, on=on, terms=Terms())

    def bill(self, *, on: date) -> None:
        """Bill what waits."""
        self._story.bill(on)

    def foreseen(self, *, on: date) -> Decimal:
        """What a run on a day would bill."""
        with day(on):
            return to_major(jobs.preview(on).total_minor, self._story.currency)

    def pay(self, amount: Decimal, *, on: date, key: str | None = None) -> None:
        """Money from the customer, if any; a key makes the same payment count once."""
        if amount:
            self._story.pay(amount, on=on, key=key)

    def void_newest(self, *, on: date) -> None:
        """Void the newest invoice, and withdraw the charges that wait again."""
        self._story.void_newest(on=on)
        with day(on), unit_of_work():
            for charge in db.session.scalars(select(Charge).where(Charge.status == "pending")).all():
                charges.cancel(charge, reason="billed in error")

    def write_off_newest(self, *, on: date) -> None:
        """Give up what is open of the newest invoice."""
        with day(on):
            with unit_of_work():
                newest = db.session.scalar(select(func.max(Invoice.id)))
            assert newest is not None
            corrections.written_off(newest)

    def reverse_newest(self, *, on: date) -> Decimal:
        """The newest payment bounces; its amount."""
        with day(on), unit_of_work():
            newest = db.session.scalars(select(Payment).order_by(Payment.id.desc()).limit(1)).one()
            payments.reverse(newest, reason="bounced")
            return to_major(newest.amount_minor, self._story.currency)

    def credit_newest(self, amount: Decimal, *, on: date) -> Decimal:
        """A credit note about a part of the newest invoice; what stands on it."""
        with day(on):
            with unit_of_work():
                newest = db.session.scalar(select(func.max(Invoice.id)).where(Invoice.kind == "invoice"))
            assert newest is not None
            note = corrections.credited(newest, Take(amount_minor=to_minor(amount, self._story.currency)))
            return to_major(note.total_minor, self._story.currency)

    def note_parts(self, net: Decimal, *, on: date) -> dict[str, Decimal]:
        """A credit note about a part of the first invoice: its net, tax and total."""
        with day(on):
            with unit_of_work():
                first = db.session.scalar(select(func.min(Invoice.id)))
            assert first is not None
            note = corrections.credited(first, Take(amount_minor=to_minor(net, self._story.currency)))
            figures = {"net": note.net_minor, "tax": note.tax_minor, "total": note.total_minor}
            return {name: to_major(-minor if minor < 0 else minor, self._story.currency)
                    for name, minor in figures.items()}

    def status(self) -> str:
        """What the newest document is."""
        with unit_of_work():
            return str(db.session.scalars(select(Invoice.status).order_by(Invoice.id.desc()).limit(1)).one())

    def refund(self, amount: Decimal, *, on: date, unapplies: bool = False) -> None:
        """Pay back free credit; or, where it `unapplies`, of the newest payments, whose invoices are open again."""
        with day(on):
            while unapplies and self.credit() < amount and self._unapply_newest():
                pass
            corrections.refunded(self._story.customer_id, to_minor(amount, self._story.currency))
            with unit_of_work():
                allocations.settle([self._story.customer_id])

    def _unapply_newest(self) -> bool:
        """Take off what was settled last; whether anything was."""
        with unit_of_work():
            newest = db.session.scalars(
                select(PaymentAllocation).where(PaymentAllocation.released_at.is_(None),
                                                PaymentAllocation.invoice_id.is_not(None))
                .order_by(PaymentAllocation.id.desc()).limit(1)
            ).first()
            if newest is not None:
                allocations.unapply(newest)
            return newest is not None

    def open_amounts(self) -> list[Decimal]:
        """What is open of each invoice that asks for money, oldest first; zero for a settled one."""
        with unit_of_work():
            issued = db.session.scalars(
                select(Invoice.id).where(Invoice.kind == "invoice", Invoice.status == "issued")
                .order_by(Invoice.issued_on, Invoice.id)
            ).all()
            still = {each.id: each.open_minor
                     for each in credits.open_invoices([self._story.customer_id]).get(self._story.customer_id, [])}
        return [to_major(still.get(key, 0), self._story.currency) for key in issued]

    def newest_shares(self) -> list[Decimal]:
        """What settles the newest invoice, in the order in which it was used."""
        with unit_of_work():
            newest = db.session.scalar(select(func.max(PaymentAllocation.invoice_id)))
            found = db.session.scalars(
                select(PaymentAllocation.amount_minor).where(PaymentAllocation.invoice_id == newest)
                .order_by(PaymentAllocation.id)
            ).all()
        return [to_major(share, self._story.currency) for share in found]

    def bad_debt(self) -> Decimal:
        """What is given up, by the books."""
        return to_major(corrections.booked(AccountPurpose.BAD_DEBT), self._story.currency)

    def balance(self) -> Decimal:
        """What the customer owes by the books."""
        return self._story.balance()

    def credit(self) -> Decimal:
        """What settles nothing yet."""
        return self._story.credit()

    def due_on(self) -> date | None:
        """The day on which something is billed next."""
        return self._story.due_on()
