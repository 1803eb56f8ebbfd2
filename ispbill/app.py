"""create_app(): assembles the product. FEATURES is the table of contents; nothing else happens here."""
from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Flask
from flask_migrate import Migrate
from flask_wtf import CSRFProtect

from ispbill import reactions
from ispbill.accounts import identity
from ispbill.accounts import models as _accounts_models
from ispbill.accounts import views as accounts
from ispbill.api import models as _api_models
from ispbill.areas import models as _areas_models
from ispbill.audit import models as _audit_models
from ispbill.audit import recording
from ispbill.audit import views as audit
from ispbill.billing.invoices import models as _invoices_models
from ispbill.billing.ledger import models as _ledger_models
from ispbill.billing.payments import models as _payments_models
from ispbill.billing.runs import models as _runs_models
from ispbill.catalogue import models as _catalogue_models
from ispbill.company import models as _company_models
from ispbill.company import views as company
from ispbill.config import PROJECT_ROOT, Settings
from ispbill.core.db import PLATFORM_BIND, TenantModel, TenantSession, db
from ispbill.core.events import wire
from ispbill.customers import models as _customers_models
from ispbill.notifications import models as _notifications_models
from ispbill.notifications import views as notifications
from ispbill.subscriptions import models as _subscriptions_models
from ispbill.tenancy import scope
from ispbill.tenancy.hosts import HostMiddleware
from ispbill.tenancy.owner import OWNER_BIND
from ispbill.web import errors, filters, limiter, security, shell
from ispbill.web.assets import manifest
from ispbill.web.requests import IspbillFlask

# Blueprints of the HTML faces, in the order of the navigation.
FEATURES: tuple[Blueprint, ...] = (
    accounts.blueprint,
    company.blueprint,
    notifications.blueprint,
    audit.blueprint,
)
TENANT_METADATA = TenantModel.metadata
csrf = CSRFProtect()


def create_app(settings: Settings) -> IspbillFlask:
    """The application for these settings; opens no connection."""
    app = IspbillFlask("ispbill", template_folder="web/templates", static_folder="web/static")
    _configure(app, settings)
    _open_database(app)
    csrf.init_app(app)
    for part in (errors, filters, security, shell, manifest, limiter, identity):
        part.register(app)
    for blueprint in FEATURES:
        app.register_blueprint(blueprint)
    wire(reactions.REACTIONS)
    recording.attach(TenantSession)
    app.wsgi_app = HostMiddleware(app, domain=settings.domain)  # type: ignore[method-assign]
    return app


def _configure(app: Flask, settings: Settings) -> None:
    https = settings.scheme == "https"
    app.config.update(
        ISPBILL=settings, SECRET_KEY=settings.secret_key, TESTING=settings.testing, DEMO=settings.demo,
        SESSION_COOKIE_NAME="__Host-ispbill" if https else "ispbill", SESSION_COOKIE_SECURE=https,
        SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="Lax", SESSION_COOKIE_DOMAIN=None,
        PERMANENT_SESSION_LIFETIME=timedelta(days=14), MAX_CONTENT_LENGTH=32 * 1024 * 1024,
        WTF_CSRF_TIME_LIMIT=None,
    )


def _open_database(app: Flask) -> None:
    settings: Settings = app.config["ISPBILL"]
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
    Migrate(app, db, directory=str(PROJECT_ROOT / "migrations" / "tenant"))
    with app.app_context():
        scope.fence(db.engine)
