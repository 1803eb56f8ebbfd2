"""/api/v1, assembled. RESOURCES is its table of contents; each noun's operations stand in that feature's api.py."""
from __future__ import annotations

import hashlib

from flask import Flask, request
from flask_smorest import Api
from flask_wtf import CSRFProtect
from werkzeug.routing import IntegerConverter

from ispbill.accounts.signed_tokens import api as signed_tokens
from ispbill.api import idempotency, openapi
from ispbill.billing.cash import api as cash
from ispbill.billing.cash.intakes import api as intakes  # noqa: F401  on the resource of the cash desk
from ispbill.billing.changes import api as foreseen_changes
from ispbill.billing.charges import api as charges
from ispbill.billing.chart import api as chart  # noqa: F401  on the resource of the ledger
from ispbill.billing.closing import api as closing  # noqa: F401  on the resource of the ledger
from ispbill.billing.collections.concessions import api as concessions  # noqa: F401  on the resource of collections
from ispbill.billing.collections.differences import api as differences  # noqa: F401  on the resource of collections
from ispbill.billing.collections.dunning import api as dunning  # noqa: F401  on the resource of collections
from ispbill.billing.collections.entitlement import api as entitlement
from ispbill.billing.collections.overdue import api as collections
from ispbill.billing.collections.plans import api as collection_plans  # noqa: F401  on the resource of collections
from ispbill.billing.collections.rounds import api as rounds  # noqa: F401  on the resource of collections
from ispbill.billing.collections.routes import api as routes  # noqa: F401  on the resource of collections
from ispbill.billing.contracts import api as contracts
from ispbill.billing.discounts import api as discounts
from ispbill.billing.documents import api as documents
from ispbill.billing.drafts import api as drafts
from ispbill.billing.handovers import api as handovers  # noqa: F401  on the resource of the invoices
from ispbill.billing.invoices import api as invoices
from ispbill.billing.ledger import api as ledger
from ispbill.billing.metering import api as metering
from ispbill.billing.notes import api as notes  # noqa: F401  on the resource of the invoices
from ispbill.billing.payments import api as payments
from ispbill.billing.payments.allocations import api as allocations  # noqa: F401  on the resource of the payments
from ispbill.billing.prepaid import api as prepaid
from ispbill.billing.prepaid.conversion import api as conversion
from ispbill.billing.prepaid.deferral import api as deferral  # noqa: F401  on the resource of the ledger
from ispbill.billing.prepaid.offers import api as prepaid_offers  # noqa: F401  on the resource of prepaid lines
from ispbill.billing.prepaid.screen import api as prepaid_screen
from ispbill.billing.proformas import api as proformas
from ispbill.billing.proof import api as proof  # noqa: F401  on the resource of the ledger
from ispbill.billing.refunds import api as refunds
from ispbill.billing.register import api as register_of_numbers  # noqa: F401  on the resource of the ledger
from ispbill.billing.runs import api as runs
from ispbill.billing.runs.preview import api as previews  # noqa: F401  on the resource of the runs
from ispbill.billing.statements import api as statements
from ispbill.billing.taxes import api as tax_rules
from ispbill.billing.wallet import api as wallet
from ispbill.billing.why import api as why
from ispbill.billing.withholdings import api as withheld  # noqa: F401  on the resource of the withholdings
from ispbill.billing.write_offs import api as write_offs  # noqa: F401  on the resource of the invoices
from ispbill.catalogue import api as catalogue
from ispbill.catalogue.bundles import api as bundles
from ispbill.catalogue.contracts import api as plan_contracts  # noqa: F401  on the resource of the plans
from ispbill.catalogue.taxes import api as taxes
from ispbill.catalogue.usage import api as usage_prices  # noqa: F401  on the resource of the plans
from ispbill.company.numbers import api as number_series
from ispbill.core.current import current
from ispbill.customers import api as customers
from ispbill.customers.suspension_reasons import api as suspension_reasons
from ispbill.network.routers import api as routers
from ispbill.plant import api as plant
from ispbill.plant.maps import api as maps
from ispbill.reports import api as dashboard
from ispbill.subscriptions import api as subscriptions
from ispbill.subscriptions.bundles import api as bundle_sales  # noqa: F401  on the resource of the bundles
from ispbill.subscriptions.changes import api as changes
from ispbill.subscriptions.connections import api as connections
from ispbill.support.tickets import api as tickets
from ispbill.web.limiter import limiter, tenant_and_address
from ispbill.web.rest.resources import Resource
from ispbill.web.rest.schemas import Problem

RESOURCES: tuple[Resource, ...] = (
    signed_tokens.blueprint,
    customers.blueprint,
    customers.map_blueprint,
    suspension_reasons.blueprint,
    entitlement.blueprint,
    catalogue.blueprint,
    taxes.blueprint,
    bundles.blueprint,
    discounts.blueprint,
    plant.lcp_blueprint,
    plant.nap_blueprint,
    plant.chain_blueprint,
    maps.blueprint,
    connections.blueprint,
    subscriptions.blueprint,
    changes.blueprint,
    foreseen_changes.blueprint,
    contracts.blueprint,
    routers.blueprint,
    prepaid.blueprint,
    prepaid_screen.blueprint,
    conversion.blueprint,
    wallet.blueprint,
    invoices.blueprint,
    payments.blueprint,
    charges.blueprint,
    metering.blueprint,
    refunds.blueprint,
    cash.blueprint,
    drafts.blueprint,
    proformas.blueprint,
    statements.blueprint,
    runs.blueprint,
    ledger.blueprint,
    tax_rules.blueprint,
    tax_rules.withholding_blueprint,
    collections.blueprint,
    why.blueprint,
    documents.blueprint,
    number_series.blueprint,
    tickets.blueprint,
    dashboard.blueprint,
)
RATE_LIMIT = "600/minute"
_EXTENSION = "ispbill_api"


class RestApi(Api):
    """flask-smorest with errors as web/errors.py answers them."""

    ERROR_SCHEMA = Problem
    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        """Leave them: the extension's own would answer in another shape."""


def register(app: Flask, csrf: CSRFProtect) -> None:
    """Put every resource on the application."""
    api = RestApi(app, spec_kwargs={"title": "ISP billing", "version": "1", "openapi_version": "3.1.0"})
    api.register_converter(IntegerConverter, lambda _: {"type": "string", "pattern": "^[0-9]+$"})
    for resource in RESOURCES:
        # A bearer token is no cookie; who comes with a cookie proves the form token in accounts/identity.py.
        csrf.exempt(resource)
        limiter.limit(RATE_LIMIT, key_func=tenant_and_token)(resource)
        api.register_blueprint(resource)
    idempotency.register(app)
    app.extensions[_EXTENSION] = openapi.document(app, api)


def document(app: Flask) -> openapi.Document:
    """The OpenAPI document of an application, made once when it was."""
    made: openapi.Document = app.extensions[_EXTENSION]
    return made


def tenant_and_token() -> str:
    """Whose requests are counted together: one token of one tenant; without a token, one address."""
    tenant, credentials = current.tenant_or_none, request.headers.get("Authorization")
    if credentials is None:
        return tenant_and_address()
    return f"{tenant.code if tenant else 'apex'}:{hashlib.sha256(credentials.encode()).hexdigest()}"
