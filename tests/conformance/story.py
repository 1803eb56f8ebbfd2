"""A customer's story, told to the real verbs of a company of its own, day by day, and what was billed in it."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from ispbill.billing.charges import service as charges
from ispbill.billing.charges.models import ChargeKind
from ispbill.billing.charges.service import ChargeFacts
from ispbill.billing.discounts.policy import DiscountKind
from ispbill.billing.invoices import service as invoices
from ispbill.billing.invoices.models import Invoice, InvoiceLine
from ispbill.billing.ledger import queries as ledger
from ispbill.billing.notes.policy import Take
from ispbill.billing.payments import queries as credits
from ispbill.billing.payments import service as payments
from ispbill.billing.payments.models import PaymentAllocation
from ispbill.billing.payments.service import Receipt
from ispbill.billing.runs import jobs
from ispbill.catalogue.models import Plan, TaxRate
from ispbill.company import service as company
from ispbill.company.policy import BillingTerms
from ispbill.core.current import at, current
from ispbill.core.db import db
from ispbill.core.money import to_major, to_minor
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers.models import Customer
from ispbill.customers.suspension_reasons.policy import PauseBilling
from ispbill.subscriptions import queries
from ispbill.subscriptions import service as subscriptions
from ispbill.subscriptions.changes import service as changes
from ispbill.subscriptions.changes.service import NewTerms
from ispbill.subscriptions.models import Subscription, SubscriptionComponent
from tests.conformance.cases import MONTHLY, Cadence
from tests.make import corrections, offers, people

_LONG_AGO = date(2000, 1, 1)
# More periods than any case bills: a story that does not end is a fault.
_MOST_BILLS = 60


Line = dict[str, Any]
"""A billed line: first day, day after the last, amount and tax in major units, RECURRING or REPAIR."""


@dataclass(frozen=True, slots=True)
class Discount:
    """What is taken off every period: a part of the price, or an amount."""

    percent: str = ""
    amount: Decimal = Decimal(0)
    periods: int | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """How something is charged: how long its periods are and where they begin, when they are billed, what is added."""

    every: Cadence = MONTHLY
    anchor: int | None = None
    aligned_on: date | None = None
    arrears: bool = False
    quantity: int = 1
    tax: Decimal | None = None
    trial_days: int = 0


@dataclass(frozen=True, slots=True)
class Bill:
    """What one billing day added: its lines, the tax on them, and what of the customer's credit they used or left."""

    on: date
    lines: list[Line]
    net: Decimal
    tax: Decimal
    credit_used: Decimal
    credit_left: Decimal
    credit_made: Decimal
    owed: Decimal
    """What the customer owes in all by the books once it is billed."""

    @property
    def total(self) -> Decimal:
        """What the customer owes for it."""
        return self.net + self.tax


