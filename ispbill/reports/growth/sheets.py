"""What the reports of subscribers and areas show."""
from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from ispbill.areas.policy import ALONE, NO_AREA
from ispbill.core.db import AnyRow
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.reports import policy
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
    step_column,
    step_labels,
)
from ispbill.reports.growth import queries
from ispbill.reports.links import policy as links

_KINDS = {"postpaid": lazy("Postpaid"), "prepaid": lazy("Prepaid")}
_MEASURES = ("customers", "began", "recurring", "billed", "collected", "open", "overdue", "tickets", "ports")
_MOST_IN_CHART = 12


def subscription_expiry(scope: Scope) -> Sheet:
    """Services that end in the period, the next one first."""
    found = queries.expiring(scope)
    rows, counts = queries.expiring_rows(found, most=scope.most), queries.expiring_counts(found, scope)
    ends = sum(row.services for row in counts)
    soon = sum(life.services for life in counts if life.kind == "prepaid")
    return Sheet(
        columns=(Column(_("Customer")), Column(_("Account"), is_detail=True), Column(_("Phone"), Kind.PHONE),
                 Column(_("Plan")), Column(_("Kind")), Column(_("Ends"), Kind.DAY), Column(_("Days left"), Kind.DAYS)),
        rows=[Row((row.name, row.account_number, row.phone, row.plan, _KINDS[row.kind], row.ends_on,
                   (row.ends_on - scope.today).days), _service(row)) for row in rows],
        row_count=ends,
        figures=(
            Figure(_("Services that end"), ends, Kind.COUNT,
                   _("Postpaid by an end agreed, prepaid as their time runs out")),
            Figure(_("Of them prepaid"), soon, Kind.COUNT, _("A load renews them, also after they ran out")),
            Figure(_("Of them postpaid"), ends - soon, Kind.COUNT, _("Cancelled or for a fixed time")),
        ),
        charts=(Chart(_("Services that end"), "stacked", "count", step_labels(scope), {
            label: [sum(row.services for row in counts if row.kind == kind and row.step == step)
                    for step in scope.steps()] for kind, label in _KINDS.items()
        }),),
    )


def customer_acquisition(scope: Scope) -> Sheet:
    """Who was registered, who began, who left, and how many are served."""
    lives, registered = queries.lives(scope), queries.registered(scope)
    table = []
    for step in scope.steps():
        first, last = scope.within(step)
        came, left = policy.began(lives, first, last), policy.left(lives, first, last)
        table.append(Row((step, registered.get(step, 0), came, left, came - left, policy.served(lives, last)),
                         links=_people(scope, first, last)))
    sums = [sum(row.cells[place] for row in table) for place in range(1, 5)]
    whole = _people(scope, scope.since, scope.until)
    return Sheet(
        columns=(step_column(scope), Column(_("Registered"), Kind.COUNT), Column(_("Began"), Kind.COUNT),
                 Column(_("Left"), Kind.COUNT), Column(_("Growth"), Kind.COUNT),
                 Column(_("Served at the end"), Kind.COUNT)),
        rows=table, row_count=len(table), totals=(_("Whole period"), *sums, table[-1].cells[5]),
        total_links=whole,
        figures=(
            Figure(_("Began"), sums[1], Kind.COUNT, _("Customers whose first service began in the period"), whole[2]),
            Figure(_("Left"), sums[2], Kind.COUNT, _("Customers whose last service ended in the period"), whole[3]),
            Figure(_("Served now"), policy.served(lives, scope.today), Kind.COUNT,
                   _("Customers with a postpaid or prepaid service that has not ended"),
                   links.subscribers(scope, "served", scope.today, scope.today)),
        ),
        charts=(Chart(_("Began and left"), "bar", "count", step_labels(scope), {
            _("Began"): [row.cells[2] for row in table], _("Left"): [row.cells[3] for row in table]}),),
    )


