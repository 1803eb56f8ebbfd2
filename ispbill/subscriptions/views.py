"""Pages of subscriptions: list, subscribe with a preview of the first bill, one subscription, its changes."""
from __future__ import annotations

from datetime import date
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from ispbill.catalogue import queries as catalogue
from ispbill.catalogue.policy import Fee, period_label
from ispbill.core import formats
from ispbill.core.current import current
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.money import to_major
from ispbill.core.pagination import paginate
from ispbill.core.periods import LAST_DAY
from ispbill.customers import queries as customers
from ispbill.customers.models import Customer
from ispbill.subscriptions import queries
from ispbill.subscriptions import service as verbs
from ispbill.subscriptions.blueprint import blueprint
from ispbill.subscriptions.forms import SubscribeForm
from ispbill.subscriptions.installations import queries as installations
from ispbill.subscriptions.models import Subscription, SubscriptionStatus
from ispbill.subscriptions.pauses.policy import served_again_on
from ispbill.subscriptions.policy import PreviewLine, Start
from ispbill.subscriptions.queries import SubscriptionFilter
from ispbill.web import panels
from ispbill.web.exports import csv_response
from ispbill.web.forms import choices_of, form_page, submit
from ispbill.web.guards import requires
from ispbill.web.lists import asked, chosen
from ispbill.web.requests import found

__all__ = ["blueprint", "plan_figures", "plan_panel"]
_NONE, _NO_CUSTOMER = lazy("There is no such subscription."), lazy("There is no such customer.")


@blueprint.get("/customer-subscriptions/postpaid")
@requires("view_subscription_list")
def index() -> ResponseReturnValue:
    """Every subscription."""
    wanted, filters = asked(queries.SORTS, default="newest"), _filters()
    page = paginate(queries.listing(filters), wanted.sort, cursor=wanted.cursor)
    return render_template(
        "subscriptions/index.html", page=page, count=queries.count(filters),
        plans=[("", _("Any plan")), *catalogue.names()], today=current.today(),
        statuses=choices_of(SubscriptionStatus, empty=_("Any status")),
    )


@blueprint.get("/customer-subscriptions/postpaid/export")
@requires("export_subscription_data")
def export() -> Response:
    """What the filters show."""
    header = ("account_number", "customer", "status", "plans", "monthly_price", "start_on", "end_on",
              "anchor_day", "billed_until", "external_reference")
    currency = current.tenant.currency
    return csv_response("subscriptions", header, [
        (row.account_number, row.customer_name, row.status, row.plan_names,
         to_major(row.monthly_minor, currency), row.start_on, row.end_on, row.anchor_day, row.billed_until,
         row.external_reference)
        for row in queries.everything(queries.listing(_filters()))
    ])


@blueprint.route("/customers/<int:customer_id>/subscribe", methods=["GET", "POST"])
@requires("create_subscription")
def subscribe(customer_id: int) -> ResponseReturnValue:
    """Begin a subscription: first the preview of the first bill, then, if that is what was wanted, the deed."""
    customer = _customer(customer_id)
    form, preview = _subscribe_form(customer), None
    if form.is_submitted() and form.seen.data == form.fingerprint():
        subscription = submit(form, lambda: verbs.subscribe(customer, **_wanted(form)))
        if subscription:
            flash(_("%(name)s is subscribed from %(start_on)s.", name=customer.name,
                    start_on=formats.short_date(subscription.start_on)), "success")
            return redirect(url_for("subscriptions.detail", subscription_id=subscription.id))
    else:
        preview = submit(form, lambda: _preview(form, customer))
        form.seen.data = form.fingerprint() if preview else ""
    return form_page("subscriptions/subscribe.html", form, customer=customer, preview=preview,
                     fees=_fees(form) if preview else [])


