"""create_app(): assembles the product. FEATURES is the table of contents; nothing else happens here."""
from __future__ import annotations

import gc
from collections.abc import Callable
from datetime import timedelta

from flask import Blueprint, Flask, url_for
from flask.logging import create_logger, default_handler
from flask_migrate import Migrate
from flask_wtf import CSRFProtect

from ispbill import reactions
from ispbill.accounts import identity
from ispbill.accounts import views as accounts
from ispbill.api import v1
from ispbill.api import views as api
from ispbill.areas import views as areas
from ispbill.areas.imports import service as area_imports
from ispbill.audit import recording
from ispbill.audit import views as audit
from ispbill.billing.cash import views as cash
from ispbill.billing.changes import views as changes
from ispbill.billing.charges import views as charges
from ispbill.billing.chart import views as chart
from ispbill.billing.closing import views as closing
from ispbill.billing.collections import views as collections
from ispbill.billing.contracts import views as agreed_contracts
from ispbill.billing.discounts import views as discounts
from ispbill.billing.documents import enclosing
from ispbill.billing.documents import views as documents
from ispbill.billing.documents.prints import views as prints
from ispbill.billing.drafts import views as drafts
from ispbill.billing.handovers import views as handovers
from ispbill.billing.invoices import views as invoices
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.ledger import views as ledger
from ispbill.billing.metering import views as metering
from ispbill.billing.notes import views as notes
from ispbill.billing.opening import service as opening
from ispbill.billing.payments import views as payments
from ispbill.billing.payments.allocations import views as allocations
from ispbill.billing.payments.models import Payment
from ispbill.billing.prepaid import views as prepaid
from ispbill.billing.prepaid.conversion import views as conversion
from ispbill.billing.prepaid.deferral import views as deferral
from ispbill.billing.prepaid.overview import views as overview
from ispbill.billing.prepaid.services import views as services
from ispbill.billing.proformas import views as proformas
from ispbill.billing.proof import views as proof
from ispbill.billing.refunds import views as refunds
from ispbill.billing.register import views as register
from ispbill.billing.runs import views as runs
from ispbill.billing.statements import views as statements
from ispbill.billing.statements.batches import views as statement_batches
from ispbill.billing.taxes import views as exemptions
from ispbill.billing.wallet import views as wallet
from ispbill.billing.why import views as why
from ispbill.billing.withholdings import views as withholdings
from ispbill.billing.write_offs import views as write_offs
from ispbill.catalogue import views as catalogue
from ispbill.catalogue.bundles import views as bundles
from ispbill.catalogue.contracts import views as contracts
from ispbill.catalogue.imports import service as plan_imports
from ispbill.catalogue.taxes import views as taxes
from ispbill.catalogue.usage import views as usage_prices
from ispbill.company import views as company
from ispbill.company.home import views as home
from ispbill.company.logo import views as logo
from ispbill.company.numbers import views as numbers
from ispbill.config import PROJECT_ROOT, Settings
from ispbill.core.db import PLATFORM_BIND, TenantModel, TenantSession, close_sessions, db
from ispbill.core.events import wire
from ispbill.core.i18n import lazy
from ispbill.core.logs import Line
from ispbill.customers import views as customers
from ispbill.customers.duplicates.queries import counting
from ispbill.customers.queries import count_by_area
from ispbill.imports import kinds
from ispbill.imports import views as imports
from ispbill.imports.kinds import Kind
from ispbill.network.imports import service as router_imports
from ispbill.network.routers import views as routers
from ispbill.network.routers.queries import serials_at
from ispbill.notifications import enclosures
from ispbill.notifications import views as notifications
from ispbill.notifications.enclosures import Paper
from ispbill.notifications.texting import views as texting
from ispbill.plant import blueprint as plant
from ispbill.plant.imports import service as plant_imports
from ispbill.plant.lcps import views as lcps
from ispbill.plant.lcps.queries import count_by_area as count_lcps_by_area
from ispbill.plant.maps import views as maps  # noqa: F401  on the blueprint of the plant
from ispbill.plant.naps import views as naps
from ispbill.platform import views as platform
from ispbill.portal import views as portal
from ispbill.reports import views as reports
from ispbill.reports.beginnings import views as beginnings
from ispbill.reports.news import views as news
from ispbill.reports.pages import views as report_pages  # noqa: F401  on the blueprint of the dashboard
from ispbill.reports.recurring import views as recurring_services  # noqa: F401  on the blueprint of the dashboard
from ispbill.reports.schedules import service as report_sendings
from ispbill.reports.schedules import views as report_schedules  # noqa: F401  on the blueprint of the dashboard
from ispbill.reports.stories import views as stories
from ispbill.reports.subscribers import views as report_subscribers  # noqa: F401  on the blueprint of the dashboard
from ispbill.reports.taxed import views as taxes_of_documents  # noqa: F401  on the blueprint of the dashboard
from ispbill.subscriptions import views as subscriptions
from ispbill.subscriptions.bundles import views as bundle_sales
from ispbill.subscriptions.connections import views as connections
from ispbill.subscriptions.imports import lines as subscription_imports
from ispbill.subscriptions.imports import people as customer_imports
from ispbill.subscriptions.installations import views as installations
from ispbill.subscriptions.models import Installation, Subscription
from ispbill.subscriptions.photos import views as photos
from ispbill.subscriptions.queries import count_by_plan
from ispbill.support.desk import views as desk
from ispbill.support.tickets import views as tickets
from ispbill.support.tickets.models import Ticket
from ispbill.support.tickets.progress import views as ticket_progress
from ispbill.tenancy import scope
from ispbill.tenancy.hosts import HostMiddleware
from ispbill.tenancy.owner import OWNER_BIND
from ispbill.web import errors, filters, guards, limiter, panels, search, security, shell, timeline, translations
from ispbill.web.assets import manifest
from ispbill.web.panels import Action, Column, Panel, Part, Tally
from ispbill.web.requests import IspbillFlask
from ispbill.web.search import Source
from ispbill.web.timeline import Strand

