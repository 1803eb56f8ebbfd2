"""Issuing and voiding. Issuing writes many documents at once: numbers last, rows by COPY, one balanced entry each."""
from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import NamedTuple

from sqlalchemy import BigInteger, Date, Update, and_, case, func, or_, select, update
from sqlalchemy.orm import aliased

from ispbill.billing.charges import queries as charges
from ispbill.billing.charges.models import Charge, ChargeStatus
from ispbill.billing.discounts import service as discounts
from ispbill.billing.discounts.policy import UseKey
from ispbill.billing.invoices.buyers import Buyer
from ispbill.billing.invoices.models import Invoice, InvoiceLine, InvoiceLineTax, InvoiceStatus, InvoiceTax
from ispbill.billing.invoices.policy import Advance, DocumentKind, InvoiceDraft, due_day
from ispbill.billing.ledger import service as ledger
from ispbill.billing.ledger.models import JournalEntry
from ispbill.billing.ledger.policy import AccountPurpose, Posting, invoice_issued, reversed_postings
from ispbill.billing.lines.policy import PLAIN, LineDraft
from ispbill.company import service as company
from ispbill.company.models import SeriesKind
from ispbill.core.bulk import any_key, array_named, copy_rows, take_keys_of, written
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.events import publish
from ispbill.core.i18n import gettext as _
from ispbill.subscriptions.models import SubscriptionComponent

_INVOICE_COLUMNS = (
    "id", "number", "kind", "corrects_id", "reason", "customer_id", "billing_run_id", "seller_id", "status",
    "issued_on", "due_on", "net_minor", "tax_minor", "total_minor", "settled_on", "buyer_name", "buyer_address",
    "buyer_tax_identifier", "created_at",
)
_LINE_COLUMNS = (
    "invoice_id", "position", "subscription_id", "component_id", "description", "arithmetic", "period_start",
    "period_end", "quantity", "unit_price_minor", "amount_minor", "net_minor", "tax_minor", "account", "charge_id",
    "credits_line_id", "tax_rate_id", "discount_minor", "discount_net_minor",
)
_TAX_COLUMNS = ("invoice_id", "tax_rate_id", "name", "rate_percent", "base_minor", "tax_minor", "exemption")
_LINE_TAX_COLUMNS = (
    "invoice_id", "position", "tax_rate_id", "name", "rate_percent", "is_inclusive", "base_minor", "tax_minor",
    "exemption",
)


class InvoiceToIssue(NamedTuple):
    """A draft and the buyer it is for; a note says which document it corrects, and why.

    `due_on` is the last day to pay where it is not that of the company's terms.
    """

    draft: InvoiceDraft
    buyer: Buyer
    corrects_id: int | None = None
    reason: str = ""
    is_debit: bool = False
    due_on: date | None = None

    @property
    def kind(self) -> DocumentKind:
        """What it is issued as."""
        return DocumentKind.DEBIT_NOTE if self.is_debit else self.draft.kind


class IssuedInvoice(NamedTuple):
    """What issuing made of a draft."""

    id: int
    number: str
    customer_id: int
    total_minor: int


@dataclass(frozen=True, slots=True)
class InvoiceVoided:
    """An invoice was voided; money that had settled it is free again."""

    invoice_id: int
    customer_id: int


def issue(
    documents: Sequence[InvoiceToIssue], *, on: date, run_id: int | None = None
) -> list[IssuedInvoice]:
    """Issue drafts as of a local day: number, rows, ledger entries, and how far each component is billed.

    A document is no older than what it takes back, where that was billed ahead. A draft without lines is no document,
    but its components go on. Raises Conflict (from the database's unique charge periods) when one of the
    periods is billed already.
    """
    written = [document for document in documents if document.draft.lines]
    _advance([step for document in documents for step in document.draft.advances])
    _bill_charges([line.charge_id for document in written for line in document.draft.lines if line.charge_id])
    _release([key for document in documents for key in document.draft.released])
    if not written:
        return []
    keys, entry_keys = zip(*take_keys_of([Invoice, JournalEntry], len(written)), strict=True)
    _write_lines(keys, written)
    postings = [_postings(document.draft) for document in written]
    ledger.write_postings(entry_keys, postings)
    days, seller_id = _days(written, on), company.identity().id
    # From here to the commit nobody else gets a number, so it stands behind all that needs none.
    issued = _numbered(keys, written, days)
    _write_documents(issued, written, days, on=on, run_id=run_id, seller_id=seller_id)
    ledger.write_entries(list(map(_entry, issued, written, days, postings)), keys=entry_keys)
    return issued


