"""The pages of collections, gathered: importing a part's views puts them on the blueprint."""
from __future__ import annotations

from ispbill.billing.collections.blueprint import blueprint
from ispbill.billing.collections.concessions import views as concessions
from ispbill.billing.collections.differences import views as differences
from ispbill.billing.collections.dunning import views as dunning
from ispbill.billing.collections.fees import views as fees
from ispbill.billing.collections.overdue import views as overdue
from ispbill.billing.collections.overdue.views import customer_panel, dashboard_figure, moments
from ispbill.billing.collections.plans import views as plans
from ispbill.billing.collections.rounds import views as rounds
from ispbill.billing.collections.routes import views as routes
from ispbill.billing.collections.tasks import views as tasks

__all__ = ["blueprint", "concessions", "customer_panel", "dashboard_figure", "differences", "dunning", "fees",
           "moments", "overdue", "plans", "rounds", "routes", "tasks"]
