"""Pages of schedules: the list, one with what was sent, a new one, stopping one."""
from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

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
from ispbill.reports.schedules.policy import RHYTHM_LABELS
from ispbill.reports.views import blueprint
from ispbill.web.forms import Form, form_page, submit
from ispbill.web.guards import requires
from ispbill.web.requests import found

_NONE = lazy("There is no such schedule.")


@blueprint.get("/reports/schedules")
@requires("schedule_report")
def schedules() -> ResponseReturnValue:
    """Who gets which report by e-mail."""
    page = paginate(queries.running(), queries.NEWEST_FIRST, cursor=request.args.get("cursor"))
    return render_template("schedules/index.html", page=page, reports=REPORTS, rhythms=RHYTHM_LABELS)


@blueprint.route("/reports/schedules/add", methods=["GET", "POST"])
@requires("schedule_report")
def add_schedule() -> ResponseReturnValue:
    """Send a report to somebody from now on: one that the viewer may read."""
    form = ScheduleForm(report=request.args.get("report"), user_id=current.actor.user_id)
    readable = [name for name, report in REPORTS.items() if current.actor.may(report.permission)]
    form.offer(names=readable, people=queries.people())
    schedule = submit(form, lambda: verbs.begin(form.report.data, rhythm=form.rhythm.data, user_id=form.user_id.data))
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
    one: ReportSchedule = found(queries.get(schedule_id), _NONE)
    return one