def void(invoice: Invoice, *, reason: str) -> None:
    """Take an issued document back: the number stays in the register, what it billed is open to be billed again.

    Raises Invalid without a reason, Conflict when it is void already, when a standing credit takes a part of it back,
    when a deposit on it is given back, or when what it took back was billed again since.
    """
    if not reason.strip():
        raise Invalid(_("Say why the invoice is voided: the register keeps the reason."), field="reason")
    ledger.hold_account(invoice.customer_id)
    db.session.refresh(invoice, attribute_names=["status"])
    if invoice.status == InvoiceStatus.VOID:
        raise Conflict(_("%(number)s is void already.", number=invoice.number))
    lines = db.session.scalars(select(InvoiceLine).where(InvoiceLine.invoice_id == invoice.id)).all()
    _refuse_credited(lines)
    _refuse_returned(lines)
    _refuse_given_back(lines)
    _refuse_billed_again(lines)
    _reopen(lines)
    discounts.release(invoice.id)
    invoice.status, invoice.settled_on = InvoiceStatus.VOID, None
    day = invoice.booked_on(current.today())
    invoice.voided_on, invoice.void_reason = day, reason.strip()
    postings = invoice_issued(
        customer_id=invoice.customer_id, nets=_nets(lines), tax_minor=invoice.tax_minor
    )
    ledger.post([ledger.Entry(day, "invoice", invoice.id, f"Void of {invoice.number}", reversed_postings(postings))])
    db.session.flush()
    publish(InvoiceVoided(invoice_id=invoice.id, customer_id=invoice.customer_id))


def bill_again(lines: Sequence[InvoiceLine]) -> None:
    """Let lines that were credited in full be billed anew: one-time charges wait again, periods are due."""
    _wait_again(lines)
    for line in lines:
        if line.component_id is not None and line.period_start is not None:
            db.session.execute(
                update(SubscriptionComponent).where(SubscriptionComponent.id == line.component_id).values(
                    review_from=func.least(SubscriptionComponent.review_from, line.period_start),
                    due_on=func.least(SubscriptionComponent.due_on, current.today()),
                ).execution_options(synchronize_session=False)
            )


def _days(documents: Sequence[InvoiceToIssue], on: date) -> list[date]:
    """The day of each document: that of the issue or, where that is later, of what it takes back."""
    credited = [[line.credits_line_id for line in document.draft.lines if line.credits_line_id]
                for document in documents]
    if not any(credited):
        return [on] * len(documents)
    rows = db.session.execute(
        select(InvoiceLine.id, Invoice.issued_on).join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(InvoiceLine.id == any_key(key for keys in credited for key in keys), Invoice.issued_on > on)
    )
    ahead: dict[int, date] = {key: issued_on for key, issued_on in rows}
    return [max([on, *(ahead[key] for key in keys if key in ahead)]) for keys in credited]


def _numbered(
    keys: Sequence[int], documents: Sequence[InvoiceToIssue], days: Sequence[date]
) -> list[IssuedInvoice]:
    """The documents with their numbers: of each kind one block of its series for each year, an earlier year first."""
    kinds = [(document.kind, day.year) for document, day in zip(documents, days, strict=True)]
    blocks = {(kind, year): company.take_numbers(SeriesKind(kind), count, on=date(year, 1, 1))
              for (kind, year), count in sorted(Counter(kinds).items())}
    numbers = {kind: iter(block.texts()) for kind, block in blocks.items()}
    return [
        IssuedInvoice(key, next(numbers[kind]), document.draft.customer_id, document.draft.total_minor)
        for key, kind, document in zip(keys, kinds, documents, strict=True)
    ]


def _write_documents(
    issued: list[IssuedInvoice], documents: Sequence[InvoiceToIssue], days: Sequence[date], *, on: date,
    run_id: int | None, seller_id: int,
) -> None:
    # A run that is done late gives everybody the days to pay that they would have had (docs/decisions/0039).
    due_on = due_day(on if run_id is None else max(on, current.today()), due_days=company.settings().due_days)
    now = current.now()
    copy_rows(Invoice, _INVOICE_COLUMNS, (
        (
            invoice.id, invoice.number, document.kind, document.corrects_id, document.reason, invoice.customer_id,
            run_id, seller_id, "issued", day, document.due_on or max(due_on, day), document.draft.net_minor,
            document.draft.tax_minor, invoice.total_minor, day if invoice.total_minor == 0 else None,
            document.buyer.name, document.buyer.address, document.buyer.tax_identifier, now,
        )
        for invoice, document, day in zip(issued, documents, days, strict=True)
    ))


