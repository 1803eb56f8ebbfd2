"""The pages of proforma invoices: the list, issuing one, one as it reads, turning it into an invoice."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ispbill.billing.proformas import queries, service
from ispbill.billing.proformas.forms import CancelForm, ProformaForm
from ispbill.billing.proformas.models import Proforma, ProformaStatus
from ispbill.catalogue import queries as catalogue
from ispbill.catalogue.taxes import queries as taxes
from ispbill.core.current import current
from ispbill.core.db import AnySelect, db
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.money import to_major
from ispbill.core.pagination import paginate
from ispbill.customers import queries as customers
from ispbill.web.exports import csv_response
from ispbill.web.forms import Form, form_page, submit
from ispbill.web.guards import requires
from ispbill.web.lists import asked, chosen, chosen_day, chosen_id
from ispbill.web.requests import found

blueprint = Blueprint("proformas", __name__, url_prefix="/proformas", template_folder="templates")
_SORTS = {"issued": queries.NEWEST_FIRST}
_EXPORT_HEADER = (
    "number", "account_number", "customer", "issued_on", "valid_until", "status", "net", "tax", "total", "currency",
)
_MOST_EXPORTED = 50_000
_NONE = lazy("There is no such proforma.")


@blueprint.get("")
@requires("view_invoice_list")
def index() -> ResponseReturnValue:
    """The newest proformas first, filtered."""
    page = paginate(_listing(), queries.NEWEST_FIRST, cursor=request.args.get("cursor"))
    return render_template("proformas/index.html", page=page, today=current.today())


@blueprint.get("/export")
@requires("view_invoice_list")
def export() -> Response:
    """The list as a file, amounts in major units."""
    newest = _listing().order_by(Proforma.issued_on.desc(), Proforma.id.desc()).limit(_MOST_EXPORTED)
    return csv_response("proformas", _EXPORT_HEADER, map(_cells, db.session.execute(newest)))


@blueprint.route("/issue/<int:customer_id>", methods=["GET", "POST"])
@requires("issue_invoice")
def issue(customer_id: int) -> ResponseReturnValue:
    """Issue a proforma invoice to a customer."""
    customer = found(customers.get(customer_id), _("There is no such customer."))
    form = ProformaForm(taxes.by_hand(), catalogue.fees(on=current.today()))
    made = submit(form, lambda: service.issue(
        customer_id, form.lines(), valid_until=form.valid_until.data, note=form.note.data or ""
    ))
    if made:
        flash(_("Proforma %(number)s is issued.", number=made.number), "success")
        return redirect(url_for(".detail", proforma_id=made.id))
    return form_page("proformas/issue.html", form, customer=customer)


@blueprint.get("/<int:proforma_id>")
@requires("view_invoice_list")
def detail(proforma_id: int) -> ResponseReturnValue:
    """A proforma, and what became of it."""
    return render_template("proformas/detail.html", proforma=found(queries.detail(proforma_id), _NONE))


@blueprint.route("/<int:proforma_id>/invoice", methods=["GET", "POST"])
@requires("issue_invoice")
def invoice(proforma_id: int) -> ResponseReturnValue:
    """Ask, then issue the invoice."""
    proforma, form = found(queries.detail(proforma_id), _NONE), Form()
    issued = submit(form, lambda: service.invoice(proforma))
    if issued:
        flash(_("Invoice %(number)s is issued.", number=issued.number), "success")
        return redirect(url_for("invoices.detail", invoice_id=issued.id))
    return form_page(
        "confirm.html", form, title=_("Issue the invoice of %(number)s?", number=proforma.number),
        confirm_label=_("Issue invoice"),
        text=_("To %(buyer_name)s, with the lines of the proforma.", buyer_name=proforma.buyer_name), style="primary",
        consequences=[_("The customer owes the total, by the due day of the company's terms."),
                      _("Taxes are those of today."), _("Credit that the customer has settles it at once."),
                      _("An invoice cannot be changed: it can be credited or voided.")],
        cancel_url=url_for(".detail", proforma_id=proforma_id),
    )


@blueprint.route("/<int:proforma_id>/cancel", methods=["GET", "POST"])
@requires("issue_invoice")
def cancel(proforma_id: int) -> ResponseReturnValue:
    """Ask, then withdraw the proforma."""
    proforma, form = found(queries.detail(proforma_id), _NONE), CancelForm()
    if submit(form, lambda: service.cancel(proforma, reason=form.reason.data)):
        flash(_("Proforma %(number)s is cancelled.", number=proforma.number), "success")
        return redirect(url_for(".detail", proforma_id=proforma_id))
    return form_page(
        "confirm.html", form, title=_("Cancel proforma %(number)s?", number=proforma.number),
        confirm_label=_("Cancel proforma"), cancel_label=_("Keep it"),
        text=_("It stays in the list as cancelled, and can become no invoice."), consequences=[_(
                "This cannot be undone.")],
        cancel_url=url_for(".detail", proforma_id=proforma_id),
    )


def _listing() -> AnySelect:
    return queries.listing(
        term=asked(_SORTS, default="issued").term, status=chosen("status", ProformaStatus) or "",
        since=chosen_day("since"), until=chosen_day("until"), customer_id=chosen_id("customer"),
    )


def _cells(row: Any) -> tuple[object, ...]:
    proforma, currency = row.Proforma, current.tenant.currency
    amounts = (proforma.net_minor, proforma.tax_minor, proforma.total_minor)
    return (
        proforma.number, row.account_number, row.name, proforma.issued_on, proforma.valid_until, proforma.status,
        *(to_major(amount, currency) for amount in amounts), currency,
    )
