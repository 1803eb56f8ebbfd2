"""The pages of allocations: applying credit to chosen invoices, taking money off an invoice."""
from __future__ import annotations

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from ispbill.billing.invoices import queries as invoices
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.invoices.policy import DocumentKind
from ispbill.billing.payments import queries
from ispbill.billing.payments.allocations import service
from ispbill.billing.payments.allocations.forms import apply_form
from ispbill.billing.payments.models import Payment, PaymentAllocation
from ispbill.core.current import current
from ispbill.core.errors import NotFound
from ispbill.core.i18n import gettext as _
from ispbill.core.money import format_money
from ispbill.web.forms import Form, form_page, submit
from ispbill.web.guards import requires
from ispbill.web.requests import found

blueprint = Blueprint("allocations", __name__, template_folder="../templates")


@blueprint.route("/payments/<int:payment_id>/apply", methods=["GET", "POST"])
@requires("allocate_payment")
def apply_payment(payment_id: int) -> ResponseReturnValue:
    """Choose which invoices a payment's credit settles."""
    payment = found(queries.detail(payment_id), _("There is no such payment."))
    return _apply(payment, payment.unapplied_minor, url_for("payments.detail", payment_id=payment_id))


@blueprint.route("/invoices/<int:invoice_id>/apply", methods=["GET", "POST"])
@requires("allocate_payment")
def apply_note(invoice_id: int) -> ResponseReturnValue:
    """Choose which invoices a credit note settles."""
    note = found(invoices.detail(invoice_id), _("There is no such credit note."))
    if note.kind != DocumentKind.CREDIT_NOTE:
        raise NotFound(_("There is no such credit note."))
    return _apply(note, -note.open_minor, url_for("invoices.detail", invoice_id=invoice_id))


@blueprint.route("/payments/allocations/<int:allocation_id>/unapply", methods=["GET", "POST"])
@requires("unallocate_payment")
def unapply(allocation_id: int) -> ResponseReturnValue:
    """Ask, then take money off an invoice."""
    share, form = found(queries.allocation(allocation_id), _("There is no such allocation.")), Form()
    number, back = found(share.invoice).number, url_for("invoices.detail", invoice_id=share.invoice_id)
    amount = format_money(share.amount_minor, current.tenant.currency)
    if submit(form, lambda: _unapplied(share)):
        flash(_("%(amount)s is taken off %(number)s.", amount=amount, number=number), "success")
        return redirect(back)
    return form_page(
        "confirm.html", form, title=_("Take %(amount)s off %(number)s?", amount=amount, number=number),
        confirm_label=_("Take it off"),
        text=_("The money stays with the customer as credit."),
        consequences=[_("%(number)s is open again by %(amount)s.", number=number, amount=amount),
                      _("The credit waits: apply it by hand, pay it back, or let the next invoice take it."),
                      _("The next payment or invoice of this customer settles the oldest open invoice first.")],
        cancel_url=back,
    )


def _apply(source: Payment | Invoice, free_minor: int, back: str) -> ResponseReturnValue:
    open_invoices = invoices.open_of_customer(source.customer_id)
    form = apply_form(open_invoices)
    if submit(form, lambda: _applied(source, form.amounts())):
        flash(_("%(number)s is applied.", number=source.number), "success")
        return redirect(back)
    return form_page("payments/apply.html", form, source=source, free_minor=free_minor, back=back,
                     rows=form.rows(open_invoices), today=current.today())


def _applied(source: Payment | Invoice, amounts: dict[int, int]) -> bool:
    service.apply_credit(source, amounts)
    return True


def _unapplied(share: PaymentAllocation) -> bool:
    service.unapply(share)
    return True
