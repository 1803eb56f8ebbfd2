"""Pages of number series: each with its next number and what is left; changing one."""
from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from ispbill.company.models import SeriesKind
from ispbill.company.numbers import queries
from ispbill.company.numbers import service as numbers
from ispbill.company.numbers.forms import SeriesForm
from ispbill.company.numbers.policy import remaining
from ispbill.company.policy import SERIES_LABELS
from ispbill.company.queries import number_series
from ispbill.core.i18n import gettext as _
from ispbill.web.exports import csv_response
from ispbill.web.forms import form_page, submit
from ispbill.web.guards import requires
from ispbill.web.lists import chosen
from ispbill.web.requests import found

blueprint = Blueprint("numbers", __name__, url_prefix="/settings/numbers", template_folder="templates")


@blueprint.get("")
@requires("view_settings")
def index() -> ResponseReturnValue:
    """Every series."""
    rows = [(series, remaining(next_number=series.next_number, range_end=series.range_end,
                               warn_below=series.warn_below)) for series in number_series()]
    return render_template("numbers/index.html", rows=rows, labels=SERIES_LABELS)


@blueprint.get("/export")
@requires("view_settings")
def export() -> Response:
    """Every series as a file."""
    header = ("series", "next", "begins_with", "branch", "digits", "begins_anew_each_year", "last_number", "warn_below")
    return csv_response("number-series", header, (
        (row.kind, row.next_text, row.prefix, row.branch, row.digits, "yes" if row.resets_yearly else "no",
         row.range_end, row.warn_below) for row in number_series()
    ))


@blueprint.route("/change", methods=["GET", "POST"])
@requires("change_settings")
def change() -> ResponseReturnValue:
    """How the series that `kind` names numbers from now on."""
    series = found(queries.of_kind(chosen("kind", SeriesKind)), _("There is no such series."))
    form = SeriesForm.of(series)
    if submit(form, lambda: numbers.change(SeriesKind(series.kind), form.facts)):
        flash(_("The series is saved."), "success")
        return redirect(url_for("numbers.index"))
    return form_page("numbers/change.html", form, series=series, label=SERIES_LABELS[series.kind])


def dashboard_panel(_subject_id: int) -> Markup:
    """Panel of the dashboard: series that run out; nothing while none does."""
    low = queries.running_low()
    return Markup(render_template("numbers/_running_low.html", low=low, labels=SERIES_LABELS)) if low else Markup()
