"""Pages of customers: list, register, one with the panels of other features, changes of status, search."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ispbill.areas import queries as areas
from ispbill.areas.policy import path_text
from ispbill.core.db import AnyRow
from ispbill.core.pagination import paginate
from ispbill.customers import queries
from ispbill.customers import service as verbs
from ispbill.customers.forms import CustomerForm, OptionalReasonForm, ReasonForm, RegisterForm
from ispbill.customers.models import Customer, CustomerStatus
from ispbill.customers.policy import FILE_COLUMNS
from ispbill.customers.queries import CustomerFilter
from ispbill.web import panels, search
from ispbill.web.exports import csv_response
from ispbill.web.forms import Form, choices_of, form_page, submit
from ispbill.web.guards import requires, signed_in
from ispbill.web.lists import asked, chosen
from ispbill.web.requests import found
from ispbill.web.search import Hit

blueprint = Blueprint("customers", __name__, template_folder="templates")
_NONE = "There is no such customer."


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked before a status changes."""

    verb: str
    done: str
    consequences: tuple[str, ...]
    style: str = "primary"


_ACTIVATE = Question("Activate", "is active", ("A first subscription makes a lead active by itself, too",))
_SUSPEND = Question("Suspend", "is suspended", (
    "Every running subscription is suspended from today", "Nothing new is billed until service is restored",
    "What is billed already stays owed",
), style="danger")
_RESTORE = Question("Restore", "is served again", (
    "Every suspended subscription resumes today", "Suspended days are not billed",
))
_TERMINATE = Question("Terminate", "is terminated", (
    "Running subscriptions must be ended first", "Installations are terminated",
    "Invoices and payments stay, and the customer can still be found",
), style="danger")
_REINSTATE = Question("Reinstate", "is active again", ("Subscriptions that ended stay ended",))


@blueprint.get("/customers")
@requires("view_customer_list")
def index() -> ResponseReturnValue:
    """Every customer."""
    wanted, filters = asked(queries.SORTS, default="name"), _filters()
    page = paginate(queries.listing(filters), wanted.sort, cursor=wanted.cursor)
    return render_template(
        "customers/index.html", page=page, count=queries.count(filters), areas=areas.choices(),
        statuses=choices_of(CustomerStatus, empty="Any status"),
    )


@blueprint.get("/customers/export")
@requires("export_customers")
def export() -> Response:
    """What the filters show, in the layout that the import reads."""
    return csv_response("customers", FILE_COLUMNS, map(_file_row, queries.export_rows(_filters())))


@blueprint.route("/customers/register", methods=["GET", "POST"])
@requires("create_customer")
def register() -> ResponseReturnValue:
    """A new customer."""
    form = RegisterForm()
    form.area_id.offer(areas.choices(), empty="No area")
    customer = submit(form, lambda: verbs.register(form.facts(), status=CustomerStatus(form.status.data)))
    if customer:
        flash(f"{customer.name} is registered as {customer.account_number}.", "success")
        return redirect(url_for("customers.detail", customer_id=customer.id))
    return form_page("customers/register.html", form)


@blueprint.get("/customers/<int:customer_id>")
@requires("view_customer_detail")
def detail(customer_id: int) -> ResponseReturnValue:
    """One customer, with the panels of the features above."""
    customer = found(queries.get(customer_id), _NONE)
    return render_template(
        "customers/detail.html", customer=customer, area=areas.path_of(customer.area),
        panels=panels.drawn("customer", customer.id),
    )


@blueprint.route("/customers/<int:customer_id>/change", methods=["GET", "POST"])
@requires("change_customer_basic")
def change(customer_id: int) -> ResponseReturnValue:
    """Correct what is known of a customer."""
    customer = found(queries.get(customer_id), _NONE)
    form = CustomerForm(obj=customer)
    form.area_id.offer(areas.choices(), empty="No area")
    if submit(form, lambda: verbs.change(customer, facts=form.facts())):
        flash(f"{customer.name} is saved.", "success")
        return redirect(url_for("customers.detail", customer_id=customer.id))
    return form_page("customers/change.html", form, customer=customer)


