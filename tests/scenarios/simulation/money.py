"""Moves of charges, money and documents, by the verbs that staff use."""
from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import takewhile
from random import Random
from typing import Any

from sqlalchemy import select

from ispbill.billing.charges import service as charges
from ispbill.billing.charges.models import Charge, ChargeKind, ChargeStatus
from ispbill.billing.collections.concessions import service as concessions
from ispbill.billing.collections.differences.queries import differences
from ispbill.billing.collections.models import DisputeHold
from ispbill.billing.discounts.policy import DiscountKind
from ispbill.billing.invoices import service as invoices
from ispbill.billing.invoices.models import Invoice, InvoiceStatus
from ispbill.billing.ledger import queries as ledger
from ispbill.billing.metering import service as metering
from ispbill.billing.metering.policy import Usage
from ispbill.billing.payments import queries as credits
from ispbill.billing.payments import service as payments
from ispbill.billing.payments.allocations import service as allocations
from ispbill.billing.payments.models import Payment, PaymentAllocation, PaymentStatus
from ispbill.billing.taxes import service as taxes
from ispbill.catalogue.models import Plan
from ispbill.catalogue.usage.models import UsagePrice
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.customers.models import Customer
from ispbill.subscriptions.models import Subscription, SubscriptionComponent
from tests.make import offers
from tests.scenarios.simulation import chance
from tests.scenarios.simulation.chance import Idle


def charge_once(dice: Random) -> None:
    """A fee, a deposit or something given back; twice with one source counts once."""
    kind = dice.choice([kind for kind in ChargeKind if kind != ChargeKind.DEPOSIT_RETURN])
    amount_minor = dice.randint(100, 50_000) * (-1 if kind == ChargeKind.ADJUSTMENT and dice.random() < 0.7 else 1)
    facts = charges.ChargeFacts(
        chance.one(dice, Customer).id, "Simulated", amount_minor, kind=kind, quantity=dice.randint(1, 3),
        bill_on=chance.day(dice), source=f"simulation:{dice.random()}",
    )
    assert charges.add(facts).id == charges.add(facts).id, "the same charge was added twice"


def cancel_charge(dice: Random) -> None:
    """A charge that waits is withdrawn."""
    charges.cancel(chance.one(dice, Charge, Charge.status == ChargeStatus.PENDING), reason="simulated")


def give_back(dice: Random) -> None:
    """A deposit goes back, or a part of it."""
    deposit = chance.one(dice, Charge, Charge.kind == ChargeKind.DEPOSIT, Charge.status == ChargeStatus.BILLED)
    charges.give_back(deposit, amount_minor=deposit.amount_minor // dice.choice((1, 2)))


def use(dice: Random) -> None:
    """A line is used, today or some days ago, in its trial too; the same reading twice counts once."""
    is_metered = select(UsagePrice.id).where(UsagePrice.plan_id == SubscriptionComponent.plan_id).exists()
    part = chance.one(dice, SubscriptionComponent, is_metered)
    used = Usage(part.subscription_id, chance.past_day(dice), Decimal(dice.randint(1, 900)),
                 f"simulation:{dice.random()}")
    metering.record([used])
    assert metering.record([used]) == 0, "the same reading was recorded twice"


def pay(dice: Random) -> None:
    """Money comes in: a part, all, too much, or ahead; the same click twice counts once."""
    customer = chance.one(dice, Customer)
    owed_minor = max(ledger.balance_of(customer.id), 1_000)
    amount_minor = dice.choice((owed_minor, owed_minor // 2, owed_minor // 3, owed_minor + dice.randint(1, 90_000)))
    receipt = payments.Receipt(
        customer_id=customer.id, amount_minor=amount_minor, method=dice.choice(("cash", "e_wallet")),
        reference=f"R{dice.random()}", received_on=chance.past_day(dice),
        idempotency_key=f"K{dice.random()}",
    )
    assert payments.record(receipt).id == payments.record(receipt).id, "the same payment was recorded twice"
    judged = takewhile(lambda found: found.customer_id == customer.id, differences(after=customer.id - 1))
    by_hand = {"simulated", "Goes on as prepaid"}
    blocked = [found for found in judged if found.should_be_on and not set(found.reason.split("; ")) <= by_hand]
    assert not blocked, f"paid but blocked: {blocked}"


def unapply(dice: Random) -> None:
    """Money, or a note, is taken off an invoice."""
    allocations.unapply(chance.one(dice, PaymentAllocation, PaymentAllocation.released_at.is_(None),
                                   PaymentAllocation.write_off_id.is_(None)))


def apply(dice: Random) -> None:
    """Money that settles nothing is put on an invoice that somebody chooses."""
    invoice = chance.one(dice, Invoice, Invoice.settled_on.is_(None), Invoice.total_minor > 0)
    free = credits.credits([invoice.customer_id]).get(invoice.customer_id, [])
    open_minor = {each.id: each.open_minor for each in
                  credits.open_invoices([invoice.customer_id]).get(invoice.customer_id, [])}
    if not free or invoice.id not in open_minor:
        raise Idle
    credit = dice.choice(free)
    source = db.session.get_one(Payment, credit.payment_id) if credit.payment_id \
        else db.session.get_one(Invoice, credit.credit_note_id)
    allocations.apply_credit(source, {invoice.id: min(credit.free_minor, open_minor[invoice.id])})


def reverse(dice: Random) -> None:
    """A payment bounces."""
    payments.reverse(chance.one(dice, Payment, Payment.status == PaymentStatus.RECORDED), reason="simulated")


def void(dice: Random) -> None:
    """A document is taken back."""
    invoices.void(chance.one(dice, Invoice, Invoice.status == InvoiceStatus.ISSUED), reason="simulated")


def grant_discount(dice: Random) -> None:
    """A customer gets a discount from a day on: a part of each price or all of it, an amount, a voucher."""
    terms: dict[str, Any] = dice.choice((
        {"percent": dice.choice(("10", "33.3", "50", "100"))},
        {"kind": DiscountKind.AMOUNT, "amount_minor": dice.choice((5_000, 200_000))},
        {"kind": DiscountKind.VOUCHER, "amount_minor": dice.choice((30_000, 900_000))},
    ))
    if terms.get("kind") != DiscountKind.VOUCHER:
        terms = {**terms, "periods": dice.choice((None, 1, 3))}
    plans = dice.choice((None, [chance.one(dice, Plan)]))
    given, customer = offers.discount(f"Simulated {dice.random()}", plans=plans, **terms), chance.one(dice, Customer)
    line = db.session.scalars(select(Subscription.id).where(Subscription.customer_id == customer.id)).first()
    offers.grant(given, customer, starts_on=chance.day(dice), subscription_id=dice.choice((None, line)))


def exempt(dice: Random) -> None:
    """A customer owes a tax no longer."""
    taxes.exempt(chance.one(dice, Customer), facts=taxes.ExemptionFacts("simulated", chance.day(dice)))


def promise(dice: Random) -> None:
    """A customer promises to pay soon."""
    until_on = current.today() + timedelta(days=dice.randint(1, 7))
    concessions.promise(chance.one(dice, Customer).id, until_on=until_on)


def dispute(dice: Random) -> None:
    """An invoice is said to be wrong."""
    concessions.dispute(chance.one(dice, Invoice, Invoice.settled_on.is_(None)).id, reason="simulated")


def close_dispute(dice: Random) -> None:
    """A dispute comes to its end."""
    concessions.close_dispute(chance.one(dice, DisputeHold, DisputeHold.closed_on.is_(None)), outcome="simulated")
