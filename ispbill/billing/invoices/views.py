"""The pages of invoices: the list, one as the document reads, voiding. Nothing here changes an issued invoice."""
from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from ispbill.areas import queries as areas
from ispbill.areas.policy import place_named
from ispbill.billing.invoices import queries, service
from ispbill.billing.invoices.forms import VoidForm
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.invoices.policy import LATENESS_LABELS, BillWay, DocumentKind, Lateness
from ispbill.billing.invoices.queries import InvoiceFilter, TaxShape
from ispbill.core.current import current
from ispbill.core.db import AnyRow, db
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.money import to_major
from ispbill.core.pagination import paginate
from ispbill.web import panels
from ispbill.web.exports import csv_response
from ispbill.web.forms import form_page, submit
from ispbill.web.guards import requires
from ispbill.web.lists import asked, chosen, chosen_day, chosen_id
from ispbill.web.requests import found
from ispbill.web.search import HITS_PER_SOURCE, Hit

blueprint = Blueprint("invoices", __name__, url_prefix="/invoices", template_folder="templates")
_SORTS = {"issued": queries.NEWEST_FIRST}
_EXPORT_HEADER = (
    "number", "kind", "account_number", "customer", "issued_on", "due_on", "status", "net", "tax", "total", "paid",
    "open", "currency",
)
# A file holds the newest up to here; older ones are reached by narrowing the filters.
MOST_EXPORTED = 50_000


_KINDS: dict[str, str] = {
    DocumentKind.INVOICE: lazy("invoice"), DocumentKind.CREDIT_NOTE: lazy("credit note"),
    DocumentKind.DEBIT_NOTE: lazy("debit note"),
}


class State(StrEnum):
    """What the list may be narrowed to."""

    OPEN = "open"
    OVERDUE = "overdue"
    PAID = "paid"
    VOID = "void"
    STANDING = "standing"


@blueprint.get("")
@requires("view_invoice_list")
def index() -> ResponseReturnValue:
    """The newest invoices first, filtered, with what they come to."""
    wanted = listed()
    page = paginate(queries.listing(wanted), queries.NEWEST_FIRST, cursor=request.args.get("cursor"))
    sums = queries.sums(wanted)
    return render_template("invoices/index.html", page=page, sums=sums, open_minor=_open_minor(wanted, sums),
                           most_counted=queries.MOST_COUNTED, today=current.today(), lateness=LATENESS_LABELS,
                           areas=areas.place_choices(request.args.get("area", "")))


@blueprint.get("/export")
@requires("view_invoice_list")
def export() -> Response:
    """The list as a file, amounts in major units."""
    newest = queries.listing(listed()).order_by(Invoice.issued_on.desc(), Invoice.id.desc()).limit(MOST_EXPORTED)
    rows = db.session.execute(newest.execution_options(yield_per=1000))
    return csv_response("invoices", _EXPORT_HEADER, map(_cells, rows))


@blueprint.get("/<int:invoice_id>")
@requires("view_invoice_list")
def detail(invoice_id: int) -> ResponseReturnValue:
    """An invoice as its document reads, and what became of it."""
    invoice = found(queries.detail(invoice_id), _("There is no such invoice."))
    return render_template("invoices/detail.html", invoice=invoice, standing=invoice.standing(current.today()),
                           panels=panels.drawn("invoice", invoice_id))


@blueprint.route("/<int:invoice_id>/void", methods=["GET", "POST"])
@requires("void_invoice")
def void(invoice_id: int) -> ResponseReturnValue:
    """Ask, then take the invoice back."""
    invoice, form = found(queries.detail(invoice_id), _("There is no such invoice.")), VoidForm()
    if submit(form, lambda: _voided(invoice, reason=form.reason.data)):
        flash(_("%(number)s is void.", number=invoice.number), "success")
        return redirect(url_for(".detail", invoice_id=invoice_id))
    return form_page(
        "confirm.html", form, title=_("Void %(kinds)s %(number)s?", kinds=_KINDS[invoice.kind], number=invoice.number),
        confirm_label=_("Void %(kinds)s", kinds=_KINDS[invoice.kind]),
        text=_("It stays in the register as void, and its number is not used again."),
        consequences=list(_consequences(invoice)), cancel_url=url_for(".detail", invoice_id=invoice_id),
    )


def customer_panel(customer_id: int) -> Markup:
    """Panel of a customer's page: their newest invoices."""
    return Markup(render_template("invoices/_of_customer.html", invoices=queries.of_customer(customer_id),
                                  customer_id=customer_id, today=current.today()))


def find_invoices(term: str) -> list[Hit]:
    """Source of the search box: invoices by their number."""
    return [
        Hit(url=url_for("invoices.detail", invoice_id=row.id), title=row.number, detail=row.buyer_name)
        for row in queries.by_number(term, limit=HITS_PER_SOURCE)
    ]


def listed() -> InvoiceFilter:
    """What the request narrows the list to."""
    return InvoiceFilter(
        today=current.today(), term=asked(_SORTS, default="issued").term, state=chosen("state", State) or "",
        run_id=chosen_id("run"), customer_id=chosen_id("customer"), kind=chosen("kind", DocumentKind),
        place=place_named(request.args.get("area", "")), since=chosen_day("since"), until=chosen_day("until"),
        due_since=chosen_day("due_since"), due_until=chosen_day("due_until"), lateness=_lateness(),
        taxed_by=TaxShape.asked(request.args.get("tax", ""), request.args.get("exemption", "")),
        way=chosen("way", BillWay),
    )


def _voided(invoice: Invoice, *, reason: str) -> Invoice:
    service.void(invoice, reason=reason)
    return invoice


def _open_minor(wanted: InvoiceFilter, sums: AnyRow) -> int | None:
    """What is open of a list of open invoices that is short enough to be summed."""
    if wanted.state not in (State.OPEN, State.OVERDUE) or sums.invoices > queries.MOST_COUNTED:
        return None
    return queries.open_minor(wanted, total_minor=sums.total_minor)


def _lateness() -> str | None:
    asked_for = request.args.get("paid")
    return asked_for if asked_for == queries.ANY_LATENESS else chosen("paid", Lateness)


def _cells(row: Any) -> tuple[object, ...]:
    invoice, currency = row.Invoice, current.tenant.currency
    amounts = (invoice.net_minor, invoice.tax_minor, invoice.total_minor, invoice.paid_minor, invoice.open_minor)
    return (
        invoice.number, invoice.kind, row.account_number, row.name, invoice.issued_on, invoice.due_on,
        invoice.standing(current.today()), *(to_major(amount, currency) for amount in amounts), currency,
    )


def _consequences(invoice: Invoice) -> Iterator[str]:
    if invoice.is_credit:
        yield _("The customer's balance rises by its total.")
        if invoice.paid_minor:
            yield _("The invoices that it had settled are open again.")
    else:
        yield _("Its periods are open again: the next billing run bills them.")
        yield _("The customer's balance falls by its total.")
        if invoice.paid_minor:
            yield _("Credit that settled it is free again, and settles other open invoices, the oldest first. What was "
                    "paid for it must be taken off it before.")
    yield _("This cannot be undone.")
