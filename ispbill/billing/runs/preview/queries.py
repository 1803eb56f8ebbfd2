"""The last bills of customers, to compare the next ones with; and the previews that are kept."""
from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from ispbill.billing.invoices.models import Invoice, InvoiceLine, InvoiceStatus
from ispbill.billing.invoices.policy import DocumentKind
from ispbill.billing.runs.preview.models import RunPreview, RunPreviewPart
from ispbill.billing.runs.preview.policy import Bill, BillPart, Preview
from ispbill.core.bulk import any_key
from ispbill.core.db import AnyRow, db
from ispbill.core.periods import period_from
from ispbill.subscriptions.models import Subscription, SubscriptionComponent
from ispbill.subscriptions.queries import dates_of

_LONGEST_PERIOD = timedelta(days=366)


def last_bills(customer_ids: Collection[int], *, before: date) -> dict[int, list[BillPart]]:
    """What the newest invoice of a run before a day asked of each customer, line by line.

    Bills of periods only: one by hand, or of a run that had nothing but a fee to bill, is none to compare with.
    """
    charges_a_period = exists().where(InvoiceLine.invoice_id == Invoice.id, InvoiceLine.component_id.is_not(None),
                                      InvoiceLine.credits_line_id.is_(None))
    newest = (
        select(Invoice.id, Invoice.customer_id).ext(distinct_on(Invoice.customer_id))
        .where(Invoice.customer_id == any_key(customer_ids), Invoice.kind == DocumentKind.INVOICE,
               Invoice.status == InvoiceStatus.ISSUED, Invoice.issued_on < before,
               Invoice.billing_run_id.is_not(None), charges_a_period)
        .order_by(Invoice.customer_id, Invoice.issued_on.desc(), Invoice.id.desc()).subquery()
    )
    rows = db.session.execute(
        select(newest.c.customer_id, InvoiceLine.component_id, InvoiceLine.subscription_id,
               InvoiceLine.credits_line_id.is_not(None), InvoiceLine.quantity, InvoiceLine.unit_price_minor,
               InvoiceLine.net_minor, InvoiceLine.tax_minor, InvoiceLine.discount_net_minor)
        .join(InvoiceLine, InvoiceLine.invoice_id == newest.c.id).order_by(newest.c.customer_id, InvoiceLine.id)
    )
    found: dict[int, list[BillPart]] = {}
    for customer_id, *facts in rows:
        found.setdefault(customer_id, []).append(BillPart(*facts))
    return found


def charged_no_more(on: date, *, first: int, last: int) -> set[int]:
    """Customers in a range of ids with something that would be billed again on a day, had it not ended or stopped."""
    part = SubscriptionComponent
    in_arrears = part.timing == "arrears"
    rows = db.session.execute(
        select(Subscription.customer_id, part).join(Subscription, Subscription.id == part.subscription_id)
        .where(Subscription.customer_id.between(first, last), or_(part.due_on.is_(None), part.due_on > on),
               part.billed_until > part.start_on,
               or_(and_(~in_arrears, part.billed_until == on),
                   and_(in_arrears, part.billed_until < on, part.billed_until >= on - _LONGEST_PERIOD)))
    )
    return {customer_id for customer_id, ended in rows
            if ended.timing != "arrears" or _period_end(ended) == on}


def of_day(on: date) -> RunPreview | None:
    """The preview that is kept of a day, or being made."""
    return db.session.scalars(select(RunPreview).where(RunPreview.billing_on == on)).one_or_none()


def newest(limit: int) -> Sequence[AnyRow]:
    """The previews that were made last: their day, when, and by whom they were ordered."""
    return db.session.execute(
        select(RunPreview.billing_on, RunPreview.made_at, RunPreview.ordered_by)
        .where(RunPreview.made_at.is_not(None)).order_by(RunPreview.made_at.desc()).limit(limit)
    ).all()


def progress(preview_id: int) -> AnyRow:
    """How many parts a preview has, and how many of them are done."""
    return db.session.execute(
        select(func.count().label("total"), func.count(RunPreviewPart.outcome).label("done"))
        .where(RunPreviewPart.preview_id == preview_id)
    ).one()


def pending_part_ids(preview_id: int) -> list[int]:
    """The parts of a preview that are still to be looked at."""
    return list(db.session.scalars(
        select(RunPreviewPart.id).where(RunPreviewPart.preview_id == preview_id, RunPreviewPart.outcome.is_(None))
        .order_by(RunPreviewPart.ordinal)
    ))


def at_work() -> Sequence[RunPreview]:
    """The previews that are being made."""
    return db.session.scalars(select(RunPreview).where(RunPreview.made_at.is_(None))).all()


def kept(preview_id: int) -> Preview:
    """What all parts of a preview come to."""
    seen = Preview()
    outcomes = db.session.scalars(
        select(RunPreviewPart.outcome).where(RunPreviewPart.preview_id == preview_id).order_by(RunPreviewPart.ordinal)
    )
    for outcome in outcomes:
        seen.add(Preview.from_json(outcome))
    return seen


def _period_end(ended: SubscriptionComponent) -> date:
    return period_from(dates_of(ended, ()).schedule, ended.billed_until).full.end


def kept_bills(preview_id: int) -> Iterator[Bill]:
    """Each customer's bill in a preview."""
    bills = db.session.scalars(
        select(RunPreviewPart.bills).where(RunPreviewPart.preview_id == preview_id).order_by(RunPreviewPart.ordinal)
    )
    return (Bill(*bill) for part in bills for bill in part)
