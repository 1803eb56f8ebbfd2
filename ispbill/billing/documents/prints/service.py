"""Verbs of printing: order documents, make the files one by one, forget them. A file is made once, whoever is asked."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import delete, select, update

from ispbill.audit import service as audit
from ispbill.billing.documents import policy, rendering
from ispbill.billing.documents import queries as papers
from ispbill.billing.documents.prints import queries
from ispbill.billing.documents.prints.models import KIND_LABELS, PrintKind, PrintOrder, PrintPart, PrintSort
from ispbill.billing.documents.rendering import Words
from ispbill.billing.documents.statements import queries as statement_papers
from ispbill.billing.documents.statements.policy import statement_words
from ispbill.billing.statements.policy import check_span
from ispbill.core import formats
from ispbill.core.current import current
from ispbill.core.db import AnySelect, db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.events import publish
from ispbill.core.i18n import gettext as _

DOCUMENTS_PER_PART = 500
MOST_DOCUMENTS = 10_000
KEPT_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class PrintOrdered:
    """Files of an order wait to be made."""

    order_id: int
    part_ids: tuple[int, ...]


def order_invoices(listing: AnySelect, *, sorted_by: PrintSort) -> PrintOrder:
    """Have the documents of a list of invoices printed, as it is now. Raises Invalid where it is empty or long."""
    return _ordered(
        PrintKind.INVOICES, queries.invoice_keys(listing, sorted_by, most=MOST_DOCUMENTS), sorted_by=sorted_by)


def order_statements(customers: AnySelect, *, sorted_by: PrintSort, since: date, until: date) -> PrintOrder:
    """Have the statements of a list of customers printed, from a day to a day, both included. Raises Invalid."""
    check_span(since, until, today=current.today())
    keys = queries.customer_keys(customers, sorted_by, most=MOST_DOCUMENTS)
    return _ordered(PrintKind.STATEMENTS, keys, sorted_by=sorted_by, since=since, until=until)


def announce(ordered: PrintOrder) -> None:
    """Tell the workers which files wait."""
    publish(PrintOrdered(ordered.id, tuple(queries.pending_part_ids(ordered.id))))


def make_part(part_id: int) -> None:
    """Make one file; nothing where that was done, or another worker is at it."""
    part = db.session.scalars(
        select(PrintPart).where(PrintPart.id == part_id, PrintPart.made_at.is_(None))
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if part is None:
        return
    ordered = db.session.get_one(PrintOrder, part.order_id)
    template, words = _words(ordered, part.document_ids)
    made = rendering.bundle(template, words, title=file_name(ordered, part), on=current.today())
    part.left_out_ids = [part.document_ids[place] for place in made.left_out]
    part.content, part.page_count, part.made_at = made.content, made.page_count, current.now()


def finish(order_id: int) -> None:
    """Note when an order was made, once none of its files is pending; in a transaction of its own."""
    ordered = db.session.get(PrintOrder, order_id, with_for_update=True)
    if ordered and ordered.made_at is None and not queries.pending_part_ids(order_id):
        ordered.made_at = current.now()


def make_again(ordered: PrintOrder) -> int:
    """Make those files anew that lack a document which could not be set; how many wait to be made."""
    db.session.execute(
        update(PrintPart).where(PrintPart.order_id == ordered.id, PrintPart.left_out_ids != [])
        .values(made_at=None, content=None, left_out_ids=[], page_count=0).execution_options(synchronize_session=False)
    )
    waiting = queries.pending_part_ids(ordered.id)
    if waiting:
        ordered.made_at = None
        db.session.flush()
        announce(ordered)
    return len(waiting)


def taken(ordered: PrintOrder, part: PrintPart) -> bytes:
    """The content of a file, and a note in the audit log: it holds what many customers owe. Raises Conflict."""
    if part.content is None:
        raise Conflict(_("The file is not made yet."))
    audit.note("downloaded", entity="print_order", entity_id=ordered.id, label=file_name(ordered, part),
               after={"documents": len(part.document_ids)})
    return part.content


def forget_old() -> None:
    """Remove the files of orders that are older than a week. What was ordered, and by whom, stays."""
    old = queries.older_than(current.now() - KEPT_FOR)
    db.session.execute(delete(PrintPart).where(PrintPart.id.in_(old)).execution_options(synchronize_session=False))


def file_name(ordered: PrintOrder, part: PrintPart) -> str:
    """“Invoices 10 March 2026, 501-1000”: what a file is called, without its ending."""
    first = (part.ordinal - 1) * DOCUMENTS_PER_PART + 1
    day = formats.long_date(ordered.ordered_at.astimezone(current.tenant.zone).date())
    return f"{KIND_LABELS[PrintKind(ordered.kind)]} {day}, {first}-{first + len(part.document_ids) - 1}"


def _ordered(
    kind: PrintKind, keys: Sequence[int], *, sorted_by: PrintSort, since: date | None = None, until: date | None = None
) -> PrintOrder:
    if not keys:
        raise Invalid(_("The list is empty: there is nothing to print."))
    if len(keys) > MOST_DOCUMENTS:
        raise Invalid(_("At most %(most)s documents are printed at once. Narrow the list, such as by area or by day.",
                        most=formats.number(MOST_DOCUMENTS)))
    ordered = PrintOrder(
        kind=kind, sorted_by=sorted_by, since=since, until=until, document_count=len(keys),
        ordered_by=current.actor.name, ordered_at=current.now(),
    )
    db.session.add(ordered)
    db.session.flush()
    db.session.add_all([
        PrintPart(order_id=ordered.id, ordinal=ordinal, document_ids=list(keys[first:first + DOCUMENTS_PER_PART]))
        for ordinal, first in enumerate(range(0, len(keys), DOCUMENTS_PER_PART), start=1)
    ])
    db.session.flush()
    announce(ordered)
    return ordered


def _words(ordered: PrintOrder, keys: Sequence[int]) -> tuple[str, list[Words]]:
    """The template of an order's documents, and what each of them says."""
    if ordered.kind == PrintKind.INVOICES:
        # They come by their ids; a document is never removed, so each of them is there.
        known = dict(zip(sorted(keys), papers.invoice_papers(keys), strict=True))
        return "invoice", [policy.invoice_words(known[key]) for key in keys]
    assert ordered.since is not None and ordered.until is not None, "statements have days"
    made = statement_papers.statement_papers(keys, since=ordered.since, until=ordered.until)
    return "statement", [statement_words(paper) for paper in made]
