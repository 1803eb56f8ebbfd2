"""How a report's values read: on pages and on paper with signs, in files as plain numbers."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from ispbill.billing.documents import rendering
from ispbill.billing.documents.policy import page_words
from ispbill.core import formats
from ispbill.core.current import current
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import ngettext
from ispbill.core.money import format_money, format_percent, to_major
from ispbill.core.spreadsheets import MIME_TYPE, write_workbook
from ispbill.notifications.enclosures import Paper
from ispbill.reports.definitions.policy import Column, Kind, Report, Scope, Sheet
from ispbill.web.exports import BYTE_ORDER_MARK, csv_text
from ispbill.web.filters import phone, short_date


def cell(value: Any, kind: Kind) -> str:
    """A value as people read it; a dash where there is none."""
    if value is None or value == "":
        return "–"
    if isinstance(value, str):
        return phone(value) if kind == Kind.PHONE else value
    if isinstance(value, date):
        return formats.month(value) if kind == Kind.MONTH else short_date(value)
    return _number(int(value), kind)


def entry(value: Any, kind: Kind) -> str:
    """A value as it reads in a table, where many amounts and counts are nothing: a dash then too."""
    return cell(value or None, kind) if kind in (Kind.MONEY, Kind.COUNT) else cell(value, kind)


def plain(value: Any, kind: Kind) -> object:
    """A value as a file holds it: amounts in major units, shares in percent, times in hours."""
    if value is None or isinstance(value, (str, date)):
        return value
    if kind == Kind.MONEY:
        return to_major(int(value), current.tenant.currency)
    if kind == Kind.PERCENT:
        return Decimal(value).scaleb(-1)
    return (Decimal(value) / 60).quantize(Decimal("0.01")) if kind == Kind.HOURS else int(value)


def header(columns: Sequence[Column]) -> list[str]:
    """The first line of a file: labels, with the unit where a number needs one."""
    units = {Kind.MONEY: f" ({current.tenant.currency})", Kind.PERCENT: " (%)", Kind.HOURS: " (hours)"}
    return [column.label + units.get(column.kind, "") for column in columns]


def records(sheet: Sheet) -> list[list[object]]:
    """The rows of a file, the totals last."""
    rows = [row.cells for row in sheet.rows] + ([sheet.totals] if sheet.totals else [])
    return [[plain(value, column.kind) for value, column in zip(cells, sheet.columns, strict=True)] for cells in rows]


def period(report: Report, scope: Scope) -> str:
    """The days that a report covers, as its head says them."""
    if report.span == "now":
        return _("As of %(today)s", today=short_date(scope.today))
    return _("%(since)s to %(until)s", since=short_date(scope.since), until=short_date(scope.until))


def words(report: Report, scope: Scope, sheet: Sheet) -> dict[str, object]:
    """Everything that a report's paper prints, ready: the template calculates nothing."""
    return {
        "title": report.title, "company": current.tenant.name, "period": period(report, scope),
        "definition": report.definition, "page": page_words(), "nothing": _("Nothing of the kind happened."),
        "difference": _("Difference"), "left_out": ngettext(
            "%(num)s more row stands in the file; the totals are of all.",
            "%(num)s more rows stand in the file; the totals are of all.", sheet.left_out) if sheet.left_out else "",
        "columns": [{"label": column.label, "right": column.is_number} for column in sheet.columns],
        "rows": [_line(row.cells, sheet) for row in sheet.rows],
        "totals": _line(sheet.totals, sheet) if sheet.totals else [],
        "figures": [{"label": figure.label, "value": cell(figure.value, figure.kind), "text": figure.definition}
                    for figure in sheet.figures],
        "ties": [{
            "title": tie.title, "account": tie.account, "ledger": _money(tie.ledger_minor),
            "steps": [[step.label, _money(step.amount_minor)] for step in tie.steps],
            "report": _money(tie.report_minor), "difference": _money(tie.difference_minor),
        } for tie in sheet.ties],
    }


def file(report: Report, scope: Scope, sheet: Sheet, ending: str) -> Paper:
    """A report as a file that goes with a letter: `csv`, `xlsx` or `pdf`."""
    name = f"{report.name}-{scope.today if report.span == 'now' else scope.until}.{ending}"
    if ending == "pdf":
        return Paper(name, rendering.pdf("report", words(report, scope, sheet), on=scope.today))
    head, lines = header(sheet.columns), records(sheet)
    if ending == "xlsx":
        return Paper(name, write_workbook(report.name, head, lines), MIME_TYPE)
    return Paper(name, (BYTE_ORDER_MARK + csv_text(head, lines)).encode(), "text/csv")


def text_table(sheet: Sheet, *, most: int) -> str:
    """The first rows and the totals as plain text: numbers at the right, two blanks between columns."""
    shown = [_line(row.cells, sheet) for row in sheet.rows[:most]]
    totals = [_line(sheet.totals, sheet)] if sheet.totals else []
    lines = [[str(column.label) for column in sheet.columns], *shown, *totals]
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    text = "\n".join("  ".join(
        value.rjust(width) if column.is_number else value.ljust(width)
        for value, width, column in zip(line, widths, sheet.columns, strict=True)).rstrip() for line in lines)
    left_out = sheet.row_count - len(shown)
    return f"{text}\n{_('%(count)s more rows are not shown.', count=left_out)}" if left_out > 0 else text


def _line(cells: Any, sheet: Sheet) -> list[str]:
    return [entry(value, column.kind) for value, column in zip(cells, sheet.columns, strict=True)]


def _number(value: int, kind: Kind) -> str:
    if kind == Kind.MONEY:
        return _money(value)
    if kind == Kind.PERCENT:
        return format_percent(Decimal(value).scaleb(-1))
    return _("%(hours)s h %(minutes)s min", hours=f"{value // 60:,}",
             minutes=f"{value % 60:02}") if kind == Kind.HOURS else f"{value:,}"


def _money(amount_minor: int) -> str:
    return format_money(amount_minor, current.tenant.currency)
