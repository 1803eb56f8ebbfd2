"""Pages of discounts: what can be granted, who has what, granting and ending on the customer's page."""
from __future__ import annotations

from enum import StrEnum
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from ispbill.billing.discounts import queries
from ispbill.billing.discounts import service as verbs
from ispbill.billing.discounts.forms import KIND_LABELS, DiscountForm, EndForm, GrantForm
from ispbill.billing.discounts.models import Discount, DiscountStatus
from ispbill.billing.discounts.policy import DiscountKind
from ispbill.billing.discounts.queries import GrantFilter
from ispbill.catalogue import queries as catalogue
from ispbill.core.current import current
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy, ngettext
from ispbill.core.money import format_money, format_percent, to_major
from ispbill.core.pagination import paginate
from ispbill.customers import queries as customers
from ispbill.customers.models import Customer
from ispbill.subscriptions import queries as subscriptions
from ispbill.subscriptions.queries import SubscriptionFilter
from ispbill.web.exports import csv_response
from ispbill.web.forms import Form, choices_of, form_page, submit
from ispbill.web.guards import requires
from ispbill.web.lists import asked, chosen, chosen_id
from ispbill.web.requests import found

blueprint = Blueprint("discounts", __name__, template_folder="templates")
_NONE, _NO_CUSTOMER = lazy("There is no such discount."), lazy("There is no such customer.")


class GrantState(StrEnum):
    """Whether a granted discount can still apply."""

    ACTIVE = "active"
    ENDED = "ended"


@blueprint.get("/discounts")
@requires("view_subscriptionplan_list")
def index() -> ResponseReturnValue:
    """Every discount."""
    wanted, status = asked(queries.SORTS, default="name"), chosen("status", DiscountStatus)
    page = paginate(queries.listing(term=wanted.term, status=status), wanted.sort, cursor=wanted.cursor)
    return render_template("discounts/index.html", page=page, worth=worth, kinds=KIND_LABELS,
                           statuses=choices_of(DiscountStatus, empty=_("Any status")))


@blueprint.get("/discounts/export")
@requires("view_subscriptionplan_list")
def export() -> Response:
    """What the filters show."""
    wanted, status = asked(queries.SORTS, default="name"), chosen("status", DiscountStatus)
    header = ("name", "kind", "percent", "amount", "periods", "status", "offered_from", "offered_until", "granted")
    rows = queries.everything(queries.listing(term=wanted.term, status=status), wanted.sort)
    return csv_response("discounts", header, [
        (row.Discount.name, row.Discount.kind, row.Discount.rate_percent,
         to_major(row.Discount.amount_minor, current.tenant.currency), row.Discount.periods, row.Discount.status,
         row.Discount.offered_from, row.Discount.offered_until, row.granted)
        for row in rows
    ])


@blueprint.route("/discounts/add", methods=["GET", "POST"])
@requires("add_subscriptionplan")
def add() -> ResponseReturnValue:
    """A new discount."""
    form = DiscountForm()
    form.plan_ids.choices = catalogue.names()
    discount = submit(form, lambda: verbs.offer(form.terms(), plan_ids=form.plan_ids.data or []))
    if discount:
        flash(_("%(name)s can be granted now.", name=discount.name), "success")
        return redirect(url_for("discounts.detail", discount_id=discount.id))
    return form_page("discounts/add.html", form)


@blueprint.get("/discounts/<int:discount_id>")
@requires("view_subscriptionplan_list")
def detail(discount_id: int) -> ResponseReturnValue:
    """A discount and its newest grants."""
    discount = _discount(discount_id)
    filters = GrantFilter(today=current.today(), discount_id=discount_id)
    page = paginate(queries.granted(filters), queries.GRANT_SORTS["newest"], cursor=None, size=10)
    return render_template("discounts/detail.html", discount=discount, page=page, worth=worth,
                           kind=KIND_LABELS[discount.kind], today=current.today())


@blueprint.post("/discounts/<int:discount_id>/retire")
@requires("change_subscriptionplan")
def retire(discount_id: int) -> ResponseReturnValue:
    """Grant a discount no longer."""
    discount = verbs.retire(_discount(discount_id))
    flash(_("%(name)s can no longer be granted; who has it keeps it.", name=discount.name), "success")
    return redirect(url_for("discounts.detail", discount_id=discount_id))


@blueprint.post("/discounts/<int:discount_id>/activate")
@requires("change_subscriptionplan")
def activate(discount_id: int) -> ResponseReturnValue:
    """Grant a retired discount again."""
    discount = verbs.activate(_discount(discount_id))
    flash(_("%(name)s can be granted again.", name=discount.name), "success")
    return redirect(url_for("discounts.detail", discount_id=discount_id))


