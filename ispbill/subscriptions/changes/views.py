"""Pages that change what a subscription is charged for; each asks in a dialog and says what follows."""
from __future__ import annotations

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from ispbill.catalogue import queries as catalogue
from ispbill.core.current import current
from ispbill.subscriptions import queries
from ispbill.subscriptions.changes import service as changes
from ispbill.subscriptions.changes.forms import AddForm, AnchorForm, ChangeForm, RemoveForm
from ispbill.subscriptions.changes.service import NewTerms
from ispbill.subscriptions.models import Subscription, SubscriptionComponent
from ispbill.web.forms import Form, form_page, submit
from ispbill.web.guards import requires
from ispbill.web.requests import found

blueprint = Blueprint("changes", __name__)
_NONE = "There is no such subscription."
_FOLLOWS = ("The next billing gives back what is billed too much and bills what is new",)


@blueprint.route("/customer-subscriptions/components/<int:component_id>/change", methods=["GET", "POST"])
@requires("change_subscription")
def change(component_id: int) -> ResponseReturnValue:
    """Another plan, quantity or price from a day on."""
    part, subscription = _component(component_id)
    form = ChangeForm(data={"plan_id": part.plan_id, "quantity": part.quantity, "on": current.today()})
    form.offer(catalogue.offers(on=form.on.data or current.today()), (part.plan_id, part.plan.name))
    done = submit(form, lambda: changes.change(
        part, subscription, on=form.on.data,
        new=NewTerms(plan=catalogue.get(form.plan_id.data), quantity=form.quantity.data,
                     unit_price_minor=form.unit_price.data, restarts=form.restarts.data),
    ))
    return _answer(subscription, form, done, title=f"Change {part.plan.name}", label="Change")


@blueprint.route("/customer-subscriptions/components/<int:component_id>/remove", methods=["GET", "POST"])
@requires("change_subscription")
def remove(component_id: int) -> ResponseReturnValue:
    """Charge something no longer from a day on."""
    part, subscription = _component(component_id)
    form = RemoveForm(data={"on": current.today()})
    done = submit(form, lambda: changes.remove(part, subscription, on=form.on.data))
    return _answer(subscription, form, done, title=f"Remove {part.plan.name}?", label="Remove", style="danger")


@blueprint.route("/customer-subscriptions/<int:subscription_id>/add", methods=["GET", "POST"])
@requires("change_subscription")
def add(subscription_id: int) -> ResponseReturnValue:
    """Charge something more from a day on."""
    subscription = _subscription(subscription_id)
    form = AddForm(data={"quantity": 1, "on": current.today()})
    offers = catalogue.offers(on=form.on.data or current.today())
    form.plan_id.offer([(plan.id, plan.name) for plan in offers], empty="Choose a plan")
    done = submit(form, lambda: changes.add(
        subscription, plan=found(catalogue.get(form.plan_id.data)), quantity=form.quantity.data,
        unit_price_minor=form.unit_price.data, on=form.on.data,
    ))
    return _answer(subscription, form, done, title="Add to the subscription", label="Add")


@blueprint.route("/customer-subscriptions/<int:subscription_id>/billing-day", methods=["GET", "POST"])
@requires("change_subscription")
def move_anchor(subscription_id: int) -> ResponseReturnValue:
    """Bill on another day of the month."""
    subscription = _subscription(subscription_id)
    form = AnchorForm(data={"anchor_day": subscription.anchor_day, "on": subscription.billed_until})
    done = submit(form, lambda: changes.move_anchor(
        subscription, anchor_day=form.anchor_day.data or 0, on=form.on.data
    ))
    return _answer(subscription, form, done, title="Another billing day", label="Change")


def _answer(
    subscription: Subscription, form: Form, done: object, *, title: str, label: str, style: str = "primary"
) -> ResponseReturnValue:
    here = url_for("subscriptions.detail", subscription_id=subscription.id)
    if done:
        flash("The subscription is changed. The next billing takes it into account.", "success")
        return redirect(here)
    return form_page(
        "confirm.html", form, title=title, consequences=_FOLLOWS, confirm_label=label, cancel_url=here, style=style
    )


def _component(component_id: int) -> tuple[SubscriptionComponent, Subscription]:
    part: SubscriptionComponent = found(queries.component(component_id), _NONE)
    return part, _subscription(part.subscription_id)


def _subscription(subscription_id: int) -> Subscription:
    subscription: Subscription = found(queries.get(subscription_id), _NONE)
    return subscription
