"""How values read on a page: money with the tenant's sign, dates and times in its zone."""
from __future__ import annotations

from datetime import date, datetime, timedelta

from flask import Flask

from ispbill.core import formats, permissions
from ispbill.core.current import current
from ispbill.core.money import format_money, format_percent


def register(app: Flask) -> None:
    """Install the filters."""
    app.add_template_filter(money)
    app.add_template_filter(format_percent, "percent")
    app.add_template_filter(short_date, "date")
    app.add_template_filter(phone)
    app.add_template_filter(day_before)
    app.add_template_filter(formats.number)
    app.add_template_filter(short_datetime, "datetime")
    app.add_template_filter(permissions.label, "permission_label")


def money(amount_minor: int | None) -> str:
    """“₱1,499.50” in the tenant's currency; a dash where there is no amount."""
    return "–" if amount_minor is None else format_money(amount_minor, current.tenant.currency)


def short_date(day: date | None) -> str:
    """“9 Dec 2026”."""
    return "–" if day is None else formats.short_date(day)


def phone(stored: str | None) -> str:
    """“0917 123 4567” in the tenant's country, “+1 212-555-2368” from elsewhere; empty where there is none."""
    return formats.phone(stored or "", country=formats.country_of(current.tenant.timezone))


def day_before(day: date | None) -> date | None:
    """The last day of a period that ends before `day`, as people name it."""
    return None if day is None else day - timedelta(days=1)


def short_datetime(instant: datetime | None) -> str:
    """“9 Dec 2026, 14:05” in the tenant's zone."""
    if instant is None:
        return "–"
    return formats.day_and_time(instant.astimezone(current.tenant.zone))
