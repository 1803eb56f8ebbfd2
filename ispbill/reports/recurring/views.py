"""The page behind MRR: what runs on a day, and what a month of it costs; with its file."""
from __future__ import annotations

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ispbill.areas import queries as areas
from ispbill.areas.policy import place_named
from ispbill.core.current import current
from ispbill.core.db import AnyRow
from ispbill.core.i18n import gettext as _
from ispbill.core.money import to_major
from ispbill.core.pagination import paginate
from ispbill.reports.recurring import queries
from ispbill.reports.recurring.queries import Kind, ServiceFilter
from ispbill.reports.views import blueprint
from ispbill.web.exports import csv_response
from ispbill.web.forms import choices_of
from ispbill.web.guards import requires
from ispbill.web.lists import chosen, chosen_day

_HEADER = ("account_number", "customer", "type", "plan", "a_month", "without_tax", "currency")


@blueprint.get("/reports/recurring-revenue/services")
@requires("view_recurring_revenue_report")
def recurring() -> ResponseReturnValue:
    """What runs at the end of a day, by customer."""
    wanted = _filters()
    found = queries.listing(wanted)
    page = paginate(found.rows, found.by_customer, cursor=request.args.get("cursor"))
    return render_template(
        "reports/recurring.html", page=page, sums=queries.sums(found), on=wanted.on, without_tax=queries.without_tax,
        kinds=choices_of(Kind, empty=_("Any kind")), areas=areas.place_choices(request.args.get("area", "")),
        service_url=_service_url,
    )


@blueprint.get("/reports/recurring-revenue/services/export")
@requires("export_reports")
def recurring_file() -> Response:
    """What the filters show."""
    current.require("view_recurring_revenue_report")
    currency = current.tenant.currency
    return csv_response("recurring-revenue-services", _HEADER, (
        (row.account_number, row.name, row.kind, row.plan, to_major(row.a_month, currency),
         to_major(queries.without_tax(row), currency), currency)
        for row in queries.everything(queries.listing(_filters()))
    ))


def _filters() -> ServiceFilter:
    asked_for = chosen_day("on") or current.today()
    return ServiceFilter(min(asked_for, current.today()), chosen("kind", Kind),
                         place_named(request.args.get("area", "")))


def _service_url(row: AnyRow) -> str:
    if row.kind == Kind.PREPAID:
        return url_for("prepaid.detail", prepaid_id=row.service_id)
    return url_for("subscriptions.detail", subscription_id=row.service_id)
