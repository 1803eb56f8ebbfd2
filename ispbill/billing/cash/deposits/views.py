"""The pages of cash deposits: the list, a new one, cancelling."""
from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ispbill.billing.cash import queries as drawers
from ispbill.billing.cash.blueprint import blueprint
from ispbill.billing.cash.deposits import queries, service
from ispbill.billing.cash.deposits.forms import CancelForm, DepositForm
from ispbill.billing.cash.forms import with_pieces
from ispbill.billing.cash.models import CashDeposit, SlipStatus
from ispbill.core.current import current
from ispbill.core.db import AnySelect, db
from ispbill.core.i18n import gettext as _
from ispbill.core.money import format_money, to_major
from ispbill.core.pagination import paginate
from ispbill.web.exports import csv_response
from ispbill.web.forms import form_page, submit
from ispbill.web.guards import requires
from ispbill.web.lists import asked, chosen, chosen_day
from ispbill.web.requests import found

_SORTS = {"deposited": queries.NEWEST_FIRST}
_EXPORT_HEADER = ("deposited_on", "bank", "reference", "amount", "currency", "status", "recorded_by", "note")
_MOST_EXPORTED = 50_000


@blueprint.get("/deposits")
@requires("close_cash_session")
def deposits() -> ResponseReturnValue:
    """The newest deposits first, and what still lies in the office."""
    page = paginate(_listing(), queries.NEWEST_FIRST, cursor=request.args.get("cursor"))
    return render_template("cash/deposits.html", page=page, office_minor=drawers.office_minor())


@blueprint.get("/deposits/export")
@requires("close_cash_session")
def export_deposits() -> Response:
    """The list as a file, amounts in major units."""
    newest = _listing().order_by(CashDeposit.deposited_on.desc(), CashDeposit.id.desc()).limit(_MOST_EXPORTED)
    return csv_response("cash-deposits", _EXPORT_HEADER, map(_cells, db.session.execute(newest)))


@blueprint.route("/deposits/record", methods=["GET", "POST"])
@requires("close_cash_session")
def record_deposit() -> ResponseReturnValue:
    """Record cash that was paid in at the bank."""
    form = with_pieces(DepositForm)
    made = submit(form, lambda: service.deposit(form.facts))
    if made:
        flash(_("%(amount)s is at the bank.", amount=format_money(made.amount_minor, current.tenant.currency)),
              "success")
        return redirect(url_for(".deposits"))
    return form_page("cash/record_deposit.html", form, office_minor=drawers.office_minor())


@blueprint.route("/deposits/<int:deposit_id>/cancel", methods=["GET", "POST"])
@requires("close_cash_session")
def cancel_deposit(deposit_id: int) -> ResponseReturnValue:
    """Ask, then take the deposit back."""
    row, form = found(queries.get(deposit_id), _("There is no such deposit.")), CancelForm()
    if submit(form, lambda: service.cancel(row, reason=form.reason.data)):
        flash(_("The deposit is cancelled."), "success")
        return redirect(url_for(".deposits"))
    amount = format_money(row.amount_minor, current.tenant.currency)
    return form_page(
        "confirm.html", form, title=_("Cancel the deposit of %(amount)s?", amount=amount),
        confirm_label=_("Cancel deposit"), cancel_label=_("Keep it"),
        text=_("It stays in the list as cancelled, and the cash lies in the office again."),
        cancel_url=url_for(".deposits"),
    )


def _listing() -> AnySelect:
    return queries.listing(
        term=asked(_SORTS, default="deposited").term, status=chosen("status", SlipStatus) or "",
        since=chosen_day("since"), until=chosen_day("until"),
    )


def _cells(row: Any) -> tuple[object, ...]:
    deposit, currency = row.CashDeposit, current.tenant.currency
    return (deposit.deposited_on, deposit.bank, deposit.reference, to_major(deposit.amount_minor, currency), currency,
            deposit.status, deposit.recorded_by, deposit.note)
