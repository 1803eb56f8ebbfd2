"""The page that sells a bundle to a customer."""
from __future__ import annotations

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from ispbill.catalogue.bundles import queries as bundles
from ispbill.core.current import current
from ispbill.core.i18n import gettext as _
from ispbill.customers import queries as customers
from ispbill.customers.models import Customer
from ispbill.subscriptions.bundles import service as verbs
from ispbill.subscriptions.bundles.forms import BundleSaleForm
from ispbill.subscriptions.installations import queries as installations
from ispbill.subscriptions.models import Subscription
from ispbill.subscriptions.policy import Start
from ispbill.web.forms import form_page, submit
from ispbill.web.guards import requires
from ispbill.web.requests import found

blueprint = Blueprint("bundle_sales", __name__)


@blueprint.route("/customers/<int:customer_id>/bundle", methods=["GET", "POST"])
@requires("create_subscription")
def sell(customer_id: int) -> ResponseReturnValue:
    """Subscribe a customer to a bundle."""
    customer = found(customers.get(customer_id), _("There is no such customer."))
    form = BundleSaleForm(data={"start_on": current.today()})
    form.bundle_id.offer([(bundle.id, bundle.name) for bundle in bundles.on_sale()], empty=_("Choose a bundle"))
    form.installation_id.offer([(line.id, line.address) for line in installations.standing(customer_id)],
                               empty=_("None yet"))
    subscription = submit(form, lambda: _sold(form, customer))
    if subscription:
        flash(_("%(name)s has the bundle now.", name=customer.name), "success")
        return redirect(url_for("subscriptions.detail", subscription_id=subscription.id))
    return form_page(
        "confirm.html", form, title=_("Sell %(name)s a bundle", name=customer.name), confirm_label=_("Subscribe"),
        style="primary",
        text=_("Each plan of the bundle is billed at the bundle's price."),
        cancel_url=url_for("customers.detail", customer_id=customer_id),
    )


def _sold(form: BundleSaleForm, customer: Customer) -> Subscription:
    line = installations.get(form.installation_id.data) if form.installation_id.data else None
    assert form.start_on.data is not None, "the form requires it"
    start = Start(form.start_on.data, form.anchor_day.data)
    return verbs.sell(found(bundles.get(form.bundle_id.data)), customer=customer, start=start, installation=line)
