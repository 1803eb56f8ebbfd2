"""Pages of duplicates: those there seem to be, those like one customer, and merging two."""
from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ispbill.core.current import current
from ispbill.core.i18n import gettext as _
from ispbill.customers import queries as customers
from ispbill.customers.blueprint import NO_CUSTOMER, blueprint
from ispbill.customers.duplicates import queries
from ispbill.customers.duplicates import service as verbs
from ispbill.customers.duplicates.queries import Likely
from ispbill.web import panels
from ispbill.web.exports import csv_response
from ispbill.web.forms import Form, form_page, submit
from ispbill.web.guards import requires
from ispbill.web.lists import asked, chosen_id
from ispbill.web.requests import found
from ispbill.web.standing.figures import standing

_FOUND_BY_SEARCH = 20


@blueprint.get("/customers/duplicates")
@requires("merge_duplicate_customers")
def duplicates() -> ResponseReturnValue:
    """Records that are probably of one customer."""
    likely = standing("duplicates", lambda: {"likely": queries.likely()}, is_large=customers.are_many())
    groups = queries.groups([Likely(*one) for one in likely.figures["likely"]])
    return render_template("customers/duplicates.html", groups=groups)


@blueprint.get("/customers/duplicates/export")
@requires("merge_duplicate_customers")
def export_duplicates() -> Response:
    """The same records as a file, one line each."""
    current.require("export_customers")
    header = ("shared", "value", "account_number", "name", "status", "phone", "email", "street")
    return csv_response("duplicates", header, (
        (group.shared, group.value, row.account_number, row.name, row.status, row.phone, row.email, row.street)
        for group in queries.groups(queries.likely()) for row in group.members
    ))


@blueprint.get("/customers/<int:customer_id>/duplicates")
@requires("merge_duplicate_customers")
def duplicates_of(customer_id: int) -> ResponseReturnValue:
    """Records that may be of this customer, and any other by search."""
    customer, term = found(customers.get(customer_id), NO_CUSTOMER), asked(customers.SORTS, default="name").term
    others = [row for row in customers.search(term, limit=_FOUND_BY_SEARCH) if row.id != customer_id] if term else []
    return render_template("customers/duplicates_of.html", customer=customer, alike=queries.alike(customer),
                           others=others, term=term)


@blueprint.route("/customers/<int:customer_id>/merge", methods=["GET", "POST"])
@requires("merge_duplicate_customers")
def merge(customer_id: int) -> ResponseReturnValue:
    """Merge the customer that `other` names into this one, after both were looked at side by side."""
    kept, other_id, form = found(customers.get(customer_id), NO_CUSTOMER), chosen_id("other"), Form()
    if other_id is None:
        return redirect(url_for("customers.duplicates_of", customer_id=customer_id))
    other = found(customers.get(other_id), NO_CUSTOMER)
    number = other.account_number
    if submit(form, lambda: verbs.merge(customer_id, merged_id=other_id)):
        flash(_("%(number)s is merged into %(account_number)s.", number=number, account_number=kept.account_number),
              "success")
        return redirect(url_for("customers.detail", customer_id=customer_id))
    return form_page(
        "customers/merge.html", form, kept=kept, other=other, action=request.full_path,
        tallies=panels.counted("merge", [kept.id, other.id]),
    )
