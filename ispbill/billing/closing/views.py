"""Pages of accounting periods: how far the books are closed, closing them, opening them again."""
from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ispbill.billing.closing import policy, queries
from ispbill.billing.closing import service as closing
from ispbill.billing.closing.forms import CloseForm, ReopenForm
from ispbill.company import queries as company
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.i18n import gettext as _
from ispbill.core.pagination import paginate
from ispbill.web.exports import csv_response
from ispbill.web.forms import form_page, submit
from ispbill.web.guards import requires

blueprint = Blueprint("closing", __name__, url_prefix="/ledger/closing", template_folder="templates")


@blueprint.get("")
@requires("view_ledger")
def index() -> ResponseReturnValue:
    """How far the books are closed, and when that was moved."""
    page = paginate(queries.history(), queries.NEWEST_FIRST, cursor=request.args.get("cursor"))
    return render_template("closing/index.html", page=page, closed_until=company.settings().books_closed_until,
                           is_owner=current.actor.is_owner)


@blueprint.get("/export")
@requires("view_ledger")
def export() -> Response:
    """Every closing and re-opening as a file."""
    header = ("done_at", "done_by", "first_open_day", "first_open_day_before", "reason")
    return csv_response("closings", header, (
        (move.closed_at, move.closed_by, move.closed_until, move.closed_until_before or "", move.reason)
        for move in db.session.scalars(queries.history().order_by(*queries.NEWEST_FIRST.columns))
    ))


@blueprint.route("/close", methods=["GET", "POST"])
@requires("close_accounting_period")
def close() -> ResponseReturnValue:
    """Close the books up to a day, after a look at what those days still wait for."""
    line = company.settings().books_closed_until
    form = CloseForm(data={"last_day": policy.suggested_last_day(line, today=current.today())})
    move = submit(form, lambda: closing.close(last_day=form.last_day.data))
    if move:
        flash(_("The books are closed."), "success")
        return redirect(url_for("closing.index"))
    waiting = queries.unfinished(policy.line_after(form.last_day.data)) if form.last_day.data else []
    return form_page("closing/close.html", form, waiting=waiting)


@blueprint.route("/reopen", methods=["GET", "POST"])
@requires("close_accounting_period")
def reopen() -> ResponseReturnValue:
    """Open the books again; for the owner."""
    form = ReopenForm()
    if submit(form, lambda: closing.reopen(first_day=form.first_day.data, reason=form.reason.data)):
        flash(_("The books are open again."), "success")
        return redirect(url_for("closing.index"))
    return form_page("closing/reopen.html", form)