def area_performance(scope: Scope) -> Sheet:
    """Customers and their money by the area they live in."""
    found = queries.measures(scope)
    table = [Row((*_place(row), *_amounts(found, row.id)), links=_residents(scope, f"{row.id}{ALONE}"))
             for row in queries.area_names(scope) if any(_amounts(found, row.id))]
    if any(_amounts(found, None)):
        table.append(Row((_("No area"), None, *_amounts(found, None)), links=_residents(scope, NO_AREA)))
    sums = [sum(found[name].values()) for name in _MEASURES]
    whole = _residents(scope, scope.area_id)
    largest = sorted(table, key=lambda row: row.cells[5], reverse=True)[:_MOST_IN_CHART]
    return Sheet(
        columns=(Column(_("Area")), Column(_("Lies in"), is_detail=True), Column(_("Customers"), Kind.COUNT),
                 Column(_("Registered"), Kind.COUNT),
                 Column(_("A month agreed"), Kind.MONEY), Column(_("Billed"), Kind.MONEY),
                 Column(_("Collected"), Kind.MONEY),
                 Column(_("Open"), Kind.MONEY), Column(_("Overdue"), Kind.MONEY),
                 Column(_("Unresolved tickets"), Kind.COUNT), Column(_("Free ports"), Kind.COUNT)),
        rows=table, row_count=len(table), totals=(_("All areas"), None, *sums), total_links=whole,
        figures=(
            Figure(_("Customers"), sums[0], Kind.COUNT, _("Active customers, by the area they live in"), whole[2]),
            Figure(_("Collected"), sums[4], Kind.MONEY, _("Payments received in the period that stand"), whole[6]),
            Figure(_("Open now"), sums[5], Kind.MONEY, _("Still to be paid of all invoices"), whole[7]),
        ),
        charts=(Chart(_("Billed and collected by area"), "bar", "money", [row.cells[0] for row in largest], {
            _("Billed"): [row.cells[5] for row in largest], _("Collected"): [row.cells[6] for row in largest],
        }),) if table else (),
        ties=(books.billed(sums[3], scope), books.collections(sums[4], scope)),
    )


def _amounts(found: Mapping[str, Mapping[int | None, int]], area_id: int | None) -> list[int]:
    return [found[name].get(area_id, 0) for name in _MEASURES]


def _place(row: AnyRow) -> tuple[str, str | None]:
    """An area, and those around it."""
    *around, closest = filter(None, (row.area_1, row.area_2, row.area_3))
    return closest, " › ".join(around) or None


def _service(row: AnyRow) -> Link:
    if row.kind == "prepaid":
        return Link("prepaid.detail", "view_subscription_list", {"prepaid_id": row.id})
    return Link("subscriptions.detail", "view_subscription_list", {"subscription_id": row.id})


def _people(scope: Scope, first: date, last: date) -> dict[int, Link]:
    """Behind who was registered, began, left, and was served at the end."""
    return {
        1: links.customers(scope, since=first, until=last), 2: links.subscribers(scope, "began", first, last),
        3: links.subscribers(scope, "left", first, last), 5: links.subscribers(scope, "served", first, last),
    }


def _residents(scope: Scope, place: str | int | None) -> dict[int, Link]:
    """Behind active customers, those registered, what they pay a month, were billed and paid, what is open and overdue,
    tickets, and free ports. Without a place, of all areas.
    """
    return {
        2: links.customers(scope, area=place, status="active"),
        3: links.customers(scope, area=place, since=scope.since, until=scope.until),
        4: links.services(scope, scope.today, area=place, kind="postpaid"),
        5: links.documents(scope, scope.since, scope.until, area=place),
        6: links.receipts(scope, scope.since, scope.until, area=place),
        7: links.owed_documents(scope, area=place), 8: links.owed_documents(scope, "overdue", area=place),
        9: links.tickets(scope, area=place, status="unresolved", customer="somebody"),
        10: links.free_ports(scope, area=place),
    }
