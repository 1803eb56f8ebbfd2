"""Reads what components were billed, with discounts and taxes as they were, in a constant number of statements."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import BigInteger, Date, func, select

from ispbill.billing.charges.policy import Review
from ispbill.billing.discounts.models import DiscountUse
from ispbill.billing.invoices.models import Invoice, InvoiceLine, InvoiceLineTax, InvoiceStatus, InvoiceTax
from ispbill.billing.lines.policy import PLAIN, BilledLine, CreditedPart, Extras, LineTax, Taken, Tax, split_tax
from ispbill.core.bulk import any_key, array_of
from ispbill.core.db import db
from ispbill.core.periods import Period


class _Place(NamedTuple):
    """Where a line stands."""

    invoice_id: int
    position: int


class _Details(NamedTuple):
    """What lines have beside their amounts: their extras by place, the taxes of plain ones by document and key."""

    extras: Mapping[_Place, Extras]
    taxes: Mapping[tuple[int, int], list[Tax]]


def reviews_of(since: Mapping[int, date]) -> dict[int, Review]:
    """What some components were billed beyond a day each, and what of that was credited, for billing to compare."""
    if not since:
        return {}
    lines = _lines(since)
    credits = _credits_of([line.id for line in lines])
    details = _details([*lines, *(credit for group in credits.values() for credit in group)])
    found: dict[int, list[BilledLine]] = {key: [] for key in since}
    for line in lines:
        assert line.component_id is not None, "asked for by component"
        found[line.component_id].append(_billed(line, credits.get(line.id, []), details))
    return {key: Review(day, found[key]) for key, day in since.items()}


class Priced(NamedTuple):
    """The tax of a line as it was billed, and what it has beside its amounts."""

    tax: Tax | None
    extras: Extras


def priced_with(lines: Sequence[InvoiceLine]) -> dict[int, Priced]:
    """With which tax, discount and parts of tax lines were billed, by their ids."""
    details = _details(lines)
    return {
        line.id: Priced(_tax_of(line, details), details.extras.get(_Place(line.invoice_id, line.position), PLAIN))
        for line in lines
    }


def _lines(since: Mapping[int, date]) -> Sequence[InvoiceLine]:
    news = func.unnest(array_of(since, BigInteger), array_of(since.values(), Date))
    asked = news.table_valued("component_id", "since", name="asked").render_derived()
    return db.session.scalars(
        select(InvoiceLine).join(asked, InvoiceLine.component_id == asked.c.component_id)
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(InvoiceLine.credits_line_id.is_(None), InvoiceLine.period_end > asked.c.since,
               Invoice.status == InvoiceStatus.ISSUED)
        .order_by(InvoiceLine.component_id, InvoiceLine.period_start, InvoiceLine.id)
    ).all()


def _credits_of(line_ids: list[int]) -> dict[int, list[InvoiceLine]]:
    rows = db.session.scalars(
        select(InvoiceLine).where(InvoiceLine.credits_line_id == any_key(line_ids), InvoiceLine.is_live)
        .order_by(InvoiceLine.credits_line_id, InvoiceLine.id)
    )
    return {key or 0: list(group) for key, group in groupby(rows, key=lambda row: row.credits_line_id)}


def _details(lines: Sequence[InvoiceLine]) -> _Details:
    keys = {line.invoice_id for line in lines}
    taxes, taken = _line_taxes(keys), _taken(keys)
    extras = {
        place: Extras(line.discount_minor, line.discount_net_minor, taxes.get(place, ()), taken.get(place, ()))
        for line in lines for place in [_Place(line.invoice_id, line.position)]
        if line.discount_minor or place in taxes
    }
    return _Details(extras, _document_taxes(keys))


def _document_taxes(invoice_ids: set[int]) -> dict[tuple[int, int], list[Tax]]:
    taxes: dict[tuple[int, int], list[Tax]] = {}
    rows = db.session.scalars(
        select(InvoiceTax).where(InvoiceTax.invoice_id == any_key(invoice_ids)).order_by(InvoiceTax.id)
    )
    for row in rows:
        named = Tax(row.tax_rate_id, row.name, row.rate_percent, is_inclusive=False, exemption=row.exemption)
        taxes.setdefault((row.invoice_id, row.tax_rate_id), []).append(named)
    return taxes


def _line_taxes(invoice_ids: set[int]) -> dict[_Place, tuple[LineTax, ...]]:
    rows = db.session.scalars(
        select(InvoiceLineTax).where(InvoiceLineTax.invoice_id == any_key(invoice_ids))
        .order_by(InvoiceLineTax.invoice_id, InvoiceLineTax.position, InvoiceLineTax.id)
    )
    return {
        place: tuple(
            LineTax(Tax(row.tax_rate_id, row.name, row.rate_percent, row.is_inclusive, exemption=row.exemption),
                    row.base_minor, row.tax_minor) for row in group
        ) for place, group in groupby(rows, key=lambda row: _Place(row.invoice_id, row.position))
    }


def _taken(invoice_ids: set[int]) -> dict[_Place, tuple[Taken, ...]]:
    rows = db.session.scalars(
        select(DiscountUse).where(DiscountUse.invoice_id == any_key(invoice_ids))
        .order_by(DiscountUse.invoice_id, DiscountUse.position, DiscountUse.id)
    )
    return {
        place: tuple(Taken(row.grant_id, row.subscription_id or 0, row.begins_on, row.amount_minor) for row in group)
        for place, group in groupby(rows, key=lambda row: _Place(row.invoice_id, row.position))
    }


def _billed(line: InvoiceLine, credits: Sequence[InvoiceLine], details: _Details) -> BilledLine:
    assert line.period_start is not None and line.period_end is not None, "a charge has a period"
    left = details.extras.get(_Place(line.invoice_id, line.position), PLAIN)
    parts = tuple(part for credit in credits for part in _credited(credit, details))
    for part in parts:
        left = left if left is PLAIN else left.less(part.extras)
    # A credit of an amount takes back money but no days.
    unplaced = [credit for credit in credits if credit.period_start is None]
    return BilledLine(
        line.id, Period(line.period_start, line.period_end), line.description, line.quantity, line.unit_price_minor,
        line.amount_minor, line.tax_minor, line.includes_tax, _tax_of(line, details), line.account, parts,
        line.amount_minor - sum(part.amount_minor for part in parts) + sum(row.amount_minor for row in unplaced),
        line.tax_minor - sum(part.tax_minor for part in parts) + sum(row.tax_minor for row in unplaced), left,
    )


def _credited(credit: InvoiceLine, details: _Details) -> list[CreditedPart]:
    extras = details.extras.get(_Place(credit.invoice_id, credit.position), PLAIN)
    if credit.period_start is None or credit.period_end is None:
        return []
    period = Period(credit.period_start, credit.period_end)
    return [CreditedPart(period, -credit.amount_minor, -credit.tax_minor,
                         PLAIN if extras is PLAIN else extras.negated())]


def _tax_of(line: InvoiceLine, details: _Details) -> Tax | None:
    """The line's tax as it was billed; of several rates under one key, the one that its amount was found with."""
    known = [replace(tax, is_inclusive=line.includes_tax)
             for tax in details.taxes.get((line.invoice_id, line.tax_rate_id or 0), [])]
    fitting = [tax for tax in known if split_tax(line.amount_minor, tax)[1] == line.tax_minor]
    return next(iter((*fitting, *known)), None)
