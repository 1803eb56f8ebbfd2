"""The page of a wallet: its balance, how it came about, the way to top it up."""
from __future__ import annotations

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from ispbill.billing.wallet import queries
from ispbill.billing.wallet.queries import Kind
from ispbill.core.current import current
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.money import to_major
from ispbill.core.pagination import paginate
from ispbill.customers import queries as customers
from ispbill.web.exports import csv_response
from ispbill.web.guards import requires
from ispbill.web.requests import found

blueprint = Blueprint("wallet", __name__, template_folder="templates")
KINDS: dict[str, str] = {
    Kind.PAID_IN: lazy("Paid in"), Kind.CREDITED: lazy("Credited"), Kind.SPENT: lazy("Paid a bill"), Kind.FREED: lazy(
            "Returned from a bill"),
    Kind.REFUNDED: lazy("Refunded"), Kind.RESTORED: lazy("Refund cancelled"),
    Kind.REVERSED: lazy("Payment reversed"), Kind.VOIDED: lazy("Credit note voided"),
}
_HEADER = ("at", "what", "document", "invoice", "amount", "balance", "currency")


@blueprint.get("/customers/<int:customer_id>/wallet")
@requires("view_payment_list")
def detail(customer_id: int) -> ResponseReturnValue:
    """What a customer has in credit, and every movement of it."""
    customer = found(customers.get(customer_id), _("There is no such customer."))
    movements = queries.movements_of(customer_id)
    page = paginate(movements.rows, movements.newest_first, cursor=request.args.get("cursor"))
    return render_template("wallet/detail.html", customer=customer, page=page, kinds=KINDS,
                           balance_minor=queries.balance_of(customer_id))


@blueprint.get("/customers/<int:customer_id>/wallet/export")
@requires("view_payment_list")
def export(customer_id: int) -> Response:
    """Every movement of a customer's wallet as a file, the oldest first, amounts in major units."""
    customer = found(customers.get(customer_id), _("There is no such customer."))
    currency = current.tenant.currency
    return csv_response(f"wallet-{customer.account_number}", _HEADER, [
        (f"{row.at.astimezone(current.tenant.zone):%Y-%m-%d %H:%M}", KINDS[row.kind], row.source_number,
         row.invoice_number, to_major(row.amount_minor, currency), to_major(row.balance_minor, currency), currency)
        for row in queries.every_movement_of(customer_id)
    ])
