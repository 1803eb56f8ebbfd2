"""The page behind the amounts of tax: each document with its sales and the tax on them; with its file."""
from __future__ import annotations

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from ispbill.areas import queries as areas
from ispbill.areas.policy import place_named
from ispbill.billing.invoices.policy import tax_words
from ispbill.billing.invoices.queries import TaxShape
from ispbill.core.current import current
from ispbill.core.money import to_major
from ispbill.core.pagination import paginate
from ispbill.reports.definitions.policy import Span, scope_of
from ispbill.reports.taxed import queries
from ispbill.reports.taxed.queries import TaxedFilter
from ispbill.reports.views import blueprint
from ispbill.web.exports import csv_response
from ispbill.web.guards import requires
from ispbill.web.lists import chosen_day

_HEADER = ("number", "kind", "issued_on", "account_number", "customer", "tax_identifier", "tax_name", "rate_percent",
           "exemption", "sales", "tax", "currency")


@blueprint.get("/reports/tax/documents")
@requires("view_tax_report")
def taxed() -> ResponseReturnValue:
    """The taxes of documents issued in some days, the newest document first."""
    wanted = _filters()
    found = queries.listing(wanted)
    page = paginate(found.rows, found.newest, cursor=request.args.get("cursor"))
    return render_template("reports/taxed.html", page=page, sums=queries.sums(found), wanted=wanted, words=tax_words,
                           areas=areas.place_choices(request.args.get("area", "")))


@blueprint.get("/reports/tax/documents/export")
@requires("export_reports")
def taxed_file() -> Response:
    """What the filters show."""
    current.require("view_tax_report")
    currency = current.tenant.currency
    return csv_response("taxes-of-documents", _HEADER, (
        (row.number, row.kind, row.issued_on, row.account_number, row.buyer_name, row.buyer_tax_identifier, row.name,
         row.rate_percent, row.exemption, to_major(row.base_minor, currency), to_major(row.tax_minor, currency),
         currency) for row in queries.everything(queries.listing(_filters()))
    ))


def _filters() -> TaxedFilter:
    days = scope_of(Span.MONTH, today=current.today(), since=chosen_day("since"), until=chosen_day("until"))
    return TaxedFilter(days.since, days.until,
                       TaxShape.asked(request.args.get("tax", ""), request.args.get("exemption", "")),
                       place_named(request.args.get("area", "")))
