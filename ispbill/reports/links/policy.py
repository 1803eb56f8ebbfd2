"""Lists with the filters by which they come to a report's number. Pure; a test holds every link against its number."""
from __future__ import annotations

from datetime import date
from typing import Any

from ispbill.reports.definitions.policy import Link, Scope


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


def due_documents(scope: Scope, lateness: str) -> Link:
    """Documents that fell due in the period and were paid in a way."""
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


def installations(scope: Scope, technician_id: int) -> Link:
    """Lines that somebody installed in the period."""
    return Link("subscriptions.installations", "view_installation_list",
                {"technician": technician_id, "since": scope.since, "until": scope.until})
