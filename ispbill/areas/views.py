"""Pages of areas: the tree as a list, add, rename, remove. The levels' names are the company's."""
from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ispbill.areas import queries
from ispbill.areas import service as verbs
from ispbill.areas.forms import AreaForm
from ispbill.areas.models import Area
from ispbill.areas.policy import LEVELS, child_level
from ispbill.areas.queries import AreaFilter
from ispbill.company import queries as company
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.pagination import paginate
from ispbill.web import panels
from ispbill.web.exports import csv_response
from ispbill.web.forms import Form, form_page, submit
from ispbill.web.guards import requires
from ispbill.web.lists import asked
from ispbill.web.requests import found

blueprint = Blueprint("areas", __name__, template_folder="templates")
_NONE = lazy("There is no such area.")


@blueprint.get("/barangays")
@requires("view_barangay_list")
def index() -> ResponseReturnValue:
    """Every area in the order of the tree, or those inside one."""
    wanted = asked({"tree": queries.TREE_ORDER}, default="tree")
    inside = _inside()
    filters = AreaFilter(term=wanted.term, inside=inside.id if inside else None)
    page = paginate(queries.listing(filters), wanted.sort, cursor=wanted.cursor)
    tallies = panels.counted("areas", [row.id for row in page.rows])
    return render_template(
        "areas/index.html", page=page, inside=inside, path=queries.path_of(inside), levels=_levels(),
        deepest=LEVELS, tallies=tallies,
    )


@blueprint.get("/barangays/export")
@requires("view_barangay_list")
def export() -> Response:
    """What the filters show, in the layout that the import reads."""
    inside = _inside()
    filters = AreaFilter(term=request.args.get("q", ""), inside=inside.id if inside else None)
    rows = queries.in_tree_order(queries.listing(filters))
    header = ("region", "city", "barangay")
    return csv_response("areas", header, [(row.area_1, row.area_2, row.area_3) for row in rows])


@blueprint.route("/barangays/add", methods=["GET", "POST"])
@requires("add_barangay")
def add() -> ResponseReturnValue:
    """A new area, inside the one that `parent` names."""
    parent_id = request.args.get("parent", type=int)
    parent = found(queries.get(parent_id), _NONE) if parent_id else None
    level, form = child_level(parent.level if parent else None), AreaForm()
    area = submit(form, lambda: verbs.add(form.name.data, parent=parent))
    if area:
        flash(_("%(name)s is added.", name=area.name), "success")
        return redirect(url_for("areas.index", inside=parent.id if parent else None))
    title = _("Add %(lower)s", lower=_levels()[level - 1].lower())
    return form_page("areas/edit.html", form, title=title, path=queries.path_of(parent), label=title,
                     cancel_url=url_for("areas.index"))


@blueprint.route("/barangays/<int:area_id>/rename", methods=["GET", "POST"])
@requires("change_barangay")
def rename(area_id: int) -> ResponseReturnValue:
    """Another name for an area."""
    area = found(queries.get(area_id), _NONE)
    path, form = queries.path_of(area.parent), AreaForm(obj=area)
    if submit(form, lambda: verbs.rename(area, name=form.name.data)):
        flash(_("The area is called %(name)s now.", name=area.name), "success")
        return redirect(url_for("areas.index", inside=area.parent_id))
    return form_page(
        "areas/edit.html", form, title=_("Rename area"), path=path, label=_("Save name"),
        cancel_url=url_for("areas.index"),
    )


@blueprint.route("/barangays/<int:area_id>/remove", methods=["GET", "POST"])
@requires("delete_barangay")
def remove(area_id: int) -> ResponseReturnValue:
    """Take an unused area away."""
    area = found(queries.get(area_id), _NONE)
    form = Form()
    if submit(form, lambda: verbs.remove(area)):
        flash(_("%(name)s is removed.", name=area.name), "success")
        return redirect(url_for("areas.index", inside=area.parent_id))
    return form_page(
        "confirm.html", form, title=_("Remove %(name)s?", name=area.name), confirm_label=_("Remove area"),
        text=_("Only an area in which no customer lives and no other area lies can be removed."),
        cancel_url=url_for("areas.index"),
    )


def _inside() -> Area | None:
    area_id = request.args.get("inside", type=int)
    area: Area | None = found(queries.get(area_id), _NONE) if area_id else None
    return area


def _levels() -> tuple[str, str, str]:
    settings = company.settings()
    return settings.area_level_1, settings.area_level_2, settings.area_level_3
