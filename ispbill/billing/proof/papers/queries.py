"""Invariants of documents: sums, credits, numbers, periods. One statement each."""
from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Subquery,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import DATEMULTIRANGE, DATERANGE
from sqlalchemy.orm import aliased

from ispbill.billing.invoices.models import Invoice, InvoiceLine, InvoiceStatus, InvoiceTax
from ispbill.billing.invoices.policy import DocumentKind
from ispbill.billing.payments.models import Payment
from ispbill.billing.proformas.models import Proforma
from ispbill.billing.proof.faults.queries import (
    ISSUED,
    fault,
)
from ispbill.billing.refunds.models import Refund
from ispbill.catalogue.models import Plan
from ispbill.company.models import NumberSeries, SeriesKind
from ispbill.core.db import AnySelect
from ispbill.customers.models import Customer
from ispbill.customers.suspension_reasons.policy import PauseBilling
from ispbill.subscriptions.models import Subscription, SubscriptionComponent, SubscriptionPause

_NUMBER, _PREFIX = "[0-9]+$", ""


def lines_sum() -> AnySelect:
    """Documents whose lines come to something else."""
    lines = (
        select(InvoiceLine.invoice_id, func.sum(InvoiceLine.net_minor).label("net"),
               func.sum(InvoiceLine.tax_minor).label("tax")).group_by(InvoiceLine.invoice_id).subquery()
    )
    net, tax = func.coalesce(lines.c.net, 0), func.coalesce(lines.c.tax, 0)
    return (
        fault(Invoice.id, Invoice.number, Invoice.total_minor, net + tax)
        .outerjoin(lines, lines.c.invoice_id == Invoice.id)
        .where(or_(net != Invoice.net_minor, tax != Invoice.tax_minor))
    )


def taxes_sum() -> AnySelect:
    """Documents whose taxes by rate come to something else."""
    taxes = (
        select(InvoiceTax.invoice_id, func.sum(InvoiceTax.tax_minor).label("tax")).group_by(InvoiceTax.invoice_id)
        .subquery()
    )
    tax = func.coalesce(taxes.c.tax, 0)
    return (
        fault(Invoice.id, Invoice.number, Invoice.tax_minor, tax)
        .outerjoin(taxes, taxes.c.invoice_id == Invoice.id).where(tax != Invoice.tax_minor)
    )


def credits_within() -> AnySelect:
    """A line that standing credits took more back of than it charged."""
    credit, note = aliased(InvoiceLine), aliased(Invoice)
    back = (
        select(credit.credits_line_id.label("line_id"), func.sum(credit.amount_minor).label("total"),
               func.sum(credit.tax_minor).label("tax"))
        .join(note, note.id == credit.invoice_id)
        .where(credit.credits_line_id.is_not(None), note.status == InvoiceStatus.ISSUED)
        .group_by(credit.credits_line_id).subquery()
    )
    label = Invoice.number + ", " + InvoiceLine.description
    return (
        fault(Invoice.id, label, InvoiceLine.amount_minor, -back.c.total)
        .join(InvoiceLine, InvoiceLine.invoice_id == Invoice.id).join(back, back.c.line_id == InvoiceLine.id)
        .where(or_(func.abs(back.c.total) > func.abs(InvoiceLine.amount_minor),
                   func.abs(back.c.tax) > func.abs(InvoiceLine.tax_minor), Invoice.status != InvoiceStatus.ISSUED))
    )


def notes_within() -> AnySelect:
    """Documents that standing credit notes about them take more back of than they ask."""
    note = aliased(Invoice)
    back = (
        select(note.corrects_id.label("invoice_id"), func.sum(-note.total_minor).label("total"))
        .where(note.corrects_id.is_not(None), note.kind == DocumentKind.CREDIT_NOTE,
               note.status == InvoiceStatus.ISSUED)
        .group_by(note.corrects_id).subquery()
    )
    return (
        fault(Invoice.id, Invoice.number, Invoice.total_minor, back.c.total)
        .join(back, back.c.invoice_id == Invoice.id)
        .where(or_(back.c.total > Invoice.total_minor, Invoice.status != InvoiceStatus.ISSUED))
    )


def numbers(model: type[Invoice] | type[Payment] | type[Refund] | type[Proforma], kind: SeriesKind) -> AnySelect:
    """Numbers that are not followed by the next one: on a document of their pattern, or as the next of their series.

    Between them lie those that another pattern was given meanwhile, for a series counts on whatever its pattern.
    """
    rows, other = _numbered(model, kind, "mine"), _numbered(model, kind, "other")
    is_current = and_(rows.c.following.is_(None), _rendered_prefix() == rows.c.prefix)
    following = func.coalesce(rows.c.following, case((is_current, NumberSeries.next_number)))
    elsewhere = (
        select(func.count()).select_from(other)
        .where(other.c.prefix != rows.c.prefix, other.c.taken > rows.c.taken, other.c.taken < following,
               other.c.at >= rows.c.at, func.coalesce(other.c.at <= rows.c.following_at, True))
        .correlate(rows, NumberSeries).scalar_subquery()
    )
    expected = rows.c.taken + 1
    return (
        fault(rows.c.id, rows.c.number, expected, following).join(NumberSeries, NumberSeries.kind == kind)
        .where(following != expected, following != expected + elsewhere)
    )


