"""Pages of prepaid subscriptions: load and renew with a live preview, one with its history, cancel."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TypeVar

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ispbill.billing.payments.forms import typed
from ispbill.billing.prepaid import queries, service
from ispbill.billing.prepaid.cancelling import service as cancelling
from ispbill.billing.prepaid.forms import CancelForm, LoadForm
from ispbill.billing.prepaid.models import KIND_LABELS, LoadKind, PrepaidLoad, PrepaidSubscription
from ispbill.billing.prepaid.offers import queries as offers
from ispbill.billing.prepaid.offers.queries import Offer
from ispbill.billing.prepaid.service import Line
from ispbill.billing.wallet import queries as wallet
from ispbill.catalogue import queries as catalogue
from ispbill.core import formats
from ispbill.core.current import current
from ispbill.core.errors import DomainError
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.money import format_money
from ispbill.customers import queries as customers
from ispbill.customers.models import Customer
from ispbill.subscriptions.installations import queries as installations
from ispbill.web.forms import form_page, submit
from ispbill.web.guards import requires
from ispbill.web.lists import asked
from ispbill.web.once.pages import sent_key
from ispbill.web.requests import found

blueprint = Blueprint("prepaid", __name__, url_prefix="/customer-subscriptions", template_folder="templates")
_NONE, _NO_CUSTOMER = lazy("There is no such prepaid subscription."), lazy("There is no such customer.")
_CUSTOMERS_OFFERED = 20
AnyLoadForm = TypeVar("AnyLoadForm", bound=LoadForm)
_CONSEQUENCES = (
    lazy("Service stops now, as far as this time goes"), lazy("What is unused returns to the customer's wallet"),
    lazy("What was used stays paid; a credit note says what was not"),
)


@blueprint.get("/new")
@requires("create_subscription")
def choose_customer() -> ResponseReturnValue:
    """Whose line it is."""
    term = asked(queries.SORTS, default="newest").term
    hits = customers.search(term, limit=_CUSTOMERS_OFFERED) if term else []
    return render_template("prepaid/choose_customer.html", customers=hits, term=term)


@blueprint.route("/new/<int:customer_id>", methods=["GET", "POST"])
@requires("create_subscription")
def begin(customer_id: int) -> ResponseReturnValue:
    """Load a customer's line: one that has prepaid time already is renewed."""
    customer = found(customers.get(customer_id), _NO_CUSTOMER)
    form = load_form(LoadForm, lines=[(line.id, line.address) for line in installations.standing(customer_id)])
    return load_page(form, Line(customer_id, installation_id=form.installation_id.data), customer=customer)


@blueprint.get("/prepaid/<int:prepaid_id>")
@requires("view_subscription_list")
def detail(prepaid_id: int) -> ResponseReturnValue:
    """One prepaid subscription: how long it lasts, and every load."""
    prepaid = _prepaid(prepaid_id)
    return render_template("prepaid/detail.html", prepaid=prepaid, now=current.now(), kinds=KIND_LABELS,
                           successor=queries.goes_on_as(prepaid, on=current.today()),
                           wallet_minor=wallet.balance_of(prepaid.customer_id))


@blueprint.route("/prepaid/<int:prepaid_id>/renew", methods=["GET", "POST"])
@requires("create_subscription")
def renew(prepaid_id: int) -> ResponseReturnValue:
    """More time for a line, before or after it has expired, on the same plan or another."""
    prepaid = _prepaid(prepaid_id)
    form = load_form(LoadForm, plan_id=prepaid.plan_id)
    return load_page(form, Line(prepaid.customer_id, prepaid_id=prepaid_id), customer=prepaid.customer,
                      prepaid=prepaid)


@blueprint.route("/prepaid/<int:prepaid_id>/cancel", methods=["GET", "POST"])
@requires("cancel_subscription")
def cancel(prepaid_id: int) -> ResponseReturnValue:
    """Serve a line no longer, and give back what is left."""
    prepaid, form = _prepaid(prepaid_id), CancelForm()
    name, here = prepaid.customer.name, url_for("prepaid.detail", prepaid_id=prepaid_id)
    if submit(form, lambda: cancelling.cancel(prepaid_id, reason=form.reason.data)):
        flash(_("The prepaid line of %(name)s is cancelled.", name=name), "success")
        return redirect(here)
    return form_page("confirm.html", form, title=_("Cancel the prepaid line of %(name)s?", name=name),
                     confirm_label=_("Cancel line"), cancel_label=_("Keep it"),
                     consequences=_CONSEQUENCES, cancel_url=here, style="danger")


