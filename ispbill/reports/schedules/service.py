"""Verbs of schedules: begin, stop, send what is due. Each day on which one is due has one row: it is sent once."""
from __future__ import annotations

from dataclasses import replace
from datetime import date
from urllib.parse import urlencode

from sqlalchemy.dialects import postgresql

from ispbill import config
from ispbill.accounts.models import User, UserStatus
from ispbill.accounts.queries import permissions_of
from ispbill.core.current import current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.money import format_money
from ispbill.notifications import service as messages
from ispbill.notifications.enclosures import Paper
from ispbill.reports.contents import REPORTS
from ispbill.reports.definitions.policy import Report, Scope, Sheet, Span, scope_of
from ispbill.reports.pages import printing
from ispbill.reports.schedules import queries
from ispbill.reports.schedules.models import Outcome, ReportSchedule, ReportSending
from ispbill.reports.schedules.policy import FileFormat, Rhythm, days_covered, due_on, next_due_on

_EXPORTS = "export_reports"
_MOST_IN_FILE, _MOST_IN_TEXT = 1_000, 40


def begin(
    report: str, *, rhythm: str, user_id: int, area_id: int | None = None, file_format: str = FileFormat.CSV
) -> ReportSchedule:
    """Send a report to a member of the staff from the next due day on, of one area where the report knows areas.

    Raises Invalid for who may not read it, Conflict where they get it that often already.
    """
    if report not in REPORTS:
        raise Invalid(_("Choose a report of the list."), field="report")
    if rhythm not in list(Rhythm):
        raise Invalid(_("Choose how often."), field="rhythm")
    if area_id is not None and not REPORTS[report].by_area:
        raise Invalid(_("“%(title)s” is made of the whole company only.", title=REPORTS[report].title), field="area_id")
    person = db.session.get(User, user_id)
    if person is None or not _may(person, REPORTS[report].permission):
        raise Invalid(_("Choose somebody who may read “%(title)s”.", title=REPORTS[report].title), field="user_id")
    if queries.same(report, rhythm, user_id, area_id) is not None:
        raise Conflict(_("%(full_name)s gets it that often already.", full_name=person.full_name), field="user_id")
    schedule = ReportSchedule(
        report=report, rhythm=rhythm, user_id=user_id, next_on=next_due_on(rhythm, current.today()),
        created_by=current.actor.name, created_at=current.now(), area_id=area_id, file_format=file_format,
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


def file_of(subject: str) -> Paper:
    """The file that goes with a letter, of a schedule and the day on which it was due: “7:2026-03-11”."""
    schedule_id, _mark, day = subject.partition(":")
    schedule = queries.get(int(schedule_id))
    assert schedule is not None, "a schedule is stopped, never removed"
    report, scope = REPORTS[schedule.report], _scope(schedule, date.fromisoformat(day))
    return printing.file(report, scope, report.draw(scope), schedule.file_format)


def _send(schedule: ReportSchedule, scope: Scope) -> None:
    report = REPORTS[schedule.report]
    message_id = _queue(schedule, report, scope) if _may(schedule.user, report.permission) else None
    db.session.execute(postgresql.insert(ReportSending).values(
        schedule_id=schedule.id, due_on=scope.today, since=scope.since, until=scope.until, message_id=message_id,
        outcome=Outcome.QUEUED if message_id else Outcome.REFUSED, created_at=current.now(),
    ).on_conflict_do_nothing())


def _queue(schedule: ReportSchedule, report: Report, scope: Scope) -> int | None:
    sheet = report.draw(scope)
    takes_file = _may(schedule.user, _EXPORTS)
    return messages.queue(
        template="report", recipient=schedule.user.email, unique_key=f"report:{schedule.id}:{scope.today}",
        name=schedule.user.full_name, title=report.title, period=printing.period(report, scope),
        definition=report.definition, url=_url(report, scope), differences=_differences(sheet),
        # Who may read the log of messages may not read every report: they see neither figures nor rows.
        secrets={"figures": _figures(sheet), "table": printing.text_table(sheet, most=_MOST_IN_TEXT)},
        enclosure=f"report:{schedule.id}:{scope.today}" if takes_file else None,
    )


def _scope(schedule: ReportSchedule, day: date) -> Scope:
    """The days that are over, but for reports of what is to come and of how things stand."""
    span = REPORTS[schedule.report].span
    since, until = days_covered(schedule.rhythm, day)
    scope = scope_of(span, today=day) if span in (Span.AHEAD, Span.NOW) else Scope(since, until, day)
    return replace(scope, area_id=schedule.area_id, most=_MOST_IN_FILE)


def _figures(sheet: Sheet) -> str:
    return "\n".join(f"{figure.label}: {printing.cell(figure.value, figure.kind)}\n  {figure.definition}"
                     for figure in sheet.figures)


def _differences(sheet: Sheet) -> list[tuple[str, str]]:
    return [(tie.title, format_money(tie.difference_minor, current.tenant.currency)) for tie in sheet.ties]


def _url(report: Report, scope: Scope) -> str:
    asked: dict[str, object] = {} if report.span == Span.NOW else {"since": scope.since, "until": scope.until}
    if scope.area_id is not None:
        asked["area"] = scope.area_id
    address = f"{config.site()}/reports/{report.name}"
    return f"{address}?{urlencode(asked)}" if asked else address


def _may(person: User, permission: str) -> bool:
    if person.status != UserStatus.ACTIVE:
        return False
    return person.is_owner or permission in permissions_of(person.id)
