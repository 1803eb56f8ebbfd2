"""The pages of handovers: send an invoice by e-mail, note that paper was handed over, how one reached the customer."""
from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from ispbill.billing.handovers import queries, service
from ispbill.billing.handovers.forms import HandoverForm, MailForm
from ispbill.billing.invoices import queries as invoices
from ispbill.billing.invoices.models import Invoice
from ispbill.core.current import current
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import ngettext
from ispbill.web.forms import form_page, submit
from ispbill.web.guards import requires
from ispbill.web.requests import found

blueprint = Blueprint("handovers", __name__, template_folder="templates")


@blueprint.route("/invoices/<int:invoice_id>/send", methods=["GET", "POST"])
@requires("send_message")
def mail(invoice_id: int) -> ResponseReturnValue:
    """Ask where to, then send the document by e-mail."""
    invoice = _invoice(invoice_id)
    form = MailForm(data={"recipient": invoice.customer.email})
    if submit(form, lambda: service.mail(invoice, recipient=form.recipient.data or "")):
        flash(_("%(number)s is on its way to %(recipient)s.", number=invoice.number, recipient=form.recipient.data),
              "success")
        return redirect(url_for("invoices.detail", invoice_id=invoice_id))
    return form_page(
        "confirm.html", form, title=_("Send %(number)s?", number=invoice.number), confirm_label=_("Send it"),
        style="primary", text=_("By e-mail, with the document as a PDF file."),
        consequences=[_("It stands in the message log.")], cancel_url=url_for("invoices.detail", invoice_id=invoice_id),
    )


@blueprint.route("/invoices/<int:invoice_id>/handover", methods=["GET", "POST"])
@requires("send_message")
def hand_over(invoice_id: int) -> ResponseReturnValue:
    """Note that the paper was handed over."""
    invoice, form = _invoice(invoice_id), HandoverForm(data={"handed_on": current.today()})
    if submit(form, lambda: service.hand_over(invoice, form.facts)):
        flash(_("It is noted that %(number)s was handed over.", number=invoice.number), "success")
        return redirect(url_for("invoices.detail", invoice_id=invoice_id))
    return form_page(
        "confirm.html", form, title=_("Was %(number)s handed over?", number=invoice.number),
        confirm_label=_("Handed over"), style="primary", text=_("The customer holds the paper in their hands."),
        consequences=[_("Where a bill must have arrived before service is cut off, the days are counted from then.")],
        cancel_url=url_for("invoices.detail", invoice_id=invoice_id),
    )


@blueprint.route("/billing/runs/<int:run_id>/handover", methods=["GET", "POST"])
@requires("send_message")
def hand_over_run(run_id: int) -> ResponseReturnValue:
    """Note that all that a run issued on paper was handed over."""
    issued_on = found(queries.issued_on(run_id), _("This run issued nothing."))
    form, waiting = HandoverForm(data={"handed_on": current.today()}), queries.count_waiting(run_id)
    if submit(form, lambda: service.hand_over_run(run_id, form.facts, issued_on=issued_on)):
        flash(ngettext("%(num)s invoice is handed over.", "%(num)s invoices are handed over.", waiting), "success")
        return redirect(url_for("invoices.index", run=run_id))
    return form_page(
        "confirm.html", form, title=_("Were the papers of this run handed over?"), confirm_label=_("Handed over"),
        style="primary", text=ngettext("%(num)s invoice went by no e-mail.", "%(num)s invoices went by no e-mail.",
                                       waiting),
        consequences=[_("Each of them is noted as handed over on that day.")],
        cancel_url=url_for("invoices.index", run=run_id),
    )


def invoice_panel(invoice_id: int) -> Markup:
    """Panel of an invoice's page: how it reached the customer."""
    invoice = _invoice(invoice_id)
    return Markup(render_template("handovers/_of_invoice.html", invoice=invoice, way=queries.of_invoice(invoice_id)))


def _invoice(invoice_id: int) -> Invoice:
    return found(invoices.detail(invoice_id), _("There is no such invoice."))
