"""What a report is made of, as plain values: period, columns, rows, figures, charts, ties to the ledger.

A sheet is complete in itself: page, file, paper and e-mail print the same sheet and calculate nothing. Amounts are in
minor units, days of a period are both included.
"""
from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from ispbill.core import formats
from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _

MOST_DAYS = 5 * 366
DAYS_BY_DAY = 31
MONTHS_BACK = 11
DAYS_AHEAD = 30


class Span(StrEnum):
    """The period that a report shows where nobody says another; `now` has none: it tells how things stand."""

    MONTH = "month"
    YEAR = "year"
    AHEAD = "ahead"
    NOW = "now"


class Kind(StrEnum):
    """What stands in a column, and so how it is printed."""

    TEXT = "text"
    PHONE = "phone"
    DAY = "day"
    MONTH = "month"
    MONEY = "money"
    COUNT = "count"
    DAYS = "days"
    PERCENT = "percent"
    HOURS = "hours"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a report is asked for: days from `since` to `until`, both included, and perhaps customers of one area.

    `most` is how many rows of a list of documents or customers are wanted; totals are of all.
    """

    since: date
    until: date
    today: date
    area_id: int | None = None
    most: int = 200

    @property
    def by_day(self) -> bool:
        """Whether the period is short enough for a row a day; else there is one a month."""
        return (self.until - self.since).days < DAYS_BY_DAY

    def steps(self) -> list[date]:
        """The days of the period, or the first days of its months."""
        if self.by_day:
            return [self.since + timedelta(days=count) for count in range((self.until - self.since).days + 1)]
        months, month = [], self.since.replace(day=1)
        while month <= self.until:
            months.append(month)
            month = _next_month(month)
        return months

    def within(self, step: date) -> tuple[date, date]:
        """The first and the last day of a step that lie in the period."""
        last = step if self.by_day else _next_month(step) - timedelta(days=1)
        return max(step, self.since), min(last, self.until)


class Column(NamedTuple):
    """A column of the table; one that is a detail stands on a page under the value before it."""

    label: str
    kind: Kind = Kind.TEXT
    is_detail: bool = False

    @property
    def is_number(self) -> bool:
        """Whether it stands at the right."""
        return self.kind not in (Kind.TEXT, Kind.PHONE, Kind.DAY, Kind.MONTH)


class Link(NamedTuple):
    """The page where the rows behind a number stand, and the permission that it asks for."""

    endpoint: str
    permission: str
    values: Mapping[str, Any]


class Row(NamedTuple):
    """One row of the table. The link leads to what the row is about; `links`, by place, to what a number counts."""

    cells: Sequence[Any]
    link: Link | None = None
    links: Mapping[int, Link] = MappingProxyType({})


class Figure(NamedTuple):
    """A number that people look for first, with what it means, and where the rows stand that it counts."""

    label: str
    value: int | None
    kind: Kind
    definition: str
    link: Link | None = None


class Chart(NamedTuple):
    """The rows as a picture: `kind` and `unit` as pages draw them, the series by name."""

    title: str
    kind: str
    unit: str
    labels: Sequence[str]
    series: Mapping[str, Sequence[int]]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw: no value but zero."""
        return not any(map(any, self.series.values()))


class Step(NamedTuple):
    """One amount on the way from a report to the ledger."""

    label: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Tie:
    """A report's total against the ledger, with everything that lies between them named. The difference must be 0."""

    title: str
    steps: Sequence[Step]
    account: str
    ledger_minor: int

    @property
    def report_minor(self) -> int:
        """What the steps come to."""
        return sum(step.amount_minor for step in self.steps)

    @property
    def difference_minor(self) -> int:
        """What nobody can explain: 0 in sound books."""
        return self.report_minor - self.ledger_minor


@dataclass(frozen=True, slots=True)
class Sheet:
    """A report as it is read. Where `row_count` is more than the rows, a file has the others.

    `total_links` leads, by place, to what a total counts.
    """

    columns: Sequence[Column]
    rows: Sequence[Row]
    totals: Sequence[Any] = ()
    total_links: Mapping[int, Link] = field(default_factory=dict)
    figures: Sequence[Figure] = ()
    charts: Sequence[Chart] = ()
    ties: Sequence[Tie] = ()
    row_count: int = 0

    @property
    def left_out(self) -> int:
        """How many rows are not on this sheet."""
        return max(self.row_count - len(self.rows), 0)


@dataclass(frozen=True, slots=True)
class Report:
    """A report: where it stands (`name`), who may read it, what its numbers mean, and how its sheet is drawn."""

    name: str
    title: str
    group: str
    permission: str
    definition: str
    draw: Callable[[Scope], Sheet]
    span: Span = Span.MONTH
    by_area: bool = False


def scope_of(
    span: Span, *, today: date, since: date | None = None, until: date | None = None, area_id: int | None = None
) -> Scope:
    """The scope that is asked for, completed with the report's own period. Raises Invalid for a period it cannot be."""
    first, last = _usual(span, today)
    if since is not None and until is None:
        last = max(last, since)
    if until is not None and since is None:
        first = min(first, until)
    wanted = Scope(since or first, until or last, today, area_id)
    if wanted.until < wanted.since:
        raise Invalid(_("The last day lies before the first."), field="until")
    if (wanted.until - wanted.since).days > MOST_DAYS:
        raise Invalid(_("A report covers five years at most."), field="since")
    return wanted


def step_labels(scope: Scope) -> list[str]:
    """The steps of a period as a chart names them: “3 Mar”, or “Mar 2026”."""
    return [formats.day_of_month(step) if scope.by_day else formats.month(step) for step in scope.steps()]


def step_column(scope: Scope) -> Column:
    """The first column of a table with a row for each step."""
    return Column(_("Day"), Kind.DAY) if scope.by_day else Column(_("Month"), Kind.MONTH)


def share(part: int, whole: int) -> int | None:
    """A part in tenths of a percent, half up; None of nothing."""
    return (2000 * part + whole) // (2 * whole) if whole > 0 else None


def mean_minutes(seconds: int | None, count: int) -> int | None:
    """The mean of so many spans of time, in whole minutes; None of none."""
    return None if seconds is None or not count else seconds // count // 60


def mean_days(days: int, count: int) -> int | None:
    """The mean of so many delays in whole days, half up; None of none."""
    return (2 * days + count) // (2 * count) if count else None


def _usual(span: Span, today: date) -> tuple[date, date]:
    if span == Span.AHEAD:
        return today, today + timedelta(days=DAYS_AHEAD)
    first = today.replace(day=1)
    if span == Span.YEAR:
        for _ignored in range(MONTHS_BACK):
            first = (first - timedelta(days=1)).replace(day=1)
    return first, today


def _next_month(month: date) -> date:
    return month + timedelta(days=calendar.monthrange(month.year, month.month)[1])
