"""Pages of LCPs and their splitters: list, one with all that hangs on it, the whole hierarchy."""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from ispbill.areas import queries as areas
from ispbill.areas.policy import path_text
from ispbill.core.db import AnyRow
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.pagination import paginate
from ispbill.plant.blueprint import blueprint
from ispbill.plant.lcps import queries
from ispbill.plant.lcps import service as verbs
from ispbill.plant.lcps.forms import LcpForm, SplitterForm
from ispbill.plant.lcps.queries import LcpFilter
from ispbill.plant.models import Lcp, Splitter
from ispbill.plant.naps import queries as naps
from ispbill.web.exports import csv_response
from ispbill.web.forms import Form, form_page, submit
from ispbill.web.guards import requires
from ispbill.web.lists import asked, chosen_id
from ispbill.web.requests import found

_NONE, _NO_SPLITTER = lazy("There is no such LCP."), lazy("There is no such splitter.")
_LCPS_OF_A_PAGE = 10
_HEADER = ("code", "name", "splitter_capacity", "splitters", "naps", "ports", "free_ports", "area", "address",
           "latitude", "longitude", "accuracy")
_TREE_HEADER = ("lcp", "name", "area", "splitter", "outputs", "nap", "address", "ports", "free_ports")


@blueprint.get("/lcp")
@requires("view_lcp_list")
def lcps() -> ResponseReturnValue:
    """Every LCP, with what is free in it."""
    wanted, filters = asked(queries.SORTS, default="code"), _filters()
    page = paginate(queries.listing(filters), wanted.sort, cursor=wanted.cursor)
    return render_template("plant/lcps.html", page=page, count=queries.count(filters), areas=areas.choices())


@blueprint.get("/lcp/export")
@requires("view_lcp_list")
def export_lcps() -> Response:
    """What the filters show."""
    return csv_response("lcps", _HEADER, [
        (row.code, row.name, row.splitter_capacity, row.splitter_count, row.nap_count, row.port_count, row.free_count,
         path_text((row.area_1, row.area_2, row.area_3)), row.address, row.latitude, row.longitude, row.accuracy)
        for row in queries.everything(queries.listing(_filters()))
    ])


@blueprint.get("/network/hierarchy")
@requires("view_lcp_list")
def hierarchy() -> ResponseReturnValue:
    """The plant as a tree, some LCPs at a time."""
    wanted, filters = asked(queries.SORTS, default="code"), _filters()
    page = paginate(queries.listing(filters), wanted.sort, cursor=wanted.cursor, size=_LCPS_OF_A_PAGE)
    return render_template("plant/hierarchy.html", page=page, count=queries.count(filters), areas=areas.choices(),
                           **_below([row.id for row in page.rows]))


@blueprint.get("/network/hierarchy/export")
@requires("view_lcp_list")
def export_hierarchy() -> Response:
    """The tree as a file: a line for each NAP, and one for a splitter or an LCP on which nothing hangs."""
    lcps = queries.everything(queries.listing(_filters()))
    below = _below([lcp.id for lcp in lcps])
    return csv_response("hierarchy", _TREE_HEADER, [
        line for lcp in lcps for line in _branches(lcp, below["splitters"][lcp.id], below["naps"])
    ])


@blueprint.route("/lcp/add", methods=["GET", "POST"])
@requires("add_lcp")
def add_lcp() -> ResponseReturnValue:
    """A new LCP."""
    form = LcpForm()
    form.area_id.offer(areas.choices(), empty=_("No area"))
    lcp = submit(form, lambda: verbs.add(form.facts()))
    if lcp:
        flash(_("%(code)s is added. Mount its first splitter.", code=lcp.code), "success")
        return redirect(url_for("plant.lcp", lcp_id=lcp.id))
    return form_page("plant/edit_lcp.html", form, title=_("Add an LCP"), label=_("Add LCP"), back=url_for("plant.lcps"))


@blueprint.get("/lcp/<int:lcp_id>")
@requires("view_lcp_detail")
def lcp(lcp_id: int) -> ResponseReturnValue:
    """One LCP with its splitters and their NAPs."""
    one = _lcp(lcp_id)
    return render_template("plant/lcp.html", lcp=one, area=areas.path_of(one.area), **_below([lcp_id]))


@blueprint.route("/lcp/<int:lcp_id>/change", methods=["GET", "POST"])
@requires("manage_lcp_infrastructure")
def change_lcp(lcp_id: int) -> ResponseReturnValue:
    """Correct what is known of an LCP."""
    one = _lcp(lcp_id)
    title, here, form = _("Change %(code)s", code=one.code), url_for("plant.lcp", lcp_id=lcp_id), LcpForm(obj=one)
    form.area_id.offer(areas.choices(), empty=_("No area"))
    if submit(form, lambda: verbs.change(one, facts=form.facts())):
        flash(_("%(code)s is saved.", code=one.code), "success")
        return redirect(here)
    return form_page("plant/edit_lcp.html", form, title=title, label=_("Save LCP"), back=here, lcp=one)