# Blueprints of the HTML faces, in the order of the navigation.
FEATURES: tuple[Blueprint, ...] = (
    reports.blueprint,
    beginnings.blueprint,
    news.blueprint,
    customers.blueprint,
    imports.blueprint,
    areas.blueprint,
    plant.blueprint,
    subscriptions.blueprint,
    routers.blueprint,
    overview.blueprint,
    prepaid.blueprint,
    changes.blueprint,
    bundle_sales.blueprint,
    conversion.blueprint,
    deferral.blueprint,
    wallet.blueprint,
    runs.blueprint,
    invoices.blueprint,
    notes.blueprint,
    handovers.blueprint,
    drafts.blueprint,
    proformas.blueprint,
    payments.blueprint,
    allocations.blueprint,
    refunds.blueprint,
    cash.blueprint,
    statements.blueprint,
    statement_batches.blueprint,
    write_offs.blueprint,
    register.blueprint,
    collections.blueprint,
    why.blueprint,
    charges.blueprint,
    agreed_contracts.blueprint,
    metering.blueprint,
    documents.blueprint,
    prints.blueprint,
    ledger.blueprint,
    chart.blueprint,
    closing.blueprint,
    ticket_progress.blueprint,
    desk.blueprint,
    proof.blueprint,
    catalogue.blueprint,
    taxes.blueprint,
    bundles.blueprint,
    contracts.blueprint,
    usage_prices.blueprint,
    discounts.blueprint,
    exemptions.blueprint,
    withholdings.blueprint,
    accounts.blueprint,
    company.blueprint,
    portal.blueprint,
    logo.blueprint,
    home.blueprint,
    numbers.blueprint,
    notifications.blueprint,
    texting.blueprint,
    audit.blueprint,
    platform.blueprint,
    api.blueprint,
)
# What features put on the pages of those below them, in the order in which it is drawn.
PARTS: tuple[Part, ...] = (
    Action("customer", lazy("Record payment"), "banknote", "record_payment", lambda customer_id: url_for(
        "payments.record", customer_id=customer_id)),
    Action("customer", lazy("Subscribe"), "plus", "create_subscription", lambda customer_id: url_for(
        "subscriptions.subscribe", customer_id=customer_id)),
    Action("customer", lazy("Open ticket"), "ticket", "create_ticket", lambda customer_id: url_for(
        "tickets.open_for", customer_id=customer_id)),
    Action("customer", lazy("Statement"), "scroll-text", "view_invoice_list", lambda customer_id: url_for(
        "statements.detail", customer_id=customer_id)),
    Action("customer", lazy("Sell a bundle"), "package", "create_subscription", lambda customer_id: url_for(
        "bundle_sales.sell", customer_id=customer_id)),
    Action("customer", lazy("Draft an invoice"), "file-pen", "draft_invoice", lambda customer_id: url_for(
        "drafts.draft", customer_id=customer_id)),
    Action("customer", lazy("Proforma"), "file-text", "issue_invoice", lambda customer_id: url_for(
        "proformas.issue", customer_id=customer_id)),
    Action("customer", lazy("Debit note"), "file-plus", "adjust_invoice", lambda customer_id: url_for(
        "notes.debit_customer", customer_id=customer_id)),
    Action("customer", lazy("Refund"), "undo-2", "refund_payment", lambda customer_id: url_for(
        "refunds.record", customer_id=customer_id)),
    Action("customer", lazy("Write a note"), "notebook-pen", "add_customer_note", lambda customer_id: url_for(
        "customers.add_note", customer_id=customer_id)),
    Action("customer", lazy("Link to the account"), "link", "send_message", lambda customer_id: url_for(
        "portal.link", customer_id=customer_id)),
    Action("customer", lazy("Ledger account"), "book-open", "view_ledger", lambda customer_id: url_for(
        "ledger.statement", customer_id=customer_id)),
    Tally("areas", lazy("Customers"), "view_customer_list", count_by_area, customers.residents_url),
    Tally("areas", lazy("LCPs"), "view_lcp_list", count_lcps_by_area, lcps.lcps_url),
    Tally("merge", lazy("Subscriptions"), "view_subscription_list", counting(Subscription), customers.page_url),
    Tally("merge", lazy("Installations"), "view_installation_list", counting(Installation), customers.page_url),
    Tally("merge", lazy("Invoices"), "view_invoice_list", counting(Invoice), customers.page_url),
    Tally("merge", lazy("Payments"), "view_payment_list", counting(Payment), customers.page_url),
    Tally("merge", lazy("Tickets"), "view_ticket_list", counting(Ticket), customers.page_url),
    Tally("plans", lazy("Subscriptions"), "view_subscription_list", count_by_plan, overview.holders_url),
    Panel("settings", "main", "view_settings", taxes.settings_panel),
    Column("installations", "router", "view_router_list", serials_at),
    Panel("customer", "main", "view_subscription_list", services.customer_panel),
    Panel("customer", "main", "view_collections", collections.customer_panel),
    Panel("customer", "main", "view_installation_list", installations.installations_panel),
    Panel("customer", "main", "view_router_list", routers.customer_panel),
    Panel("customer", "main", "view_invoice_list", drafts.customer_panel),
    Panel("customer", "main", "view_invoice_list", invoices.customer_panel),
    Panel("customer", "main", "view_payment_list", payments.customer_panel),
    Panel("customer", "main", "view_ticket_list", tickets.customer_panel),
    Panel("customer", "figures", "view_payment_list", payments.customer_figures),
    Panel("customer", "figures", "view_subscription_list", subscriptions.next_bill_figure),
    Panel("account", "main", "view_ledger", ledger.customer_panel),
    Panel("account", "main", "view_invoice_list", charges.customer_panel),
    Panel("account", "main", "view_invoice_list", discounts.customer_panel),
    Panel("account", "main", "view_invoice_list", exemptions.customer_panel),
    Panel("account", "main", "view_payment_list", withholdings.customer_panel),
    Panel("dashboard", "figures", "view_installation_list", installations.due_figure),
    Panel("dashboard", "figures", "view_collections", collections.dashboard_figure),
    Panel("dashboard", "figures", "view_lcp_list", naps.free_ports_figure),
    Panel("dashboard", "subscribers", "view_subscription_list", overview.running_out_figure),
    Panel("installation", "main", "view_router_list", routers.installation_panel),
    Panel("installation", "main", "view_installation_list", photos.photos_panel),
    Panel("completion", "main", "view_installation_list", installations.port_missing),
    Panel("completion", "main", "view_router_list", routers.router_missing),
    Panel("nap", "main", "view_installation_list", connections.nap_panel),
    Panel("account", "main", "view_customer_document", customers.document_views.panel),
    Panel("nap", "main", "view_ticket_list", tickets.nap_panel),
    Panel("invoice", "side", "view_payment_list", payments.invoice_panel),
    Panel("invoice", "side", "view_invoice_list", notes.invoice_panel),
    Panel("invoice", "side", "view_invoice_list", handovers.invoice_panel),
    Panel("dashboard", "main", "view_ledger", proof.dashboard_panel),
    Panel("subscription", "side", "create_subscription", conversion.subscription_panel),
    Panel("dashboard", "main", "view_settings", numbers.dashboard_panel),
    Panel("subscription", "main", "view_usage", metering.subscription_panel),
    Panel("subscription", "side", "view_subscription_list", agreed_contracts.subscription_panel),
    Panel("plan", "figures", "view_subscription_list", subscriptions.plan_figures),
    Panel("plan", "main", "view_subscription_list", subscriptions.plan_panel),
    Panel("plan", "side", "view_subscriptionplan_list", contracts.plan_panel),
    Panel("plan", "side", "view_subscriptionplan_list", usage_prices.plan_panel),
)
# What files bring in, in the order in which a new company would.
IMPORTS: tuple[Kind, ...] = (
    area_imports.KIND,
    plan_imports.KIND,
    plant_imports.LCPS,
    plant_imports.NAPS,
    router_imports.KIND,
    customer_imports.KIND,
    subscription_imports.KIND,
    opening.KIND,
)
# Who makes the papers that messages enclose.
ENCLOSURES: dict[str, Callable[[str], Paper]] = {
    "invoice": enclosing.invoice, "statement": enclosing.statement, "report": report_sendings.file_of,
}
SEARCH: tuple[Source, ...] = (
    Source(lazy("Customers"), "view_customer_list", customers.find_customers),
    Source(lazy("Invoices"), "view_invoice_list", invoices.find_invoices),
    Source(lazy("Customers by their router"), "view_customer_list", routers.find_holders),
    Source(lazy("Routers"), "view_router_list", routers.find_routers),
    Source(lazy("Payments"), "view_payment_list", payments.find_payments),
    Source(lazy("Tickets"), "view_ticket_list", tickets.find_tickets),
)
# What the timeline of a customer is woven of.
STRANDS: tuple[Strand, ...] = (
    Strand("customer", "view_customer_detail", customers.moments),
    Strand("customer", "view_customer_detail", customers.note_views.moments),
    Strand("customer", "view_customer_document", customers.document_views.moments),
    Strand("customer", "view_installation_list", stories.of_installations),
    Strand("customer", "view_router_list", stories.of_routers),
    Strand("customer", "view_subscription_list", stories.of_subscriptions),
    Strand("customer", "view_invoice_list", stories.of_invoices),
    Strand("customer", "view_invoice_list", stories.of_voided_invoices),
    Strand("customer", "view_payment_list", stories.of_payments),
    Strand("customer", "view_payment_list", stories.of_reversed_payments),
    Strand("customer", "view_collections", collections.moments),
    Strand("customer", "view_message_log", stories.of_messages),
)
TENANT_METADATA = TenantModel.metadata
csrf = CSRFProtect()


