"""Reads what is on record of a line, in a number of statements that does not grow with the history."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select

from ispbill.audit.models import AuditEntry
from ispbill.billing.charges.models import Charge, ChargeKind
from ispbill.billing.discounts.models import Discount, DiscountGrant, DiscountUse
from ispbill.billing.invoices.models import Invoice, InvoiceLine, InvoiceLineTax, InvoiceTax
from ispbill.billing.invoices.queries import ISSUED
from ispbill.billing.ledger.models import JournalEntry, LedgerAccount
from ispbill.billing.metering.models import UsageRating, UsageRecord
from ispbill.billing.prepaid.models import PrepaidLoad
from ispbill.billing.runs.models import BillingRun
from ispbill.billing.why.lines.policy import (
    Amounts,
    Component,
    Facts,
    Load,
    Off,
    Once,
    Other,
    Paper,
    Pausing,
    Price,
    Rules,
    TaxPart,
    Usage,
)
from ispbill.catalogue.models import Plan, PlanPrice, TaxRate
from ispbill.catalogue.taxes.models import TaxRateVersion
from ispbill.catalogue.taxes.service import SINCE_EVER
from ispbill.company import service as company
from ispbill.core.db import db
from ispbill.core.periods import BillingSchedule, Period
from ispbill.subscriptions.models import SubscriptionComponent, SubscriptionPause


def line(line_id: int) -> InvoiceLine | None:
    """A line of a document."""
    return db.session.get(InvoiceLine, line_id)


def facts(wanted: InvoiceLine) -> Facts:
    """All that is on record of a line."""
    settings = company.settings()
    charge = db.session.get(Charge, wanted.charge_id) if wanted.charge_id else None
    paper = _paper(wanted.invoice_id)
    return Facts(
        _amounts(wanted), paper, Rules(settings.proration, settings.tax_rounding, settings.tax_point),
        _account(wanted.account), component=_component(wanted),
        once=Once(charge.kind, charge.bill_on, charge.created_by, charge.created_at) if charge else None,
        usage=_usage(charge) if charge else None, load=_load(wanted.invoice_id),
        discounts=_discounts(wanted), taxes=_taxes(wanted, paper.issued_on),
        takes_back=_other(InvoiceLine.id == wanted.credits_line_id)[0] if wanted.credits_line_id else None,
        taken_back_by=_other(InvoiceLine.credits_line_id == wanted.id, ISSUED),
    )


def _amounts(wanted: InvoiceLine) -> Amounts:
    return Amounts(
        wanted.description, wanted.arithmetic, _period(wanted.period_start, wanted.period_end), wanted.quantity,
        wanted.unit_price_minor, wanted.amount_minor, wanted.discount_minor, wanted.net_minor, wanted.tax_minor,
    )


def _paper(invoice_id: int) -> Paper:
    posted_by = select(JournalEntry.created_by).where(
        JournalEntry.source == "invoice", JournalEntry.source_id == Invoice.id).limit(1).scalar_subquery()
    row = db.session.execute(
        select(Invoice.id, Invoice.number, Invoice.kind, Invoice.issued_on, posted_by, Invoice.reason,
               Invoice.void_reason, Invoice.billing_run_id, BillingRun.billing_on, BillingRun.requested_by,
               BillingRun.approved_by)
        .outerjoin(BillingRun, BillingRun.id == Invoice.billing_run_id).where(Invoice.id == invoice_id)
    ).one()
    return Paper(*row)


def _account(purpose: str) -> str:
    row = db.session.execute(
        select(LedgerAccount.code, LedgerAccount.name).where(LedgerAccount.purpose == purpose)
    ).one()
    return f"{row.code} {row.name}"


def _component(wanted: InvoiceLine) -> Component | None:
    """What a line charges for its period; what takes back is explained by the line that it takes back."""
    if wanted.component_id is None or wanted.credits_line_id is not None:
        return None
    part, plan_name = db.session.execute(
        select(SubscriptionComponent, Plan.name).join(Plan).where(SubscriptionComponent.id == wanted.component_id)
    ).one()
    prices = db.session.execute(
        select(PlanPrice.valid_from, PlanPrice.amount_minor).where(PlanPrice.plan_id == part.plan_id)
    )
    return Component(
        part.subscription_id, part.plan_id, plan_name, part.start_on, part.end_on,
        BillingSchedule(part.aligned_on, part.anchor_day, part.period_count, part.period_unit),
        part.timing == "arrears", part.merges_stub, [Price(*price) for price in prices], _pauses(wanted),
    )


def _pauses(wanted: InvoiceLine) -> list[Pausing]:
    """The pauses that were known when the line was billed; what is said later is another line's."""
    billed_at = select(Invoice.created_at).where(Invoice.id == wanted.invoice_id).scalar_subquery()
    rows = db.session.execute(
        select(SubscriptionPause.start_on, SubscriptionPause.end_on, SubscriptionPause.billing,
               SubscriptionPause.reason)
        .where(SubscriptionPause.subscription_id == wanted.subscription_id,
               SubscriptionPause.created_at <= billed_at, SubscriptionPause.start_on < wanted.period_end,
               func.coalesce(SubscriptionPause.end_on > wanted.period_start, True))
        .order_by(SubscriptionPause.start_on)
    )
    return [Pausing(*row) for row in rows]