@blueprint.route("/discounts/<int:discount_id>/remove", methods=["GET", "POST"])
@requires("delete_subscriptionplan")
def remove(discount_id: int) -> ResponseReturnValue:
    """Take away a discount nobody ever had."""
    discount, form = _discount(discount_id), Form()
    if submit(form, lambda: verbs.remove(discount)):
        flash(_("%(name)s is removed.", name=discount.name), "success")
        return redirect(url_for("discounts.index"))
    return form_page(
        "confirm.html", form, title=_("Remove %(name)s?", name=discount.name), confirm_label=_("Remove discount"),
        text=_("Only a discount that nobody ever had can be removed. Retire it otherwise."),
        cancel_url=url_for("discounts.detail", discount_id=discount_id),
    )


@blueprint.get("/discounts/granted")
@requires("view_invoice_list")
def granted() -> ResponseReturnValue:
    """Who has which discount."""
    wanted = asked(queries.GRANT_SORTS, default="newest")
    page = paginate(queries.granted(_filters()), wanted.sort, cursor=wanted.cursor)
    return render_template("discounts/granted.html", page=page, worth=worth, today=current.today(),
                           states=choices_of(GrantState, empty=_("Any status")))


@blueprint.get("/discounts/granted/export")
@requires("view_invoice_list")
def export_granted() -> Response:
    """What the filters show."""
    header = ("account_number", "customer", "discount", "worth", "starts_on", "ends_before", "reason", "taken_off")
    rows = queries.everything(queries.granted(_filters()), asked(queries.GRANT_SORTS, default="newest").sort)
    return csv_response("granted discounts", header, [
        (row.account_number, row.customer_name, row.discount_name, worth(row), row.DiscountGrant.starts_on,
         row.DiscountGrant.ends_on, row.DiscountGrant.reason, to_major(row.taken_minor, current.tenant.currency))
        for row in rows
    ])


@blueprint.route("/customers/<int:customer_id>/discounts/grant", methods=["GET", "POST"])
@requires("adjust_invoice")
def grant(customer_id: int) -> ResponseReturnValue:
    """Give a customer a discount."""
    customer, today = _customer(customer_id), current.today()
    form = GrantForm(data={"starts_on": today})
    offered = {discount.id: discount for discount in queries.on_offer(today)}
    form.discount_id.offer([(key, f"{one.name} ({worth(one)})") for key, one in offered.items()])
    form.subscription_id.offer(_lines(customer_id), empty=_("The whole account"))
    given = submit(form, lambda: verbs.grant(
        offered[form.discount_id.data], customer=customer, scope=form.scope(),
    ))
    if given:
        flash(_("%(name)s has %(name_2)s now.", name=customer.name, name_2=offered[given.discount_id].name), "success")
        return redirect(url_for("customers.account", customer_id=customer_id))
    return form_page("discounts/grant.html", form, customer=customer, offered=offered)


@blueprint.route("/discounts/granted/<int:grant_id>/end", methods=["GET", "POST"])
@requires("adjust_invoice")
def end(grant_id: int) -> ResponseReturnValue:
    """Let a granted discount apply no more."""
    given = found(queries.grant(grant_id), _NONE)
    form = EndForm(data={"on": current.today()})
    if submit(form, lambda: verbs.end(given, on=form.on.data)):
        flash(_("%(name)s ends for %(name_2)s.", name=given.discount.name, name_2=given.customer.name), "success")
        return redirect(url_for("customers.account", customer_id=given.customer_id))
    return form_page("discounts/end.html", form, given=given)


def customer_panel(customer_id: int) -> Markup:
    """Panel of a customer's page: the discounts they have."""
    filters = GrantFilter(today=current.today(), customer_id=customer_id, state=GrantState.ACTIVE)
    rows = queries.everything(queries.granted(filters), queries.GRANT_SORTS["newest"])
    return Markup(render_template("discounts/_of_customer.html", rows=rows, customer_id=customer_id, worth=worth))


def worth(row: Any) -> str:
    """What a discount gives, in words: “10 % for 3 periods”, “₱500.00 until used up”."""
    kind, periods = row.kind, row.periods
    amount = format_percent(row.rate_percent) if kind == DiscountKind.PERCENT \
        else format_money(row.amount_minor, current.tenant.currency)
    if kind == DiscountKind.VOUCHER:
        return _("%(amount)s until used up", amount=amount)
    if periods is None:
        return _("%(amount)s each period", amount=amount)
    return ngettext("%(amount)s for %(num)s period", "%(amount)s for %(num)s periods", periods, amount=amount)


def _lines(customer_id: int) -> list[tuple[int, str]]:
    rows = subscriptions.everything(subscriptions.listing(SubscriptionFilter(customer_id=customer_id)))
    return [(row.id, _("Subscription %(id)s: %(plan_names)s", id=row.id, plan_names=row.plan_names)) for row in rows
            if row.status != "ended"]


def _filters() -> GrantFilter:
    return GrantFilter(
        today=current.today(), term=asked(queries.GRANT_SORTS, default="newest").term,
        state=chosen("state", GrantState), discount_id=chosen_id("discount"), customer_id=chosen_id("customer"),
    )


def _discount(discount_id: int) -> Discount:
    return found(queries.get(discount_id), _NONE)


def _customer(customer_id: int) -> Customer:
    return found(customers.get(customer_id), _NO_CUSTOMER)