@blueprint.get("/customer-subscriptions/<int:subscription_id>")
@requires("view_subscription_list")
def detail(subscription_id: int) -> ResponseReturnValue:
    """One subscription: what it consists of, how far it is billed, what comes next."""
    subscription = _subscription(subscription_id)
    return render_template(
        "subscriptions/detail.html", subscription=subscription, today=current.today(), back_on=_back_on(subscription),
        monthly_minor=queries.monthly_minor(subscription_id, on=current.today()), period_label=period_label,
        panels=panels.drawn("subscription", subscription_id),
    )


@blueprint.post("/customer-subscriptions/<int:subscription_id>/keep")
@requires("cancel_subscription")
def keep(subscription_id: int) -> ResponseReturnValue:
    """Withdraw an end that has not come yet."""
    verbs.keep(_subscription(subscription_id))
    flash(_("The subscription goes on."), "success")
    return redirect(url_for("subscriptions.detail", subscription_id=subscription_id))


def next_bill_figure(customer_id: int) -> Markup:
    """When a customer is billed next, and about what, on the customer's page."""
    return Markup(render_template("subscriptions/_next_bill.html", bill=queries.next_bill(customer_id)))


def plan_figures(plan_id: int) -> Markup:
    """How many hold a plan and what they pay together, on the plan's page."""
    rows = queries.holders_by_price(plan_id)
    return Markup(render_template("subscriptions/_figures_of_plan.html", rows=rows, plan_id=plan_id))


def plan_panel(plan_id: int) -> Markup:
    """Who pays which price of a plan, on the plan's page."""
    rows = queries.holders_by_price(plan_id)
    return Markup(render_template("subscriptions/_of_plan.html", rows=rows, plan_id=plan_id))


def _subscribe_form(customer: Customer) -> SubscribeForm:
    form = SubscribeForm(data={"start_on": current.today(), "quantity": 1})
    lines = [(line.id, line.address) for line in installations.standing(customer.id)]
    form.offer(catalogue.offers(on=form.start_on.data or current.today()), lines)
    form.offer_fees(catalogue.fees(on=form.start_on.data or current.today()))
    return form


def _wanted(form: SubscribeForm) -> dict[str, Any]:
    line = installations.get(form.installation_id.data) if form.installation_id.data else None
    return {
        "plans": _plans(form), "start": _start(form), "installation": line, "fees": _fees(form),
    }


def _preview(form: SubscribeForm, customer: Customer) -> list[PreviewLine]:
    return verbs.preview(customer, plans=_plans(form), start=_start(form))


def _start(form: SubscribeForm) -> Start:
    assert form.start_on.data is not None, "the form requires it"
    return Start(form.start_on.data, form.anchor_day.data, form.aligned_on.data,
                 grants_trials=not form.without_trial.data)


def _plans(form: SubscribeForm) -> list[verbs.Choice]:
    quantity = 1 if form.quantity.data is None else form.quantity.data
    chosen_plan = found(catalogue.get(form.plan_id.data))
    addons = [(found(catalogue.get(addon_id)), 1, None) for addon_id in form.addon_ids.data or ()]
    return [(chosen_plan, quantity, form.unit_price.data), *addons]


def _fees(form: SubscribeForm) -> list[Fee]:
    fees = catalogue.fees(on=form.start_on.data or current.today())
    return [fee for fee in fees if fee.id in (form.fee_ids.data or ())]


def _customer(customer_id: int) -> Customer:
    return found(customers.get(customer_id), _NO_CUSTOMER)


def _subscription(subscription_id: int) -> Subscription:
    return found(queries.get(subscription_id), _NONE)


def _back_on(subscription: Subscription) -> date | None:
    """The day on which what is suspended is served again by itself, as far as that is known."""
    day = subscription.day_of_service(current.today())
    back_on = served_again_on([pause.period for pause in subscription.pauses], day)
    return None if back_on == LAST_DAY else back_on


def _filters() -> SubscriptionFilter:
    return SubscriptionFilter(
        term=asked(queries.SORTS, default="newest").term, status=chosen("status", SubscriptionStatus),
        plan_id=request.args.get("plan", type=int), customer_id=request.args.get("customer", type=int),
    )
