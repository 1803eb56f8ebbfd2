"""The pages of write-offs: the register, giving up what is open of an invoice, taking that back."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ispbill.billing.invoices import queries as invoices
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.write_offs import queries, service
from ispbill.billing.write_offs.forms import WriteOffForm
from ispbill.billing.write_offs.models import WriteOff
from ispbill.core.current import current
from ispbill.core.db import AnySelect, db
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.money import format_money, to_major
from ispbill.core.pagination import paginate
from ispbill.web.exports import csv_response
from ispbill.web.forms import Form, form_page, submit
from ispbill.web.guards import requires
from ispbill.web.lists import asked, chosen_day
from ispbill.web.requests import found

blueprint = Blueprint("write_offs", __name__, template_folder="templates")
_SORTS = {"written_off": queries.NEWEST_FIRST}
_EXPORT_HEADER = (
    "invoice", "account_number", "customer", "written_off_on", "amount", "still_written_off", "currency", "created_by",
    "reason",
)
_MOST_EXPORTED = 50_000
_NONE = lazy("There is no such invoice.")


@blueprint.get("/write-offs")
@requires("view_ledger")
def index() -> ResponseReturnValue:
    """The newest write-offs first, with what came in after all."""
    page = paginate(_listing(), queries.NEWEST_FIRST, cursor=request.args.get("cursor"))
    return render_template("write_offs/index.html", page=page)


@blueprint.get("/write-offs/export")
@requires("view_ledger")
def export() -> Response:
    """The register as a file, amounts in major units."""
    newest = _listing().order_by(WriteOff.written_off_on.desc(), WriteOff.id.desc()).limit(_MOST_EXPORTED)
    return csv_response("write-offs", _EXPORT_HEADER, map(_cells, db.session.execute(newest)))


@blueprint.route("/invoices/<int:invoice_id>/write-off", methods=["GET", "POST"])
@requires("write_off_invoice")
def write_off(invoice_id: int) -> ResponseReturnValue:
    """Ask, then give up what is open of an invoice."""
    invoice, form = found(invoices.detail(invoice_id), _NONE), WriteOffForm()
    amount = format_money(max(invoice.open_minor, 0), current.tenant.currency)
    if submit(form, lambda: service.write_off(invoice, reason=form.reason.data)):
        flash(_("%(amount)s of %(number)s is written off.", amount=amount, number=invoice.number), "success")
        return redirect(url_for("invoices.detail", invoice_id=invoice_id))
    return form_page(
        "confirm.html", form, title=_("Write off %(number)s?", number=invoice.number), confirm_label=_("Write off"),
        text=_("%(amount)s of %(buyer_name)s is not expected any more.", amount=amount, buyer_name=invoice.buyer_name),
        consequences=[
            _("The invoice counts as settled: no reminders, no fees. Who is suspended for it is served and billed "
              "again; end the subscription first where they have left."),
            _("%(amount)s, its tax included, is booked as bad debt; the customer's balance falls by it.",
              amount=amount),
            _("Money that comes in later recovers it by itself, after what is open."),
        ], cancel_url=url_for("invoices.detail", invoice_id=invoice_id),
    )


@blueprint.route("/invoices/<int:invoice_id>/write-off/take-back", methods=["GET", "POST"])
@requires("write_off_invoice")
def take_back(invoice_id: int) -> ResponseReturnValue:
    """Ask, then expect the money again."""
    invoice, form = found(invoices.detail(invoice_id), _NONE), Form()
    if submit(form, lambda: _taken_back(invoice)):
        flash(_("%(number)s is owed again.", number=invoice.number), "success")
        return redirect(url_for("invoices.detail", invoice_id=invoice_id))
    return form_page(
        "confirm.html", form, title=_("Expect %(number)s again?", number=invoice.number),
        confirm_label=_("Take the write-off back"),
        text=_("What was written off and not recovered is owed again."),
        consequences=[_("The customer's balance rises by it."),
                      _("The invoice is open, and overdue since its due day."),
                      _("Credit that the customer has settles it.")],
        cancel_url=url_for("invoices.detail", invoice_id=invoice_id),
    )


def _taken_back(invoice: Invoice) -> bool:
    service.take_back(invoice)
    return True


def _listing() -> AnySelect:
    return queries.listing(term=asked(_SORTS, default="written_off").term, since=chosen_day("since"),
                           until=chosen_day("until"))


def _cells(row: Any) -> tuple[object, ...]:
    written, currency = row.WriteOff, current.tenant.currency
    return (
        written.invoice.number, row.account_number, row.name, written.written_off_on,
        to_major(written.amount_minor, currency), to_major(written.standing_minor, currency), currency,
        written.created_by, written.reason,
    )
