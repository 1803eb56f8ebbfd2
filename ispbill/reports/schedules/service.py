"""Verbs of schedules: begin, stop, send what is due. Each day on which one is due has one row: it is sent once."""
from __future__ import annotations

from datetime import date

from flask import current_app
from sqlalchemy.dialects import postgresql

from ispbill.accounts.models import User, UserStatus
from ispbill.accounts.queries import permissions_of
from ispbill.config import Settings
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.money import format_money
from ispbill.notifications import service as messages
from ispbill.reports.contents import REPORTS
from ispbill.reports.definitions.policy import Report, Scope, Sheet, Span, scope_of
from ispbill.reports.pages import printing
from ispbill.reports.schedules import queries
from ispbill.reports.schedules.models import Outcome, ReportSchedule, ReportSending
from ispbill.reports.schedules.policy import Rhythm, days_covered, due_on, next_due_on


def begin(report: str, *, rhythm: str, user_id: int) -> ReportSchedule:
    """Send a report to a member of the staff from the next due day on.

    Raises Invalid for who may not read it, Conflict where they get it that often already.
    """
    if report not in REPORTS:
        raise Invalid(_("Choose a report of the list."), field="report")
    if rhythm not in list(Rhythm):
        raise Invalid(_("Choose how often."), field="rhythm")
    person = db.session.get(User, user_id)
    if person is None or not _may_read(person, REPORTS[report]):
        raise Invalid(_("Choose somebody who may read “%(title)s”.", title=REPORTS[report].title), field="user_id")
    if queries.same(report, rhythm, user_id) is not None:
        raise Conflict(_("%(full_name)s gets it that often already.", full_name=person.full_name), field="user_id")
    schedule = ReportSchedule(
        report=report, rhythm=rhythm, user_id=user_id, next_on=next_due_on(rhythm, current.today()),
        created_by=current.actor.name, created_at=current.now(),
    )
    db.session.add(schedule)
    db.session.flush()
    return schedule


def stop(schedule: ReportSchedule) -> ReportSchedule:
    """Send it no more; what was sent stays on record. Raises Conflict when it is stopped already."""
    db.session.refresh(schedule, ["ended_at"], with_for_update=True)
    if schedule.ended_at is not None:
        raise Conflict(_("It is stopped already."))
    schedule.ended_at = current.now()
    db.session.flush()
    return schedule


def send_due() -> int:
    """Send every report that is due, about the days that are over; how many were. Days that were missed are not
    made up for: only what was due last is sent.
    """
    today = current.today()
    due = queries.due(today)
    for schedule in due:
        day = due_on(schedule.rhythm, today)
        _send(schedule, _scope(schedule, day))
        schedule.next_on = next_due_on(schedule.rhythm, today)
    db.session.flush()
    return len(due)


def _send(schedule: ReportSchedule, scope: Scope) -> None:
    report = REPORTS[schedule.report]
    message_id = _queue(schedule, report, scope) if _may_read(schedule.user, report) else None
    db.session.execute(postgresql.insert(ReportSending).values(
        schedule_id=schedule.id, due_on=scope.today, since=scope.since, until=scope.until, message_id=message_id,
        outcome=Outcome.QUEUED if message_id else Outcome.REFUSED, created_at=current.now(),
    ).on_conflict_do_nothing())


def _queue(schedule: ReportSchedule, report: Report, scope: Scope) -> int | None:
    sheet, settings = report.draw(scope), current_app.config["ISPBILL"]
    return messages.queue(
        template="report", recipient=schedule.user.email, unique_key=f"report:{schedule.id}:{scope.today}",
        name=schedule.user.full_name, title=report.title, period=printing.period(report, scope),
        definition=report.definition, url=_url(settings, report, scope),
        figures=[(figure.label, printing.cell(figure.value, figure.kind), figure.definition)
                 for figure in sheet.figures], differences=_differences(sheet),
    )


def _scope(schedule: ReportSchedule, day: date) -> Scope:
    """The days that are over, but for reports of what is to come and of how things stand."""
    span = REPORTS[schedule.report].span
    return scope_of(span, today=day) if span in (Span.AHEAD, Span.NOW) else Scope(
        *days_covered(schedule.rhythm, day), day)


def _differences(sheet: Sheet) -> list[tuple[str, str]]:
    return [(tie.title, format_money(tie.difference_minor, current.tenant.currency)) for tie in sheet.ties]


def _url(settings: Settings, report: Report, scope: Scope) -> str:
    address = f"{settings.tenant_url(current.tenant.subdomain)}/reports/{report.name}"
    return address if report.span == Span.NOW else f"{address}?since={scope.since}&until={scope.until}"


def _may_read(person: User, report: Report) -> bool:
    if person.status != UserStatus.ACTIVE:
        return False
    return person.is_owner or report.permission in permissions_of(person.id)
