"""The pages of credit and debit notes: issuing one about an invoice, the notes on an invoice's page."""
from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from ispbill.billing.invoices import queries as invoices
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.invoices.policy import DocumentKind
from ispbill.billing.notes import queries, service
from ispbill.billing.notes.forms import DebitForm, credit_form
from ispbill.catalogue import queries as catalogue
from ispbill.catalogue.taxes import queries as taxes
from ispbill.core.current import current
from ispbill.core.errors import Conflict
from ispbill.core.i18n import gettext as _
from ispbill.customers import queries as customers
from ispbill.web.forms import form_page, submit
from ispbill.web.guards import requires
from ispbill.web.requests import found

blueprint = Blueprint("notes", __name__, template_folder="templates")


@blueprint.route("/invoices/<int:invoice_id>/credit", methods=["GET", "POST"])
@requires("issue_credit_note")
def credit(invoice_id: int) -> ResponseReturnValue:
    """Issue a credit note about an invoice."""
    invoice = _invoice(invoice_id)
    if invoice.kind == DocumentKind.CREDIT_NOTE:
        raise Conflict(_("%(number)s is a credit note itself. Void it instead.", number=invoice.number))
    form = credit_form(queries.creditable(invoice))
    note = submit(form, lambda: service.credit(invoice, form.facts()))
    if note:
        flash(_("Credit note %(number)s is issued.", number=note.number), "success")
        return redirect(url_for("invoices.detail", invoice_id=note.id))
    return form_page("notes/credit.html", form, invoice=_invoice(invoice_id))


@blueprint.route("/invoices/<int:invoice_id>/debit", methods=["GET", "POST"])
@requires("adjust_invoice")
def debit(invoice_id: int) -> ResponseReturnValue:
    """Issue a debit note about an invoice."""
    invoice, form = _invoice(invoice_id), DebitForm(taxes.by_hand(), catalogue.fees(on=current.today()))
    note = submit(form, lambda: service.debit(
        invoice.customer_id, form.lines(), reason=form.reason.data, corrects=invoice
    ))
    if note:
        flash(_("Debit note %(number)s is issued.", number=note.number), "success")
        return redirect(url_for("invoices.detail", invoice_id=note.id))
    return form_page("notes/debit.html", form, title=_("Debit note on %(number)s", number=invoice.number),
                     name=invoice.buyer_name, invoice=invoice,
                     back=url_for("invoices.detail", invoice_id=invoice_id))


@blueprint.route("/customers/<int:customer_id>/debit", methods=["GET", "POST"])
@requires("adjust_invoice")
def debit_customer(customer_id: int) -> ResponseReturnValue:
    """Issue a debit note that is about no invoice."""
    customer = found(customers.get(customer_id), _("There is no such customer."))
    form = DebitForm(taxes.by_hand(), catalogue.fees(on=current.today()))
    note = submit(form, lambda: service.debit(customer_id, form.lines(), reason=form.reason.data))
    if note:
        flash(_("Debit note %(number)s is issued.", number=note.number), "success")
        return redirect(url_for("invoices.detail", invoice_id=note.id))
    return form_page("notes/debit.html", form, title=_("Debit note"), name=customer.name,
                     back=url_for("customers.detail", customer_id=customer_id))


def invoice_panel(invoice_id: int) -> Markup:
    """Panel of an invoice's page: the notes about it, and what it is a note about."""
    invoice = invoices.detail(invoice_id)
    corrected = invoices.detail(invoice.corrects_id) if invoice and invoice.corrects_id else None
    notes = queries.about(invoice_id)
    if not notes and corrected is None:
        return Markup("")
    return Markup(render_template("notes/_of_invoice.html", notes=notes, corrected=corrected, invoice=invoice,
                                  today=current.today()))


def _invoice(invoice_id: int) -> Invoice:
    return found(invoices.detail(invoice_id), _("There is no such invoice."))
