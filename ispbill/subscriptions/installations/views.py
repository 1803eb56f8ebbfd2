"""Pages of installations: list, plan one, complete it, take it down."""
from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from ispbill.areas import queries as areas
from ispbill.areas.policy import place_named
from ispbill.core.current import current
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.pagination import paginate
from ispbill.customers import queries as customers
from ispbill.subscriptions.blueprint import blueprint
from ispbill.subscriptions.connections import queries as connections
from ispbill.subscriptions.installations import queries
from ispbill.subscriptions.installations import service as verbs
from ispbill.subscriptions.installations.forms import DoneForm, InstallationForm, WhyForm
from ispbill.subscriptions.installations.queries import InstallationFilter
from ispbill.subscriptions.models import TO_BE_MADE, Installation, InstallationStatus
from ispbill.web import panels
from ispbill.web.exports import csv_response
from ispbill.web.forms import choices_of, form_page, submit
from ispbill.web.guards import requires
from ispbill.web.lists import asked, chosen, chosen_day, chosen_id
from ispbill.web.requests import found

_OPEN = "open"
_NONE, _NO_CUSTOMER = lazy("There is no such installation."), lazy("There is no such customer.")


@blueprint.get("/installations")
@requires("view_installation_list")
def installations() -> ResponseReturnValue:
    """Every installation."""
    wanted, filters = asked(queries.SORTS, default="-scheduled"), _filters()
    page = paginate(queries.listing(filters), wanted.sort, cursor=wanted.cursor)
    return render_template(
        "installations/index.html", page=page, count=queries.count(filters),
        tallies=queries.tallies(current.today(), current.actor.user_id),
        technicians=[("", _("Any technician")), ("me", _("Me")), ("somebody", _("Anybody who was sent")),
                     *queries.technicians()],
        statuses=[("", _("Any status")), (_OPEN, _("To be made")), *choices_of(InstallationStatus)],
        areas=areas.place_choices(request.args.get("area", "")),
    )


@blueprint.get("/installations/export")
@requires("export_installation_data")
def export_installations() -> Response:
    """What the filters show."""
    rows = queries.everything(queries.listing(_filters()))
    added = panels.columns("installations", [row.id for row in rows])
    header = ("account_number", "customer", "phone", "address", "status", "technician", "scheduled_on",
              "installed_on", "terminated_on", "nap", "port", "status_reason", *added)
    return csv_response("installations", header, [
        (row.account_number, row.customer_name, row.phone, row.address, row.status, row.technician,
         row.scheduled_on, row.installed_on, row.terminated_on, row.nap_code, row.port_number, row.status_reason,
         *(values.get(row.id) for values in added.values()))
        for row in rows
    ])


@blueprint.route("/customers/<int:customer_id>/installations/add", methods=["GET", "POST"])
@requires("create_installation")
def schedule_installation(customer_id: int) -> ResponseReturnValue:
    """Plan a line for a customer."""
    customer = found(customers.get(customer_id), _NO_CUSTOMER)
    form = InstallationForm(data={"address": customer.street, "scheduled_on": current.today()})
    form.technician_id.offer(queries.technicians(), empty=_("Nobody yet"))
    line = submit(form, lambda: verbs.schedule(customer, facts=form.facts()))
    if line:
        flash(_("The installation for %(name)s is planned. Choose its port.", name=customer.name), "success")
        return redirect(_page_of(line))
    return form_page(
        "installations/edit.html", form, customer=customer, title=_("Plan an installation"),
        label=_("Plan installation"), back=url_for("customers.detail", customer_id=customer_id),
        root=(_("Customers"), url_for("customers.index")),
    )


@blueprint.get("/installations/<int:installation_id>")
@requires("view_installation_list")
def installation(installation_id: int) -> ResponseReturnValue:
    """One installation with its port, and the panels of the features above."""
    line = _installation(installation_id)
    port_card = Markup(render_template(
        "connections/_of_installation.html", line=line, present=connections.present(line.id),
        past=connections.past(line.id),
    ))
    return render_template(
        "installations/detail.html", line=line, technician=queries.technician_of(line), port_card=port_card,
        panels=panels.drawn("installation", line.id),
    )


@blueprint.route("/installations/<int:installation_id>/change", methods=["GET", "POST"])
@requires("change_installation_status")
def change_installation(installation_id: int) -> ResponseReturnValue:
    """Another day, address or technician."""
    installation = _installation(installation_id)
    form = InstallationForm(obj=installation)
    form.technician_id.offer(queries.technicians(including=installation.technician_id), empty=_("Nobody yet"))
    here = _page_of(installation)
    if submit(form, lambda: verbs.change(installation, facts=form.facts())):
        flash(_("The installation is saved."), "success")
        return redirect(here)
    return form_page(
        "installations/edit.html", form, customer=installation.customer, title=_("Change the installation"),
        label=_("Save installation"), back=here, root=(_("Installations"), url_for("subscriptions.installations")),
    )


