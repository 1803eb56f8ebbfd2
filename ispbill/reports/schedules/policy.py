"""When a scheduled report is due, and which days it covers: always days that are over."""
from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

from ispbill.core.i18n import lazy


class Rhythm(StrEnum):
    """How often a report is sent: each day, each Monday, each first of a month."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class FileFormat(StrEnum):
    """What the file that goes with a report is."""

    CSV = "csv"
    XLSX = "xlsx"
    PDF = "pdf"


FORMAT_LABELS: dict[str, str] = {FileFormat.CSV: "CSV", FileFormat.XLSX: "XLSX", FileFormat.PDF: "PDF"}
RHYTHM_LABELS: dict[str, str] = {
    Rhythm.DAILY: lazy("Each day, of the day before"), Rhythm.WEEKLY: lazy("Each Monday, of the week before"),
    Rhythm.MONTHLY: lazy("Each first of a month, of the month before"),
}


def due_on(rhythm: str, today: date) -> date:
    """The day on which it was due last: today, or the last Monday, or the first of the month."""
    if rhythm == Rhythm.WEEKLY:
        return today - timedelta(days=today.weekday())
    return today.replace(day=1) if rhythm == Rhythm.MONTHLY else today


def next_due_on(rhythm: str, today: date) -> date:
    """The day after today on which it is due again."""
    if rhythm == Rhythm.WEEKLY:
        return due_on(rhythm, today) + timedelta(days=7)
    if rhythm == Rhythm.MONTHLY:
        return (today.replace(day=28) + timedelta(days=4)).replace(day=1)
    return today + timedelta(days=1)


def days_covered(rhythm: str, due: date) -> tuple[date, date]:
    """The first and the last day that a report due on a day is about."""
    last = due - timedelta(days=1)
    if rhythm == Rhythm.WEEKLY:
        return due - timedelta(days=7), last
    return (last.replace(day=1), last) if rhythm == Rhythm.MONTHLY else (last, last)
