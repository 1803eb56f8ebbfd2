"""The page of differences, and the same as a file: all of them, however many customers there are."""
from __future__ import annotations

from itertools import islice

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from ispbill.billing.collections.blueprint import blueprint
from ispbill.billing.collections.differences import queries
from ispbill.core.pagination import PAGE_SIZE
from ispbill.web.exports import csv_response
from ispbill.web.guards import requires
from ispbill.web.lists import chosen_id

_HEADER = ("account_number", "customer", "difference", "subscription_id", "reason")


@blueprint.get("/differences")
@requires("view_collections")
def differences() -> ResponseReturnValue:
    """Paid but blocked, unpaid but open: where service is not what it should be."""
    rows = list(islice(queries.differences(chosen_id("after") or 0), PAGE_SIZE + 1))
    return render_template("collections/differences.html", rows=rows[:PAGE_SIZE],
                           after=rows[PAGE_SIZE - 1].customer_id if len(rows) > PAGE_SIZE else None)


@blueprint.get("/differences/export")
@requires("view_collections")
def export_differences() -> Response:
    """The same as a file."""
    return csv_response("service-differences", _HEADER, (
        (row.account_number, row.name, "paid but blocked" if row.should_be_on else "unpaid but open",
         row.subscription_id, row.reason)
        for row in queries.differences()
    ))
