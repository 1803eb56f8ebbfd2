"""What the reports of money received and money open show."""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from ispbill.billing.invoices.policy import LATENESS_LABELS, Lateness
from ispbill.billing.payments.models import MONEY_METHODS
from ispbill.core.db import AnyRow
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.reports.books import queries as books
from ispbill.reports.definitions.policy import (
    Chart,
    Column,
    Figure,
    Kind,
    Link,
    Row,
    Scope,
    Sheet,
    Step,
    Tie,
    share,
    step_column,
    step_labels,
)
from ispbill.reports.links import policy as links
from ispbill.reports.money_in import queries
from ispbill.reports.policy import AGE_LABELS

_UNPAID = (Lateness.NOT_DUE, Lateness.OVERDUE)

UNAPPLIED_LABELS = (lazy("Up to 30 days"), lazy("31–60 days"), lazy("61–90 days"), lazy("Over 90 days"))


def daily_collection(scope: Scope) -> Sheet:
    """Payments received, a row for each day and a column for each method."""
    rows, back = queries.received(scope), queries.taken_back(scope)
    amounts: dict[date, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    counts: dict[date, int] = defaultdict(int)
    for row in rows:
        amounts[row.step][row.method] += row.amount_minor
        counts[row.step] += row.payments
    collected = sum(row.amount_minor for row in rows)
    methods, steps = list(MONEY_METHODS), scope.steps()
    whole = _receipts(scope, scope.since, scope.until)
    table = [Row((step, counts[step], *(amounts[step][method] for method in methods), sum(amounts[step].values())),
                 links=_receipts(scope, *scope.within(step))) for step in steps]
    return Sheet(
        columns=(step_column(scope), Column(_("Payments"), Kind.COUNT),
                 *(Column(label, Kind.MONEY) for label in MONEY_METHODS.values()), Column(_("Collected"), Kind.MONEY)),
        rows=table, row_count=len(table), totals=_sums(table), total_links=whole,
        figures=(
            Figure(_("Collected"), collected, Kind.MONEY, _("Payments received in the period that stand"), whole[1]),
            Figure(_("Payments"), sum(counts.values()), Kind.COUNT, _("How many they are"), whole[1]),
            Figure(_("Taken back"), back.amount_minor, Kind.MONEY,
                   _("Received in the period and reversed since; in no total here"),
                   links.receipts(scope, scope.since, scope.until, status="reversed")),
        ),
        charts=(Chart(_("Collected"), "stacked", "money", step_labels(scope), {
            MONEY_METHODS[method]: [amounts[step][method] for step in steps] for method in methods
            if any(amounts[step][method] for step in steps)
        } or {_("Collected"): [0] * len(steps)}),),
        ties=(books.collections(collected, scope),),
    )


def payment_behaviour(scope: Scope) -> Sheet:
    """How the invoices that fell due in the period were paid."""
    found = queries.paid_by_lateness(scope)
    counts = [sum(row.documents for row in found if row.lateness == lateness) for lateness in Lateness]
    amounts = [sum(row.amount_minor for row in found if row.lateness == lateness) for lateness in Lateness]
    paid = sum(row.documents for row in found if row.lateness not in _UNPAID)
    late_days = sum(row.late_days for row in found if row.lateness not in _UNPAID)
    table = [Row((LATENESS_LABELS[lateness], count, amount, share(amount, sum(amounts))),
                 links=dict.fromkeys((1, 2), links.due_documents(scope, lateness)))
             for lateness, count, amount in zip(Lateness, counts, amounts, strict=True)]
    settled = sum(row.amount_minor for row in found if row.lateness not in _UNPAID)
    return Sheet(
        columns=(Column(_("How they were paid")), Column(_("Invoices"), Kind.COUNT), Column(_("Amount"), Kind.MONEY),
                 Column(_("Share"), Kind.PERCENT)),
        rows=table, row_count=len(table),
        totals=(_("All that fell due"), sum(counts), sum(amounts), share(sum(amounts), sum(amounts))),
        total_links=dict.fromkeys((1, 2), links.due_documents(scope)),
        figures=(
            Figure(_("Paid on time"), share(amounts[0], sum(amounts)), Kind.PERCENT,
                   _("Of what fell due in the period, by amount")),
            Figure(_("Paid at all"), share(settled, sum(amounts)), Kind.PERCENT, _("Of what fell due, however late")),
            Figure(_("Days late"), late_days // paid if paid else None, Kind.DAYS,
                   _("After the due day, on average over all that are paid")),
        ),
        charts=(_lateness_chart(found, scope),),
        ties=(books.documents(sum(amounts), queries.due(scope)),),
    )


def receivables_ageing(scope: Scope) -> Sheet:
    """What each customer owes, by how long it has been due, and the credit that they have."""
    found = queries.owing(scope)
    sums, rows = queries.owing_sums(found), queries.owing_rows(found, most=scope.most)
    ages = [getattr(sums, f"age_{place}") for place in range(len(AGE_LABELS))]
    return Sheet(
        columns=(Column(_("Customer")), Column(_("Account"), is_detail=True),
                 *(Column(label, Kind.MONEY) for label in AGE_LABELS), Column(_("Open"), Kind.MONEY),
                 Column(_("Unused credit"), Kind.MONEY), Column(_("Balance"), Kind.MONEY)),
        rows=[Row((row.name, row.account_number, *_ages(row), row.open, row.credit, row.balance),
                  _statement(row.customer_id), _owed(scope, customer=row.customer_id)) for row in rows],
        row_count=sums.customers, totals=(_("All customers"), None, *ages, sums.open, sums.credit, sums.balance),
        total_links={**_owed(scope), len(AGE_LABELS) + 3: links.unapplied(scope)},
        figures=(
            Figure(_("Open"), sums.open, Kind.MONEY, _("Still to be paid of all invoices and debit notes"),
                   links.owed_documents(scope)),
            Figure(_("Overdue"), sum(ages[1:]), Kind.MONEY, _("What of it is past its due day"),
                   links.owed_documents(scope, "overdue")),
            Figure(_("Unused credit"), sums.credit, Kind.MONEY, _("Payments and credit notes that settle nothing yet"),
                   links.unapplied(scope)),
        ),
        charts=(Chart(_("Open by age"), "bar", "money", AGE_LABELS, {_("Open"): ages}),),
        ties=(books.owed(sums.balance, scope),),
    )


def unapplied_payments(scope: Scope) -> Sheet:
    """Payments and credit notes that are not used up."""
    found = queries.unapplied(scope)
    sums = queries.unapplied_sums(found, scope.today)
    ages = [getattr(sums, f"age_{place}") for place in range(len(UNAPPLIED_LABELS))]
    opened = queries.open_minor(scope)
    tie = books.owed(opened - sums.left, scope)
    return Sheet(
        columns=(Column(_("Document")), Column(_("Customer")), Column(_("Account"), is_detail=True),
                 Column(_("Day"), Kind.DAY),
                 Column(_("Amount"), Kind.MONEY), Column(_("Used"), Kind.MONEY), Column(_("Left"), Kind.MONEY)),
        rows=[Row((row.number, row.name, row.account_number, row.day, row.amount, row.amount - row.left, row.left),
                  _document(row)) for row in queries.unapplied_rows(found, most=scope.most)],
        row_count=sums.rows,
        totals=(_("All documents"), None, None, None, sums.amount, sums.amount - sums.left, sums.left),
        figures=(
            Figure(_("Left"), sums.left, Kind.MONEY, _("What of payments and credit notes settles no invoice yet")),
            Figure(_("Documents"), sums.rows, Kind.COUNT, _("Payments and credit notes with something left")),
            Figure(_("Older than 30 days"), sum(ages[1:]), Kind.MONEY, _("What is left of those older than 30 days")),
        ),
        charts=(Chart(_("Left by age"), "bar", "money", UNAPPLIED_LABELS, {_("Left"): ages}),),
        ties=(Tie(tie.title, (Step(_("Open invoices"), opened), Step(_("Left of this report"), -sums.left)),
                  tie.account,
                  tie.ledger_minor),),
    )


def _lateness_chart(found: Sequence[AnyRow], scope: Scope) -> Chart:
    late = tuple(lateness for lateness in Lateness if lateness not in (Lateness.ON_TIME, *_UNPAID))
    groups = {_("On time"): (Lateness.ON_TIME,), _("Late"): late, _("Not paid"): _UNPAID}
    return Chart(_("What fell due"), "stacked", "money", step_labels(scope), {
        name: [sum(row.amount_minor for row in found if row.step == step and row.lateness in classes)
               for step in scope.steps()]
        for name, classes in groups.items()
    })


def _ages(row: AnyRow) -> list[int]:
    return [getattr(row, f"age_{place}") for place in range(len(AGE_LABELS))]


def _sums(table: Sequence[Row]) -> Sequence[object]:
    return (_("Whole period"), *(sum(cells) for cells in list(zip(*(row.cells for row in table), strict=True))[1:]))


def _receipts(scope: Scope, since: date, until: date) -> dict[int, Link]:
    """Behind how many there are, behind the amount of each method, and behind the sum."""
    all_of_them, last = links.receipts(scope, since, until), len(MONEY_METHODS) + 2
    each = {place: links.receipts(scope, since, until, method=method)
            for place, method in enumerate(MONEY_METHODS, start=2)}
    return {1: all_of_them, **each, last: all_of_them}


def _owed(scope: Scope, **filters: Any) -> dict[int, Link]:
    """Behind what is open in each class of age, and behind all that is open."""
    classes = range(len(AGE_LABELS))
    return {**{place + 2: links.aged_documents(scope, place, **filters) for place in classes},
            len(AGE_LABELS) + 2: links.owed_documents(scope, **filters)}


def _statement(customer_id: int) -> Link:
    return Link("ledger.statement", "view_ledger", {"customer_id": customer_id})


def _document(row: AnyRow) -> Link:
    if row.kind == "payment":
        return Link("payments.detail", "view_payment_list", {"payment_id": row.id})
    return Link("invoices.detail", "view_invoice_list", {"invoice_id": row.id})