@blueprint.route("/loads/<int:load_id>/cancel", methods=["GET", "POST"])
@requires("cancel_subscription")
def cancel_load(load_id: int) -> ResponseReturnValue:
    """Take back what is unused of one load."""
    load, form = found(queries.get_load(load_id), _("There is no such load.")), CancelForm()
    here = url_for("prepaid.detail", prepaid_id=load.subscription_id)
    if submit(form, lambda: cancelling.cancel_load(load, reason=form.reason.data)):
        flash(_("%(credited)s returned to the wallet.",
                credited=format_money(load.credited_minor, current.tenant.currency)), "success")
        return redirect(here)
    return form_page("confirm.html", form, title=_("Cancel this load of %(name)s?", name=load.plan.name),
                     confirm_label=_("Cancel load"), cancel_label=_("Keep it"),
                     consequences=_CONSEQUENCES, cancel_url=here, style="danger")


def load_page(
    form: LoadForm, line: Line, *, customer: Customer, prepaid: PrepaidSubscription | None = None,
    load: Callable[..., PrepaidLoad] | None = None, not_before: datetime | None = None,
) -> ResponseReturnValue:
    """The page on which a line is loaded: asked while it is filled in, shown on demand, carried out when it is sent.

    `load` is the verb where it is another than loading the line.
    """
    verb = load or partial(service.load, line)
    made = None if "show" in request.form else submit(form, lambda: _loaded(form, verb))
    if made:
        flash(_("%(name)s is served until %(local)s.", name=customer.name, local=_local(made.ends_at)), "success")
        came_minor = queries.came_minor(made)
        if form.gives_back(came_minor):
            flash(form.change(came_minor), "info")
        return redirect(url_for("prepaid.detail", prepaid_id=made.subscription_id))
    offer, refusal = _foreseen(form, line, prepaid, not_before)
    return form_page("prepaid/load.html", form, customer=customer, prepaid=prepaid, offer=offer, refusal=refusal,
                     change=form.change(_to_collect_minor(form, offer)), wallet_minor=wallet.balance_of(customer.id),
                     now=current.now(), not_before=not_before)


def load_form(
    form_class: type[AnyLoadForm], *, lines: list[tuple[int, str]] | None = None, plan_id: int | None = None
) -> AnyLoadForm:
    """The form as it was sent, as htmx asks with it while it is filled in, or as it begins."""
    first = {"plan_id": plan_id, "installation_id": lines[0][0] if lines else None,
             "method": "cash" if current.actor.may("record_payment") else None}
    asked_with = request.args if request.method == "GET" and "kind" in request.args else None
    form = form_class(formdata=asked_with, data=first) if asked_with else form_class(data=first)
    form.offer(catalogue.offers(on=current.today()), lines)
    return form


def _loaded(form: LoadForm, verb: Callable[..., PrepaidLoad]) -> PrepaidLoad:
    """Load the line with the money, never with the cash given. Raises Invalid where that is less."""
    made = verb(form.purchase(), received=form.money(), idempotency_key=sent_key())
    form.require_given(queries.came_minor(made))
    return made


def _to_collect_minor(form: LoadForm, offer: Offer | None) -> int:
    """The money that comes in: what is entered, else what the wallet lacks."""
    entered_minor = typed(form.received) if form.received else 0
    return entered_minor or (offer.missing_minor if offer else 0)


def _foreseen(
    form: LoadForm, line: Line, prepaid: PrepaidSubscription | None, not_before: datetime | None
) -> tuple[Offer | None, str]:
    """What the form would give as it stands, or why it gives nothing."""
    if not form.plan_id.data or (form.kind.data == LoadKind.CUSTOM and form.amount.data is None):
        return None, ""
    try:
        renewed = prepaid or offers.renewed_by(line.customer_id, line.installation_id)
        purchase = replace(form.purchase(), not_before=not_before)
        return offers.offer_for(line.customer_id, purchase, renewed=renewed), ""
    except DomainError as error:
        return None, error.message


def _prepaid(prepaid_id: int) -> PrepaidSubscription:
    return found(queries.get(prepaid_id), _NONE)


def _local(moment: datetime) -> str:
    local = moment.astimezone(current.tenant.zone)
    return f"{formats.short_date(local)}, {formats.clock(local)}"