def create_app(settings: Settings) -> IspbillFlask:
    """The application for these settings; opens no connection."""
    app = IspbillFlask("ispbill", template_folder="web/templates", static_folder="web/static")
    _configure(app, settings)
    _open_database(app, settings)
    _open_log(app)
    csrf.init_app(app)
    for part in (errors, translations, filters, security, shell, manifest, limiter, identity):
        part.register(app)
    for blueprint in FEATURES:
        app.register_blueprint(blueprint)
    panels.install(app, PARTS)
    kinds.install(IMPORTS)
    enclosures.install(ENCLOSURES)
    search.install(app, SEARCH)
    timeline.install(app, STRANDS)
    v1.register(app, csrf)
    # Whoever reports signs the request; a browser could not.
    csrf.exempt(texting.report)
    guards.anywhere(app.view_functions["static"])
    wire(reactions.REACTIONS)
    recording.attach(TenantSession)
    app.wsgi_app = HostMiddleware(app, domain=settings.domain)  # type: ignore[method-assign]
    _spare_the_collector()
    return app


def _spare_the_collector() -> None:
    """Leave out of garbage collection what stays for ever, and look for cycles less often than Python does by itself.

    A chunk of a billing run makes a hundred thousand values and no cycle: a quarter of its time went into looking.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _configure(app: Flask, settings: Settings) -> None:
    https = settings.scheme == "https"
    app.config.update(
        ISPBILL=settings, SECRET_KEY=settings.secret_key, TESTING=settings.testing, DEMO=settings.demo,
        SESSION_COOKIE_NAME="__Host-ispbill" if https else "ispbill", SESSION_COOKIE_SECURE=https,
        SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="Lax", SESSION_COOKIE_DOMAIN=None,
        PERMANENT_SESSION_LIFETIME=timedelta(days=14), MAX_CONTENT_LENGTH=32 * 1024 * 1024,
        WTF_CSRF_TIME_LIMIT=None,
    )


def _open_log(app: Flask) -> None:
    """Standard error, for Flask's logger and those of our modules, which lie below it."""
    default_handler.setFormatter(Line())
    create_logger(app)


def _open_database(app: Flask, settings: Settings) -> None:
    driver = {"connect_args": {"prepare_threshold": None}}
    app.config.update(
        SQLALCHEMY_DATABASE_URI=settings.engine_url(settings.app_url),
        SQLALCHEMY_ENGINE_OPTIONS=scope.engine_options(),
        SQLALCHEMY_BINDS={
            PLATFORM_BIND: {"url": settings.engine_url(settings.platform_url), **driver},
            OWNER_BIND: {"url": settings.engine_url(settings.owner_url), "isolation_level": "AUTOCOMMIT",
                         "pool_size": 1, "max_overflow": 8, **driver},
        },
    )
    db.init_app(app)
    app.teardown_appcontext(close_sessions)
    Migrate(app, db, directory=str(PROJECT_ROOT / "migrations" / "tenant"))
    with app.app_context():
        scope.fence(db.engine)
