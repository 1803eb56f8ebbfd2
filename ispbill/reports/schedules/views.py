"""Pages of schedules: the list, one with what was sent, a new one, stopping one."""
from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ispbill.areas import queries as areas
from ispbill.core import formats
from ispbill.core.current import current
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.pagination import paginate
from ispbill.reports.contents import REPORTS
from ispbill.reports.schedules import queries
from ispbill.reports.schedules import service as verbs
from ispbill.reports.schedules.forms import ScheduleForm
from ispbill.reports.schedules.models import ReportSchedule
from ispbill.reports.schedules.policy import FORMAT_LABELS, RHYTHM_LABELS
from ispbill.reports.views import blueprint
from ispbill.web.exports import csv_response
from ispbill.web.forms import Form, form_page, submit
from ispbill.web.guards import requires
from ispbill.web.requests import found

_NONE = lazy("There is no such schedule.")


@blueprint.get("/reports/schedules")
@requires("schedule_report")
def schedules() -> ResponseReturnValue:
    """Who gets which report by e-mail."""
    page = paginate(queries.running(), queries.NEWEST_FIRST, cursor=request.args.get("cursor"))
    return render_template("schedules/index.html", page=page, reports=REPORTS, rhythms=RHYTHM_LABELS,
                           formats=FORMAT_LABELS)


@blueprint.get("/reports/schedules/export")
@requires("schedule_report")
def export_schedules() -> Response:
    """The list as a file."""
    header = ("report", "area", "for", "email", "rhythm", "file_format", "last_on", "next_on")
    return csv_response("reports-by-email", header, (
        (REPORTS[row.report].title, row.area, row.full_name, row.email, row.rhythm, row.file_format, row.last_on,
         row.next_on) for row in queries.everything(queries.running(), queries.NEWEST_FIRST)
    ))


@blueprint.route("/reports/schedules/add", methods=["GET", "POST"])
@requires("schedule_report")
def add_schedule() -> ResponseReturnValue:
    """Send a report to somebody from now on: one that the viewer may read."""
    form = ScheduleForm(report=request.args.get("report"), user_id=current.actor.user_id)
    readable = [name for name, report in REPORTS.items() if current.actor.may(report.permission)]
    form.offer(names=readable, people=queries.people(), areas=areas.choices())
    schedule = submit(form, lambda: verbs.begin(
        form.report.data, rhythm=form.rhythm.data, user_id=form.user_id.data, area_id=form.area_id.data,
        file_format=form.file_format.data,
    ))
    if schedule:
        flash(_("%(title)s is sent from %(next_on)s on.", title=REPORTS[schedule.report].title,
                next_on=formats.short_date(schedule.next_on)), "success")
        return redirect(url_for("reports.schedules"))
    return form_page("schedules/add.html", form)


@blueprint.get("/reports/schedules/<int:schedule_id>")
@requires("schedule_report")
def schedule(schedule_id: int) -> ResponseReturnValue:
    """One schedule with everything that was sent."""
    one = _schedule(schedule_id)
    page = paginate(queries.sendings(one.id), queries.NEWEST_SENDING_FIRST, cursor=request.args.get("cursor"))
    return render_template("schedules/detail.html", schedule=one, page=page, report=REPORTS[one.report],
                           rhythms=RHYTHM_LABELS)


@blueprint.get("/reports/schedules/<int:schedule_id>/export")
@requires("schedule_report")
def export_sendings(schedule_id: int) -> Response:
    """What was sent, as a file."""
    sent = queries.everything(queries.sendings(_schedule(schedule_id).id), queries.NEWEST_SENDING_FIRST)
    return csv_response("reports-sent", ("due_on", "since", "until", "outcome", "message"), (
        (row.due_on, row.since, row.until, row.outcome, row.message_status) for row in sent))


@blueprint.route("/reports/schedules/<int:schedule_id>/stop", methods=["GET", "POST"])
@requires("schedule_report")
def stop_schedule(schedule_id: int) -> ResponseReturnValue:
    """Send it no more."""
    one, form = _schedule(schedule_id), Form()
    title = REPORTS[one.report].title
    if submit(form, lambda: verbs.stop(one)):
        flash(_("%(title)s is not sent to %(full_name)s any more.", title=title, full_name=one.user.full_name),
              "success")
        return redirect(url_for("reports.schedules"))
    return form_page(
        "confirm.html", form, title=_("Stop sending “%(title)s”?", title=title), confirm_label=_("Stop sending"),
        text=_("%(full_name)s gets it no more; what was sent stays on record.", full_name=one.user.full_name),
        cancel_url=url_for("reports.schedule", schedule_id=schedule_id),
    )


def _schedule(schedule_id: int) -> ReportSchedule:
    return found(queries.get(schedule_id), _NONE)
