"""Verbs of allocations: settle, apply by hand, unapply, release. The customer's account must be held.

A share leads from a payment, a credit note or a write-off to an invoice or a refund; it is released, never changed.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Date, case, cast, null, or_, select, update

from ispbill.audit import service as audit
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.ledger import service as ledger
from ispbill.billing.ledger.policy import reversed_postings, written_off
from ispbill.billing.payments import queries
from ispbill.billing.payments.models import Payment, PaymentAllocation
from ispbill.billing.payments.policy import Credit, OpenInvoice, Share, allocate, check_choice
from ispbill.core.bulk import any_key, copy_rows
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict
from ispbill.core.events import publish
from ispbill.core.i18n import gettext as _

_COLUMNS = (
    "payment_id", "invoice_id", "amount_minor", "credit_note_id", "write_off_id", "refund_id", "allocated_at",
)


@dataclass(frozen=True, slots=True)
class CreditSpent:
    """What credit these customers had, from payments or credit notes, was spent on what they owe."""

    customer_ids: tuple[int, ...]


def settle(customer_ids: Collection[int]) -> None:
    """Spend what credit these customers have on their open invoices, oldest first, then on those that were written off:
    that debt was not bad. Their accounts must be held.
    """
    credits = queries.credits(customer_ids)
    if not credits:
        return
    invoices = queries.open_invoices(credits.keys())
    shares = [share for customer_id, credit in credits.items()
              for share in allocate(credit, invoices.get(customer_id, []))]
    write_shares(shares)
    given_up = queries.written_off(credits.keys())
    if given_up:
        _recover(given_up, queries.credits({row.customer_id for row in given_up}))
    publish(CreditSpent(tuple(credits)))


def settle_first(invoice: OpenInvoice, *, customer_id: int) -> None:
    """Spend a customer's credit, oldest first, on this invoice before any other. Their account must be held."""
    shares = allocate(queries.credits([customer_id]).get(customer_id, []), [invoice])
    write_shares(shares)


def settle_with(note: Credit, invoice: Invoice) -> None:
    """Spend a credit note on the invoice it is about: on what is open of it, then on what of it was written off."""
    owner_id = invoice.customer_id
    shares = allocate([note], [row for row in queries.open_invoices([owner_id]).get(owner_id, [])
                               if row.id == invoice.id])
    write_shares(shares)
    left = note._replace(free_minor=note.free_minor - sum(share.amount_minor for share in shares))
    _recover([row for row in queries.written_off([owner_id]) if row.invoice_id == invoice.id], {owner_id: [left]})


def apply_credit(source: Payment | Invoice, amounts: Mapping[int, int]) -> None:
    """Spend a payment's, or a credit note's, unapplied rest on chosen invoices: minor units by invoice.

    Raises Invalid for an invoice that is not open or for more than is open, Conflict for more than is left.
    """
    customer_id = source.customer_id
    ledger.hold_account(customer_id)
    wanted = Credit(source.id, 0) if isinstance(source, Payment) else Credit(None, 0, source.id)
    known = {credit._replace(free_minor=0): credit for credit in
             queries.credits([customer_id]).get(customer_id, [])}
    credit = known.get(wanted, wanted)
    shares = check_choice(credit, queries.open_invoices([customer_id]).get(customer_id, []), amounts)
    write_shares(shares)
    publish(CreditSpent((customer_id,)))
    _note("applied", source, sum(amounts.values()))


def unapply(allocation: PaymentAllocation) -> None:
    """Take money, or a credit note, off an invoice: the invoice is open again, the money is credit that waits.

    Nothing else is settled with it now: the next invoice, payment or choice of a person does that. Raises Conflict
    for what is not applied any more.
    """
    source = _source_of(allocation)
    ledger.hold_account(source.customer_id)
    db.session.refresh(allocation, attribute_names=["released_at"])
    if allocation.released_at is not None:
        raise Conflict(_("It is taken off already."))
    release(PaymentAllocation.id == allocation.id)
    _note("unapplied", source, allocation.amount_minor)


def release_invoice(invoice_id: int, customer_id: int) -> None:
    """Free what had settled a voided invoice, or what a voided credit note had settled; spend what credit there is.

    Raises Conflict where the invoice was paid after its issue, or money of a voided credit note was refunded.
    """
    ledger.hold_account(customer_id)
    _refuse_paid(invoice_id)
    owned = or_(PaymentAllocation.invoice_id == invoice_id, PaymentAllocation.credit_note_id == invoice_id)
    refuse_refunded(owned)
    release(owned)
    settle([customer_id])


def _refuse_paid(invoice_id: int) -> None:
    """Credit that was there at issue comes back when an invoice is voided; money paid for it is somebody's receipt."""
    number = db.session.scalar(
        select(Payment.number).join(PaymentAllocation, PaymentAllocation.payment_id == Payment.id)
        .join(Invoice, Invoice.id == PaymentAllocation.invoice_id)
        .where(Invoice.id == invoice_id, PaymentAllocation.released_at.is_(None),
               Payment.recorded_at > Invoice.created_at)
        .order_by(Payment.id).limit(1)
    )
    if number is not None:
        raise Conflict(_("It was paid with %(number)s. Take that payment off it first, or issue a credit note.",
                         number=number))


