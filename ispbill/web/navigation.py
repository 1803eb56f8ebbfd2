"""The navigation: every page is reachable from here. A test holds it against the routes."""
from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request, url_for

from ispbill.core.current import Actor
from ispbill.web import guards


@dataclass(frozen=True, slots=True)
class Entry:
    """A page in the side navigation; its permission is that of the route."""

    label: str
    endpoint: str
    icon: str


GROUPS: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    ("Overview", (
        Entry("Dashboard", "reports.dashboard", "layout-dashboard"),
        Entry("Reports", "reports.index", "chart-column"),
    )),
    ("Customers", (
        Entry("Customers", "customers.index", "users"),
        Entry("Areas", "areas.index", "map-pin"),
        Entry("Installations", "subscriptions.installations", "cable"),
        Entry("Subscriptions", "customer_subscriptions.index", "refresh-cw"),
    )),
    ("Network", (
        Entry("Routers", "routers.index", "router"),
        Entry("Fibre plant", "plant.lcps", "git-branch"),
        Entry("Network map", "plant.network_map", "map"),
    )),
    ("Money", (
        Entry("Billing runs", "runs.index", "calendar-check"),
        Entry("Invoices", "invoices.index", "file-text"),
        Entry("Payments", "payments.index", "banknote"),
        Entry("Collections", "collections.index", "hand-coins"),
        Entry("Charges", "charges.index", "tag"),
        Entry("Usage", "metering.index", "activity"),
        Entry("Ledger", "ledger.index", "book-open"),
    )),
    ("Support", (
        Entry("Tickets", "tickets.index", "ticket"),
    )),
    ("Catalogue", (
        Entry("Plans", "catalogue.index", "package"),
        Entry("Bundles", "bundles.index", "package"),
        Entry("Taxes", "taxes.index", "percent"),
        Entry("Tax exemptions", "exemptions.index", "badge-percent"),
        Entry("Discounts", "discounts.index", "tag"),
    )),
    ("Company", (
        Entry("Users", "accounts.users", "user-cog"),
        Entry("Roles", "accounts.roles", "shield-check"),
        Entry("API tokens", "accounts.api_tokens", "key-round"),
        Entry("Imports", "imports.index", "upload"),
        Entry("Messages", "notifications.index", "mail"),
        Entry("Audit log", "audit.index", "history"),
        Entry("Settings", "company.settings", "settings"),
        Entry("Labels and fields", "customers.setup", "tags"),
    )),
)


# What people do most, from any page.
QUICK: tuple[Entry, ...] = (
    Entry("Record payment", "payments.choose_customer", "banknote"),
    Entry("Load prepaid", "prepaid.choose_customer", "zap"),
    Entry("Register customer", "customers.register", "user-plus"),
    Entry("Open ticket", "tickets.choose_customer", "ticket"),
    Entry("Import a list", "imports.index", "upload"),
    Entry("Prepare billing", "runs.prepare", "calendar-check"),
)


def visible_to(actor: Actor) -> list[dict[str, object]]:
    """The groups with the entries that the actor may open, as the layout draws them."""
    groups: list[dict[str, object]] = []
    for label, entries in GROUPS:
        items = [_item(entry) for entry in entries if _may_open(actor, entry)]
        if items:
            groups.append({"label": label, "items": items})
    return groups


def quick_for(actor: Actor) -> list[dict[str, object]]:
    """What the actor may do from any page."""
    return [_item(entry) for entry in QUICK if _may_open(actor, entry)]


def first_page(actor: Actor) -> str | None:
    """The address of the first page that the actor may open: where work begins. None where there is none."""
    pages = (entry.endpoint for _, entries in GROUPS for entry in entries if _may_open(actor, entry))
    return next(map(url_for, pages), None)


def _item(entry: Entry) -> dict[str, object]:
    url = url_for(entry.endpoint)
    active = request.path == url or request.path.startswith(f"{url}/")
    return {"label": entry.label, "url": url, "icon": entry.icon, "active": active}


def _may_open(actor: Actor, entry: Entry) -> bool:
    mark = guards.mark_of(current_app.view_functions.get(entry.endpoint), "GET")
    return mark is not None and mark.code is not None and actor.may(mark.code)
