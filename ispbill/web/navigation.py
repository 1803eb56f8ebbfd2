"""The navigation: every page is reachable from here. A test holds it against the routes."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app, request, url_for

from ispbill.core.current import Actor
from ispbill.core.i18n import lazy
from ispbill.web import guards


@dataclass(frozen=True, slots=True)
class Entry:
    """A page in the side navigation; its permission is that of the route."""

    label: str
    endpoint: str
    icon: str


GROUPS: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (lazy("Overview"), (
        Entry(lazy("Dashboard"), "reports.dashboard", "layout-dashboard"),
        Entry(lazy("Reports"), "reports.index", "chart-column"),
    )),
    (lazy("Customers"), (
        Entry(lazy("Customers"), "customers.index", "users"),
        Entry(lazy("Areas"), "areas.index", "map-pin"),
        Entry(lazy("Installations"), "subscriptions.installations", "cable"),
        Entry(lazy("Subscriptions"), "customer_subscriptions.index", "refresh-cw"),
    )),
    (lazy("Network"), (
        Entry(lazy("Routers"), "routers.index", "router"),
        Entry(lazy("Fibre plant"), "plant.lcps", "git-branch"),
        Entry(lazy("Plant as a tree"), "plant.hierarchy", "network"),
        Entry(lazy("Network map"), "plant.network_map", "map"),
    )),
    (lazy("Money"), (
        Entry(lazy("Billing runs"), "runs.index", "calendar-check"),
        Entry(lazy("Invoices"), "invoices.index", "file-text"),
        Entry(lazy("Proformas"), "proformas.index", "file-clock"),
        Entry(lazy("Payments"), "payments.index", "banknote"),
        Entry(lazy("Refunds"), "refunds.index", "undo-2"),
        Entry(lazy("Cash desk"), "cash.index", "vault"),
        Entry(lazy("Collections"), "collections.index", "hand-coins"),
        Entry(lazy("My route"), "collections.route", "route"),
        Entry(lazy("Charges"), "charges.index", "tag"),
        Entry(lazy("Usage"), "metering.index", "activity"),
        Entry(lazy("Tax withheld"), "withholdings.index", "badge-percent"),
        Entry(lazy("Write-offs"), "write_offs.index", "file-x"),
        Entry(lazy("Ledger"), "ledger.index", "book-open"),
    )),
    (lazy("Support"), (
        Entry(lazy("Tickets"), "tickets.index", "ticket"),
    )),
    (lazy("Catalogue"), (
        Entry(lazy("Plans"), "catalogue.index", "package"),
        Entry(lazy("Bundles"), "bundles.index", "package"),
        Entry(lazy("Taxes"), "taxes.index", "percent"),
        Entry(lazy("Tax exemptions"), "exemptions.index", "badge-percent"),
        Entry(lazy("Discounts"), "discounts.index", "tag"),
    )),
    (lazy("Company"), (
        Entry(lazy("Users"), "accounts.users", "user-cog"),
        Entry(lazy("Roles"), "accounts.roles", "shield-check"),
        Entry(lazy("API tokens"), "accounts.api_tokens", "key-round"),
        Entry(lazy("Imports"), "imports.index", "upload"),
        Entry(lazy("Messages"), "notifications.index", "mail"),
        Entry(lazy("Audit log"), "audit.index", "history"),
        Entry(lazy("Settings"), "company.settings", "settings"),
        Entry(lazy("Labels and fields"), "customers.setup", "tags"),
    )),
)


# What people do most, from any page.
QUICK: tuple[Entry, ...] = (
    Entry(lazy("Record payment"), "payments.choose_customer", "banknote"),
    Entry(lazy("Load prepaid"), "prepaid.choose_customer", "zap"),
    Entry(lazy("Register customer"), "customers.register", "user-plus"),
    Entry(lazy("Open ticket"), "tickets.choose_customer", "ticket"),
    Entry(lazy("Import a list"), "imports.index", "upload"),
    Entry(lazy("Prepare billing"), "runs.prepare", "calendar-check"),
)


def visible_to(actor: Actor) -> list[dict[str, Any]]:
    """The groups with the entries that the actor may open, as the layout draws them."""
    groups: list[dict[str, Any]] = []
    for label, entries in GROUPS:
        items = [_item(entry) for entry in entries if _may_open(actor, entry)]
        if items:
            groups.append({"label": label, "items": items})
    _mark_here([item for group in groups for item in group["items"]])
    return groups


def quick_for(actor: Actor) -> list[dict[str, Any]]:
    """What the actor may do from any page."""
    return [_item(entry) for entry in QUICK if _may_open(actor, entry)]


def first_page(actor: Actor) -> str | None:
    """The address of the first page that the actor may open: where work begins. None where there is none."""
    pages = (entry.endpoint for _, entries in GROUPS for entry in entries if _may_open(actor, entry))
    return next(map(url_for, pages), None)


def _item(entry: Entry) -> dict[str, Any]:
    return {"label": entry.label, "url": url_for(entry.endpoint), "icon": entry.icon}


def _mark_here(items: list[dict[str, Any]]) -> None:
    """Mark the place where one is: of several above one another the nearest."""
    above = [item for item in items if f"{request.path}/".startswith(f"{item['url']}/")]
    if above:
        max(above, key=lambda item: len(item["url"]))["active"] = True


def _may_open(actor: Actor, entry: Entry) -> bool:
    mark = guards.mark_of(current_app.view_functions.get(entry.endpoint), "GET")
    return mark is not None and mark.code is not None and actor.may(mark.code)