@blueprint.route("/customers/<int:customer_id>/activate", methods=["GET", "POST"])
@requires("change_customer_basic")
def activate(customer_id: int) -> ResponseReturnValue:
    """Serve a lead."""
    return _change_status(customer_id, verbs.activate, _ACTIVATE, OptionalReasonForm())


@blueprint.route("/customers/<int:customer_id>/suspend", methods=["GET", "POST"])
@requires("suspend_service")
def suspend(customer_id: int) -> ResponseReturnValue:
    """Stop serving a customer for a time."""
    return _change_status(customer_id, verbs.suspend, _SUSPEND, ReasonForm())


@blueprint.route("/customers/<int:customer_id>/restore", methods=["GET", "POST"])
@requires("restore_service")
def restore(customer_id: int) -> ResponseReturnValue:
    """Serve a suspended customer again."""
    return _change_status(customer_id, verbs.restore, _RESTORE, OptionalReasonForm())


@blueprint.route("/customers/<int:customer_id>/terminate", methods=["GET", "POST"])
@requires("remove_customer")
def terminate(customer_id: int) -> ResponseReturnValue:
    """Part with a customer."""
    return _change_status(customer_id, verbs.terminate, _TERMINATE, ReasonForm())


@blueprint.route("/customers/<int:customer_id>/reinstate", methods=["GET", "POST"])
@requires("remove_customer")
def reinstate(customer_id: int) -> ResponseReturnValue:
    """Take back a customer who left."""
    return _change_status(customer_id, verbs.reinstate, _REINSTATE, ReasonForm())


@blueprint.route("/customers/<int:customer_id>/remove", methods=["GET", "POST"])
@requires("remove_customer")
def remove(customer_id: int) -> ResponseReturnValue:
    """Take a lead out of the books."""
    customer = found(queries.get(customer_id), _NONE)
    form = Form()
    if submit(form, lambda: verbs.remove(customer)):
        flash(f"{customer.name} is removed.", "success")
        return redirect(url_for("customers.index"))
    return form_page(
        "confirm.html", form, title=f"Remove {customer.name}?", confirm_label="Remove customer",
        text="Only a lead that never had an installation, a subscription or a document can be removed.",
        cancel_url=url_for("customers.detail", customer_id=customer_id),
    )


@blueprint.get("/search")
@signed_in
def search_everything() -> ResponseReturnValue:
    """What the search box finds; a single hit is opened at once."""
    term = asked(queries.SORTS, default="name").term
    results = search.everywhere(term)
    hits = [hit for result in results for hit in result.hits]
    if len(hits) == 1:
        return redirect(hits[0].url)
    return render_template("customers/search.html", term=term, results=results)


def find_customers(term: str) -> list[Hit]:
    """The customers that the search box finds."""
    return [
        Hit(url=url_for("customers.detail", customer_id=row.id), title=row.name,
            detail=" · ".join(part for part in (row.account_number, row.phone, row.street) if part))
        for row in queries.search(term, limit=search.HITS_PER_SOURCE)
    ]


def residents_url(area_id: int) -> str:
    """Where the customers of an area are listed."""
    return url_for("customers.index", area=area_id)


def _change_status(
    customer_id: int, change_to: Callable[..., Customer], question: Question, form: Form
) -> ResponseReturnValue:
    customer = found(queries.get(customer_id), _NONE)
    here = url_for("customers.detail", customer_id=customer_id)
    if submit(form, lambda: change_to(customer, reason=form["reason"].data)):
        flash(f"{customer.name} {question.done}.", "success")
        return redirect(here)
    return form_page(
        "confirm.html", form, title=f"{question.verb} {customer.name}?", consequences=question.consequences,
        confirm_label=f"{question.verb} customer", cancel_url=here, style=question.style,
    )


def _filters() -> CustomerFilter:
    return CustomerFilter(
        term=asked(queries.SORTS, default="name").term, status=chosen("status", CustomerStatus),
        area_id=request.args.get("area", type=int),
    )


def _file_row(row: AnyRow) -> list[object]:
    path = path_text((row.area_1, row.area_2, row.area_3))
    return [path if column == "area" else getattr(row, column) for column in FILE_COLUMNS]