@blueprint.route("/lcp/<int:lcp_id>/remove", methods=["GET", "POST"])
@requires("delete_lcp")
def remove_lcp(lcp_id: int) -> ResponseReturnValue:
    """Take an LCP out of the plant."""
    one, form = _lcp(lcp_id), Form()
    if submit(form, lambda: verbs.remove(one)):
        flash(_("%(code)s is removed.", code=one.code), "success")
        return redirect(url_for("plant.lcps"))
    return form_page(
        "confirm.html", form, title=_("Remove %(code)s?", code=one.code),
        text=_("Only an LCP without splitters can be removed."),
        confirm_label=_("Remove LCP"), cancel_url=url_for("plant.lcp", lcp_id=lcp_id),
    )


@blueprint.route("/lcp/<int:lcp_id>/splitters/add", methods=["GET", "POST"])
@requires("manage_lcp_infrastructure")
def mount_splitter(lcp_id: int) -> ResponseReturnValue:
    """A new splitter in an LCP."""
    one, form = _lcp(lcp_id), SplitterForm()
    here = url_for("plant.lcp", lcp_id=lcp_id)
    splitter = submit(form, lambda: verbs.mount(one, facts=form.facts()))
    if splitter:
        flash(_("Splitter %(code)s is mounted.", code=splitter.code), "success")
        return redirect(here)
    return form_page("plant/edit_splitter.html", form, lcp=one, title=_("Mount a splitter"), label=_("Mount splitter"),
                     back=here)


@blueprint.route("/lcp/splitters/<int:splitter_id>/change", methods=["GET", "POST"])
@requires("manage_lcp_infrastructure")
def change_splitter(splitter_id: int) -> ResponseReturnValue:
    """Correct a splitter."""
    one = _splitter(splitter_id)
    title, here, form = _("Change %(code)s", code=one.code), url_for("plant.lcp",
                                                                     lcp_id=one.lcp_id), SplitterForm(obj=one)
    if submit(form, lambda: verbs.change_splitter(one, facts=form.facts())):
        flash(_("Splitter %(code)s is saved.", code=one.code), "success")
        return redirect(here)
    return form_page("plant/edit_splitter.html", form, lcp=one.lcp, title=title, label=_("Save splitter"), back=here)


@blueprint.route("/lcp/splitters/<int:splitter_id>/remove", methods=["GET", "POST"])
@requires("manage_lcp_infrastructure")
def dismount_splitter(splitter_id: int) -> ResponseReturnValue:
    """Take a splitter out of its LCP."""
    one, form = _splitter(splitter_id), Form()
    here = url_for("plant.lcp", lcp_id=one.lcp_id)
    if submit(form, lambda: verbs.dismount(one)):
        flash(_("Splitter %(code)s is removed.", code=one.code), "success")
        return redirect(here)
    return form_page(
        "confirm.html", form, title=_("Remove splitter %(code)s?", code=one.code), confirm_label=_("Remove splitter"),
        text=_("Only a splitter that feeds no NAP can be removed."), cancel_url=here,
    )


def lcps_url(area_id: int) -> str:
    """Where the LCPs of an area are listed."""
    return url_for("plant.lcps", area=area_id)


def _branches(
    lcp: AnyRow, splitters: list[AnyRow], naps_on: dict[int, list[AnyRow]]
) -> Iterator[tuple[object, ...]]:
    area = path_text((lcp.area_1, lcp.area_2, lcp.area_3))
    start = (lcp.code, lcp.name, area)
    if not splitters:
        yield (*start, None, None, None, None, lcp.port_count, lcp.free_count)
    for splitter in splitters:
        tray = (splitter.code, splitter.output_count)
        for nap in naps_on[splitter.id]:
            yield (*start, *tray, nap.code, nap.address, nap.port_count, nap.free_count)
        if not naps_on[splitter.id]:
            yield (*start, *tray, None, None, splitter.port_count, splitter.free_count)


def _below(lcp_ids: list[int]) -> dict[str, dict[int, list[AnyRow]]]:
    """The splitters of LCPs and the NAPs of these, each by what it hangs on."""
    splitters = queries.splitters_of(lcp_ids)
    boxes = naps.of_splitters([row.id for row in splitters])
    return {"splitters": _grouped(splitters, "lcp_id"), "naps": _grouped(boxes, "splitter_id")}


def _grouped(rows: Iterable[AnyRow], column: str) -> dict[int, list[AnyRow]]:
    groups: dict[int, list[AnyRow]] = defaultdict(list)
    for row in rows:
        groups[getattr(row, column)].append(row)
    return groups


def _lcp(lcp_id: int) -> Lcp:
    return found(queries.get(lcp_id), _NONE)


def _splitter(splitter_id: int) -> Splitter:
    return found(queries.get_splitter(splitter_id), _NO_SPLITTER)


def _filters() -> LcpFilter:
    return LcpFilter(term=asked(queries.SORTS, default="code").term, area_id=chosen_id("area"),
                     has_free=chosen_id("free") is not None)
