"""The pages of printing: ordering what a list shows, the orders, one as it goes on, its files."""
from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ispbill.billing.documents.papers import file_name
from ispbill.billing.documents.prints import queries, service
from ispbill.billing.documents.prints.forms import PrintBatchForm, PrintForm, PrintStatementsForm
from ispbill.billing.documents.prints.models import KIND_LABELS, SORT_LABELS, PrintKind, PrintOrder
from ispbill.billing.invoices import queries as invoices
from ispbill.billing.invoices.views import listed as listed_invoices
from ispbill.billing.statements.batches import queries as batches
from ispbill.billing.statements.views import span
from ispbill.core import formats
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import ngettext
from ispbill.core.pagination import paginate
from ispbill.customers import queries as customers
from ispbill.customers.views import listed as listed_customers
from ispbill.web.downloads import attachment
from ispbill.web.forms import form_page, submit
from ispbill.web.guards import requires
from ispbill.web.requests import found

blueprint = Blueprint("prints", __name__, url_prefix="/prints", template_folder="templates")


@blueprint.get("")
@requires("send_message")
def index() -> ResponseReturnValue:
    """The orders, the newest first."""
    page = paginate(queries.orders(), queries.NEWEST_FIRST, cursor=request.args.get("cursor"))
    return render_template("prints/index.html", page=page, kinds=KIND_LABELS, sorts=SORT_LABELS)


@blueprint.route("/invoices", methods=["GET", "POST"])
@requires("send_message")
def order_invoices() -> ResponseReturnValue:
    """Ask in which order, then print every document that the list of invoices shows."""
    form, wanted = PrintForm(), listed_invoices()
    ordered = submit(form, lambda: service.order_invoices(invoices.listing(wanted), sorted_by=form.sort))
    if ordered:
        return _made(ordered)
    count = invoices.sums(wanted).invoices
    return _question(
        form, back=url_for("invoices.index"), title=_("Print invoices?"),
        text=_too_many() if count > service.MOST_DOCUMENTS else ngettext(
            "%(num)s document in one PDF file for the printer.", "%(num)s documents in one PDF file for the printer.",
            count),
    )


@blueprint.route("/statements", methods=["GET", "POST"])
@requires("send_message")
def order_statements() -> ResponseReturnValue:
    """Ask from when to when and in which order, then print a statement of everybody the list of customers shows."""
    since, until = span()
    form, wanted = PrintStatementsForm(data={"since": since, "until": until}), listed_customers()
    ordered = submit(form, lambda: service.order_statements(
        customers.listing(wanted), sorted_by=form.sort, since=form.since.data, until=form.until.data))
    if ordered:
        return _made(ordered)
    return _question(
        form, back=url_for("customers.index"), title=_("Print statements?"), text=ngettext(
            "Of %(num)s customer, in one PDF file for the printer.",
            "Of %(num)s customers, in one PDF file for the printer.", customers.count(wanted)),
    )


@blueprint.route("/statement-batches/<int:statement_batch_id>", methods=["GET", "POST"])
@requires("send_message")
def order_batch(statement_batch_id: int) -> ResponseReturnValue:
    """Ask whose and in which order, then print statements of a batch: above all for who has no e-mail address."""
    batch, form = found(batches.get(statement_batch_id), _("There is no such batch.")), PrintBatchForm()
    whose = batches.recipients(batch.id, without_address=form.whose.data == "no_address")
    ordered = submit(form, lambda: service.order_statements(
        whose, sorted_by=form.sort, since=batch.since, until=batch.until))
    if ordered:
        return _made(ordered)
    return _question(form, back=url_for("statement_batches.detail", statement_batch_id=batch.id),
                     title=_("Print statements?"), text=_("In one PDF file for the printer."))


@blueprint.get("/<int:print_order_id>")
@requires("send_message")
def detail(print_order_id: int) -> ResponseReturnValue:
    """An order as it goes on, and its files."""
    ordered = _order(print_order_id)
    parts = queries.parts(ordered.id)
    of_invoices = ordered.kind == PrintKind.INVOICES
    left_out = queries.left_out_invoices(parts) if of_invoices else queries.left_out_customers(parts)
    return render_template(
        "prints/detail.html", ordered=ordered, parts=parts, progress=queries.progress(parts), left_out=left_out,
        kind=KIND_LABELS[PrintKind(ordered.kind)], sorts=SORT_LABELS, per_part=service.DOCUMENTS_PER_PART,
        kept_until=ordered.ordered_at + service.KEPT_FOR, of_invoices=of_invoices,
    )


@blueprint.get("/files/<int:print_part_id>.pdf")
@requires("view_invoice_list")
def download(print_part_id: int) -> Response:
    """One file of an order."""
    part = found(queries.whole(print_part_id), _("There is no such file, or not any more."))
    ordered = _order(part.order_id)
    return attachment(service.taken(ordered, part), name=file_name(service.file_name(ordered, part)))


@blueprint.post("/<int:print_order_id>/again")
@requires("send_message")
def again(print_order_id: int) -> ResponseReturnValue:
    """Make the files anew that are not whole."""
    count = service.make_again(_order(print_order_id))
    flash(ngettext("%(num)s file is made again.", "%(num)s files are made again.", count), "success")
    return redirect(url_for(".detail", print_order_id=print_order_id))


def _made(ordered: PrintOrder) -> ResponseReturnValue:
    return redirect(url_for(".detail", print_order_id=ordered.id))


def _question(form: PrintForm, *, back: str, title: str, text: str) -> ResponseReturnValue:
    return form_page(
        "confirm.html", form, title=title, confirm_label=_("Make the file"), style="primary", text=text,
        consequences=[_("Each document begins on a page of its own, with its own page numbers."),
                      _("More than %(count)s documents come in several files.", count=service.DOCUMENTS_PER_PART)],
        action=request.full_path, cancel_url=back,
    )


def _too_many() -> str:
    return _("The list holds more than %(most)s documents: narrow it first.",
             most=formats.number(service.MOST_DOCUMENTS))


def _order(print_order_id: int) -> PrintOrder:
    return found(queries.get(print_order_id), _("There is no such order."))
