"""The last bills of customers, to compare the next ones with."""
from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from ispbill.billing.invoices.models import Invoice, InvoiceLine, InvoiceStatus
from ispbill.billing.invoices.policy import DocumentKind
from ispbill.billing.runs.preview.policy import BillPart
from ispbill.core.bulk import any_key
from ispbill.core.db import db


def last_bills(customer_ids: Collection[int], *, before: date) -> dict[int, list[BillPart]]:
    """What the newest invoice of each customer before a day asked, line by line."""
    newest = (
        select(Invoice.id, Invoice.customer_id).ext(distinct_on(Invoice.customer_id))
        .where(Invoice.customer_id == any_key(customer_ids), Invoice.kind == DocumentKind.INVOICE,
               Invoice.status == InvoiceStatus.ISSUED, Invoice.issued_on < before)
        .order_by(Invoice.customer_id, Invoice.issued_on.desc(), Invoice.id.desc()).subquery()
    )
    rows = db.session.execute(
        select(newest.c.customer_id, InvoiceLine.component_id, InvoiceLine.subscription_id,
               InvoiceLine.credits_line_id.is_not(None), InvoiceLine.quantity, InvoiceLine.unit_price_minor,
               InvoiceLine.net_minor, InvoiceLine.tax_minor)
        .join(InvoiceLine, InvoiceLine.invoice_id == newest.c.id).order_by(newest.c.customer_id, InvoiceLine.id)
    )
    found: dict[int, list[BillPart]] = {}
    for customer_id, *facts in rows:
        found.setdefault(customer_id, []).append(BillPart(*facts))
    return found
