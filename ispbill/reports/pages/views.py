"""The pages of the reports. Each report has routes of its own, because each has a permission of its own."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import groupby
from typing import Any

from flask import Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ispbill.areas import queries as areas
from ispbill.core.current import current
from ispbill.core.errors import Invalid
from ispbill.reports.contents import REPORTS
from ispbill.reports.definitions.policy import Chart, Report, Scope, scope_of
from ispbill.reports.pages import printing
from ispbill.reports.views import address, blueprint
from ispbill.web.downloads import attachment
from ispbill.web.exports import csv_response
from ispbill.web.guards import requires
from ispbill.web.lists import chosen_day, chosen_id

_MOST_ON_PAPER, _MOST_IN_FILE = 1_000, 100_000


@blueprint.get("/reports")
@requires("view_reports_dashboard")
def index() -> ResponseReturnValue:
    """Every report that the viewer may read, with what it tells."""
    allowed = [report for report in REPORTS.values() if current.actor.may(report.permission)]
    groups = [(group, list(reports)) for group, reports in groupby(allowed, key=lambda report: report.group)]
    return render_template("reports/index.html", groups=groups)


def _show(report: Report) -> ResponseReturnValue:
    try:
        scope, problem = _scope(report), None
    except Invalid as refusal:
        scope, problem = scope_of(report.span, today=current.today()), refusal.message
    sheet = report.draw(scope)
    return render_template(
        "reports/report.html", report=report, scope=scope, sheet=sheet, problem=problem, areas=areas.choices(),
        period=printing.period(report, scope), cell=printing.cell, entry=printing.entry, address=address,
        chart=_chart, formats=_FORMATS,
        file_url=lambda name: url_for(f"reports.{_name(report)}_file", format=name, **_asked(scope)),
    ), 422 if problem else 200


def _file(report: Report) -> Response:
    current.require(report.permission)
    make = _FILES.get(request.args.get("format", "csv"))
    return abort(404) if make is None else make(report, _scope(report))


def _csv(report: Report, scope: Scope) -> Response:
    sheet = report.draw(replace(scope, most=_MOST_IN_FILE))
    return csv_response(report.name, printing.header(sheet.columns), printing.records(sheet))


def _pdf(report: Report, scope: Scope) -> Response:
    sheet = report.draw(replace(scope, most=_MOST_ON_PAPER))
    paper = printing.file(report, scope, sheet, "pdf")
    return attachment(paper.content, name=paper.name, content_type=paper.content_type)


_FILES: dict[str, Callable[[Report, Scope], Response]] = {"csv": _csv, "xlsx": _csv, "pdf": _pdf}
_FORMATS = (("csv", "CSV", "download"), ("xlsx", "XLSX", "file-spreadsheet"), ("pdf", "PDF", "printer"))


def _scope(report: Report) -> Scope:
    return scope_of(report.span, today=current.today(), since=chosen_day("since"), until=chosen_day("until"),
                    area_id=chosen_id("area") if report.by_area else None)


def _asked(scope: Scope) -> dict[str, Any]:
    """The scope as the arguments of an address."""
    return {"since": scope.since, "until": scope.until, "area": scope.area_id}


def _chart(chart: Chart) -> dict[str, object]:
    return {"kind": chart.kind, "unit": chart.unit, "currency": current.tenant.currency, "labels": list(chart.labels),
            "series": [{"name": name, "values": list(values)} for name, values in chart.series.items()]}


def _name(report: Report) -> str:
    return report.name.replace("-", "_")


def _open(report: Report) -> None:
    """Give a report its routes: the page with the report's own permission, the files with that of exports."""
    page, file = _view(_show, report), _view(_file, report)
    blueprint.add_url_rule(f"/reports/{report.name}", _name(report), requires(report.permission)(page))
    blueprint.add_url_rule(f"/reports/{report.name}/export", f"{_name(report)}_file", requires("export_reports")(file))


def _view(function: Callable[[Report], ResponseReturnValue], report: Report) -> Callable[[], ResponseReturnValue]:
    def view() -> ResponseReturnValue:
        return function(report)

    view.__doc__ = report.title
    return view


for _report in REPORTS.values():
    _open(_report)
