"""Pages of the reasons of suspensions: the list, one more, another meaning, retired."""
from __future__ import annotations

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.customers.blueprint import blueprint
from ispbill.customers.suspension_reasons import queries
from ispbill.customers.suspension_reasons import service as reasons
from ispbill.customers.suspension_reasons.forms import PAUSE_LABELS, ChangeSuspensionReasonForm, SuspensionReasonForm
from ispbill.web.exports import csv_response
from ispbill.web.forms import form_page, submit
from ispbill.web.guards import requires
from ispbill.web.requests import found

_NONE = lazy("There is no such reason.")


@blueprint.get("/settings/suspension-reasons")
@requires("view_settings")
def suspension_reasons() -> ResponseReturnValue:
    """Why service stops, and what that means for the bill."""
    return render_template("customers/suspension_reasons.html", reasons=queries.everything(), labels=PAUSE_LABELS)


@blueprint.get("/settings/suspension-reasons/export")
@requires("view_settings")
def export_suspension_reasons() -> Response:
    """The reasons as a file."""
    return csv_response("suspension-reasons", ("name", "billing", "is_active"), (
        (reason.name, reason.billing, reason.is_active) for reason in queries.everything()))


@blueprint.route("/settings/suspension-reasons/add", methods=["GET", "POST"])
@requires("change_settings")
def add_suspension_reason() -> ResponseReturnValue:
    """One more reason."""
    form = SuspensionReasonForm()
    if submit(form, lambda: reasons.add(form.name.data, billing=form.billing.data or "")):
        flash(_("“%(name)s” is offered from now on.", name=form.name.data), "success")
        return redirect(url_for("customers.suspension_reasons"))
    return form_page("confirm.html", form, title=_("Add a reason"), confirm_label=_("Add reason"), style="primary",
                     cancel_url=url_for("customers.suspension_reasons"))


@blueprint.route("/settings/suspension-reasons/<int:reason_id>", methods=["GET", "POST"])
@requires("change_settings")
def change_suspension_reason(reason_id: int) -> ResponseReturnValue:
    """Another name or meaning, or retired."""
    reason = found(queries.get(reason_id), _NONE)
    form = ChangeSuspensionReasonForm(obj=reason)
    if submit(form, lambda: reasons.change(reason, name=form.name.data, billing=form.billing.data or "",
                                           is_active=form.is_active.data)):
        flash(_("“%(name)s” is saved.", name=reason.name), "success")
        return redirect(url_for("customers.suspension_reasons"))
    return form_page("confirm.html", form, title=_("Change “%(name)s”", name=reason.name),
                     confirm_label=_("Save reason"), style="primary",
                     cancel_url=url_for("customers.suspension_reasons"))