class Story:
    """One customer, one subscription. Amounts go in and out in major units of the currency."""

    def __init__(self, *, proration: str = "actual", first_period: str = "stub") -> None:
        self.currency = current.tenant.currency
        self.is_fixed_30 = proration == "fixed_30"
        self.bills: list[Bill] = []
        self._subscription_id = 0
        self._addons: list[int] = []
        self._taxes: dict[Decimal, int] = {}
        with unit_of_work():
            company.change_terms(BillingTerms(15, True, "", proration, first_period))
            self.customer_id = people.register_customer().id

    def begin(self, price: Decimal, *, on: date, terms: Terms) -> None:
        """Subscribe the customer to a plan of this price from a day."""
        with day(on), unit_of_work():
            self._begin(self._plan(price, terms), None if price else 0, on, terms)

    def begin_beside(self, price: Decimal, *, on: date, terms: Terms) -> None:
        """Subscribe the customer to something else, which has periods of its own."""
        with day(on), unit_of_work():
            self._subscribed(self._plan(price, terms), None, on, terms)

    def charge(self, amounts: Sequence[Decimal], *, on: date, tax: Decimal | None = None) -> None:
        """Put charges on the next bill; `tax` is the percentage added."""
        with day(on), unit_of_work():
            tax_id = None if tax is None else self._tax(tax).id
            for amount in amounts:
                kind = ChargeKind.ADJUSTMENT if amount < 0 else ChargeKind.ONE_TIME
                charges.add(ChargeFacts(self.customer_id, "Charge", to_minor(amount, self.currency), kind,
                                        tax_rate_id=tax_id))

    def begin_again(self, *, on: date, terms: Terms) -> None:
        """Subscribe the customer once more to the plan that ended."""
        with day(on), unit_of_work():
            self._begin(self._loaded().components[0].plan, None, on, terms)

    def grant(self, discount: Discount, *, on: date) -> None:
        """Take something off every period from a day on."""
        with day(on), unit_of_work():
            minor = to_minor(discount.amount, self.currency)
            kind: dict[str, Any] = {"percent": discount.percent} if discount.percent else {
                "kind": DiscountKind.AMOUNT, "amount_minor": minor}
            off = offers.discount(periods=discount.periods, **kind)
            offers.grant(off, db.session.get_one(Customer, self.customer_id))

    def add(self, price: Decimal, *, on: date, terms: Terms) -> None:
        """Charge something beside what runs."""
        with day(on), unit_of_work():
            plan = self._plan(price, terms)
            changes.add(self._loaded(), plan=plan, on=on)
            self._addons.append(plan.id)

    def change(
        self, price: Decimal, *, on: date, terms: Terms, restarts: bool = False, said_on: date | None = None
    ) -> None:
        """Charge another plan instead of the last that is no add-on; one that ran before at that price again."""
        with day(said_on or on), unit_of_work():
            line = self._loaded()
            plan = self._known(line, price, terms.every) or self._plan(price, terms)
            changes.change(self._main(line), line, new=NewTerms(plan, restarts=restarts), on=on)

    def change_quantity(self, quantity: int, *, on: date) -> None:
        """Charge another number of the last that is no add-on."""
        with day(on), unit_of_work():
            line = self._loaded()
            changes.change(self._main(line), line, new=NewTerms(quantity=quantity), on=on)

    def remove_addons(self, *, on: date) -> None:
        """Charge no longer what was added."""
        while self._addons:
            self.remove_newest(on=on)

    def remove_newest(self, *, on: date) -> None:
        """Charge no longer what was added last."""
        with day(on), unit_of_work():
            line, plan_id = self._loaded(), self._addons.pop()
            (part,) = (part for part in line.running if part.plan_id == plan_id)
            changes.remove(part, line, on=on)

    def _main(self, line: Subscription) -> SubscriptionComponent:
        return next(part for part in reversed(line.running) if part.plan_id not in self._addons)

    def move_anchor(self, anchor: int, *, on: date) -> None:
        """Bill on another day of the month."""
        with day(on), unit_of_work():
            changes.move_anchor(self._loaded(), anchor_day=anchor, on=on)

    def pause(self, *, on: date, said_on: date | None = None) -> None:
        """Serve no longer from a day; what is billed beyond it is given back."""
        with day(said_on or on), unit_of_work():
            subscriptions.suspend(self._loaded(), on=on, reason="asked", billing=PauseBilling.CREDIT)

    def resume(self, *, on: date) -> None:
        """Serve again."""
        with day(on), unit_of_work():
            subscriptions.resume(self._loaded(), on=on)

    def end(self, *, on: date | None, said_on: date | None = None) -> None:
        """Serve no more, from the end of what is billed where no day is; what is billed beyond it is given back."""
        said = said_on or on
        assert said is not None, "somebody says it on a day"
        with day(said), unit_of_work():
            subscriptions.end(self._loaded(), on=on, reason="asked")

    def pay(self, amount: Decimal, *, on: date, key: str | None = None) -> None:
        """Money from the customer."""
        with day(on), unit_of_work():
            payments.record(Receipt(self.customer_id, to_minor(amount, self.currency), "cash", idempotency_key=key))

    def void_newest(self, *, on: date) -> None:
        """Void the newest document that stands."""
        self._void(Invoice.id.desc(), on=on)

    def void_oldest(self, *, on: date) -> None:
        """Void the oldest document that stands."""
        self._void(Invoice.id.asc(), on=on)

    def _void(self, order: Any, *, on: date) -> None:
        with day(on), unit_of_work():
            stands = Invoice.customer_id == self.customer_id, Invoice.status == "issued"
            found = db.session.scalars(select(Invoice).where(*stands).order_by(order).limit(1)).one()
            invoices.void(found, reason="billed in error")

    def adjust(self, amount: Decimal) -> None:
        """Give a part of the newest invoice back; the note is no bill of the story."""
        with unit_of_work():
            newest = db.session.scalar(select(func.max(Invoice.id)).where(Invoice.kind == "invoice"))
        assert newest is not None, "something is billed"
        corrections.credited(newest, Take(amount_minor=to_minor(amount, self.currency)))

    def bill(self, on: date) -> Bill:
        """Bill a day, and see that billing it once more adds nothing."""
        with day(on):
            before = self._newest(InvoiceLine.id), self._newest(PaymentAllocation.id), self.credit()
            result = jobs.bill_now(on)
            assert not result.parked, f"parked: {result.parked}"
            assert jobs.bill_now(on).lines == 0, "a second run adds nothing"
            made = self._read(on, *before)
        self.bills.append(made)
        return made

    def bill_until(self, last: date, *, lines: int | None = None) -> None:
        """Bill on every day on which something is due, up to a day, or until there are so many lines."""
        for _ in range(_MOST_BILLS):
            on = self.due_on()
            done = lines is not None and sum(len(bill.lines) for bill in self.bills) >= lines
            if on is None or on > last or done:
                return
            self.bill(on)
        raise AssertionError(f"more than {_MOST_BILLS} bills by {last}")

    def due_on(self) -> date | None:
        """The day on which something is billed next."""
        with unit_of_work():
            return db.session.scalar(select(func.min(SubscriptionComponent.due_on)))

    def billed_until(self) -> date:
        """How far everything is billed."""
        return max(part.billed_until for part in self.components())

    def components(self) -> list[SubscriptionComponent]:
        """What is, or was, charged."""
        with unit_of_work():
            return list(self._loaded().components)

    def lines(self) -> list[Line]:
        """Every line that stands, by whichever run it was billed."""
        with unit_of_work():
            rows = db.session.scalars(
                select(InvoiceLine).join(Invoice, Invoice.id == InvoiceLine.invoice_id)
                .where(Invoice.status == "issued").order_by(InvoiceLine.id)
            ).all()
            return [self._line(row) for row in rows]

    def balance(self) -> Decimal:
        """What the customer owes by the books."""
        with unit_of_work():
            return self._major(ledger.balance_of(self.customer_id))

    def credit(self) -> Decimal:
        """What the customer has paid, or been given back, that settles nothing yet."""
        with unit_of_work():
            free = credits.credits([self.customer_id]).get(self.customer_id, [])
            return self._major(sum(part.free_minor for part in free))

    def _begin(self, plan: Plan, price_minor: int | None, on: date, terms: Terms) -> None:
        self._subscription_id = self._subscribed(plan, price_minor, on, terms).id

    def _subscribed(self, plan: Plan, price_minor: int | None, on: date, terms: Terms) -> Subscription:
        return offers.subscribe(
            db.session.get_one(Customer, self.customer_id), plans=[(plan, terms.quantity, price_minor)], start_on=on,
            anchor_day=terms.anchor, aligned_on=terms.aligned_on,
        )

    def _plan(self, price: Decimal, terms: Terms) -> Plan:
        return offers.plan(
            to_minor(price or Decimal(1), self.currency), valid_from=_LONG_AGO, period_unit=terms.every.unit,
            period_count=terms.every.count, timing="arrears" if terms.arrears else "advance",
            trial_days=terms.trial_days, tax=None if terms.tax is None else self._tax(terms.tax),
        )

    def _tax(self, rate: Decimal) -> TaxRate:
        if rate not in self._taxes:
            self._taxes[rate] = offers.tax(str(rate), mode="exclusive").id
        return db.session.get_one(TaxRate, self._taxes[rate])

    def _known(self, line: Subscription, price: Decimal, every: Cadence) -> Plan | None:
        for part in line.components:
            if (part.unit_price_minor, part.period_unit, part.period_count) == (
                to_minor(price, self.currency), every.unit, every.count
            ):
                return part.plan
        return None

    def _loaded(self) -> Subscription:
        found = queries.get(self._subscription_id)
        assert found is not None
        return found

    def _newest(self, column: Any) -> int:
        with unit_of_work():
            return db.session.scalar(select(func.max(column))) or 0

    def _read(self, on: date, last_line: int, last_share: int, credit: Decimal) -> Bill:
        with unit_of_work():
            rows = db.session.scalars(
                select(InvoiceLine).join(Invoice, Invoice.id == InvoiceLine.invoice_id)
                .where(InvoiceLine.id > last_line, Invoice.customer_id == self.customer_id).order_by(InvoiceLine.id)
            ).all()
            used = db.session.scalar(
                select(func.sum(PaymentAllocation.amount_minor)).where(
                    PaymentAllocation.id > last_share,
                    PaymentAllocation.invoice_id.in_([row.invoice_id for row in rows]),
                )
            )
            lines = [self._line(row) for row in rows]
            net, tax = sum(row.net_minor for row in rows), sum(row.tax_minor for row in rows)
        left = self.credit()
        return Bill(on, lines, self._major(net), self._major(tax), self._major(used or 0), left, left - credit,
                    self.balance())

    def _line(self, row: InvoiceLine) -> Line:
        return {"start": row.period_start, "end": row.period_end, "amount": self._major(row.amount_minor),
                "tax": self._major(row.tax_minor), "type": "REPAIR" if row.credits_line_id else "RECURRING"}

    def _major(self, amount_minor: int) -> Decimal:
        return to_major(amount_minor, self.currency)


@contextmanager
def day(on: date) -> Iterator[None]:
    """Noon of a day in the company's zone, which is UTC where the case names none."""
    with at(datetime(on.year, on.month, on.day, 12, tzinfo=current.tenant.zone)):
        yield

