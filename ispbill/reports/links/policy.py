"""Lists with the filters by which they come to a report's number. Pure; a test holds every link against its number."""
from __future__ import annotations

from datetime import date
from typing import Any

from ispbill.reports.definitions.policy import Link, Scope
from ispbill.reports.policy import due_days


def customers(scope: Scope, **filters: Any) -> Link:
    """Customers of the report's area, or of the place that the filters name."""
    return Link("customers.index", "view_customer_list", {"area": scope.area_id, **filters})


def subscribers(scope: Scope, what: str, since: date, until: date) -> Link:
    """Customers by when their service began and ended; `what` is began, left, or served (on the last day)."""
    return Link("reports.subscribers", "view_customer_acquisition_report",
                {"what": what, "since": since, "until": until, "area": scope.area_id})


def documents(scope: Scope, since: date, until: date, **filters: Any) -> Link:
    """Documents issued in some days, both included, that are not void."""
    return Link("invoices.index", "view_invoice_list",
                {"since": since, "until": until, "state": "standing", "area": scope.area_id, **filters})


def due_documents(scope: Scope, lateness: str = "any") -> Link:
    """Documents that fell due in the period and were paid in a way; all that fell due, unless one is named."""
    return Link("invoices.index", "view_invoice_list", {
        "paid": lateness, "due_since": scope.since, "due_until": scope.until, "area": scope.area_id})


def receipts(scope: Scope, since: date, until: date, **filters: Any) -> Link:
    """Payments received in some days, both included, that stand; of all methods that are money, unless one is named."""
    return Link("payments.index", "view_payment_list", {
        "since": since, "until": until, "status": "recorded", "method": "money", "area": scope.area_id, **filters})


def journal(account_id: int, since: date, until: date, **filters: Any) -> Link:
    """Entries on an account in some days, both included."""
    return Link("ledger.journal", "view_ledger", {"account": account_id, "since": since, "until": until, **filters})


def tickets(scope: Scope, **filters: Any) -> Link:
    """Tickets of the report's area."""
    return Link("tickets.index", "view_ticket_list", {"area": scope.area_id, **filters})


def installations(scope: Scope, technician: int | str) -> Link:
    """Lines that a technician, or “somebody”, was sent to install, and that were installed in the period."""
    return Link("subscriptions.installations", "view_installation_list",
                {"technician": technician, "since": scope.since, "until": scope.until})


def owed_documents(scope: Scope, state: str = "open", **filters: Any) -> Link:
    """Documents that wait for money, as things stand now; `state` is open or overdue."""
    return Link("invoices.index", "view_invoice_list", {"state": state, "area": scope.area_id, **filters})


def aged_documents(scope: Scope, place: int, **filters: Any) -> Link:
    """Documents that wait for money, of one of the classes of age."""
    since, until = due_days(place, today=scope.today)
    return owed_documents(scope, due_since=since, due_until=until, **filters)


def unapplied(scope: Scope) -> Link:
    """Payments and credit notes of which something is left."""
    return Link("reports.unapplied_payments", "view_unapplied_payments_report", {"area": scope.area_id})


def services(scope: Scope, on: date, **filters: Any) -> Link:
    """What runs at the end of a day, with what a month of it costs."""
    return Link("reports.recurring", "view_recurring_revenue_report", {"on": on, "area": scope.area_id, **filters})


def taxes(scope: Scope, **filters: Any) -> Link:
    """Each document of the period with a tax and what it is charged on."""
    return Link("reports.taxed", "view_tax_report",
                {"since": scope.since, "until": scope.until, "area": scope.area_id, **filters})


def account(account_id: int, until: date) -> Link:
    """Everything posted to an account up to a day."""
    return Link("chart.detail", "view_ledger", {"account_id": account_id, "until": until})


def free_ports(scope: Scope, **filters: Any) -> Link:
    """NAPs on which a port is free."""
    return Link("plant.naps", "view_lcp_list", {"free": 1, "area": scope.area_id, **filters})
