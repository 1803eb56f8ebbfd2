"""Pages of what is done towards one customer by hand: cut off, give back."""
from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from ispbill.billing.collections.blueprint import blueprint
from ispbill.billing.collections.dunning import service
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.customers import queries as customers
from ispbill.web.forms import Form, form_page, submit
from ispbill.web.guards import requires
from ispbill.web.requests import found

_NONE = lazy("There is no such customer.")


@blueprint.route("/customers/<int:customer_id>/cut-off", methods=["GET", "POST"])
@requires("suspend_service")
def cut_off(customer_id: int) -> ResponseReturnValue:
    """Cut a customer off now, instead of in the morning."""
    customer, form = found(customers.get(customer_id), _NONE), Form()
    if submit(form, lambda: service.cut_off(customer_id)):
        flash(_("%(name)s is cut off until it is paid.", name=customer.name), "success")
        return redirect(url_for(".account", customer_id=customer_id))
    return form_page(
        "confirm.html", form, title=_("Cut %(name)s off?", name=customer.name), confirm_label=_("Cut off"),
        text=_("Only who owes what is to cut them off by the plan can be cut off here."),
        consequences=[_("Service stops, subscriptions included."), _("It comes back by itself when it is paid.")],
        cancel_url=url_for(".account", customer_id=customer_id),
    )


@blueprint.route("/customers/<int:customer_id>/restore", methods=["GET", "POST"])
@requires("restore_service")
def restore(customer_id: int) -> ResponseReturnValue:
    """Give a customer service back who owes nothing that keeps it off."""
    customer, form = found(customers.get(customer_id), _NONE), Form()
    if submit(form, lambda: service.restore(customer_id)):
        flash(_("%(name)s is served again.", name=customer.name), "success")
        return redirect(url_for(".account", customer_id=customer_id))
    return form_page(
        "confirm.html", form, title=_("Restore %(name)s?", name=customer.name), confirm_label=_("Restore service"),
        style="primary",
        text=customer.status_reason, consequences=[_("Service is given back, with what was suspended alongside.")],
        cancel_url=url_for(".account", customer_id=customer_id),
    )
