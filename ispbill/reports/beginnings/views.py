"""The page of the first steps, and putting them away."""
from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from ispbill.company import service as company
from ispbill.core.current import current
from ispbill.core.i18n import gettext as _
from ispbill.reports.beginnings import queries
from ispbill.reports.beginnings.policy import Progress, progress
from ispbill.web.guards import requires

blueprint = Blueprint("beginnings", __name__, url_prefix="/dashboard/first-steps", template_folder="../templates")


@blueprint.get("")
@requires("view_dashboard")
def index() -> ResponseReturnValue:
    """What is done and what comes next."""
    return render_template("reports/beginnings.html", progress=how_far(), is_new=False)


@blueprint.post("/hide")
@requires("change_settings")
def hide() -> ResponseReturnValue:
    """Leave them out of the dashboard, for everybody."""
    company.hide_first_steps()
    flash(_("The first steps are put away."), "success")
    return redirect(url_for("reports.dashboard"))


def how_far() -> Progress:
    """How far the company has come, for whoever looks."""
    return progress(queries.done(current.actor.user_id))
