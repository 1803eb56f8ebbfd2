"""Pages of routers: list, one with its history, add, change, mark, assign to a line, take back, import."""
from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from ispbill.core.current import current
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.pagination import paginate
from ispbill.network.routers import queries
from ispbill.network.routers import service as verbs
from ispbill.network.routers.forms import AssignForm, MarkForm, ReturnForm, RouterForm
from ispbill.network.routers.models import Router, RouterStatus
from ispbill.network.routers.policy import FILE_COLUMNS, sought_mac
from ispbill.network.routers.queries import RouterFilter
from ispbill.subscriptions.installations import queries as installations
from ispbill.web.exports import csv_response
from ispbill.web.forms import Form, choices_of, form_page, submit
from ispbill.web.guards import requires
from ispbill.web.lists import asked, chosen
from ispbill.web.requests import found
from ispbill.web.search import HITS_PER_SOURCE, Hit

blueprint = Blueprint("routers", __name__, template_folder="templates")
_NONE, _NO_LINE = lazy("There is no such router."), lazy("There is no such installation.")
_LINES_OFFERED = 20
_EXPORTED = (*FILE_COLUMNS, "status_since", "account_number", "customer_name", "address")


@blueprint.get("/routers")
@requires("view_router_list")
def index() -> ResponseReturnValue:
    """Every router, and who has it."""
    wanted, filters = asked(queries.SORTS, default="newest"), _filters()
    page = paginate(queries.listing(filters), wanted.sort, cursor=wanted.cursor)
    return render_template(
        "routers/index.html", page=page, count=queries.count(filters), by_status=queries.count_by_status(),
        statuses=choices_of(RouterStatus, empty=_("Any status")),
        brands=[("", _("Any brand")), *((brand, brand) for brand in queries.brands())],
    )


@blueprint.get("/routers/export")
@requires("view_router_list")
def export() -> Response:
    """What the filters show; the first columns are those that the import reads."""
    rows = queries.everything(queries.listing(_filters()))
    return csv_response("routers", _EXPORTED, [[getattr(row, name) for name in _EXPORTED] for row in rows])


@blueprint.route("/routers/add", methods=["GET", "POST"])
@requires("add_router")
def add() -> ResponseReturnValue:
    """A new router."""
    form = RouterForm()
    router = submit(form, lambda: verbs.add(form.facts()))
    if router:
        flash(_("Router %(serial_number)s is added.", serial_number=router.serial_number), "success")
        return redirect(url_for("routers.detail", router_id=router.id))
    return form_page("routers/edit.html", form, title=_("Add router"), label=_("Add router"),
                     back=url_for("routers.index"))


@blueprint.get("/routers/<int:router_id>")
@requires("view_router_list")
def detail(router_id: int) -> ResponseReturnValue:
    """One router, and everywhere it stood."""
    router, history = _router(router_id), queries.history(router_id)
    live = next((stay for stay in history if stay.returned_on is None), None)
    return render_template("routers/detail.html", router=router, history=history, live=live)


@blueprint.route("/routers/<int:router_id>/change", methods=["GET", "POST"])
@requires("change_router")
def change(router_id: int) -> ResponseReturnValue:
    """Correct what is known of a router."""
    router = _router(router_id)
    form, here = RouterForm(obj=router), url_for("routers.detail", router_id=router_id)
    if submit(form, lambda: verbs.change(router, facts=form.facts())):
        flash(_("Router %(serial_number)s is saved.", serial_number=router.serial_number), "success")
        return redirect(here)
    return form_page("routers/edit.html", form, title=_("Change router"), label=_("Save router"), back=here,
                     router=router)


@blueprint.route("/routers/<int:router_id>/mark", methods=["GET", "POST"])
@requires("change_router")
def mark(router_id: int) -> ResponseReturnValue:
    """Say where the router is now."""
    router = _router(router_id)
    form, here = MarkForm(data={"status": router.status}), url_for("routers.detail", router_id=router_id)
    if submit(form, lambda: verbs.mark(router, status=form.status.data, reason=form.reason.data)):
        flash(_("Router %(serial_number)s is marked.", serial_number=router.serial_number), "success")
        return redirect(here)
    return form_page("confirm.html", form, title=_("Mark router %(serial_number)s", serial_number=router.serial_number),
                     style="primary",
                     confirm_label=_("Mark router"), cancel_url=here)


