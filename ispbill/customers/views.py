"""Pages of customers: list, register, one with the panels of other features, changes of status, search."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ispbill.areas import queries as areas
from ispbill.areas.policy import path_text, place_named
from ispbill.audit import queries as audit
from ispbill.audit.models import AuditEntry
from ispbill.company import queries as company
from ispbill.company.policy import tile_origin
from ispbill.core.db import AnyRow
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy, word
from ispbill.core.pagination import Edge, paginate
from ispbill.customers import queries
from ispbill.customers import service as verbs
from ispbill.customers.blueprint import NO_CUSTOMER, blueprint
from ispbill.customers.contacts import queries as contacts
from ispbill.customers.contacts import views as contact_views
from ispbill.customers.custom_fields import queries as custom_fields
from ispbill.customers.custom_fields import views as custom_field_views
from ispbill.customers.custom_fields.forms import initial, with_fields
from ispbill.customers.custom_fields.policy import FILE_PREFIX
from ispbill.customers.documents import views as document_views
from ispbill.customers.duplicates import views as duplicate_views
from ispbill.customers.forms import CustomerForm, OptionalReasonForm, ReasonForm, RegisterForm, SuspendForm
from ispbill.customers.labels import queries as labels
from ispbill.customers.labels import views as label_views
from ispbill.customers.models import Customer, CustomerStatus
from ispbill.customers.notes import views as note_views
from ispbill.customers.policy import FILE_COLUMNS, LABELS_COLUMN
from ispbill.customers.queries import CustomerFilter
from ispbill.customers.suspension_reasons import queries as suspension_reasons
from ispbill.customers.suspension_reasons import views as suspension_reason_views
from ispbill.customers.suspension_reasons.forms import labelled
from ispbill.web import filters, panels, search, timeline
from ispbill.web.exports import csv_response
from ispbill.web.forms import Form, choices_of, form_page, submit
from ispbill.web.guards import requires, signed_in
from ispbill.web.lists import asked, chosen, chosen_id, chosen_instants
from ispbill.web.requests import found
from ispbill.web.search import Hit
from ispbill.web.security import with_images_from
from ispbill.web.timeline import Moment

__all__ = ["blueprint", "contact_views", "custom_field_views", "document_views", "duplicate_views", "label_views",
           "note_views", "suspension_reason_views"]
_NEWEST_MOMENTS, _HITS_WHILE_TYPING = 8, 5


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked before a status changes."""

    title: str
    label: str
    done: str
    consequences: tuple[str, ...]
    style: str = "primary"


_ACTIVATE = Question(
    lazy("Activate %(name)s?"), lazy("Activate customer"), lazy("%(name)s is active."),
    (lazy("A first subscription makes a lead active by itself, too"),))
_SUSPEND = Question(
    lazy("Suspend %(name)s?"), lazy("Suspend customer"), lazy("%(name)s is suspended."),
    (lazy("Every running subscription is suspended from today"),), style="danger")
_RESTORE = Question(
    lazy("Restore %(name)s?"), lazy("Restore customer"), lazy("%(name)s is served again."),
    (lazy("What was suspended with the customer resumes today"),))
_TERMINATE = Question(
    lazy("Terminate %(name)s?"), lazy("Terminate customer"), lazy("%(name)s is terminated."), (
        lazy("Running subscriptions must be ended first"), lazy("Installations are terminated"),
        lazy("Invoices and payments stay, and the customer can still be found")), style="danger")
_REINSTATE = Question(
    lazy("Reinstate %(name)s?"), lazy("Reinstate customer"), lazy("%(name)s is active again."),
    (lazy("Subscriptions that ended stay ended"),))


@blueprint.get("/customers")
@requires("view_customer_list")
def index() -> ResponseReturnValue:
    """Every customer."""
    wanted, filters = asked(queries.SORTS, default="name"), listed()
    page = paginate(queries.listing(filters), wanted.sort, cursor=wanted.cursor)
    return render_template(
        "customers/index.html", page=page, count=queries.count(filters),
        areas=areas.place_choices(request.args.get("area", "")),
        statuses=choices_of(CustomerStatus, empty=_("Any status")), labels=labels.choices(),
        worn=labels.of_customers([row.id for row in page.rows]),
    )


