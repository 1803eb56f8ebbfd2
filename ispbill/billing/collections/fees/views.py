"""The page that lets a late fee go."""
from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from ispbill.billing.collections.blueprint import blueprint
from ispbill.billing.collections.fees import queries, service
from ispbill.billing.collections.fees.forms import WaiveForm
from ispbill.core.current import current
from ispbill.core.i18n import gettext as _
from ispbill.core.money import format_money
from ispbill.web.forms import form_page, submit
from ispbill.web.guards import requires
from ispbill.web.requests import found


@blueprint.route("/fees/<int:action_id>/waive", methods=["GET", "POST"])
@requires("waive_late_fee")
def waive(action_id: int) -> ResponseReturnValue:
    """Let a late fee go."""
    action, form = found(queries.fee(action_id), _("There is no such fee.")), WaiveForm()
    here = url_for(".account", customer_id=action.customer_id)
    if submit(form, lambda: service.waive(action, reason=form.reason.data)):
        flash(_("The fee is waived."), "success")
        return redirect(here)
    amount = format_money(action.fee_minor, current.tenant.currency)
    return form_page(
        "confirm.html", form, title=_("Waive the late fee of %(amount)s?", amount=amount), confirm_label=_("Waive fee"),
        cancel_url=here,
        text=_("%(name)s, %(name_2)s. What is billed already is given back by a credit note.",
               name=action.customer.name, name_2=action.step.name),
    )
