"""The report of deferred revenue: what is owed in prepaid service, load by load, held against the ledger."""
from __future__ import annotations

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from ispbill.billing.prepaid.deferral import queries
from ispbill.core.current import current
from ispbill.core.money import to_major
from ispbill.core.pagination import paginate
from ispbill.web.exports import csv_response
from ispbill.web.guards import requires
from ispbill.web.lists import asked

blueprint = Blueprint("deferral", __name__, url_prefix="/ledger/deferred-revenue", template_folder="../templates")
_HEADER = ("account_number", "customer", "plan", "invoice", "starts_at", "ends_at", "billed_net", "earned", "owed",
           "currency")


@blueprint.get("")
@requires("view_ledger")
def index() -> ResponseReturnValue:
    """What is owed in service now, and the ledger's account beside it."""
    order = asked(queries.SORTS, default="ends")
    page = paginate(queries.listing(term=order.term), order.sort, cursor=order.cursor)
    return render_template("prepaid/deferred.html", page=page, tie=queries.tie_out(), nights=queries.nights(),
                           through_on=queries.recognised_through())


@blueprint.get("/export")
@requires("view_ledger")
def export() -> Response:
    """The loads that the filters show, as a file."""
    currency, zone = current.tenant.currency, current.tenant.zone
    rows = queries.everything(queries.listing(term=asked(queries.SORTS, default="ends").term))
    return csv_response("deferred-revenue", _HEADER, (
        (row.account_number, row.customer_name, row.plan_name, row.invoice_number,
         *(f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" for moment in (row.starts_at, row.ends_at)),
         *(to_major(amount, currency) for amount in (row.net_minor, row.recognised_minor, row.owed_minor)), currency)
        for row in rows
    ))