@blueprint.get("/customers/export")
@requires("export_customers")
def export() -> Response:
    """What the filters show, in the layout that the import reads."""
    own = [definition.key for definition in custom_fields.in_use()]
    header = (*FILE_COLUMNS, *(f"{FILE_PREFIX}{key}" for key in own), LABELS_COLUMN)
    rows = queries.export_rows(listed())
    worn = labels.of_customers(row.id for row in rows)
    return csv_response("customers", header, (_file_row(row, own, worn.get(row.id, ())) for row in rows))


@blueprint.route("/customers/register", methods=["GET", "POST"])
@requires("create_customer")
def register() -> ResponseReturnValue:
    """A new customer."""
    form = with_fields(RegisterForm, custom_fields.in_use())()
    form.area_id.offer(areas.choices(), empty=_("No area"))
    customer = submit(form, lambda: verbs.register(form.facts(), status=CustomerStatus(form.status.data)))
    if customer:
        flash(_("%(name)s is registered as %(account_number)s.", name=customer.name,
                account_number=customer.account_number), "success")
        return redirect(url_for("customers.detail", customer_id=customer.id))
    return form_page("customers/register.html", form)


@blueprint.get("/customers/<int:customer_id>")
@requires("view_customer_detail")
def detail(customer_id: int) -> Response:
    """One customer, with the panels of the features above."""
    customer, settings = found(queries.get(customer_id), NO_CUSTOMER), company.settings()
    kept_id = customer.merged_into_id
    page = make_response(render_template(
        "customers/detail.html", customer=customer, area=areas.path_of(customer.area),
        panels=panels.drawn("customer", customer.id), actions=panels.actions("customer", customer.id),
        labels=labels.of_customers([customer.id]).get(customer.id, ()), contacts=contacts.of_customer(customer.id),
        fields=custom_fields.in_use(), kept=queries.get(kept_id) if kept_id else None,
        settings=settings, has_account=panels.has_any("account"),
    ))
    if settings.map_tile_url and customer.latitude is not None:
        page.headers["Content-Security-Policy"] = with_images_from(tile_origin(settings.map_tile_url))
    return page


@blueprint.get("/customers/<int:customer_id>/account")
@requires("view_customer_detail")
def account(customer_id: int) -> str:
    """What of a customer's account is rarely asked for: entries, charges, discounts, taxes, documents."""
    customer = found(queries.get(customer_id), NO_CUSTOMER)
    return render_template("customers/account.html", customer=customer, panels=panels.drawn("account", customer.id))


@blueprint.get("/customers/<int:customer_id>/timeline")
@requires("view_customer_detail")
def story(customer_id: int) -> ResponseReturnValue:
    """Everything that happened to a customer, as far as the viewer may see it. `newest=yes`: a glance at a time."""
    customer = found(queries.get(customer_id), NO_CUSTOMER)
    size = _NEWEST_MOMENTS if request.args.get("newest") == "yes" else timeline.PAGE_SIZE
    stretch = timeline.woven("customer", customer_id, cursor=request.args.get("cursor"), size=size)
    return render_template("customers/timeline.html", customer=customer, story=stretch)


