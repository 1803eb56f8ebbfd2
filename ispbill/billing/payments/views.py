"""The pages of payments: the list, recording money, one payment with what it settled, reversing."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from ispbill.areas import queries as areas
from ispbill.areas.policy import place_named
from ispbill.billing.invoices import queries as invoices
from ispbill.billing.ledger import queries as ledger
from ispbill.billing.payments import policy, queries, service
from ispbill.billing.payments.forms import RecordForm, ReverseForm, typed
from ispbill.billing.payments.models import METHOD_LABELS, Payment, PaymentMethod, PaymentStatus
from ispbill.billing.payments.queries import PaymentFilter
from ispbill.billing.taxes.queries import withholding_of
from ispbill.core.current import current
from ispbill.core.db import AnySelect, db
from ispbill.core.i18n import gettext as _
from ispbill.core.money import format_money, to_major
from ispbill.core.pagination import paginate
from ispbill.customers import queries as customers
from ispbill.web.exports import csv_response
from ispbill.web.forms import form_page, submit
from ispbill.web.guards import requires
from ispbill.web.lists import asked, chosen, chosen_day, chosen_id
from ispbill.web.requests import found
from ispbill.web.search import HITS_PER_SOURCE, Hit

blueprint = Blueprint("payments", __name__, url_prefix="/payments", template_folder="templates")
_SORTS = {"received": queries.NEWEST_FIRST}
_EXPORT_HEADER = (
    "number", "account_number", "customer", "received_on", "method", "reference", "amount", "currency", "status",
    "recorded_by", "note",
)
_MOST_EXPORTED = 50_000
_CUSTOMERS_OFFERED = 20


@blueprint.get("")
@requires("view_payment_list")
def index() -> ResponseReturnValue:
    """The newest payments first, filtered, with what they come to."""
    listing = _listing()
    page = paginate(listing, queries.NEWEST_FIRST, cursor=request.args.get("cursor"))
    return render_template("payments/index.html", page=page, sums=queries.sums(listing), methods=METHOD_LABELS,
                           areas=areas.place_choices(request.args.get("area", "")),
                           most_counted=invoices.MOST_COUNTED)


@blueprint.get("/export")
@requires("view_payment_list")
def export() -> Response:
    """The list as a file, amounts in major units."""
    newest = _listing().order_by(Payment.received_on.desc(), Payment.id.desc()).limit(_MOST_EXPORTED)
    return csv_response("payments", _EXPORT_HEADER, map(_cells, db.session.execute(newest)))


@blueprint.get("/record")
@requires("record_payment")
def choose_customer() -> ResponseReturnValue:
    """Whose money it is."""
    term = asked(_SORTS, default="received").term
    hits = customers.search(term, limit=_CUSTOMERS_OFFERED) if term else []
    return render_template("payments/choose_customer.html", customers=hits, term=term,
                           balances=ledger.balances([hit.id for hit in hits]))


@blueprint.route("/record/<int:customer_id>", methods=["GET", "POST"])
@requires("record_payment")
def record(customer_id: int) -> ResponseReturnValue:
    """Record money that came in; the page shows what it will settle."""
    customer = found(customers.get(customer_id), _("There is no such customer."))
    open_invoices = queries.open_invoices([customer_id]).get(customer_id, [])
    credits = queries.credits([customer_id]).get(customer_id, [])
    balance_minor = ledger.balance_of(customer_id)
    form = RecordForm.for_viewer(expected_minor=max(balance_minor, 0))
    payment = submit(form, lambda: _recorded(form, customer_id))
    if payment:
        flash(_("%(amount)s recorded as %(number)s.",
                amount=format_money(payment.amount_minor, current.tenant.currency), number=payment.number), "success")
        if form.gives_back(payment.amount_minor):
            flash(form.change(payment.amount_minor), "info")
        return redirect(url_for(".detail", payment_id=payment.id))
    amount_minor = typed(form.amount)
    return form_page(
        "payments/record.html", form, customer=customer, invoices=invoices.open_of_customer(customer_id),
        balance_minor=balance_minor, amount_minor=amount_minor, change=form.change(amount_minor),
        settles=policy.foreseen(amount_minor, credits, open_invoices), today=current.today(),
        withholding=withholding_of(customer_id, on=current.today()),
    )


@blueprint.get("/<int:payment_id>")
@requires("view_payment_list")
def detail(payment_id: int) -> ResponseReturnValue:
    """A payment and what it settled."""
    payment = found(queries.detail(payment_id), _("There is no such payment."))
    return render_template("payments/detail.html", payment=payment, methods=METHOD_LABELS)


@blueprint.route("/<int:payment_id>/reverse", methods=["GET", "POST"])
@requires("reverse_payment")
def reverse(payment_id: int) -> ResponseReturnValue:
    """Ask, then take the payment back."""
    payment, form = found(queries.detail(payment_id), _("There is no such payment.")), ReverseForm()
    if submit(form, lambda: _reversed(payment, reason=form.reason.data)):
        flash(_("Payment %(number)s is reversed.", number=payment.number), "success")
        return redirect(url_for(".detail", payment_id=payment_id))
    amount = format_money(payment.amount_minor, current.tenant.currency)
    return form_page(
        "confirm.html", form, title=_("Reverse payment %(number)s?", number=payment.number),
        confirm_label=_("Reverse payment"),
        text=_("%(amount)s from %(name)s. The payment stays in the list as reversed.", amount=amount,
               name=payment.customer.name),
        consequences=[
            _("The invoices it settled are open again."), _("The customer owes %(amount)s more.", amount=amount),
            _("This cannot be undone."),
        ], cancel_url=url_for(".detail", payment_id=payment_id),
    )


def customer_figures(customer_id: int) -> Markup:
    """Figures of a customer's page: the balance, and how it comes about."""
    open_invoices = queries.open_invoices([customer_id]).get(customer_id, [])
    credits = queries.credits([customer_id]).get(customer_id, [])
    return Markup(render_template(
        "payments/_figures.html", balance_minor=ledger.balance_of(customer_id), customer_id=customer_id,
        open_minor=sum(invoice.open_minor for invoice in open_invoices), open_count=len(open_invoices),
        credit_minor=sum(credit.free_minor for credit in credits),
    ))


