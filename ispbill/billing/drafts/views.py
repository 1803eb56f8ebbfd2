"""The pages of drafts: the list, writing one, one as it reads, issuing and deleting it; a customer's drafts."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from ispbill.billing.drafts import queries, service
from ispbill.billing.drafts.forms import draft_form
from ispbill.billing.drafts.models import DraftInvoice
from ispbill.billing.invoices import queries as invoices
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
from ispbill.web.lists import asked, chosen_id
from ispbill.web.requests import found

blueprint = Blueprint("drafts", __name__, url_prefix="/invoices/drafts", template_folder="templates")
_SORTS = {"newest": queries.NEWEST_FIRST}
_EXPORT_HEADER = (
    "account_number", "customer", "due_on", "note", "net", "tax", "total", "currency", "drafted_by", "drafted_at",
)
_MOST_EXPORTED = 50_000
_NONE = lazy("There is no such draft.")


@blueprint.get("")
@requires("view_invoice_list")
def index() -> ResponseReturnValue:
    """The drafts that wait to be issued, the newest first."""
    page = paginate(_listing(), queries.NEWEST_FIRST, cursor=request.args.get("cursor"))
    return render_template("drafts/index.html", page=page)


@blueprint.get("/export")
@requires("view_invoice_list")
def export() -> Response:
    """The list as a file, amounts in major units."""
    newest = _listing().order_by(DraftInvoice.id.desc()).limit(_MOST_EXPORTED)
    return csv_response("invoice-drafts", _EXPORT_HEADER, map(_cells, db.session.execute(newest)))


@blueprint.route("/add/<int:customer_id>", methods=["GET", "POST"])
@requires("draft_invoice")
def draft(customer_id: int) -> ResponseReturnValue:
    """Write the draft of an invoice to a customer."""
    customer = found(customers.get(customer_id), _("There is no such customer."))
    form = draft_form(taxes.by_hand(), catalogue.fees(on=current.today()))
    made = submit(form, lambda: service.draft(customer_id, form.facts))
    if made:
        flash(_("The draft is saved. Nothing is owed before it is issued."), "success")
        return redirect(url_for(".detail", draft_id=made.id))
    return form_page("drafts/edit.html", form, customer=customer, title=_("Draft an invoice"),
                     back=url_for("customers.detail", customer_id=customer_id),
                     root=(_("Customers"), url_for("customers.index")))


@blueprint.get("/<int:draft_id>")
@requires("view_invoice_list")
def detail(draft_id: int) -> ResponseReturnValue:
    """A draft as the invoice would read today; of one that was issued, the invoice."""
    row = found(queries.detail(draft_id), _NONE)
    if row.invoice_id is not None:
        return redirect(url_for("invoices.detail", invoice_id=row.invoice_id))
    return render_template("drafts/detail.html", draft=row, made=service.foreseen(row))


@blueprint.route("/<int:draft_id>/change", methods=["GET", "POST"])
@requires("draft_invoice")
def change(draft_id: int) -> ResponseReturnValue:
    """Let a draft say something else."""
    row = found(queries.detail(draft_id), _NONE)
    customer, back = row.customer, url_for(".detail", draft_id=draft_id)
    form = draft_form(taxes.by_hand(), catalogue.fees(on=current.today()), row=row)
    if submit(form, lambda: service.change(row, form.facts)):
        flash(_("The draft is saved."), "success")
        return redirect(back)
    return form_page("drafts/edit.html", form, customer=customer, title=_("Change the draft"), back=back,
                     root=(_("Drafts"), url_for(".index")))


@blueprint.route("/<int:draft_id>/issue", methods=["GET", "POST"])
@requires("issue_invoice")
def issue(draft_id: int) -> ResponseReturnValue:
    """Ask, then issue the invoice; whoever sends it twice is shown the one invoice."""
    row, form = found(queries.detail(draft_id), _NONE), Form()
    name = row.customer.name
    invoice_id = submit(form, lambda: service.issue(row))
    if invoice_id:
        flash(_("Invoice %(number)s is issued.", number=found(invoices.detail(invoice_id)).number), "success")
        return redirect(url_for("invoices.detail", invoice_id=invoice_id))
    return form_page(
        "confirm.html", form, title=_("Issue this invoice?"), confirm_label=_("Issue invoice"), style="primary",
        text=_("To %(name)s, with the lines of the draft.", name=name),
        consequences=[_("It gets the next number of its series, and the customer owes the total."),
                      _("Taxes are those of today."), _("Credit that the customer has settles it at once."),
                      _("An invoice cannot be changed: it can be credited or voided.")],
        cancel_url=url_for(".detail", draft_id=draft_id),
    )


@blueprint.route("/<int:draft_id>/delete", methods=["GET", "POST"])
@requires("draft_invoice")
def delete(draft_id: int) -> ResponseReturnValue:
    """Ask, then throw the draft away."""
    row, form = found(queries.detail(draft_id), _NONE), Form()
    name, back = row.customer.name, url_for(".detail", draft_id=draft_id)
    if submit(form, lambda: service.delete(row)):
        flash(_("The draft is deleted."), "success")
        return redirect(url_for(".index"))
    return form_page(
        "confirm.html", form, title=_("Delete this draft?"), confirm_label=_("Delete draft"), cancel_url=back,
        text=_("The draft of an invoice to %(name)s. No number is lost by it: a draft has none.", name=name),
        consequences=[_("This cannot be undone; the audit log keeps what it said.")],
    )


def customer_panel(customer_id: int) -> Markup:
    """Panel of a customer's page: what waits to be issued; nothing where nothing does."""
    waiting = queries.of_customer(customer_id)
    return Markup(render_template("drafts/_of_customer.html", drafts=waiting) if waiting else "")


def _listing() -> AnySelect:
    return queries.listing(term=asked(_SORTS, default="newest").term, customer_id=chosen_id("customer"))


def _cells(row: Any) -> tuple[object, ...]:
    draft, currency = row.DraftInvoice, current.tenant.currency
    amounts = (draft.net_minor, draft.tax_minor, draft.total_minor)
    return (row.account_number, row.name, draft.due_on, draft.note, *(to_major(minor, currency) for minor in amounts),
            currency, draft.created_by, draft.created_at)
