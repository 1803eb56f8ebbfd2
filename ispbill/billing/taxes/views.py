"""Pages of who is exempt from taxes and who withholds: the list, and a part of the customer's page."""
from __future__ import annotations

from enum import StrEnum

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from ispbill.billing.taxes import queries
from ispbill.billing.taxes import service as verbs
from ispbill.billing.taxes.forms import EndForm, ExemptionForm, WithholdingForm, day_after
from ispbill.billing.taxes.queries import ExemptionFilter
from ispbill.catalogue.taxes import queries as taxes
from ispbill.catalogue.taxes.policy import tax_percent
from ispbill.core.current import current
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.pagination import paginate
from ispbill.customers import queries as customers
from ispbill.customers.models import Customer
from ispbill.web.exports import csv_response
from ispbill.web.forms import choices_of, form_page, submit
from ispbill.web.guards import requires
from ispbill.web.lists import asked, chosen
from ispbill.web.requests import found

blueprint = Blueprint("exemptions", __name__, template_folder="templates")
_NO_CUSTOMER, _NONE = lazy("There is no such customer."), lazy("There is no such entry.")


class ExemptionState(StrEnum):
    """Whether an exemption counts, or its certificate ends soon."""

    ACTIVE = "active"
    EXPIRING = "expiring"
    ENDED = "ended"


@blueprint.get("/tax-exemptions")
@requires("view_invoice_list")
def index() -> ResponseReturnValue:
    """Every exemption."""
    wanted = asked(queries.SORTS, default="newest")
    page = paginate(queries.listing(_filters()), wanted.sort, cursor=wanted.cursor)
    return render_template("exemptions/index.html", page=page, today=current.today(),
                           states=choices_of(ExemptionState, empty=_("Any status")))


@blueprint.get("/tax-exemptions/export")
@requires("view_invoice_list")
def export() -> Response:
    """What the filters show."""
    header = ("account_number", "customer", "tax", "reason", "certificate", "starts_on", "ends_before")
    return csv_response("tax exemptions", header, [
        (row.account_number, row.customer_name, row.tax_name, row.TaxExemption.reason, row.TaxExemption.certificate,
         row.TaxExemption.starts_on, row.TaxExemption.ends_on)
        for row in queries.everything(queries.listing(_filters()))
    ])


@blueprint.route("/customers/<int:customer_id>/tax-exemptions/add", methods=["GET", "POST"])
@requires("adjust_invoice")
def exempt(customer_id: int) -> ResponseReturnValue:
    """Bill a customer without a tax."""
    customer, form = _customer(customer_id), ExemptionForm(data={"starts_on": current.today()})
    form.tax_rate_id.offer(taxes.names(), empty=_("All taxes"))
    if submit(form, lambda: verbs.exempt(customer, facts=form.facts())):
        flash(_("%(name)s is exempt.", name=customer.name), "success")
        return redirect(url_for("customers.account", customer_id=customer_id))
    return form_page("exemptions/add.html", form, customer=customer)


@blueprint.route("/tax-exemptions/<int:exemption_id>/end", methods=["GET", "POST"])
@requires("adjust_invoice")
def end(exemption_id: int) -> ResponseReturnValue:
    """Bill with the tax again."""
    exemption = found(queries.get(exemption_id), _NONE)
    form, customer = EndForm(data={"on": current.today()}), exemption.customer
    if submit(form, lambda: verbs.end(exemption, on=form.on.data)):
        flash(_("The exemption of %(name)s ends.", name=customer.name), "success")
        return redirect(url_for("customers.account", customer_id=customer.id))
    return form_page("exemptions/end.html", form, customer=customer, title=_(
            "End the exemption of %(name)s?", name=customer.name), label=_("End exemption"),
                     text=_("What is billed for days from then on has the tax again. Issued invoices stay."))


@blueprint.route("/customers/<int:customer_id>/withholding/add", methods=["GET", "POST"])
@requires("adjust_invoice")
def withhold(customer_id: int) -> ResponseReturnValue:
    """Expect a customer to keep a part of each bill back."""
    customer, form = _customer(customer_id), WithholdingForm(data={"starts_on": current.today()})
    if submit(form, lambda: verbs.withhold(
        customer, rate_percent=tax_percent(form.rate_percent.data or ""), starts_on=form.starts_on.data,
        ends_on=day_after(form.last_day.data),
    )):
        flash(_("%(name)s is expected to withhold.", name=customer.name), "success")
        return redirect(url_for("customers.account", customer_id=customer_id))
    return form_page("exemptions/withhold.html", form, customer=customer)


@blueprint.route("/withholdings/<int:withholding_id>/end", methods=["GET", "POST"])
@requires("adjust_invoice")
def end_withholding(withholding_id: int) -> ResponseReturnValue:
    """Expect the customer to pay in full."""
    withholding = found(queries.get_withholding(withholding_id), _NONE)
    form, customer = EndForm(data={"on": current.today()}), withholding.customer
    if submit(form, lambda: verbs.end_withholding(withholding, on=form.on.data)):
        flash(_("%(name)s is expected to pay in full.", name=customer.name), "success")
        return redirect(url_for("customers.account", customer_id=customer.id))
    return form_page("exemptions/end.html", form, customer=customer, title=_(
            "%(name)s withholds no more?", name=customer.name), label=_("End withholding"),
                     text=_("What is billed from then on is expected in full."))


def customer_panel(customer_id: int) -> Markup:
    """Panel of a customer's page: what the law treats otherwise."""
    today = current.today()
    return Markup(render_template(
        "exemptions/_of_customer.html", exemptions=queries.of_customer(customer_id, on=today),
        withholding=queries.withholding_of(customer_id, on=today), customer_id=customer_id,
    ))


def _filters() -> ExemptionFilter:
    return ExemptionFilter(today=current.today(), term=asked(queries.SORTS, default="newest").term,
                           state=chosen("state", ExemptionState))


def _customer(customer_id: int) -> Customer:
    return found(customers.get(customer_id), _NO_CUSTOMER)