def _usage(charge: Charge) -> Usage | None:
    """The rating that a charge of usage comes from: its source names it."""
    if charge.kind != ChargeKind.USAGE or not charge.source:
        return None
    readings = select(func.count()).where(UsageRecord.rating_id == UsageRating.id).scalar_subquery()
    row = db.session.execute(
        select(UsageRating.period_start, UsageRating.period_end, UsageRating.quantity, readings.label("readings"))
        .where(UsageRating.id == int(charge.source.split(":")[1]))
    ).one()
    return Usage(Period(row.period_start, row.period_end), row.quantity, row.readings)


def _load(invoice_id: int) -> Load | None:
    """The prepaid time that a document bills."""
    row = db.session.execute(
        select(PrepaidLoad.subscription_id, PrepaidLoad.plan_id, Plan.name, PrepaidLoad.starts_at, PrepaidLoad.ends_at,
               PrepaidLoad.created_by, PrepaidLoad.created_at)
        .join(Plan, Plan.id == PrepaidLoad.plan_id).where(PrepaidLoad.invoice_id == invoice_id)
    ).one_or_none()
    return Load(*row) if row else None


def _discounts(wanted: InvoiceLine) -> list[Off]:
    granted_by = select(AuditEntry.actor_name).where(
        AuditEntry.entity == "discount_grant", AuditEntry.entity_id == DiscountGrant.id, AuditEntry.action == "created"
    ).limit(1).scalar_subquery()
    rows = db.session.execute(
        select(Discount.name, DiscountUse.amount_minor, DiscountGrant.starts_on, DiscountGrant.ends_on,
               DiscountUse.begins_on, DiscountGrant.reason, granted_by)
        .join(DiscountGrant, DiscountGrant.id == DiscountUse.grant_id)
        .join(Discount, Discount.id == DiscountGrant.discount_id)
        .where(DiscountUse.invoice_id == wanted.invoice_id, DiscountUse.position == wanted.position)
        .order_by(DiscountUse.id)
    )
    return [Off(*row) for row in rows]


def _taxes(wanted: InvoiceLine, issued_on: date) -> list[TaxPart]:
    """The parts of a line's tax; a line of one percentage keeps none, its rate stands in the document's taxes."""
    if wanted.tax_rate_id is None:
        return []
    began = _version_began(wanted.period_start or issued_on)
    of_line = db.session.execute(
        select(InvoiceLineTax.name, InvoiceLineTax.rate_percent, InvoiceLineTax.is_inclusive,
               InvoiceLineTax.base_minor, InvoiceLineTax.tax_minor, InvoiceLineTax.exemption, began)
        .join(TaxRate, TaxRate.id == InvoiceLineTax.tax_rate_id)
        .where(InvoiceLineTax.invoice_id == wanted.invoice_id, InvoiceLineTax.position == wanted.position)
        .order_by(InvoiceLineTax.id)
    ).all()
    if of_line:
        return [TaxPart(*row) for row in of_line]
    rows = db.session.execute(
        select(InvoiceTax.name, InvoiceTax.rate_percent, began.label("began"))
        .join(TaxRate, TaxRate.id == InvoiceTax.tax_rate_id)
        .where(InvoiceTax.invoice_id == wanted.invoice_id, InvoiceTax.tax_rate_id == wanted.tax_rate_id)
        .order_by(InvoiceTax.id).limit(1)
    )
    return [TaxPart(name, rate, wanted.includes_tax, wanted.net_minor, wanted.tax_minor, "", since)
            for name, rate, since in rows]


def _version_began(day: date) -> Any:
    """The day on which the version of a tax that was in force on a day began; none where it was so from the first."""
    return select(func.nullif(func.max(TaxRateVersion.valid_from), SINCE_EVER)).where(
        TaxRateVersion.tax_rate_id == TaxRate.id, TaxRateVersion.valid_from <= day).scalar_subquery()


def _other(*conditions: ColumnElement[bool]) -> Sequence[Other]:
    rows = db.session.execute(
        select(Invoice.id, Invoice.number, InvoiceLine.period_start, InvoiceLine.period_end,
               InvoiceLine.net_minor + InvoiceLine.tax_minor)
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id).where(*conditions).order_by(InvoiceLine.id)
    )
    return [Other(key, number, _period(start, end), amount_minor) for key, number, start, end, amount_minor in rows]


def _period(start: date | None, end: date | None) -> Period | None:
    return Period(start, end) if start and end else None
