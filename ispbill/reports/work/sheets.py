"""What the reports of tickets and of technicians show."""
from __future__ import annotations

from ispbill.core.db import AnyRow
from ispbill.core.i18n import gettext as _
from ispbill.reports.definitions.policy import (
    Chart,
    Column,
    Figure,
    Kind,
    Link,
    Row,
    Scope,
    Sheet,
    mean_days,
    mean_minutes,
    share,
    step_labels,
)
from ispbill.reports.links import policy as links
from ispbill.reports.work import queries


def ticket_analysis(scope: Scope) -> Sheet:
    """Tickets opened in the period, by category."""
    found, counted = queries.tickets_by_category(scope), queries.tickets_by_step(scope)
    table = [Row((row.name, row.opened, row.resolved, row.unresolved, row.answered_late, row.resolved_late,
                  row.reopened, mean_minutes(row.response_seconds, row.answered),
                  mean_minutes(row.work_seconds, row.resolved)), links=_tickets(row.id, scope)) for row in found]
    sums, whole = [sum(row.cells[place] for row in table) for place in range(1, 7)], _tickets(None, scope)
    answer = mean_minutes(sum(row.response_seconds for row in found), sum(row.answered for row in found))
    work = mean_minutes(sum(row.work_seconds for row in found), sums[1])
    return Sheet(
        columns=(Column(_("Category")), Column(_("Opened"), Kind.COUNT), Column(_("Resolved"), Kind.COUNT),
                 Column(_("Unresolved"), Kind.COUNT), Column(_("Answered late"), Kind.COUNT),
                 Column(_("Resolved late"), Kind.COUNT), Column(_("Reopened"), Kind.COUNT),
                 Column(_("To first answer"), Kind.HOURS), Column(_("To resolution"), Kind.HOURS)),
        rows=table, row_count=len(table), totals=(_("All categories"), *sums, answer, work), total_links=whole,
        figures=(
            Figure(_("Opened"), sums[0], Kind.COUNT, _("Tickets opened in the period; removed and merged ones do not "
                                                    "count"), whole[1]),
            Figure(_("Within target"), share(sums[0] - sums[4], sums[0]), Kind.PERCENT,
                   _("Not late for resolution, of those opened")),
            Figure(_("To resolution"), work, Kind.HOURS,
                   _("On average, without the time spent waiting for the customer")),
        ),
        charts=(Chart(_("Opened and resolved"), "bar", "count", step_labels(scope), {
            name: [days.get(step, 0) for step in scope.steps()] for name, days in counted.items()}),),
    )


def technician_performance(scope: Scope) -> Sheet:
    """What each person resolved and installed in the period, and has open now."""
    tickets = {row.user_id: row for row in queries.resolved_by(scope)}
    lines = {row.user_id: row for row in queries.installed_by(scope)}
    waiting = queries.assigned_now()
    names = queries.names_of([*{*tickets, *lines, *waiting}])
    table = [Row((name, *_tickets_of(tickets.get(user_id)), *_lines_of(lines.get(user_id)), waiting.get(user_id, 0)),
                 links=_work_of(user_id, scope)) for user_id, name in names.items()]
    resolved, installed = sum(row.cells[1] for row in table), sum(row.cells[5] for row in table)
    late = sum(row.late for row in tickets.values())
    work, whole = mean_minutes(sum(row.work_seconds for row in tickets.values()), resolved), _work_of("somebody", scope)
    return Sheet(
        columns=(Column(_("Person")), Column(_("Tickets resolved"), Kind.COUNT),
                 Column(_("Within target"), Kind.PERCENT),
                 Column(_("Reopened"), Kind.COUNT), Column(_("To resolution"), Kind.HOURS),
                 Column(_("Installed"), Kind.COUNT), Column(_("Days after plan, on average"), Kind.DAYS),
                 Column(_("Unresolved now"), Kind.COUNT)),
        rows=table, row_count=len(table),
        totals=(_("Everybody"), resolved, share(resolved - late, resolved), sum(row.cells[3] for row in table), work,
                installed, mean_days(sum(row.late_days for row in lines.values()), installed),
                sum(waiting.values())),
        total_links=whole,
        figures=(
            Figure(_("Tickets resolved"), resolved, Kind.COUNT, _("In the period, by who resolved them"), whole[1]),
            Figure(_("Within target"), share(resolved - late, resolved), Kind.PERCENT, _("Of those resolved")),
            Figure(_("Installed"), installed, Kind.COUNT, _("Installations completed in the period, by who was sent"),
                   whole[5]),
        ),
        charts=(Chart(_("Resolved and installed"), "bar", "count", [row.cells[0] for row in table], {
            _("Tickets"): [row.cells[1] for row in table], _("Installations"): [row.cells[5] for row in table],
        }),) if table else (),
    )


def _tickets_of(row: AnyRow | None) -> tuple[int | None, ...]:
    if row is None:
        return 0, None, 0, None
    in_time, minutes = share(row.resolved - row.late, row.resolved), mean_minutes(row.work_seconds, row.resolved)
    return row.resolved, in_time, row.reopened, minutes


def _lines_of(row: AnyRow | None) -> tuple[int, int | None]:
    return (0, None) if row is None else (row.installed, mean_days(row.late_days, row.installed))


def _tickets(category_id: int | None, scope: Scope) -> dict[int, Link]:
    """Behind what was opened, is resolved, is not, was answered late, was resolved late and was reopened."""
    narrower: tuple[dict[str, str], ...] = (
        {}, {"status": "done"}, {"status": "unresolved"}, {"late": "response"}, {"late": "resolution"},
        {"reopened": "yes"})
    return {place: links.tickets(scope, category=category_id, since=scope.since, until=scope.until, **filters)
            for place, filters in enumerate(narrower, start=1)}


def _work_of(user: int | str, scope: Scope) -> dict[int, Link]:
    """Behind what somebody resolved, had to open again and installed in the period, and has open now."""
    resolved = {"resolved_by": user, "resolved_since": scope.since, "resolved_until": scope.until}
    return {
        1: links.tickets(scope, **resolved), 3: links.tickets(scope, **resolved, reopened="yes"),
        5: links.installations(scope, user), 7: links.tickets(scope, assignee=user, status="unresolved"),
    }
