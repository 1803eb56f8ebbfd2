"""The pages of refunds: the list, paying back, one with the credit it was paid from, cancelling."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ispbill.billing.payments import queries as payments
from ispbill.billing.payments.models import METHOD_LABELS, MONEY_METHODS, PaymentMethod
from ispbill.billing.refunds import queries, service
from ispbill.billing.refunds.forms import CancelForm, RefundForm
from ispbill.billing.refunds.models import Refund, RefundStatus
from ispbill.core.current import current
from ispbill.core.db import AnySelect, db
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.money import format_money, to_major
from ispbill.core.pagination import paginate
from ispbill.customers import queries as customers
from ispbill.web.exports import csv_response
from ispbill.web.forms import form_page, submit
from ispbill.web.guards import requires
from ispbill.web.lists import asked, chosen, chosen_day, chosen_id
from ispbill.web.requests import found

blueprint = Blueprint("refunds", __name__, url_prefix="/refunds", template_folder="templates")
_SORTS = {"refunded": queries.NEWEST_FIRST}
_EXPORT_HEADER = (
    "number", "account_number", "customer", "refunded_on", "method", "reference", "amount", "currency", "status",
    "recorded_by", "reason",
)
_MOST_EXPORTED = 50_000
_NONE = lazy("There is no such refund.")


@blueprint.get("")
@requires("view_payment_list")
def index() -> ResponseReturnValue:
    """The newest refunds first, filtered."""
    page = paginate(_listing(), queries.NEWEST_FIRST, cursor=request.args.get("cursor"))
    return render_template("refunds/index.html", page=page, methods=MONEY_METHODS)


@blueprint.get("/export")
@requires("view_payment_list")
def export() -> Response:
    """The list as a file, amounts in major units."""
    newest = _listing().order_by(Refund.refunded_on.desc(), Refund.id.desc()).limit(_MOST_EXPORTED)
    return csv_response("refunds", _EXPORT_HEADER, map(_cells, db.session.execute(newest)))


@blueprint.route("/record/<int:customer_id>", methods=["GET", "POST"])
@requires("refund_payment")
def record(customer_id: int) -> ResponseReturnValue:
    """Pay credit back: all of it, or what is left of one payment or credit note."""
    customer = found(customers.get(customer_id), _("There is no such customer."))
    payment_id, note_id = chosen_id("payment"), chosen_id("note")
    credits = [
        credit for credit in payments.refundable(customer_id)
        if payment_id in (None, credit.payment_id) and note_id in (None, credit.credit_note_id)
    ]
    free_minor = sum(credit.free_minor for credit in credits)
    form = RefundForm.for_viewer(most_minor=free_minor)
    made = submit(form, lambda: service.refund(
        form.facts(customer_id, payment_id=payment_id, credit_note_id=note_id)
    ))
    if made:
        flash(_("%(amount)s paid back as %(number)s.", amount=format_money(made.amount_minor, current.tenant.currency),
                number=made.number), "success")
        return redirect(url_for(".detail", refund_id=made.id))
    return form_page("refunds/record.html", form, customer=customer, free_minor=free_minor,
                     sources=payments.names_of(credits))


@blueprint.get("/<int:refund_id>")
@requires("view_payment_list")
def detail(refund_id: int) -> ResponseReturnValue:
    """A refund and the credit it was paid from."""
    return render_template("refunds/detail.html", refund=found(queries.detail(refund_id), _NONE),
                           methods=METHOD_LABELS)


@blueprint.route("/<int:refund_id>/cancel", methods=["GET", "POST"])
@requires("refund_payment")
def cancel(refund_id: int) -> ResponseReturnValue:
    """Ask, then take the refund back."""
    refund, form = found(queries.detail(refund_id), _NONE), CancelForm()
    if submit(form, lambda: service.cancel(refund, reason=form.reason.data)):
        flash(_("Refund %(number)s is cancelled.", number=refund.number), "success")
        return redirect(url_for(".detail", refund_id=refund_id))
    amount = format_money(refund.amount_minor, current.tenant.currency)
    return form_page(
        "confirm.html", form, title=_("Cancel refund %(number)s?", number=refund.number),
        confirm_label=_("Cancel refund"), cancel_label=_("Keep it"),
        text=_("%(amount)s to %(name)s. The refund stays in the list as cancelled.", amount=amount,
               name=refund.customer.name),
        consequences=[_("The customer has %(amount)s in credit again.", amount=amount),
                      _("The money is in the books as not paid out."),
                      _("This cannot be undone.")],
        cancel_url=url_for(".detail", refund_id=refund_id),
    )


def _listing() -> AnySelect:
    return queries.listing(
        term=asked(_SORTS, default="refunded").term, method=chosen("method", PaymentMethod) or "",
        status=chosen("status", RefundStatus) or "", since=chosen_day("since"), until=chosen_day("until"),
        customer_id=chosen_id("customer"),
    )


def _cells(row: Any) -> tuple[object, ...]:
    refund, currency = row.Refund, current.tenant.currency
    return (
        refund.number, row.account_number, row.name, refund.refunded_on, METHOD_LABELS[refund.method],
        refund.reference, to_major(refund.amount_minor, currency), currency, refund.status, refund.recorded_by,
        refund.reason,
    )
