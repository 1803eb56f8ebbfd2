"""Reads of what long work has come to and what others gave the viewer to do, the newest first.

Each kind by its own index, for those who may see it.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy import func, select, update

from ispbill.accounts.models import User
from ispbill.billing.proof.models import BooksCheck
from ispbill.billing.runs.models import BillingRun, BillingRunChunk, BillingRunException, RunStatus
from ispbill.billing.runs.preview import queries as previews
from ispbill.core import formats
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import ngettext
from ispbill.customers.models import Customer
from ispbill.imports import kinds
from ispbill.imports.models import ImportBatch, ImportStatus
from ispbill.subscriptions.models import Installation
from ispbill.support.tickets.models import Ticket

MOST_SHOWN = 30
_LONGEST_COUNT = 9


@dataclass(frozen=True, slots=True)
class News:
    """One piece of long work that ended, or waits for somebody; or of work that came to the viewer."""

    at: datetime
    title: str
    text: str
    url: str
    icon: str
    needs_somebody: bool = False


def newest(limit: int = MOST_SHOWN) -> Sequence[News]:
    """The newest of all kinds that the viewer may see."""
    found = [news for permission, read in _KINDS if current.actor.may(permission) for news in read(limit)]
    return sorted(found, key=lambda news: news.at, reverse=True)[:limit]


def seen_at(user_id: int) -> datetime:
    """When a user looked last; before that, when they came."""
    return db.session.scalars(
        select(func.coalesce(User.news_seen_at, User.created_at)).where(User.id == user_id)
    ).one()


def unseen(user_id: int) -> int:
    """How many pieces a user has not seen, up to nine."""
    since = seen_at(user_id)
    return sum(news.at > since for news in newest(_LONGEST_COUNT))


def note_seen(user_id: int) -> None:
    """Write down that a user has looked."""
    db.session.execute(
        update(User).where(User.id == user_id).values(news_seen_at=current.now())
        .execution_options(synchronize_session=False)
    )


def _runs(limit: int) -> list[News]:
    invoices = select(func.coalesce(func.sum(BillingRunChunk.invoice_count), 0)) \
        .where(BillingRunChunk.run_id == BillingRun.id).scalar_subquery()
    parked = select(func.count()).where(BillingRunException.run_id == BillingRun.id).scalar_subquery()
    rows = db.session.execute(
        select(BillingRun.id, BillingRun.billing_on, BillingRun.status, BillingRun.created_at, BillingRun.completed_at,
               invoices.label("invoices"), parked.label("parked"))
        .where(BillingRun.status != RunStatus.RUNNING).order_by(BillingRun.billing_on.desc()).limit(limit)
    )
    return [_run(row) for row in rows]


def _run(row: Any) -> News:
    url, day = url_for("runs.detail", run_id=row.id), formats.short_date(row.billing_on)
    if row.status == RunStatus.AWAITING_APPROVAL:
        return News(row.created_at, _("The billing of %(day)s waits for approval", day=day),
                    _("Nothing is issued before."), url,
                    "calendar-check", needs_somebody=True)
    text = ngettext("%(num)s invoice", "%(num)s invoices", row.invoices)
    if row.parked:
        text = _("%(invoices)s, %(customers)s could not be billed", invoices=text,
                 customers=ngettext("%(num)s customer", "%(num)s customers", row.parked))
    return News(row.completed_at or row.created_at, _("The billing of %(day)s is done", day=day), text, url,
                "calendar-check",
                needs_somebody=bool(row.parked))


def _previews(limit: int) -> list[News]:
    return [News(row.made_at, _("The preview of %(billing_on)s is made", billing_on=formats.short_date(row.billing_on)),
                 _("Ordered by %(ordered_by)s", ordered_by=row.ordered_by),
                 url_for("runs.prepare", day=row.billing_on.isoformat()), "eye") for row in previews.newest(limit)]


def _imports(limit: int) -> list[News]:
    kinds_seen = [kind.code for kind in kinds.everything() if current.actor.may(kind.permission)]
    rows = db.session.scalars(
        select(ImportBatch).where(ImportBatch.finished_at.is_not(None), ImportBatch.kind.in_(kinds_seen))
        .order_by(ImportBatch.finished_at.desc()).limit(limit)
    )
    return [_import(batch, batch.finished_at) for batch in rows if batch.finished_at is not None]


def _import(batch: ImportBatch, at: datetime) -> News:
    url = url_for("imports.detail", batch_id=batch.id)
    if batch.status == ImportStatus.UNDONE:
        title = _("%(file_name)s is taken back", file_name=batch.file_name)
        return News(at, title, _("By %(name)s", name=batch.undone_by), url, "undo-2")
    return News(at, _("%(file_name)s is imported", file_name=batch.file_name),
                _("%(created_count)s new of %(row_count)s rows, by %(imported_by)s",
                  created_count=f"{batch.created_count:,}", row_count=f"{batch.row_count:,}",
                  imported_by=batch.imported_by), url, "upload", needs_somebody=batch.refused_count > 0)


def _proofs(limit: int) -> list[News]:
    rows = db.session.execute(
        select(BooksCheck.id, BooksCheck.checked_at, BooksCheck.finding_count)
        .where(BooksCheck.finding_count > 0).order_by(BooksCheck.id.desc()).limit(limit)
    )
    return [News(row.checked_at, _("The proof of the books found something"), _(
            "%(finding_count)s findings", finding_count=f"{row.finding_count:,}"),
                 url_for("proof.detail", check_id=row.id), "triangle-alert", needs_somebody=True) for row in rows]


def _tickets(limit: int) -> list[News]:
    rows = db.session.execute(
        select(Ticket.id, Ticket.number, Ticket.subject, Ticket.given_at)
        .where(Ticket.assignee_id == current.actor.user_id, Ticket.given_at.is_not(None))
        .order_by(Ticket.given_at.desc()).limit(limit)
    )
    return [News(given_at, _("%(number)s is yours now", number=number), subject,
                 url_for("tickets.detail", ticket_id=ticket_id), "ticket")
            for ticket_id, number, subject, given_at in rows if given_at is not None]


def _installations(limit: int) -> list[News]:
    rows = db.session.execute(
        select(Installation.id, Installation.address, Installation.scheduled_on, Installation.given_at, Customer.name)
        .join(Customer, Customer.id == Installation.customer_id)
        .where(Installation.technician_id == current.actor.user_id, Installation.given_at.is_not(None))
        .order_by(Installation.given_at.desc()).limit(limit)
    )
    return [News(row.given_at, _("The installation of %(name)s is yours now", name=row.name),
                 f"{formats.short_date(row.scheduled_on)} · {row.address}",
                 url_for("subscriptions.installation", installation_id=row.id), "cable")
            for row in rows]


_KINDS: tuple[tuple[str, Callable[[int], list[News]]], ...] = (
    ("view_billing_run", _runs), ("view_billing_run", _previews), ("import_customers", _imports),
    ("view_ledger", _proofs), ("view_ticket_list", _tickets), ("view_installation_list", _installations),
)
