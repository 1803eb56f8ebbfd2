"""Loading prepaid time: the wallet is debited before time is granted, in one transaction, once for each key."""
from __future__ import annotations

from dataclasses import dataclass, replace

from ispbill.billing.invoices import service as invoices
from ispbill.billing.invoices.buyers import Buyer, named
from ispbill.billing.invoices.service import InvoiceToIssue, IssuedInvoice
from ispbill.billing.ledger import service as ledger
from ispbill.billing.payments import service as payments
from ispbill.billing.payments.models import Payment
from ispbill.billing.payments.policy import OpenInvoice
from ispbill.billing.prepaid import queries
from ispbill.billing.prepaid.cancelling import service as cancelling
from ispbill.billing.prepaid.models import PrepaidLoad, PrepaidStatus, PrepaidSubscription
from ispbill.billing.prepaid.offers.queries import Offer, Purchase, offer_for, renewed_by
from ispbill.billing.prepaid.policy import next_reminder
from ispbill.billing.wallet import queries as wallet
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid, NotFound
from ispbill.core.events import publish
from ispbill.core.i18n import gettext as _
from ispbill.core.money import format_money
from ispbill.customers import queries as customer_queries
from ispbill.customers import service as customers
from ispbill.customers.models import CustomerStatus
from ispbill.subscriptions.installations import queries as installations


@dataclass(frozen=True, slots=True)
class Line:
    """For whom: a customer, and the installation or the prepaid subscription that gets the time."""

    customer_id: int
    installation_id: int | None = None
    prepaid_id: int | None = None


@dataclass(frozen=True, slots=True)
class Money:
    """What comes in together with a load; exactly what the wallet lacks where no amount is given."""

    method: str
    reference: str = ""
    amount_minor: int | None = None


@dataclass(frozen=True, slots=True)
class PrepaidLoaded:
    """A prepaid line has time again, or more of it."""

    prepaid_id: int
    customer_id: int


def load(
    line: Line, purchase: Purchase, *, received: Money | None = None, idempotency_key: str | None = None
) -> PrepaidLoad:
    """Give a line prepaid time: money that comes in with it is recorded, the wallet pays an invoice, then time is
    granted. The same key gives the load made first. A line that had time before is renewed; on another plan, what is
    unused of the former one is given back first.

    Raises Invalid for what cannot be bought, Conflict where the wallet is short or the line is not to be loaded,
    NotFound for the customer.
    """
    ledger.hold_account(line.customer_id)
    repeated = _loaded_before(line, purchase, idempotency_key)
    if repeated is not None:
        return repeated
    subscription, buyer = _subscription_of(line), _served(line.customer_id)
    _check_line(line, subscription, purchase.plan_id)
    if subscription is not None:
        _check_successor(subscription, purchase)
    if subscription is not None and subscription.plan_id != purchase.plan_id:
        cancelling.give_all_back(subscription, reason="Changed to another plan")
    offer = offer_for(line.customer_id, purchase, renewed=subscription)
    payment = None if received is None else _take(received, offer, key=idempotency_key)
    offer = replace(offer, wallet_minor=wallet.balance_of(line.customer_id))
    invoice = _debit(offer, buyer)
    subscription = _extended(subscription or _begun(line), offer)
    made = _written(subscription, purchase, offer, invoice=invoice, key=idempotency_key)
    made.payment_id = payment.id if payment else None
    db.session.flush()
    publish(PrepaidLoaded(subscription.id, line.customer_id))
    return made


def _loaded_before(line: Line, purchase: Purchase, key: str | None) -> PrepaidLoad | None:
    known = queries.load_of_key(key) if key else None
    if known is not None and (known.subscription.customer_id, known.plan_id, known.kind, known.amount_minor) != (
        line.customer_id, purchase.plan_id, purchase.kind, purchase.amount_minor or known.amount_minor
    ):
        raise Conflict(
            _("This was sent before, for another load. Start afresh, with a new form or a new key."),
            field="idempotency_key",
        )
    return known


def _subscription_of(line: Line) -> PrepaidSubscription | None:
    """What is renewed, locked; None where the line gets prepaid time for the first time."""
    known = renewed_by(line.customer_id, line.installation_id, prepaid_id=line.prepaid_id)
    if known is not None:
        db.session.refresh(known, ["status", "plan_id", "expires_at", "successor_id"], with_for_update=True)
    return known