@blueprint.route("/routers/<int:router_id>/remove", methods=["GET", "POST"])
@requires("delete_router")
def remove(router_id: int) -> ResponseReturnValue:
    """Take a router out that never stood anywhere."""
    router, form = _router(router_id), Form()
    if submit(form, lambda: verbs.remove(router)):
        flash(_("Router %(serial_number)s is removed.", serial_number=router.serial_number), "success")
        return redirect(url_for("routers.index"))
    return form_page(
        "confirm.html", form, title=_("Remove router %(serial_number)s?", serial_number=router.serial_number),
        confirm_label=_("Remove router"),
        text=_("Only a router that never stood at a customer's can be removed. Mark others as retired."),
        cancel_url=url_for("routers.detail", router_id=router_id),
    )


@blueprint.get("/routers/<int:router_id>/assign")
@requires("change_router")
def choose_line(router_id: int) -> ResponseReturnValue:
    """At which line the router is put."""
    term = asked(queries.SORTS, default="newest").term
    lines = queries.lines(term, limit=_LINES_OFFERED) if term else []
    return render_template("routers/choose_line.html", router=_router(router_id), lines=lines, term=term)


@blueprint.route("/installations/<int:installation_id>/router", methods=["GET", "POST"])
@requires("change_router")
def assign(installation_id: int) -> ResponseReturnValue:
    """Put a router at a line; `router` of the address is written into the form."""
    line = found(installations.get(installation_id), _NO_LINE)
    form = AssignForm(data={"router": request.args.get("router", ""), "on": current.today()})
    at_line = request.args.get("from") == "installation"
    here = url_for("subscriptions.installation", installation_id=line.id) if at_line \
        else url_for("customers.detail", customer_id=line.customer_id)
    if submit(form, lambda: verbs.assign(queries.named(form.router.data), installation=line, on=form.on.data)):
        flash(_("The router stands at %(address)s now.", address=line.address), "success")
        return redirect(here)
    return form_page("confirm.html", form, title=_("Assign a router to %(name)s", name=line.customer.name),
                     text=line.address,
                     confirm_label=_("Assign router"), cancel_url=here, style="primary", action=request.full_path)


@blueprint.route("/routers/<int:router_id>/return", methods=["GET", "POST"])
@requires("change_router")
def take_back(router_id: int) -> ResponseReturnValue:
    """The router comes back."""
    router, form = _router(router_id), ReturnForm(data={"on": current.today()})
    here = url_for("routers.detail", router_id=router_id)
    if submit(form, lambda: verbs.take_back(
        router, on=form.on.data, condition=form.condition.data, note=form.reason.data
    )):
        flash(_("Router %(serial_number)s is back.", serial_number=router.serial_number), "success")
        return redirect(here)
    return form_page("confirm.html", form, title=_("Take back router %(serial_number)s?",
                                                   serial_number=router.serial_number), style="primary",
                     confirm_label=_("Take back"), cancel_url=here)


def customer_panel(customer_id: int) -> Markup:
    """What stands at a customer's lines, on the customer's page."""
    return Markup(render_template("routers/_of_customer.html", stays=queries.of_customer(customer_id),
                                  lines=installations.standing(customer_id)))


def installation_panel(installation_id: int) -> Markup:
    """What stands at a line, on the line's page."""
    return Markup(render_template("routers/_of_installation.html", line=installations.get(installation_id),
                                  stays=queries.at_line(installation_id)))


def router_missing(installation_id: int) -> Markup:
    """That no router stands at a line which is to be completed; nothing where one does."""
    if queries.at_line(installation_id):
        return Markup("")
    return Markup(render_template("routers/_missing.html", line_id=installation_id))


def find_routers(term: str) -> list[Hit]:
    """Source of the search box: routers by serial number, MAC address in any notation, or model."""
    return [
        Hit(url=url_for("routers.detail", router_id=row.id), title=f"{row.brand} {row.model} {row.serial_number}",
            detail=" · ".join(part for part in (row.mac_address, row.customer_name) if part))
        for row in queries.search(term, limit=HITS_PER_SOURCE)
    ]


def find_holders(term: str) -> list[Hit]:
    """Source of the search box: the customer at whose line the router with a MAC address stands."""
    address = sought_mac(term)
    if address is None:
        return []
    return [
        Hit(url=url_for("customers.detail", customer_id=row.id), title=row.name,
            detail=f"{row.account_number} · {row.mac_address}")
        for row in queries.holders(address, limit=HITS_PER_SOURCE)
    ]


def _router(router_id: int) -> Router:
    return found(queries.get(router_id), _NONE)


def _filters() -> RouterFilter:
    return RouterFilter(term=asked(queries.SORTS, default="newest").term, status=chosen("status", RouterStatus),
                        brand=request.args.get("brand", "").replace("\x00", "") or None)