def refuse_refunded(condition: object) -> None:
    """Raises Conflict where a live share among these was paid back to the customer."""
    refunded = db.session.scalar(
        select(PaymentAllocation.id).where(condition, PaymentAllocation.released_at.is_(None),  # type: ignore[arg-type]
                                           PaymentAllocation.refund_id.is_not(None)).limit(1)
    )
    if refunded is not None:
        raise Conflict(_("A part of it was refunded. Cancel the refund first."))


def release(condition: object) -> None:
    """End the live allocations that meet the condition; their invoices and payments are open again.

    Where a write-off is released the customer owes the money again, in the ledger too.
    """
    rows = db.session.execute(
        update(PaymentAllocation).where(condition, PaymentAllocation.released_at.is_(None))  # type: ignore[arg-type]
        .values(released_at=current.now())
        .returning(PaymentAllocation.payment_id, PaymentAllocation.invoice_id, PaymentAllocation.amount_minor,
                   PaymentAllocation.credit_note_id, PaymentAllocation.write_off_id, PaymentAllocation.refund_id)
        .execution_options(synchronize_session=False)
    ).all()
    shares = [Share(*row) for row in rows]
    _mark_settled(shares)
    _post_write_offs([share for share in shares if share.write_off_id], is_taken_back=True)


def write_shares(shares: Sequence[Share]) -> None:
    """Write shares, and note what is settled and what is spent by them."""
    if not shares:
        return
    now = current.now()
    copy_rows(PaymentAllocation, _COLUMNS, ((*share, now) for share in shares))
    _mark_settled(shares)
    _post_write_offs([share for share in shares if share.write_off_id], is_taken_back=False)


def _recover(given_up: Sequence[queries.WrittenOff], credits: Mapping[int, Sequence[Credit]]) -> None:
    """Settle what was written off with credit, by customer, the oldest first; the rest of it stays written off."""
    debts: dict[int, list[OpenInvoice]] = {}
    for row in given_up:
        debts.setdefault(row.customer_id, []).append(OpenInvoice(row.id, row.amount_minor))
    shares = [share for key, owed in debts.items() for share in allocate(credits.get(key, []), owed)]
    if not shares:
        return
    # A share of credit names the share of a write-off that it takes the place of, until the invoice is free of that.
    paid: Counter[int] = Counter()
    for share in shares:
        paid[share.invoice_id or 0] += share.amount_minor
    touched = {row.id: row for row in given_up if paid[row.id]}
    release(PaymentAllocation.id == any_key(touched))
    write_shares([Share(None, row.invoice_id, row.amount_minor - paid[row.id], write_off_id=row.write_off_id)
                  for row in touched.values() if row.amount_minor > paid[row.id]])
    write_shares([share._replace(invoice_id=touched[share.invoice_id or 0].invoice_id) for share in shares])


def _post_write_offs(shares: Sequence[Share], *, is_taken_back: bool) -> None:
    if not shares:
        return
    owners = {invoice.id: invoice for invoice in db.session.scalars(
        select(Invoice).where(Invoice.id == any_key(share.invoice_id for share in shares if share.invoice_id))
    )}
    entries = []
    for share in shares:
        assert share.invoice_id is not None and share.write_off_id is not None, "a write-off settles an invoice"
        invoice = owners[share.invoice_id]
        postings = written_off(customer_id=invoice.customer_id, amount_minor=share.amount_minor)
        memo = f"Write-off of {invoice.number}"
        entries.append(ledger.Entry(
            invoice.booked_on(current.today()), "write_off", share.write_off_id,
            f"{memo} taken back" if is_taken_back else memo,
            reversed_postings(postings) if is_taken_back else postings,
        ))
    ledger.post(entries)


def _mark_settled(shares: Iterable[Share]) -> None:
    """Set or clear the day on which the touched invoices were settled and the touched payments and notes spent."""
    shares = list(shares)
    today = cast(current.today(), Date)
    for model, keys, total, spent, column in (
        (Invoice, {share.invoice_id for share in shares if share.invoice_id}, Invoice.total_minor,
         queries.ALLOCATED_TO_INVOICE, Invoice.settled_on),
        (Invoice, {share.credit_note_id for share in shares if share.credit_note_id}, -Invoice.total_minor,
         queries.ALLOCATED_FROM_NOTE, Invoice.settled_on),
        (Payment, {share.payment_id for share in shares if share.payment_id}, Payment.amount_minor,
         queries.ALLOCATED_FROM_PAYMENT, Payment.applied_on),
    ):
        if keys:
            db.session.execute(
                update(model).where(model.id == any_key(keys))
                .values({column: case((spent >= total, today), else_=null())})
                .execution_options(synchronize_session=False)
            )


def _source_of(allocation: PaymentAllocation) -> Payment | Invoice:
    if allocation.invoice_id is None:
        raise Conflict(_("That is no money on an invoice."))
    if allocation.payment_id is not None:
        payment = db.session.get(Payment, allocation.payment_id)
        assert payment is not None, "a foreign key leads to it"
        return payment
    note = db.session.get(Invoice, allocation.credit_note_id)
    if note is None:
        raise Conflict(_("That is no money on an invoice."))
    return note


def _note(action: str, source: Payment | Invoice, amount_minor: int) -> None:
    entity = "payment" if isinstance(source, Payment) else "invoice"
    audit.note(action, entity=entity, entity_id=source.id, label=source.number, after={"amount_minor": amount_minor})
