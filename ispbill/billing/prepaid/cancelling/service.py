"""Verbs that take prepaid time back: what was used is earned, what is unused is credited.

Rule to keep: time, money and books move together; later loads of the line follow up behind the time that went.
"""
from __future__ import annotations

from datetime import datetime, timedelta

from ispbill.billing.invoices import queries as documents
from ispbill.billing.invoices import service as invoices
from ispbill.billing.invoices.buyers import Buyer
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.invoices.policy import total
from ispbill.billing.invoices.reviews import queries as reviews
from ispbill.billing.invoices.service import InvoiceToIssue, InvoiceVoided
from ispbill.billing.ledger import service as ledger
from ispbill.billing.ledger.policy import AccountPurpose, Posting
from ispbill.billing.lines.policy import PLAIN, LineDraft
from ispbill.billing.payments import service as payments
from ispbill.billing.payments.policy import OpenInvoice
from ispbill.billing.payments.service import PaymentReversed
from ispbill.billing.prepaid import queries
from ispbill.billing.prepaid.models import PrepaidLoad, PrepaidStatus, PrepaidSubscription
from ispbill.billing.prepaid.policy import Cost, in_days, next_reminder, revenue_deferred, revenue_recognised, used
from ispbill.billing.pricing import queries as pricing
from ispbill.billing.pricing.policy import rounding_line
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.i18n import gettext as _
from ispbill.customers.service import CustomerTerminated


def cancel_load(load: PrepaidLoad, *, reason: str) -> PrepaidLoad:
    """Take back what is unused of a load: its time ends now, a credit note returns the money to the wallet.

    Raises Invalid without a reason, Conflict where it is cancelled or used up.
    """
    reason, subscription = _given(reason), _held(load.subscription_id)
    db.session.refresh(load, ["cancelled_at", "starts_at", "ends_at", "recognised_minor"], with_for_update=True)
    if load.cancelled_at is not None:
        raise Conflict(_("The load is cancelled already."))
    if load.ends_at <= _now():
        raise Conflict(_("The load is used up; nothing of it is left to give back."))
    give_back(load, subscription, reason=reason)
    payments.settle([subscription.customer_id])
    return load


def cancel(prepaid_id: int, *, reason: str, since: datetime | None = None) -> PrepaidSubscription:
    """Serve a line no longer: whatever time is left returns to the wallet, the line can be sold anew.

    What is left is counted from now, or from an earlier instant where what follows is billed otherwise.
    Raises Invalid without a reason, Conflict where it is cancelled.
    """
    reason, subscription = _given(reason), _held(prepaid_id)
    if subscription.status == PrepaidStatus.CANCELLED:
        raise Conflict(_("This prepaid subscription is cancelled already."))
    give_all_back(subscription, reason=reason, since=since)
    subscription.status, subscription.remind_at = PrepaidStatus.CANCELLED, None
    subscription.cancelled_at, subscription.cancel_reason = current.now(), reason
    db.session.flush()
    payments.settle([subscription.customer_id])
    return subscription


def give_all_back(subscription: PrepaidSubscription, *, reason: str, since: datetime | None = None) -> None:
    """Take back all time that is left, the latest first. The account must be held, the subscription locked."""
    for load in reversed(queries.with_time(subscription.id, after=since or _now(), lock=True)):
        give_back(load, subscription, reason=reason, since=since)


def give_back(
    load: PrepaidLoad, subscription: PrepaidSubscription, *, reason: str, since: datetime | None = None
) -> None:
    """Take back what is unused of a load that has time left; the credit waits in the wallet, unless the load itself is
    not paid. The account must be held, both rows locked.
    """
    since = max(since or _now(), load.starts_at)
    parts = used(load.cost, starts_at=load.starts_at, ends_at=load.ends_at, by=since,
                 cash_step_minor=pricing.rules().cash_step_minor)
    unused = load.ends_at - since
    _stop(load, subscription, reason=reason, unused=unused)
    _earn(load, through_minor=parts.consumed_net_minor)
    if parts.unused.total_minor:
        _credit(load, parts.unused, unused)
    db.session.flush()


def follow_void(event: InvoiceVoided) -> None:
    """A person voided the bill of a load: all of it is taken back, its time too.

    Raises Conflict for the credit note of a load: the time that it gave back is gone.
    """
    if queries.load_of_credit_note(event.invoice_id) is not None:
        raise Conflict(_("This credit note gave prepaid time back, which is gone. Load the line again instead."))
    load = queries.load_of_invoice(event.invoice_id)
    if load is not None and load.cancelled_at is None:
        unused = max(load.ends_at - max(_now(), load.starts_at), timedelta())
        _stop(load, _held(load.subscription_id), reason="Its invoice was voided", unused=unused)
        _unearn(load)
        load.credited_minor = load.total_minor
        db.session.flush()


def follow_reversal(event: PaymentReversed) -> None:
    """Money that paid for prepaid time was taken back: the time that is left is, too; what was used stays owed."""
    for load in queries.unpaid_with_time(event.customer_id, after=_now()):
        give_back(load, _held(load.subscription_id), reason="The payment for it was reversed")


