"""Pages of usage prices: a part of the plan's page, and another list from a day on."""
from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from ispbill.catalogue import queries as plans
from ispbill.catalogue.usage import queries
from ispbill.catalogue.usage import service as verbs
from ispbill.catalogue.usage.forms import MODEL_LABELS, UsageForm
from ispbill.core.current import current
from ispbill.core.i18n import gettext as _
from ispbill.core.money import exponent
from ispbill.web.forms import form_page, submit
from ispbill.web.guards import requires
from ispbill.web.requests import found

blueprint = Blueprint("usage_prices", __name__, template_folder="templates")


@blueprint.route("/subscriptions/plans/<int:plan_id>/usage-price", methods=["GET", "POST"])
@requires("change_subscriptionplan")
def set_prices(plan_id: int) -> ResponseReturnValue:
    """Charge usage by another price list from a day on."""
    plan = found(plans.get(plan_id), _("There is no such plan."))
    form, currency = UsageForm(data={"valid_from": current.today()}), current.tenant.currency
    if submit(form, lambda: verbs.set_prices(plan, facts=form.facts(currency))):
        flash(_("The usage of %(name)s has a price.", name=plan.name), "success")
        return redirect(url_for("catalogue.detail", plan_id=plan_id))
    return form_page("usage_prices/edit.html", form, plan=plan)


def plan_panel(plan_id: int) -> Markup:
    """Panel of a plan's page: what its usage costs."""
    return Markup(render_template(
        "usage_prices/_of_plan.html", prices=queries.of_plan(plan_id), plan_id=plan_id, models=MODEL_LABELS,
        today=current.today(), decimals=exponent(current.tenant.currency),
    ))
