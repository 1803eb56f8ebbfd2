"""Pages of NAPs: list, one with its ports, and the search for a free port near a place."""
from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from ispbill.areas import queries as areas
from ispbill.areas.policy import path_text, place_named
from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.pagination import paginate
from ispbill.core.places import Place, coordinate, coordinates, place_of
from ispbill.plant.blueprint import blueprint
from ispbill.plant.lcps import queries as lcps
from ispbill.plant.lcps.queries import get_splitter
from ispbill.plant.models import Nap
from ispbill.plant.naps import queries
from ispbill.plant.naps import service as verbs
from ispbill.plant.naps.forms import ChangeNapForm, NapForm, PortForm
from ispbill.plant.naps.queries import NapFilter
from ispbill.web import panels
from ispbill.web.exports import csv_response
from ispbill.web.forms import Form, form_page, submit
from ispbill.web.guards import requires
from ispbill.web.lists import asked, chosen_id
from ispbill.web.requests import found

_NONE, _NO_SPLITTER, _NO_PORT = lazy("There is no such NAP."), lazy("There is no such "
                                                                    "splitter."), lazy("There is no such port.")
_MOST_NEAR = 15
_HEADER = ("lcp", "splitter", "code", "ports", "used_ports", "free_ports", "max_drop_metres", "area", "address",
           "latitude", "longitude", "accuracy")


@blueprint.get("/lcp/naps")
@requires("view_lcp_list")
def naps() -> ResponseReturnValue:
    """Every NAP, with what is free on it."""
    wanted, filters = asked(queries.SORTS, default="code"), _filters()
    page = paginate(queries.listing(filters), wanted.sort, cursor=wanted.cursor)
    return render_template(
        "plant/naps.html", page=page, count=queries.count(filters), lcps=lcps.choices(),
        areas=areas.place_choices(request.args.get("area", "")),
    )


@blueprint.get("/lcp/naps/export")
@requires("view_lcp_list")
def export_naps() -> Response:
    """What the filters show."""
    return csv_response("naps", _HEADER, [
        (row.lcp_code, row.splitter_code, row.code, row.port_count, row.used_count, row.free_count,
         row.max_drop_metres, path_text((row.area_1, row.area_2, row.area_3)), row.address, row.latitude,
         row.longitude, row.accuracy)
        for row in queries.everything(queries.listing(_filters()))
    ])


@blueprint.get("/network/nearest")
@requires("view_lcp_list")
def nearest() -> ResponseReturnValue:
    """The NAPs with a free port that are nearest to a place."""
    try:
        place, problem = _asked_place(), None
    except Invalid as refusal:
        place, problem = None, refusal.message
    hits = queries.nearest(place, limit=_MOST_NEAR) if place else []
    return render_template("plant/nearest.html", place=place, problem=problem, hits=hits,
                           searched_metres=queries.SEARCHED_METRES), 422 if problem else 200


@blueprint.get("/network/nearest/export")
@requires("view_lcp_list")
def export_nearest() -> Response:
    """The NAPs that the page shows, as a file."""
    place = _asked_place()
    header = ("code", "address", "metres", "in_reach", "free_ports", "ports", "lcp", "splitter")
    return csv_response("nearest-naps", header, (
        (hit.nap.code, hit.nap.address, hit.metres, hit.is_in_reach, hit.nap.free_count, hit.nap.port_count,
         hit.nap.lcp_code, hit.nap.splitter_code)
        for hit in (queries.nearest(place, limit=_MOST_NEAR) if place else [])
    ))


@blueprint.route("/lcp/splitters/<int:splitter_id>/naps/add", methods=["GET", "POST"])
@requires("manage_lcp_infrastructure")
def add_nap(splitter_id: int) -> ResponseReturnValue:
    """A new NAP on a splitter."""
    splitter = found(get_splitter(splitter_id), _NO_SPLITTER)
    lcp, form = splitter.lcp, NapForm()
    form.area_id.offer(areas.choices(), empty=_("No area"))
    nap = submit(form, lambda: verbs.add(form.facts(), splitter=splitter))
    if nap:
        flash(_("%(code)s is added with %(port_count)s ports.", code=nap.code, port_count=nap.port_count), "success")
        return redirect(url_for("plant.nap", nap_id=nap.id))
    return form_page("plant/edit_nap.html", form, lcp=lcp, title=_("Add a NAP on %(code)s › %(code_2)s", code=lcp.code,
                                                                   code_2=splitter.code),
                     label=_("Add NAP"), back=url_for("plant.lcp", lcp_id=lcp.id))


