"""Pages of what is done towards one customer by hand: cut off, give back."""
from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from ispbill.billing.collections.blueprint import blueprint
from ispbill.billing.collections.dunning import service
from ispbill.customers import queries as customers
from ispbill.web.forms import Form, form_page, submit
from ispbill.web.guards import requires
from ispbill.web.requests import found

_NONE = "There is no such customer."


@blueprint.route("/customers/<int:customer_id>/cut-off", methods=["GET", "POST"])
@requires("suspend_service")
def cut_off(customer_id: int) -> ResponseReturnValue:
    """Cut a customer off now, instead of in the morning."""
    customer, form = found(customers.get(customer_id), _NONE), Form()
    if submit(form, lambda: service.cut_off(customer_id)):
        flash(f"{customer.name} is cut off until it is paid.", "success")
        return redirect(url_for(".account", customer_id=customer_id))
    return form_page(
        "confirm.html", form, title=f"Cut {customer.name} off?", confirm_label="Cut off",
        text="Only who owes what is to cut them off by the plan can be cut off here.",
        consequences=["Service stops, subscriptions included.", "It comes back by itself when it is paid."],
        cancel_url=url_for(".account", customer_id=customer_id),
    )


@blueprint.route("/customers/<int:customer_id>/restore", methods=["GET", "POST"])
@requires("restore_service")
def restore(customer_id: int) -> ResponseReturnValue:
    """Give a customer service back who owes nothing that keeps it off."""
    customer, form = found(customers.get(customer_id), _NONE), Form()
    if submit(form, lambda: service.restore(customer_id)):
        flash(f"{customer.name} is served again.", "success")
        return redirect(url_for(".account", customer_id=customer_id))
    return form_page(
        "confirm.html", form, title=f"Restore {customer.name}?", confirm_label="Restore service", style="primary",
        text=customer.status_reason, consequences=["Service is given back, with what was suspended alongside."],
        cancel_url=url_for(".account", customer_id=customer_id),
    )