def _write_lines(keys: Sequence[int], documents: Sequence[InvoiceToIssue]) -> None:
    """Lines and taxes of documents that are written after them in the same transaction, under these keys."""
    copy_rows(InvoiceLine, _LINE_COLUMNS, (
        (key, position, *line[:-2], line.tax and line.tax.id, *line.extras[:2])
        for key, document in zip(keys, documents, strict=True)
        for position, line in enumerate(document.draft.lines, start=1)
    ))
    copy_rows(InvoiceTax, _TAX_COLUMNS, (
        (key, tax.tax.id, tax.tax.name, tax.tax.rate_percent, tax.base_minor, tax.tax_minor, tax.tax.exemption)
        for key, document in zip(keys, documents, strict=True) for tax in document.draft.taxes
    ))
    _write_extras(keys, documents)


def _write_extras(keys: Sequence[int], documents: Sequence[InvoiceToIssue]) -> None:
    """What only some lines have: taxes part by part, and what discounts took off."""
    lines = [
        (key, position, line.extras) for key, document in zip(keys, documents, strict=True)
        for position, line in enumerate(document.draft.lines, start=1) if line.extras is not PLAIN
    ]
    if not lines:
        return
    copy_rows(InvoiceLineTax, _LINE_TAX_COLUMNS, (
        (key, position, part.tax.id, part.tax.name, part.tax.rate_percent, part.tax.is_inclusive, part.base_minor,
         part.tax_minor, part.tax.exemption)
        for key, position, extras in lines for part in extras.taxes
    ))
    discounts.write_uses(
        discounts.Use(taken.grant_id, key, position, UseKey(taken.subscription_id, taken.begins_on),
                      taken.amount_minor)
        for key, position, extras in lines for taken in extras.taken
    )


def _postings(draft: InvoiceDraft) -> list[Posting]:
    return invoice_issued(customer_id=draft.customer_id, nets=_nets(draft.lines), tax_minor=draft.tax_minor)


def _entry(invoice: IssuedInvoice, document: InvoiceToIssue, on: date, postings: list[Posting]) -> ledger.Entry:
    return ledger.Entry(on, "invoice", invoice.id, f"{_TITLES[document.kind]} {invoice.number}", postings)


_TITLES = {
    DocumentKind.INVOICE: "Invoice", DocumentKind.CREDIT_NOTE: "Credit note", DocumentKind.DEBIT_NOTE: "Debit note",
}


def _nets(lines: Sequence[LineDraft] | Sequence[InvoiceLine]) -> dict[str, int]:
    """What was sold, by the purpose of its account, before discounts; these have an account of their own.

    What is owed in service is owed as it was paid for: it becomes revenue less its discount.
    """
    nets: dict[str, int] = {}
    off_minor = 0
    for line in lines:
        line_off_minor = 0 if line.account == AccountPurpose.DEFERRED_REVENUE else line.discount_net_minor
        nets[line.account] = nets.get(line.account, 0) + line.net_minor + line_off_minor
        off_minor += line_off_minor
    return nets | {AccountPurpose.DISCOUNTS.value: -off_minor} if off_minor else nets


def _advance(steps: Sequence[Advance]) -> None:
    """Note how far components are billed and when they are due next; what was to be reviewed has been."""
    if steps:
        db.session.execute(_advancing(), {
            "component_ids": written(step.component_id for step in steps),
            "days_billed": written(step.billed_until for step in steps),
            "days_due": written(step.due_on for step in steps),
        }, execution_options={"synchronize_session": False})


@cache
def _advancing() -> Update:
    news = func.unnest(
        array_named("component_ids", BigInteger), array_named("days_billed", Date), array_named("days_due", Date),
    ).table_valued("id", "billed_until", "due_on", name="news").render_derived()
    return (
        update(SubscriptionComponent).where(SubscriptionComponent.id == news.c.id)
        .values(billed_until=news.c.billed_until, due_on=news.c.due_on, review_from=None)
    )


def _bill_charges(charge_ids: Sequence[int]) -> None:
    if charge_ids:
        db.session.execute(
            update(Charge).where(Charge.id == any_key(charge_ids)).values(status=ChargeStatus.BILLED)
            .execution_options(synchronize_session=False)
        )


def _release(line_ids: Sequence[int]) -> None:
    """Lines of which every day was given back hold their period no longer: it may be billed again."""
    if line_ids:
        _set_live(line_ids, is_live=False)