def refuse_while_time_is_left(event: CustomerTerminated) -> None:
    """Raises Conflict when a customer who is to leave has prepaid time left; lines that ran out are cancelled."""
    if queries.has_time(event.customer_id, at=current.now()):
        raise Conflict(_("The customer still has prepaid time. Cancel it first, so that the money is given back."))
    for row in queries.of_customer(event.customer_id):
        if row.status != PrepaidStatus.CANCELLED:
            cancel(row.id, reason=event.reason or "The customer left")


def _held(prepaid_id: int) -> PrepaidSubscription:
    """A subscription, locked behind its customer's account, as whoever moves their money does."""
    subscription = db.session.get_one(PrepaidSubscription, prepaid_id)
    ledger.hold_account(subscription.customer_id)
    columns = ["status", "expires_at", "plan_id", "remind_at", "successor_id"]
    db.session.refresh(subscription, columns, with_for_update=True)
    return subscription


def _stop(load: PrepaidLoad, subscription: PrepaidSubscription, *, reason: str, unused: timedelta) -> None:
    """End a load that much earlier; what was loaded after it begins that much earlier, too."""
    for later in queries.with_time(subscription.id, after=load.ends_at, lock=True):
        later.starts_at, later.ends_at = later.starts_at - unused, later.ends_at - unused
    load.ends_at -= unused
    load.cancelled_at, load.cancel_reason = current.now(), reason
    _shorten(subscription, by=unused)


def _shorten(subscription: PrepaidSubscription, *, by: timedelta) -> None:
    subscription.expires_at -= by
    if subscription.status == PrepaidStatus.CANCELLED:
        return
    if subscription.expires_at <= _now():
        subscription.status, subscription.remind_at = PrepaidStatus.EXPIRED, None
    else:
        subscription.remind_at = next_reminder(current.now(), expires_at=subscription.expires_at)


def _earn(load: PrepaidLoad, *, through_minor: int) -> None:
    """Recognise at once what was used and not recognised yet: the night would not find the load any more."""
    if through_minor > load.recognised_minor:
        _post(load, f"Used of prepaid load {load.id}", revenue_recognised(through_minor - load.recognised_minor))
        load.recognised_minor = through_minor


def _unearn(load: PrepaidLoad) -> None:
    """The void took back all that was billed, also what has become revenue since."""
    if load.recognised_minor:
        _post(load, f"Prepaid load {load.id} voided", revenue_deferred(load.recognised_minor))
        load.recognised_minor = 0


def _post(load: PrepaidLoad, memo: str, postings: list[Posting]) -> None:
    ledger.post([ledger.Entry(current.today(), "prepaid_load", load.id, memo, postings)])


def _credit(load: PrepaidLoad, back: Cost, unused: timedelta) -> None:
    """Issue the credit note over what is unused; it settles what is open of the load's own bill first."""
    billed = documents.detail(load.invoice_id)
    assert billed is not None, "a load is billed"
    lines = [_credit_line(billed, back, unused)]
    if back.rounding_minor:
        lines.append(rounding_line(-back.rounding_minor))
    document = InvoiceToIssue(
        total(billed.customer_id, lines),
        Buyer(billed.buyer_name, billed.buyer_address, billed.buyer_tax_identifier),
        corrects_id=billed.id, reason=load.cancel_reason,
    )
    (note,) = invoices.issue([document], on=current.today())
    load.credit_note_id, load.credited_minor = note.id, back.total_minor
    if billed.open_minor > 0:
        payments.settle_first(OpenInvoice(billed.id, billed.open_minor), customer_id=billed.customer_id)


def _credit_line(billed: Invoice, back: Cost, unused: timedelta) -> LineDraft:
    """The line of the bill taken back in part, with the discount and the tax as they were on the day of issue."""
    line = next(line for line in billed.lines if line.account == AccountPurpose.DEFERRED_REVENUE)
    tax, whole = reviews.priced_with([line])[line.id]
    share_minor, whole_minor = back.net_minor + back.tax_minor, line.net_minor + line.tax_minor
    part = whole.part(share_minor, whole_minor, tax_minor=back.tax_minor) if whole is not PLAIN else PLAIN
    amount_minor = back.net_minor + (back.tax_minor if line.includes_tax else part.inclusive_minor)
    return LineDraft(
        subscription_id=None, component_id=None, description=f"Credit: {line.description}",
        arithmetic=f"{in_days(unused)} unused", period_start=None, period_end=None, quantity=1,
        unit_price_minor=amount_minor, amount_minor=-amount_minor, net_minor=-back.net_minor,
        tax_minor=-back.tax_minor, account=line.account, charge_id=None, credits_line_id=line.id, tax=tax,
        extras=part if part is PLAIN else part.negated(),
    )


def _given(reason: str) -> str:
    if not reason.strip():
        raise Invalid(_("Say why: whoever looks later will want to know."), field="reason")
    return reason.strip()


def _now() -> datetime:
    return current.now().replace(microsecond=0)
