"""The pages of tasks: who is to be called or visited, and that it was done."""
from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ispbill.billing.collections.blueprint import blueprint
from ispbill.billing.collections.tasks import queries, service
from ispbill.billing.collections.tasks.forms import ToldForm
from ispbill.core.db import db
from ispbill.core.i18n import gettext as _
from ispbill.core.pagination import paginate
from ispbill.web.exports import csv_response
from ispbill.web.forms import form_page, submit
from ispbill.web.guards import requires
from ispbill.web.requests import found

_HEADER = ("since", "account_number", "customer", "phone", "street", "step")
_MOST_EXPORTED = 10_000


@blueprint.get("/tasks")
@requires("view_collections")
def tasks() -> ResponseReturnValue:
    """Who is to be told by hand, the oldest first."""
    page = paginate(queries.waiting(), queries.OLDEST_FIRST, cursor=request.args.get("cursor"))
    return render_template("collections/tasks.html", page=page)


@blueprint.get("/tasks/export")
@requires("view_collections")
def export_tasks() -> Response:
    """The same as a file, to take along."""
    rows = db.session.execute(queries.waiting().order_by(*queries.OLDEST_FIRST.columns).limit(_MOST_EXPORTED))
    return csv_response("to-tell", _HEADER, (
        (row.done_on, row.account_number, row.name, row.phone, row.street, row.step) for row in rows
    ))


@blueprint.route("/tasks/<int:action_id>/told", methods=["GET", "POST"])
@requires("suspend_service")
def tell(action_id: int) -> ResponseReturnValue:
    """Note that somebody has told the customer."""
    action, form = found(queries.task(action_id), _("There is nothing to tell here.")), ToldForm()
    if submit(form, lambda: service.tell(action, note=form.note.data or "")):
        flash(_("It is noted that %(name)s was told.", name=action.customer.name), "success")
        return redirect(url_for(".tasks"))
    return form_page(
        "confirm.html", form, title=_("Was %(name)s told?", name=action.customer.name),
        confirm_label=_("They were told"),
        style="primary", text=action.step.name, consequences=[_("It stands in the customer's history.")],
        cancel_url=url_for(".tasks"),
    )