@blueprint.get("/lcp/naps/<int:nap_id>")
@requires("view_lcp_detail")
def nap(nap_id: int) -> ResponseReturnValue:
    """One NAP with its ports, and the panels of the features above."""
    one = _nap(nap_id)
    ports = queries.ports_of(nap_id)
    return render_template(
        "plant/nap.html", nap=one, area=areas.path_of(one.area), ports=ports, panels=panels.drawn("nap", nap_id),
        free=sum(port.is_free for port in ports), used=sum(port.is_used for port in ports),
    )


@blueprint.route("/lcp/naps/<int:nap_id>/change", methods=["GET", "POST"])
@requires("manage_lcp_infrastructure")
def change_nap(nap_id: int) -> ResponseReturnValue:
    """Correct what is known of a NAP, or feed it from another splitter."""
    one = _nap(nap_id)
    lcp, title, here = one.splitter.lcp, _("Change %(code)s", code=one.code), url_for("plant.nap", nap_id=nap_id)
    form = ChangeNapForm(obj=one)
    form.area_id.offer(areas.choices(), empty=_("No area"))
    form.splitter_id.offer(queries.splitter_choices())
    if submit(form, lambda: _changed(one, form)):
        flash(_("%(code)s is saved.", code=one.code), "success")
        return redirect(here)
    return form_page("plant/edit_nap.html", form, lcp=lcp, nap=one, title=title, label=_("Save NAP"), back=here)


@blueprint.route("/lcp/naps/<int:nap_id>/remove", methods=["GET", "POST"])
@requires("manage_lcp_infrastructure")
def remove_nap(nap_id: int) -> ResponseReturnValue:
    """Take a NAP down."""
    one, form = _nap(nap_id), Form()
    if submit(form, lambda: verbs.remove(one)):
        flash(_("%(code)s is removed.", code=one.code), "success")
        return redirect(url_for("plant.lcp", lcp_id=one.splitter.lcp_id))
    return form_page(
        "confirm.html", form, title=_("Remove %(code)s?", code=one.code), confirm_label=_("Remove NAP"),
        text=_("Only a NAP on which no line is or ever was can be removed."),
        cancel_url=url_for("plant.nap", nap_id=nap_id),
    )


@blueprint.route("/lcp/ports/<int:port_id>", methods=["GET", "POST"])
@requires("manage_lcp_infrastructure")
def mark_port(port_id: int) -> ResponseReturnValue:
    """Say that a port is good, reserved or faulty."""
    port = found(queries.get_port(port_id), _NO_PORT)
    code, form, here = port.nap.code, PortForm(obj=port), url_for("plant.nap", nap_id=port.nap_id)
    if submit(form, lambda: verbs.mark(port, condition=form.condition.data, note=form.note.data)):
        flash(_("Port %(number)s of %(code)s is %(condition)s.", number=port.number, code=code,
                condition=port.condition), "success")
        return redirect(here)
    return form_page(
        "confirm.html", form, title=_("Port %(number)s of %(code)s", number=port.number, code=code),
        confirm_label=_("Save condition"), cancel_url=here,
        text=_("A reserved or faulty port is not offered for new lines; a line that is on it stays."), style="primary",
    )


def free_ports_figure(_company: int) -> Markup:
    """How many ports are free, as a figure of the dashboard."""
    return Markup(render_template("plant/_free_ports.html", totals=queries.totals()))


def _changed(one: Nap, form: ChangeNapForm) -> Nap:
    verbs.change(one, facts=form.facts())
    return verbs.move(one, to=found(get_splitter(form.splitter_id.data), _NO_SPLITTER))


def _asked_place() -> Place | None:
    latitude = coordinate(request.args.get("latitude", ""), field="latitude")
    longitude = coordinate(request.args.get("longitude", ""), field="longitude")
    return place_of(*coordinates(latitude, longitude))


def _nap(nap_id: int) -> Nap:
    return found(queries.get(nap_id), _NONE)


def _filters() -> NapFilter:
    return NapFilter(term=asked(queries.SORTS, default="code").term, lcp_id=chosen_id("lcp"),
                     splitter_id=chosen_id("splitter"), place=place_named(request.args.get("area", "")),
                     has_free=chosen_id("free") is not None)