@blueprint.route("/installations/<int:installation_id>/complete", methods=["GET", "POST"])
@requires("change_installation_status")
def complete_installation(installation_id: int) -> ResponseReturnValue:
    """The line works."""
    installation, form = _installation(installation_id), DoneForm(data={"on": current.today()})
    name, here = installation.customer.name, _page_of(installation)
    if submit(form, lambda: verbs.complete(installation, on=form.on.data)):
        flash(_("The installation of %(name)s is complete.", name=name), "success")
        return redirect(here)
    return form_page(
        "installations/complete.html", form, line=installation, name=name, back=here,
        panels=panels.drawn("completion", installation_id),
    )


@blueprint.route("/installations/<int:installation_id>/fail", methods=["GET", "POST"])
@requires("change_installation_status")
def fail_installation(installation_id: int) -> ResponseReturnValue:
    """Somebody was there, and it could not be made."""
    installation, form = _installation(installation_id), WhyForm()
    name, here = installation.customer.name, _page_of(installation)
    if submit(form, lambda: verbs.fail(installation, reason=form.reason.data)):
        flash(_("Noted. Plan another day for %(name)s.", name=name), "success")
        return redirect(here)
    return form_page("confirm.html", form, title=_("The visit to %(name)s failed", name=name),
                     text=_("It stays among what is to be made until another day is planned."), style="primary",
                     confirm_label=_("Visit failed"), cancel_url=here)


@blueprint.route("/installations/<int:installation_id>/cancel", methods=["GET", "POST"])
@requires("change_installation_status")
def cancel_installation(installation_id: int) -> ResponseReturnValue:
    """It is not made after all."""
    installation, form = _installation(installation_id), WhyForm()
    name, here = installation.customer.name, _page_of(installation)
    if submit(form, lambda: verbs.cancel(installation, reason=form.reason.data)):
        flash(_("The installation of %(name)s is cancelled.", name=name), "success")
        return redirect(here)
    return form_page("confirm.html", form, title=_("Cancel the installation of %(name)s?", name=name),
                     consequences=[_("Its port is free again"), _("A router that is there already must be taken back"),
                                   _("It cannot be taken back; plan a new one instead")],
                     confirm_label=_("Cancel installation"), cancel_label=_("Keep it"), cancel_url=here)


@blueprint.route("/installations/<int:installation_id>/terminate", methods=["GET", "POST"])
@requires("delete_customerinstallation")
def terminate_installation(installation_id: int) -> ResponseReturnValue:
    """Take the line down."""
    installation, form = _installation(installation_id), DoneForm(data={"on": current.today()})
    name, here = installation.customer.name, _page_of(installation)
    if submit(form, lambda: verbs.terminate(installation, on=form.on.data)):
        flash(_("The installation of %(name)s is terminated.", name=name), "success")
        return redirect(here)
    return form_page(
        "confirm.html", form, title=_("Terminate the installation of %(name)s?", name=name), text=installation.address,
        consequences=[_("A subscription that runs on it must be ended first"), _("Its port is free again"),
                      _("It cannot be taken back")],
        confirm_label=_("Terminate installation"), cancel_url=here,
    )


def installations_panel(customer_id: int) -> Markup:
    """A customer's installations, on the customer's page."""
    rows = queries.everything(queries.listing(InstallationFilter(customer_id=customer_id)))
    return Markup(render_template("installations/_of_customer.html", rows=rows, customer_id=customer_id))


def due_figure(_company: int) -> Markup:
    """How many installations are due, and how many of all that wait are the viewer's, as a figure of the dashboard."""
    tallies = queries.tallies(current.today(), current.actor.user_id)
    return Markup(render_template("installations/_due.html", tallies=tallies))


def port_missing(installation_id: int) -> Markup:
    """That a line which is to be completed is on no port; nothing where it is on one."""
    on_a_port = connections.present(installation_id) is not None
    return Markup("") if on_a_port else Markup(render_template("installations/_no_port.html", line_id=installation_id))


def _page_of(line: Installation) -> str:
    return url_for("subscriptions.installation", installation_id=line.id)


def _installation(installation_id: int) -> Installation:
    return found(queries.get(installation_id), _NONE)


def _chosen_technician() -> int | None:
    match request.args.get("technician"):
        case "me":
            return current.actor.user_id
        case "somebody":
            return queries.SOMEBODY
        case _:
            return chosen_id("technician")


def _filters() -> InstallationFilter:
    status = chosen("status", InstallationStatus)
    return InstallationFilter(
        term=asked(queries.SORTS, default="-scheduled").term,
        statuses=TO_BE_MADE if request.args.get("status") == _OPEN else (status,) if status else (),
        technician_id=_chosen_technician(),
        due_by=current.today() if request.args.get("due") == "yes" else None,
        planned_from=chosen_day("planned_from"), planned_until=chosen_day("planned_until"),
        since=chosen_day("since"), until=chosen_day("until"), place=place_named(request.args.get("area", "")),
    )
