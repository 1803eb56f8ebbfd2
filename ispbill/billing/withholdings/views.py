"""The page of withheld tax: whose certificates are outstanding; and a part of the customer's page."""
from __future__ import annotations

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from ispbill.billing.withholdings import queries
from ispbill.billing.withholdings.queries import Listing, State
from ispbill.core.current import current
from ispbill.core.i18n import gettext as _
from ispbill.core.money import to_major
from ispbill.core.pagination import paginate
from ispbill.customers import queries as customers
from ispbill.web.exports import csv_response
from ispbill.web.forms import choices_of
from ispbill.web.guards import requires
from ispbill.web.lists import asked, chosen

blueprint = Blueprint("withholdings", __name__, template_folder="templates")
_HEADER = ("account_number", "customer", "rate_percent", "documents", "since", "expected", "proved", "outstanding",
           "no_income", "currency")


@blueprint.get("/tax-withheld")
@requires("view_payment_list")
def index() -> ResponseReturnValue:
    """Who withholds, and what of it is still to be proved."""
    listing = _listing()
    wanted = asked(listing.sorts, default="amount")
    page = paginate(listing.rows, wanted.sort, cursor=wanted.cursor)
    return render_template("withholdings/index.html", page=page, outstanding_minor=queries.total_outstanding(),
                           states=choices_of(State, empty=_("Any status")))


@blueprint.get("/tax-withheld/export")
@requires("view_payment_list")
def export() -> Response:
    """What the filters show."""
    currency = current.tenant.currency
    return csv_response("tax-withheld", _HEADER, [
        (row.account_number, row.name, row.rate_percent, row.documents, row.first_on,
         *(to_major(minor, currency) for minor in (row.expected_minor, row.proved_minor, row.outstanding_minor,
                                                   row.no_income_minor)),
         currency) for row in queries.everything(_listing())
    ])


def customer_panel(customer_id: int) -> Markup:
    """Panel of a customer's page: what they still have to prove, where they withhold."""
    row = queries.of_customer(customer_id)
    return Markup(render_template("withholdings/_of_customer.html", row=row, customer_id=customer_id)) if row \
        else Markup("")


def _listing() -> Listing:
    return queries.listing(term=asked(customers.SORTS, default="name").term, state=chosen("state", State))
