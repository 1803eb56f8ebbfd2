"""Pages of contracts: a part of the plan's page, and its two verbs."""
from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from ispbill.catalogue import queries as plans
from ispbill.catalogue.contracts import queries
from ispbill.catalogue.contracts import service as verbs
from ispbill.catalogue.contracts.forms import ContractForm
from ispbill.catalogue.models import Plan
from ispbill.core.i18n import gettext as _
from ispbill.web.forms import Form, form_page, submit
from ispbill.web.guards import requires
from ispbill.web.requests import found

blueprint = Blueprint("contracts", __name__, template_folder="templates")


@blueprint.route("/subscriptions/plans/<int:plan_id>/contract", methods=["GET", "POST"])
@requires("change_subscriptionplan")
def bind(plan_id: int) -> ResponseReturnValue:
    """Sell a plan with a contract."""
    plan, present = _plan(plan_id), queries.of_plan(plan_id)
    form = ContractForm(obj=present, data=present and {"fixed": present.fixed_minor, "most": present.most_minor})
    if submit(form, lambda: verbs.bind(plan, facts=form.facts())):
        flash(_("%(name)s is sold with a contract now.", name=plan.name), "success")
        return redirect(url_for("catalogue.detail", plan_id=plan_id))
    return form_page("contracts/edit.html", form, plan=plan)


@blueprint.route("/subscriptions/plans/<int:plan_id>/contract/release", methods=["GET", "POST"])
@requires("change_subscriptionplan")
def release(plan_id: int) -> ResponseReturnValue:
    """Sell a plan without a contract."""
    plan, form = _plan(plan_id), Form()
    if submit(form, lambda: verbs.release(plan)):
        flash(_("%(name)s is sold without a contract now.", name=plan.name), "success")
        return redirect(url_for("catalogue.detail", plan_id=plan_id))
    return form_page(
        "confirm.html", form, title=_("Sell %(name)s without a contract?", name=plan.name),
        confirm_label=_("Remove contract"),
        text=_("Who has subscribed keeps what was agreed."), cancel_url=url_for("catalogue.detail", plan_id=plan_id),
    )


def plan_panel(plan_id: int) -> Markup:
    """Panel of a plan's page: its contract."""
    return Markup(render_template("contracts/_of_plan.html", contract=queries.of_plan(plan_id), plan_id=plan_id))


def _plan(plan_id: int) -> Plan:
    return found(plans.get(plan_id), _("There is no such plan."))
