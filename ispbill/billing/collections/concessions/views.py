"""Pages of promises, disputes and holds: each a short form, opened as a dialog from the customer's page."""
from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from ispbill.billing.collections import queries as collections
from ispbill.billing.collections.blueprint import blueprint
from ispbill.billing.collections.concessions import queries, service
from ispbill.billing.collections.concessions.forms import DisputeForm, HoldForm, OutcomeForm, PromiseForm
from ispbill.core import formats
from ispbill.core.current import current
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.money import format_money
from ispbill.customers import queries as customers
from ispbill.web.forms import Form, form_page, submit
from ispbill.web.guards import requires
from ispbill.web.requests import found

_NONE = lazy("There is no such customer.")


@blueprint.route("/customers/<int:customer_id>/promise", methods=["GET", "POST"])
@requires("grant_extension")
def promise(customer_id: int) -> ResponseReturnValue:
    """Take a promise to pay."""
    customer, form = found(customers.get(customer_id), _NONE), PromiseForm()
    made = submit(form, lambda: service.promise(
        customer_id, until_on=form.until_on.data, amount_minor=form.amount.data, note=form.note.data))
    if made:
        flash(_("%(name)s pays by %(until_on)s.", name=customer.name, until_on=formats.short_date(made.until_on)),
              "success")
        return redirect(_page(customer_id))
    days = collections.policy().longest_promise_days
    return form_page(
        "confirm.html", form, title=_("%(name)s promises to pay", name=customer.name),
        confirm_label=_("Take the promise"),
        text=_("At most %(days)s days from today. Meanwhile no notice, no fee, no suspension; who is cut off is "
               "restored.", days=days),
        style="primary", cancel_url=_page(customer_id),
    )


@blueprint.route("/promises/<int:promise_id>/withdraw", methods=["GET", "POST"])
@requires("grant_extension")
def withdraw(promise_id: int) -> ResponseReturnValue:
    """Take a promise back."""
    row, form = found(queries.promise(promise_id), _("There is no such promise.")), Form()
    if submit(form, lambda: service.withdraw(row)):
        flash(_("The promise is withdrawn."), "success")
        return redirect(_page(row.customer_id))
    return form_page(
        "confirm.html", form, title=_("Withdraw the promise?"), confirm_label=_("Withdraw promise"),
        consequences=[_("Steps go on tomorrow morning, suspension included.")], cancel_url=_page(row.customer_id),
    )


@blueprint.route("/invoices/<int:invoice_id>/dispute", methods=["GET", "POST"])
@requires("hold_dispute")
def dispute(invoice_id: int) -> ResponseReturnValue:
    """Hold an invoice, or a line of it, because the customer contests it."""
    invoice, form = collections.invoice(invoice_id), DisputeForm()
    currency = current.tenant.currency
    form.line_id.offer([(line.id, f"{line.description}, {format_money(line.net_minor + line.tax_minor, currency)}")
                        for line in queries.lines(invoice_id)], empty=_("The whole invoice"))
    if submit(form, lambda: service.dispute(invoice_id, line_id=form.line_id.data, reason=form.reason.data)):
        flash(_("%(number)s is on hold.", number=invoice.number), "success")
        return redirect(_page(invoice.customer_id))
    return form_page(
        "confirm.html", form, title=_("%(number)s is disputed", number=invoice.number),
        confirm_label=_("Dispute invoice"), style="primary",
        text=_("For thirty days it is not payable: no fee, no step, no suspension because of it."),
        cancel_url=_page(invoice.customer_id),
    )


@blueprint.route("/disputes/<int:dispute_id>/close", methods=["GET", "POST"])
@requires("hold_dispute")
def close_dispute(dispute_id: int) -> ResponseReturnValue:
    """End a dispute."""
    row, form = found(queries.dispute(dispute_id), _("There is no such dispute.")), OutcomeForm()
    if submit(form, lambda: service.close_dispute(row, outcome=form.outcome.data)):
        flash(_("The dispute is closed."), "success")
        return redirect(_page(row.customer_id))
    return form_page(
        "confirm.html", form, title=_("Close the dispute about %(number)s?", number=row.invoice.number),
        confirm_label=_("Close dispute"),
        text=row.reason, consequences=[_("What is left to pay counts from today, and steps go on tomorrow morning.")],
        cancel_url=_page(row.customer_id),
    )


@blueprint.route("/customers/<int:customer_id>/hold", methods=["GET", "POST"])
@requires("grant_extension")
def hold(customer_id: int) -> ResponseReturnValue:
    """Leave a customer alone up to a day."""
    customer, form = found(customers.get(customer_id), _NONE), HoldForm()
    if submit(form, lambda: service.hold(customer_id, until_on=form.until_on.data, reason=form.reason.data)):
        flash(_("%(name)s is left alone up to %(data)s.", name=customer.name,
                data=formats.short_date(form.until_on.data)),
              "success")
        return redirect(_page(customer_id))
    return form_page(
        "confirm.html", form, title=_("Take no step towards %(name)s", name=customer.name),
        confirm_label=_("Place the hold"),
        style="primary", text=_("No notice, no fee and no suspension up to a day; who is cut off is restored."),
        cancel_url=_page(customer_id),
    )


@blueprint.route("/holds/<int:hold_id>/lift", methods=["GET", "POST"])
@requires("grant_extension")
def lift(hold_id: int) -> ResponseReturnValue:
    """End a hold."""
    row, form = found(queries.hold(hold_id), _("There is no such hold.")), Form()
    if submit(form, lambda: service.lift(row)):
        flash(_("The hold is lifted."), "success")
        return redirect(_page(row.customer_id))
    return form_page(
        "confirm.html", form, title=_("Lift the hold?"), confirm_label=_("Lift hold"), text=row.reason,
        consequences=[_("Steps go on tomorrow morning, suspension included.")], cancel_url=_page(row.customer_id),
    )


def _page(customer_id: int) -> str:
    return url_for(".account", customer_id=customer_id)