def _refuse_credited(lines: Sequence[InvoiceLine]) -> None:
    crediting = db.session.scalars(
        select(Invoice.number).join(InvoiceLine, InvoiceLine.invoice_id == Invoice.id)
        .where(InvoiceLine.credits_line_id == any_key(line.id for line in lines), InvoiceLine.is_live).limit(1)
    ).one_or_none()
    if crediting is not None:
        raise Conflict(_("%(crediting)s takes a part of it back. Void that first.", crediting=crediting))


def _refuse_returned(lines: Sequence[InvoiceLine]) -> None:
    """A deposit that nobody was billed cannot be given back."""
    if charges.given_back([line.charge_id for line in lines if line.charge_id]):
        raise Conflict(_("A deposit on it is given back. Withdraw that first, or void the bill that it stands on."))


def _refuse_given_back(lines: Sequence[InvoiceLine]) -> None:
    """What a credit gave back cannot stand again where a later one gave back the rest, for all of it to be billed."""
    later, given_back = aliased(InvoiceLine), aliased(InvoiceLine)
    number = db.session.scalars(
        select(Invoice.number).join(later, later.invoice_id == Invoice.id)
        .join(given_back, given_back.id == later.credits_line_id)
        .where(given_back.id == any_key(line.credits_line_id for line in lines if line.credits_line_id),
               ~given_back.is_live, later.is_live, later.id > max(line.id for line in lines)).limit(1)
    ).one_or_none()
    if number is not None:
        raise Conflict(_("%(number)s has given back the rest since. Void that first.", number=number))


def _refuse_billed_again(lines: Sequence[InvoiceLine]) -> None:
    """What a credit gave back stands billed once more where the credit is taken back, unless the same document did."""
    credited = [line.credits_line_id for line in lines if line.credits_line_id]
    if not credited:
        return
    given_back, again = aliased(InvoiceLine), aliased(InvoiceLine)
    is_same = or_(
        and_(again.subscription_id == given_back.subscription_id, again.component_id == given_back.component_id,
             again.period_start < given_back.period_end, again.period_end > given_back.period_start),
        again.charge_id == given_back.charge_id,
    )
    number = db.session.scalars(
        select(Invoice.number).join(again, again.invoice_id == Invoice.id).join(given_back, is_same)
        .where(given_back.id == any_key(credited), ~given_back.is_live, again.is_live, again.credits_line_id.is_(None),
               again.invoice_id != lines[0].invoice_id).limit(1)
    ).one_or_none()
    if number is not None:
        raise Conflict(_("%(number)s has billed the same again since. Void that first.", number=number))


def _reopen(lines: Sequence[InvoiceLine]) -> None:
    """Let what stands on the lines be billed again: periods, one-time charges, and days that they had given back."""
    _set_live([line.id for line in lines], is_live=False)
    _stand_again([line.credits_line_id for line in lines if line.credits_line_id])
    _wait_again(lines)
    given_back = {(line.component_id, line.period_start) for line in lines if line.credits_line_id}
    for line in lines:
        if line.component_id is not None and line.period_start is not None:
            _reopen_period(line, stands=(line.component_id, line.period_start) in given_back)


def _stand_again(line_ids: Sequence[int]) -> None:
    """What was given back is billed after all, so that a charge that waits to be billed anew does so no longer."""
    if line_ids:
        _set_live(line_ids, is_live=True)
        charge_ids = db.session.scalars(select(InvoiceLine.charge_id).where(InvoiceLine.id == any_key(line_ids)))
        _bill_charges([charge_id for charge_id in charge_ids if charge_id])


def _wait_again(lines: Sequence[InvoiceLine]) -> None:
    db.session.execute(
        update(Charge).where(Charge.id == any_key(line.charge_id for line in lines if line.charge_id))
        .values(status=ChargeStatus.PENDING).execution_options(synchronize_session=False)
    )


def _reopen_period(line: InvoiceLine, *, stands: bool) -> None:
    """The newest period is simply not billed any more; of an older one the next billing finds the gap, and of one that
    `stands` as it was billed before whether that is right.
    """
    component, start, end = SubscriptionComponent, line.period_start, line.period_end
    is_newest = (component.billed_until == end) & (not stands)
    db.session.execute(
        update(component).where(component.id == line.component_id).values(
            billed_until=case((is_newest, start), else_=component.billed_until),
            review_from=case((is_newest, component.review_from), else_=func.least(component.review_from, start)),
            due_on=func.least(component.due_on, case((is_newest & (component.timing == "arrears"), end), else_=start)),
        ).execution_options(synchronize_session=False)
    )


def _set_live(line_ids: Sequence[int], *, is_live: bool) -> None:
    db.session.execute(
        update(InvoiceLine).where(InvoiceLine.id == any_key(line_ids)).values(is_live=is_live)
        .execution_options(synchronize_session=False)
    )
