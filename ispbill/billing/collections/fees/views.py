"""The page that lets a late fee go."""
from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from ispbill.billing.collections.blueprint import blueprint
from ispbill.billing.collections.fees import queries, service
from ispbill.billing.collections.fees.forms import WaiveForm
from ispbill.core.current import current
from ispbill.core.money import format_money
from ispbill.web.forms import form_page, submit
from ispbill.web.guards import requires
from ispbill.web.requests import found


@blueprint.route("/fees/<int:action_id>/waive", methods=["GET", "POST"])
@requires("waive_late_fee")
def waive(action_id: int) -> ResponseReturnValue:
    """Let a late fee go."""
    action, form = found(queries.fee(action_id), "There is no such fee."), WaiveForm()
    here = url_for(".account", customer_id=action.customer_id)
    if submit(form, lambda: service.waive(action, reason=form.reason.data)):
        flash("The fee is waived.", "success")
        return redirect(here)
    amount = format_money(action.fee_minor, current.tenant.currency)
    return form_page(
        "confirm.html", form, title=f"Waive the late fee of {amount}?", confirm_label="Waive fee", cancel_url=here,
        text=f"{action.customer.name}, {action.step.name}. What is billed already is given back on the next bill.",
    )
