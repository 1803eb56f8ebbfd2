"""Pages of one-time charges: the list, a customer's, adding and withdrawing, giving deposits back."""
from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from ispbill.billing.charges import queries
from ispbill.billing.charges import service as verbs
from ispbill.billing.charges.forms import ALL_KIND_LABELS, ChargeForm, ReasonForm, ReturnForm
from ispbill.billing.charges.models import Charge, ChargeKind, ChargeStatus
from ispbill.billing.charges.queries import ChargeFilter
from ispbill.catalogue import queries as catalogue
from ispbill.catalogue.taxes import queries as taxes
from ispbill.core.current import current
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.money import to_major
from ispbill.core.pagination import paginate
from ispbill.customers import queries as customers
from ispbill.customers.models import Customer
from ispbill.subscriptions import queries as subscriptions
from ispbill.subscriptions.queries import SubscriptionFilter
from ispbill.web.exports import csv_response
from ispbill.web.forms import Form, choices_of, form_page, submit
from ispbill.web.guards import requires
from ispbill.web.lists import asked, chosen
from ispbill.web.requests import found

blueprint = Blueprint("charges", __name__, template_folder="templates")
_NONE, _NO_CUSTOMER = lazy("There is no such charge."), lazy("There is no such customer.")


@blueprint.get("/charges")
@requires("view_invoice_list")
def index() -> ResponseReturnValue:
    """Every charge."""
    wanted = asked(queries.SORTS, default="newest")
    page = paginate(queries.listing(_filters()), wanted.sort, cursor=wanted.cursor)
    return render_template(
        "charges/index.html", page=page, kind_labels=ALL_KIND_LABELS,
        statuses=choices_of(ChargeStatus, empty=_("Any status")),
        kinds=[("", _("Any kind")), *ALL_KIND_LABELS.items()],
    )


@blueprint.get("/charges/export")
@requires("view_invoice_list")
def export() -> Response:
    """What the filters show."""
    header = ("account_number", "customer", "kind", "description", "quantity", "price", "amount", "bill_on", "status",
              "reason", "added_by")
    currency = current.tenant.currency
    return csv_response("charges", header, [
        (row.account_number, row.customer_name, row.Charge.kind, row.Charge.description, row.Charge.quantity,
         to_major(row.Charge.unit_price_minor, currency), to_major(row.Charge.amount_minor, currency),
         row.Charge.bill_on, row.Charge.status, row.Charge.status_reason, row.Charge.created_by)
        for row in queries.everything(queries.listing(_filters()))
    ])


@blueprint.route("/customers/<int:customer_id>/charges/add", methods=["GET", "POST"])
@requires("adjust_invoice")
def add(customer_id: int) -> ResponseReturnValue:
    """Bill something once."""
    customer, offered = _customer(customer_id), taxes.by_hand()
    form = ChargeForm(data={"bill_on": current.today(), "quantity": 1, "tax_rate_id": offered.usual_id})
    form.offer_items(catalogue.fees(on=form.bill_on.data or current.today()))
    form.tax_rate_id.offer_taxes(offered)
    rows = subscriptions.everything(subscriptions.listing(SubscriptionFilter(customer_id=customer_id)))
    form.subscription_id.offer([(row.id, row.plan_names or _("No. %(id)s", id=row.id)) for row in rows],
                               empty=_("None"))
    if submit(form, lambda: verbs.add_once(form.facts(customer_id, bill_on=current.today()))):
        flash(_("It stands on the next bill."), "success")
        return redirect(url_for("customers.account", customer_id=customer_id))
    return form_page("charges/add.html", form, customer=customer)


@blueprint.route("/charges/<int:charge_id>/withdraw", methods=["GET", "POST"])
@requires("adjust_invoice")
def withdraw(charge_id: int) -> ResponseReturnValue:
    """Do not bill what waits."""
    charge, form = _charge(charge_id), ReasonForm()
    return _ask(form, submit(form, lambda: verbs.withdraw(charge, reason=form.reason.data or "")), charge,
                title=_("Withdraw “%(description)s”?", description=charge.description), label=_("Withdraw charge"))


@blueprint.route("/charges/<int:charge_id>/waive", methods=["GET", "POST"])
@requires("waive_late_fee")
def waive(charge_id: int) -> ResponseReturnValue:
    """Let a customer off a fee that waits."""
    charge, form = _charge(charge_id), ReasonForm()
    return _ask(form, submit(form, lambda: verbs.waive(charge, reason=form.reason.data or "")), charge,
                title=_("Waive “%(description)s”?", description=charge.description), label=_("Waive fee"))


@blueprint.route("/charges/<int:charge_id>/give-back", methods=["GET", "POST"])
@requires("adjust_invoice")
def give_back(charge_id: int) -> ResponseReturnValue:
    """Give a deposit back, with the next bill."""
    charge = _charge(charge_id)
    form = ReturnForm(data={"amount": queries.held_minor(charge)})
    done = submit(form, lambda: verbs.give_back(charge, amount_minor=form.amount.data or 0))
    return _ask(form, done, charge, title=_("Give “%(description)s” back?", description=charge.description),
                label=_("Give back"),
                text=_("The next bill is less by that much. What it is more than the bill comes to is the customer's "
                       "credit, which pays other invoices or can be paid out."))


def customer_panel(customer_id: int) -> Markup:
    """Panel of a customer's page: what waits for the next bill, and the deposits held."""
    return Markup(render_template(
        "charges/_of_customer.html", charges=queries.waiting(customer_id), kind_labels=ALL_KIND_LABELS,
        deposits=queries.deposits_held(customer_id), fees=verbs.FEES, customer_id=customer_id,
    ))


def _ask(form: Form, done: object, charge: Charge, *, title: str, label: str, text: str = "") -> ResponseReturnValue:
    here = url_for("customers.account", customer_id=charge.customer_id)
    if done:
        flash(_("Done."), "success")
        return redirect(here)
    return form_page("confirm.html", form, title=title, text=text, confirm_label=label, cancel_url=here)


def _filters() -> ChargeFilter:
    return ChargeFilter(
        term=asked(queries.SORTS, default="newest").term, status=chosen("status", ChargeStatus),
        kind=chosen("kind", ChargeKind), customer_id=request.args.get("customer", type=int),
    )


def _charge(charge_id: int) -> Charge:
    return found(queries.get(charge_id), _NONE)


def _customer(customer_id: int) -> Customer:
    return found(customers.get(customer_id), _NO_CUSTOMER)
