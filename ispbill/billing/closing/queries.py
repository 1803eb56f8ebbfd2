"""Reads of closings, and of what the days before a line still wait for."""
from __future__ import annotations

from datetime import date

from sqlalchemy import func, select

from ispbill.billing.closing.models import BooksClosing
from ispbill.billing.closing.policy import Unfinished
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.runs.models import BillingRun, BillingRunException, RunStatus
from ispbill.core.db import AnySelect, db
from ispbill.core.i18n import gettext as _
from ispbill.core.pagination import SortKey

NEWEST_FIRST = SortKey((BooksClosing.id,), descending=True)


def history() -> AnySelect:
    """Every closing and re-opening."""
    return select(BooksClosing)


def unfinished(until: date) -> list[Unfinished]:
    """What of the days before a line is not in the books yet, where there is any."""
    found = [
        Unfinished(_("billing runs not completed"), _runs(until), is_blocker=True),
        Unfinished(_("customers parked and not billed since"), _parked(until), is_blocker=False),
    ]
    return [thing for thing in found if thing.count]


def _runs(until: date) -> int:
    return db.session.execute(
        select(func.count()).select_from(BillingRun)
        .where(BillingRun.billing_on < until, BillingRun.status != RunStatus.COMPLETED)
    ).scalar_one()


def _parked(until: date) -> int:
    billed_since = select(Invoice.id).where(
        Invoice.customer_id == BillingRunException.customer_id, Invoice.created_at >= BillingRunException.created_at
    )
    return db.session.execute(
        select(func.count(func.distinct(BillingRunException.customer_id)))
        .join(BillingRun, BillingRun.id == BillingRunException.run_id)
        .where(BillingRun.billing_on < until, ~billed_since.exists())
    ).scalar_one()