@blueprint.route("/customers/<int:customer_id>/change", methods=["GET", "POST"])
@requires("change_customer_basic")
def change(customer_id: int) -> ResponseReturnValue:
    """Correct what is known of a customer."""
    customer = found(queries.get(customer_id), NO_CUSTOMER)
    form = with_fields(CustomerForm, custom_fields.in_use())(obj=customer, data=initial(customer.custom_values))
    form.area_id.offer(areas.choices(), empty=_("No area"))
    if submit(form, lambda: verbs.change(customer, facts=form.facts())):
        flash(_("%(name)s is saved.", name=customer.name), "success")
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
    form = SuspendForm()
    form.reason_id.offer(labelled(suspension_reasons.on_offer()), empty=_("Choose why"))
    because = suspension_reasons.get(form.reason_id.data or 0)
    return _change_status(customer_id, partial(verbs.suspend, because=because), _SUSPEND, form)


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
    customer = found(queries.get(customer_id), NO_CUSTOMER)
    form = Form()
    if submit(form, lambda: verbs.remove(customer)):
        flash(_("%(name)s is removed.", name=customer.name), "success")
        return redirect(url_for("customers.index"))
    return form_page(
        "confirm.html", form, title=_("Remove %(name)s?", name=customer.name), confirm_label=_("Remove customer"),
        text=_("Only a lead that never had an installation, a subscription or a document can be removed."),
        cancel_url=url_for("customers.detail", customer_id=customer_id),
    )


@blueprint.get("/search")
@signed_in
def search_everything() -> ResponseReturnValue:
    """What the search box finds: while one types (`live`) a few of each kind; else all, and a single hit is opened."""
    term = asked(queries.SORTS, default="name").term
    results = search.everywhere(term)
    hits = [hit for result in results for hit in result.hits]
    if "live" in request.args:
        return render_template("customers/_found.html", term=term, results=results, most=_HITS_WHILE_TYPING)
    if len(hits) == 1:
        return redirect(hits[0].url)
    return render_template("customers/search.html", term=term, results=results)


def moments(customer_id: int, edge: Edge | None, limit: int) -> list[Moment]:
    """When the customer was registered, and how their status changed, on their timeline."""
    entries = audit.touching("customer", [customer_id], column="status", edge=edge, limit=limit)
    return [_moment(entry) for entry in entries]


def find_customers(term: str) -> list[Hit]:
    """The customers that the search box finds."""
    return [
        Hit(url=url_for("customers.detail", customer_id=row.id), title=row.name,
            detail=" · ".join(part for part in (row.account_number, filters.phone(row.phone), row.street) if part))
        for row in queries.search(term, limit=search.HITS_PER_SOURCE)
    ]


def page_url(customer_id: int) -> str:
    """Where a customer's page is."""
    return url_for("customers.detail", customer_id=customer_id)


def residents_url(area_id: int) -> str:
    """Where the customers of an area are listed."""
    return url_for("customers.index", area=area_id)


def listed() -> CustomerFilter:
    """What the request narrows the list of customers to."""
    since, until = chosen_instants()
    return CustomerFilter(
        term=asked(queries.SORTS, default="name").term, status=chosen("status", CustomerStatus),
        place=place_named(request.args.get("area", "")), label_id=chosen_id("label"), since=since, until=until,
    )


def _moment(entry: AuditEntry) -> Moment:
    after = entry.after or {}
    is_new = entry.action == "created"
    title = _("Registered") if is_new else word(after["status"])
    return Moment(at=entry.created_at, key=entry.id, title=title, text=after.get("status_reason") or "",
                  actor=entry.actor_name, icon="user-plus" if is_new else "circle-dot")


def _change_status(
    customer_id: int, change_to: Callable[..., Customer], question: Question, form: Form
) -> ResponseReturnValue:
    customer = found(queries.get(customer_id), NO_CUSTOMER)
    here = url_for("customers.detail", customer_id=customer_id)
    if submit(form, lambda: change_to(customer, reason=form["reason"].data)):
        flash(_(question.done, name=customer.name), "success")
        return redirect(here)
    return form_page(
        "confirm.html", form, title=_(question.title, name=customer.name), consequences=question.consequences,
        confirm_label=question.label, cancel_url=here, style=question.style,
    )


def _file_row(row: AnyRow, own: Sequence[str], worn: Sequence[AnyRow]) -> list[object]:
    path = path_text((row.area_1, row.area_2, row.area_3))
    known = [path if column == "area" else getattr(row, column) for column in FILE_COLUMNS]
    return [*known, *(row.custom_values.get(key, "") for key in own), "; ".join(label.name for label in worn)]
