"""The pages that answer why: of a line on a document, of a suspension."""
from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from ispbill.billing.invoices import queries as invoices
from ispbill.billing.why import queries
from ispbill.billing.why.lines import queries as lines
from ispbill.billing.why.policy import Kind
from ispbill.billing.why.suspensions import queries as suspensions
from ispbill.core.current import current
from ispbill.core.i18n import gettext as _
from ispbill.customers import queries as customers
from ispbill.web.guards import requires
from ispbill.web.requests import found

blueprint = Blueprint("why", __name__, template_folder="templates")
# Where a row that a step refers to is shown, and who may open that.
_PAGES: Mapping[Kind, tuple[str, str, str]] = {
    Kind.CUSTOMER: ("customers.detail", "customer_id", "view_customer_detail"),
    Kind.SUBSCRIPTION: ("subscriptions.detail", "subscription_id", "view_subscription_list"),
    Kind.PLAN: ("catalogue.detail", "plan_id", "view_subscriptionplan_list"),
    Kind.INVOICE: ("invoices.detail", "invoice_id", "view_invoice_list"),
    Kind.RUN: ("runs.detail", "run_id", "view_billing_run"),
    Kind.PAYMENT: ("payments.detail", "payment_id", "view_payment_list"),
    Kind.MESSAGE: ("notifications.detail", "message_id", "view_message_log"),
}


@blueprint.get("/invoices/lines/<int:line_id>/why")
@requires("view_invoice_list")
def line(line_id: int) -> ResponseReturnValue:
    """Why a line of a document is what it is."""
    row = found(lines.line(line_id), _("There is no such line."))
    return render_template("why/line.html", line=row, invoice=invoices.detail(row.invoice_id), page_of=page_of,
                           steps=queries.of_line(row))


@blueprint.get("/collections/suspensions/<int:cutoff_id>")
@requires("view_collections")
def suspension(cutoff_id: int) -> ResponseReturnValue:
    """Why collections cut a customer off, and what ended it."""
    cut = found(suspensions.cutoff(cutoff_id), _("There is no such suspension."))
    return render_template("why/suspension.html", customer=customers.get(cut.customer_id), page_of=page_of,
                           steps=queries.of_suspension(cut))


@blueprint.get("/collections/customers/<int:customer_id>/suspension")
@requires("view_collections")
def suspension_of(customer_id: int) -> ResponseReturnValue:
    """Why a customer is suspended now, whoever did it."""
    customer = found(customers.get(customer_id), _("There is no such customer."))
    steps = found(queries.of_customer(customer), _("This customer is not suspended."))
    return render_template("why/suspension.html", customer=customer, page_of=page_of, steps=steps)


def page_of(kind: Kind | None, row_id: int | None) -> str | None:
    """The page of a row that a step refers to, for who may open it."""
    if kind is None or row_id is None:
        return None
    endpoint, argument, permission = _PAGES[kind]
    return url_for(endpoint, **{argument: row_id}) if current.actor.may(permission) else None  # type: ignore[arg-type]
