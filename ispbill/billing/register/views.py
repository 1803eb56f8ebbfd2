"""The register of numbers: every number of a series with what it was used for, on a page and as a file."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from ispbill.billing.register import queries
from ispbill.billing.register.queries import Wanted
from ispbill.company.models import SeriesKind
from ispbill.company.policy import SERIES_LABELS
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.money import to_major
from ispbill.core.pagination import paginate
from ispbill.web.exports import csv_response
from ispbill.web.guards import requires
from ispbill.web.lists import chosen, chosen_day

blueprint = Blueprint("register", __name__, url_prefix="/ledger/numbers", template_folder="templates")
_KINDS = {kind: label for kind, label in SERIES_LABELS.items() if kind != SeriesKind.CUSTOMER}
_HEADER = (
    "number", "used_on", "account_number", "customer", "amount", "currency", "status", "taken_back_on", "reason",
)
_MOST_EXPORTED = 200_000


@blueprint.get("")
@requires("view_ledger")
def index() -> ResponseReturnValue:
    """The numbers of a series, the newest first; invoices unless asked otherwise."""
    wanted = _wanted()
    register = queries.register(wanted)
    page = paginate(register.rows, register.newest_first, cursor=request.args.get("cursor"))
    return render_template("register/index.html", page=page, kinds=_KINDS, kind=wanted.kind,
                           is_document=wanted.kind in queries.DOCUMENTS)


@blueprint.get("/export")
@requires("view_ledger")
def export() -> Response:
    """The numbers of a series as a file, the oldest first."""
    wanted = _wanted()
    rows = queries.register(wanted).rows.subquery()
    oldest_first = db.session.execute(rows.select().order_by(rows.c.id).limit(_MOST_EXPORTED))
    return csv_response(f"register-{wanted.kind}", _HEADER, map(_cells, oldest_first))


def _wanted() -> Wanted:
    kind = SeriesKind(chosen("kind", SeriesKind) or SeriesKind.INVOICE)
    return Wanted(
        kind=SeriesKind.INVOICE if kind == SeriesKind.CUSTOMER else kind, since=chosen_day("since"),
        until=chosen_day("until"), taken_back=request.args.get("state") == "taken_back",
    )


def _cells(row: Any) -> tuple[object, ...]:
    currency = current.tenant.currency
    return (row.number, row.used_on, row.account_number, row.name, to_major(row.amount_minor, currency), currency,
            row.status, row.ended_on, row.reason)
