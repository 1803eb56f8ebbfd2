"""Pages that turn a prepaid line into a postpaid one and back."""
from __future__ import annotations

from functools import partial

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from ispbill.billing.prepaid import queries
from ispbill.billing.prepaid.conversion import service
from ispbill.billing.prepaid.conversion.forms import AT_ONCE, PostpaidForm, PrepaidForm
from ispbill.billing.prepaid.service import Line
from ispbill.billing.prepaid.views import load_form, load_page
from ispbill.core import formats
from ispbill.core.current import current
from ispbill.core.i18n import gettext as _
from ispbill.subscriptions import queries as subscriptions
from ispbill.subscriptions.models import SubscriptionStatus
from ispbill.web.forms import form_page, submit
from ispbill.web.guards import requires
from ispbill.web.requests import found

blueprint = Blueprint("conversion", __name__, url_prefix="/customer-subscriptions", template_folder="../templates")


@blueprint.route("/prepaid/<int:prepaid_id>/to-postpaid", methods=["GET", "POST"])
@requires("create_subscription")
def to_postpaid(prepaid_id: int) -> ResponseReturnValue:
    """Bill the line from now on, at once or when its time is over."""
    prepaid, form = found(queries.get(prepaid_id), _("There is no such prepaid subscription.")), PostpaidForm()
    begun = submit(form, lambda: service.to_postpaid(prepaid, at_once=form.when.data == AT_ONCE))
    if begun:
        flash(_("%(name)s is billed from %(start_on)s.", name=prepaid.customer.name,
                start_on=formats.short_date(begun.start_on)), "success")
        return redirect(url_for("subscriptions.detail", subscription_id=begun.id))
    return form_page("prepaid/to_postpaid.html", form, prepaid=prepaid, now=current.now(),
                     billed_from=service.billed_from(prepaid))


@blueprint.route("/<int:subscription_id>/to-prepaid", methods=["GET", "POST"])
@requires("create_subscription")
def to_prepaid(subscription_id: int) -> ResponseReturnValue:
    """End the postpaid subscription with its period or now, and load the line from there on."""
    postpaid = found(subscriptions.get(subscription_id), _("There is no such subscription."))
    form = load_form(PrepaidForm, plan_id=next((part.plan_id for part in postpaid.running), None))
    at_once = form.when.data == AT_ONCE
    return load_page(
        form, Line(postpaid.customer_id, installation_id=postpaid.installation_id), customer=postpaid.customer,
        load=partial(service.to_prepaid, postpaid, at_once=at_once),
        not_before=service.begins_at(postpaid, at_once=at_once),
    )


def subscription_panel(subscription_id: int) -> Markup:
    """On a postpaid subscription's page: the way to prepaid."""
    postpaid = found(subscriptions.get(subscription_id))
    running = postpaid.status == SubscriptionStatus.ACTIVE and postpaid.end_on is None
    return Markup(render_template("prepaid/_of_subscription.html", subscription_id=subscription_id, running=running))
