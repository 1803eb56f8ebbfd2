"""The page behind the numbers of growth: who began, who left, who is served; with its file."""
from __future__ import annotations

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from ispbill.areas import queries as areas
from ispbill.core.current import current
from ispbill.core.i18n import lazy
from ispbill.core.pagination import paginate
from ispbill.reports.definitions.policy import Span, scope_of
from ispbill.reports.subscribers import queries
from ispbill.reports.subscribers.queries import SubscriberFilter, What
from ispbill.reports.views import blueprint
from ispbill.web.exports import csv_response
from ispbill.web.guards import requires
from ispbill.web.lists import asked, chosen, chosen_day, chosen_id

_WHO = ((What.SERVED, lazy("Served at the end")), (What.BEGAN, lazy("Began in these days")),
        (What.LEFT, lazy("Left in these days")), (What.ACTIVE, lazy("Active today")))


@blueprint.get("/reports/subscribers")
@requires("view_customer_acquisition_report")
def subscribers() -> ResponseReturnValue:
    """Who began, left or is served, by name."""
    wanted, filters = asked(queries.SORTS, default="name"), _filters()
    found = queries.listing(filters)
    page = paginate(found, wanted.sort, cursor=wanted.cursor)
    return render_template("reports/subscribers.html", page=page, count=queries.count(found), scope=filters.scope,
                           choices=_WHO, areas=areas.choices())


@blueprint.get("/reports/subscribers/export")
@requires("export_reports")
def subscribers_file() -> Response:
    """What the filters show."""
    current.require("view_customer_acquisition_report")
    header = ("account_number", "customer", "phone", "status", "began_on", "left_on")
    return csv_response("subscribers", header, (
        (row.account_number, row.name, row.phone, row.status, row.began_on, row.left_on)
        for row in queries.everything(queries.listing(_filters()))
    ))


def _filters() -> SubscriberFilter:
    scope = scope_of(Span.YEAR, today=current.today(), since=chosen_day("since"), until=chosen_day("until"),
                     area_id=chosen_id("area"))
    return SubscriberFilter(What(chosen("what", What) or What.SERVED), scope)
