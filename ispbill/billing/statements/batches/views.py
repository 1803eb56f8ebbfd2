"""The pages of batches of statements: ordering one for the customers a list shows, the batches, one as it goes on."""
from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ispbill.billing.statements.batches import queries, service
from ispbill.billing.statements.batches.forms import BatchForm
from ispbill.billing.statements.batches.models import StatementBatch
from ispbill.billing.statements.views import span
from ispbill.core.db import db
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import ngettext
from ispbill.core.pagination import paginate
from ispbill.customers import queries as customers
from ispbill.customers.views import listed
from ispbill.web.exports import csv_response
from ispbill.web.forms import form_page, submit
from ispbill.web.guards import requires
from ispbill.web.requests import found

blueprint = Blueprint("statement_batches", __name__, url_prefix="/statements", template_folder="templates")
_HEADER = ("account_number", "customer", "email", "outcome", "message", "error")


@blueprint.get("")
@requires("send_message")
def index() -> ResponseReturnValue:
    """The batches, the newest first."""
    page = paginate(queries.batches(), queries.NEWEST_FIRST, cursor=request.args.get("cursor"))
    return render_template("statement_batches/index.html", page=page)


@blueprint.route("/send", methods=["GET", "POST"])
@requires("send_message")
def order() -> ResponseReturnValue:
    """Ask from when to when, then send a statement to everybody the list of customers shows."""
    since, until = span()
    form, wanted = BatchForm(data={"since": since, "until": until}), listed()
    batch = submit(form, lambda: service.order(customers.listing(wanted), since=form.since.data, until=form.until.data))
    if batch:
        return redirect(url_for(".detail", statement_batch_id=batch.id))
    count = customers.count(wanted)
    return form_page(
        "confirm.html", form, title=_("Send statements?"), confirm_label=_("Send statements"), style="primary",
        text=ngettext("To %(num)s customer, by e-mail with the PDF file.",
                      "To %(num)s customers, by e-mail with the PDF file.", count),
        consequences=[_("Who has no e-mail address is listed, and gets none.")],
        action=request.full_path, cancel_url=url_for("customers.index"),
    )


@blueprint.get("/<int:statement_batch_id>")
@requires("send_message")
def detail(statement_batch_id: int) -> ResponseReturnValue:
    """A batch as it goes on, and what became of each statement."""
    batch = _batch(statement_batch_id)
    page = paginate(queries.deliveries(batch.id), queries.OLDEST_FIRST, cursor=request.args.get("cursor"))
    return render_template("statement_batches/detail.html", batch=batch, page=page,
                           progress=queries.progress(batch.id))


@blueprint.get("/<int:statement_batch_id>/export")
@requires("send_message")
def export(statement_batch_id: int) -> Response:
    """The same as a file."""
    rows = db.session.execute(
        queries.deliveries(_batch(statement_batch_id).id).order_by(*queries.OLDEST_FIRST.columns))
    return csv_response("statements", _HEADER, (
        (row.account_number, row.name, row.email, row.outcome, row.status, row.last_error) for row in rows
    ))


@blueprint.post("/<int:statement_batch_id>/again")
@requires("send_message")
def again(statement_batch_id: int) -> ResponseReturnValue:
    """Send once more what failed."""
    count = service.send_failed_again(_batch(statement_batch_id))
    flash(ngettext("%(num)s statement is sent again.", "%(num)s statements are sent again.", count), "success")
    return redirect(url_for(".detail", statement_batch_id=statement_batch_id))


def _batch(statement_batch_id: int) -> StatementBatch:
    return found(queries.get(statement_batch_id), _("There is no such batch."))