def _served(customer_id: int) -> Buyer:
    """The customer as the invoice names them; a lead becomes active. Raises Conflict for who is not served."""
    customer = customer_queries.get(customer_id)
    if customer is None:
        raise NotFound(_("There is no such customer."))
    if customer.status == CustomerStatus.LEAD:
        customers.activate(customer)
    elif customer.status != CustomerStatus.ACTIVE:
        raise Conflict(_("%(name)s is %(status)s. Make the customer active first.", name=customer.name,
                         status=customer.status))
    return named(customer)


def _check_line(line: Line, subscription: PrepaidSubscription | None, plan_id: int) -> None:
    installation_id = subscription.installation_id if subscription else line.installation_id
    if subscription is not None and subscription.status == PrepaidStatus.CANCELLED:
        raise Conflict(_("This prepaid subscription is cancelled. Begin a new one."))
    if installation_id is None:
        return
    installation = installations.get(installation_id)
    if installation is None or installation.customer_id != line.customer_id \
            or installation.is_gone:
        raise Invalid(_("Choose an installation of this customer that still exists."), field="installation_id")
    if queries.is_postpaid(installation_id, plan_id):
        raise Conflict(_("The line has this plan as postpaid already. End that first, or convert it."), field="plan_id")


def _check_successor(subscription: PrepaidSubscription, purchase: Purchase) -> None:
    """Raises Conflict unless what a line goes on as has ended where the new time begins, or never begins."""
    begins_at = max(filter(None, (current.now(), subscription.expires_at, purchase.not_before)))
    if queries.goes_on_as(subscription, on=begins_at.astimezone(current.tenant.zone).date()) is not None:
        raise Conflict(_("This line goes on as postpaid when its time is over, so it cannot be loaded any more."))


def _take(received: Money, offer: Offer, *, key: str | None) -> Payment:
    """Record the money that comes with a load; it waits in the wallet for it, whatever else is open."""
    current.require("record_payment")
    amount_minor = offer.missing_minor if received.amount_minor is None else received.amount_minor
    if amount_minor == 0:
        raise Invalid(_("The wallet covers it. Pay from the wallet, or say how much came in."), field="received")
    return payments.record(payments.Receipt(
        customer_id=offer.draft.customer_id, amount_minor=amount_minor, method=received.method,
        reference=received.reference, idempotency_key=f"prepaid:{key}" if key else None, waits=True,
    ))


def _debit(offer: Offer, buyer: Buyer) -> IssuedInvoice:
    """Bill the load and settle it from the wallet at once. Raises Conflict where the wallet is short."""
    if offer.missing_minor:
        money = [format_money(amount, current.tenant.currency)
                 for amount in (offer.draft.total_minor, offer.wallet_minor, offer.missing_minor)]
        raise Conflict(_("This costs %(money)s and the wallet holds %(money_2)s. Take %(money_3)s more.",
                         money=money[0], money_2=money[1], money_3=money[2]),
                       field="received")
    customer_id = offer.draft.customer_id
    (invoice,) = invoices.issue([InvoiceToIssue(offer.draft, buyer)], on=current.today())
    if invoice.total_minor:
        payments.settle_first(OpenInvoice(invoice.id, invoice.total_minor), customer_id=customer_id)
    payments.settle([customer_id])
    return invoice


def _begun(line: Line) -> PrepaidSubscription:
    return PrepaidSubscription(
        customer_id=line.customer_id, installation_id=line.installation_id, cancel_reason="", created_at=current.now()
    )


def _extended(subscription: PrepaidSubscription, offer: Offer) -> PrepaidSubscription:
    subscription.status, subscription.plan_id = PrepaidStatus.ACTIVE, offer.plan.id
    subscription.expires_at, subscription.successor_id = offer.ends_at, None
    subscription.remind_at = next_reminder(current.now(), expires_at=offer.ends_at)
    db.session.add(subscription)
    db.session.flush()
    return subscription


def _written(
    subscription: PrepaidSubscription, purchase: Purchase, offer: Offer, *, invoice: IssuedInvoice, key: str | None
) -> PrepaidLoad:
    cost = offer.cost
    made = PrepaidLoad(
        subscription=subscription, plan_id=offer.plan.id, invoice_id=invoice.id, kind=purchase.kind,
        amount_minor=offer.given.amount_minor, net_minor=cost.net_minor, tax_minor=cost.tax_minor,
        rounding_minor=cost.rounding_minor,
        seconds_granted=int(offer.given.span.total_seconds()), starts_at=offer.starts_at, ends_at=offer.ends_at,
        recognised_minor=0, credited_minor=0, idempotency_key=key, created_by=current.actor.name,
        created_at=current.now(), cancel_reason="",
    )
    db.session.add(made)
    return made