def customer_panel(customer_id: int) -> Markup:
    """Panel of a customer's page: their newest payments."""
    return Markup(render_template("payments/_of_customer.html", payments=queries.of_customer(customer_id),
                                  customer_id=customer_id, methods=METHOD_LABELS))


def invoice_panel(invoice_id: int) -> Markup:
    """Panel of an invoice's page: what settles it and what is open, or what a credit note settles."""
    return Markup(render_template(
        "payments/_settlement.html", invoice=invoices.detail(invoice_id),
        spendings=queries.spendings_of([invoice_id]).get(invoice_id, []),
        settlements=queries.settlements_of([invoice_id]).get(invoice_id, []),
    ))


def find_payments(term: str) -> list[Hit]:
    """Source of the search box: payments by receipt number or reference."""
    return [
        Hit(url=url_for("payments.detail", payment_id=row.id), title=row.number, detail=row.customer.name)
        for row in queries.by_number(term, limit=HITS_PER_SOURCE)
    ]


def _reversed(payment: Payment, *, reason: str) -> Payment:
    service.reverse(payment, reason=reason)
    return payment


def _listing() -> AnySelect:
    is_any_money = request.args.get("method") == queries.ANY_MONEY
    return queries.listing(PaymentFilter(
        term=asked(_SORTS, default="received").term,
        method=queries.ANY_MONEY if is_any_money else chosen("method", PaymentMethod) or "",
        status=chosen("status", PaymentStatus) or "", since=chosen_day("since"), until=chosen_day("until"),
        customer_id=chosen_id("customer"), place=place_named(request.args.get("area", "")),
    ))


def _recorded(form: RecordForm, customer_id: int) -> Payment:
    """Record the amount, never the cash given. Raises Invalid where that is less."""
    form.require_given(form.amount.data)
    return service.record(form.receipt(customer_id))


def _cells(row: Any) -> tuple[object, ...]:
    payment, currency = row.Payment, current.tenant.currency
    return (
        payment.number, row.account_number, row.name, payment.received_on, METHOD_LABELS[payment.method],
        payment.reference, to_major(payment.amount_minor, currency), currency, payment.status, payment.recorded_by,
        payment.note,
    )
