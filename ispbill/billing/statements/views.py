"""The pages of a customer's account: the statement between two days, why the balance is what it is, sending it."""
from __future__ import annotations

from datetime import date, timedelta

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from ispbill.billing.statements import queries, service
from ispbill.billing.statements.forms import SendForm
from ispbill.billing.statements.policy import Statement, check_span
from ispbill.core.current import current
from ispbill.core.i18n import gettext as _
from ispbill.core.money import to_major
from ispbill.customers import queries as customers
from ispbill.customers.models import Customer
from ispbill.web.exports import csv_response
from ispbill.web.forms import form_page, submit
from ispbill.web.guards import requires
from ispbill.web.lists import chosen_day
from ispbill.web.requests import found

blueprint = Blueprint("statements", __name__, template_folder="templates")
_USUAL_DAYS = 90


@blueprint.get("/customers/<int:customer_id>/statement")
@requires("view_invoice_list")
def detail(customer_id: int) -> ResponseReturnValue:
    """A statement of account, the last three months unless asked otherwise."""
    return render_template("statements/detail.html", customer=_customer(customer_id), statement=asked(customer_id))


@blueprint.get("/customers/<int:customer_id>/statement/export")
@requires("view_invoice_list")
def export(customer_id: int) -> Response:
    """A statement as a file, amounts in major units."""
    statement, currency = asked(customer_id), current.tenant.currency
    opening = (statement.since, _("Opening balance"), None, to_major(statement.opening_minor, currency), currency)
    return csv_response(f"statement-{_customer(customer_id).account_number}",
                        ("posted_on", "memo", "amount", "balance", "currency"), [opening, *(
        (row.posted_on, row.memo, to_major(row.amount_minor, currency), to_major(row.balance_minor, currency), currency)
        for row in statement.rows
    )])


@blueprint.get("/customers/<int:customer_id>/balance")
@requires("view_invoice_list")
def why(customer_id: int) -> ResponseReturnValue:
    """Why a customer's balance is what it is."""
    return render_template("statements/why.html", customer=_customer(customer_id), why=queries.why(customer_id),
                           statement=asked(customer_id), today=current.today())


@blueprint.route("/customers/<int:customer_id>/statement/send", methods=["GET", "POST"])
@requires("send_message")
def send(customer_id: int) -> ResponseReturnValue:
    """Ask where to, then send the statement by e-mail."""
    customer, (since, until) = _customer(customer_id), span()
    form = SendForm(data={"since": since, "until": until, "recipient": customer.email})
    if submit(form, lambda: service.send(customer, since=form.since.data, until=form.until.data,
                                         recipient=form.recipient.data or "")):
        flash(_("The statement is on its way to %(data)s.", data=form.recipient.data), "success")
        return redirect(url_for(".detail", customer_id=customer_id))
    return form_page(
        "confirm.html", form, title=_("Send the statement?"), confirm_label=_("Send statement"), style="primary",
        text=_("The account of %(name)s, by e-mail.", name=customer.name),
        consequences=[_("It stands in the message log.")],
        cancel_url=url_for(".detail", customer_id=customer_id),
    )


def asked(customer_id: int) -> Statement:
    """The statement that the request asks for."""
    since, until = span()
    return queries.statement(customer_id, since=since, until=until)


def span() -> tuple[date, date]:
    """From when to when the request asks; three months up to today where it says nothing. Raises Invalid."""
    until = chosen_day("until") or current.today()
    since = chosen_day("since") or until - timedelta(days=_USUAL_DAYS)
    check_span(since, until, today=current.today())
    return since, until


def _customer(customer_id: int) -> Customer:
    return found(customers.get(customer_id), _("There is no such customer."))