def _numbered(
    model: type[Invoice] | type[Payment] | type[Refund] | type[Proforma], kind: SeriesKind, name: str
) -> Subquery:
    """Documents of a series by what their numbers consist of, with when they were written, and those that follow."""
    columns = model.__table__.c
    at = columns["recorded_at" if "recorded_at" in columns else "created_at"]
    taken = cast(func.substring(model.number, _NUMBER), BigInteger)
    prefix = func.regexp_replace(model.number, _NUMBER, _PREFIX)
    following, following_at = (func.lead(each).over(partition_by=prefix, order_by=taken) for each in (taken, at))
    return select(
        model.id, model.number, prefix.label("prefix"), taken.label("taken"), at.label("at"),
        following.label("following"), following_at.label("following_at"),
    ).where(Invoice.kind == kind if model is Invoice else true()).subquery(name)


def periods_apart() -> AnySelect:
    """A day that a charge is billed for more than once, credits taken off; or that was given back unbilled.

    Each line adds one at its first day and takes it off after its last, a credit the other way round: the sum so far
    is how often a day is billed.
    """
    stands = (InvoiceLine.component_id.is_not(None), InvoiceLine.period_start.is_not(None), ISSUED)
    sign = case((InvoiceLine.credits_line_id.is_(None), 1), else_=-1)
    edges = union_all(*(
        select(InvoiceLine.component_id, day.label("day"), step.label("step"), Invoice.id.label("invoice_id"))
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id).where(*stands)
        for day, step in ((InvoiceLine.period_start, sign), (InvoiceLine.period_end, -sign))
    )).subquery()
    days = (
        select(edges.c.component_id, edges.c.day, func.sum(edges.c.step).label("step"),
               func.max(edges.c.invoice_id).label("invoice_id")).group_by(edges.c.component_id, edges.c.day).subquery()
    )
    times = func.sum(days.c.step).over(partition_by=days.c.component_id, order_by=days.c.day)
    billed = select(days.c.invoice_id, days.c.day, times.label("times")).subquery()
    return (
        fault(Invoice.id, Invoice.number + ", " + cast(billed.c.day, Text), literal(1), billed.c.times)
        .join(billed, billed.c.invoice_id == Invoice.id).where(or_(billed.c.times > 1, billed.c.times < 0))
    )


def days_billed() -> AnySelect:
    """Days before the day up to which a charge is noted as billed that no standing document billed, nor are paused.

    What was given back since counts as billed; days that the next billing is to look at again may still be open.
    """
    part, line, pause = SubscriptionComponent, InvoiceLine, SubscriptionPause
    until = func.greatest(part.start_on, func.least(part.billed_until, part.end_on, part.review_from))
    billed = (
        select(line.component_id, func.range_agg(func.daterange(line.period_start, line.period_end)).label("days"))
        .join(Invoice, Invoice.id == line.invoice_id)
        .where(ISSUED, line.component_id.is_not(None), line.credits_line_id.is_(None)).group_by(line.component_id)
        .subquery()
    )
    paused = (
        select(pause.subscription_id, func.range_agg(func.daterange(pause.start_on, pause.end_on)).label("days"))
        .where(pause.billing != PauseBilling.BILL).group_by(pause.subscription_id).subquery()
    )
    missing: Any = func.datemultirange(func.daterange(part.start_on, until))
    for days in (billed.c.days, paused.c.days):
        missing = missing.op("-", precedence=7)(func.coalesce(days, cast(literal("{}"), DATEMULTIRANGE)))
    gaps = (
        select(part.subscription_id, part.plan_id, func.unnest(missing, type_=DATERANGE).label("gap"))
        .outerjoin(billed, billed.c.component_id == part.id)
        .outerjoin(paused, paused.c.subscription_id == part.subscription_id).subquery()
    )
    first, after = func.lower(gaps.c.gap, type_=Date), func.upper(gaps.c.gap, type_=Date)
    label = Customer.account_number + ", " + Plan.name + ", " + cast(first, Text)
    return (
        fault(Customer.id, label, after - first, literal(0))
        .join(Subscription, Subscription.customer_id == Customer.id)
        .join(gaps, gaps.c.subscription_id == Subscription.id).join(Plan, Plan.id == gaps.c.plan_id)
    )


def _rendered_prefix() -> ColumnElement[str]:
    year = func.coalesce(cast(NumberSeries.year, Text), "")
    branched = func.replace(NumberSeries.prefix, "{branch}", NumberSeries.branch)
    return func.replace(func.replace(branched, "{year}", year), "{yy}", func.right(year, 2))
