"""Builders of many rows at once, for tests of what a large company asks of a page."""
from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from ispbill.core.bulk import copy_rows
from ispbill.core.current import current
from ispbill.customers.models import Customer

_ACROSS = 250


def settle(count: int) -> None:
    """So many active customers with coordinates, on a grid around Manila."""
    columns = ("account_number", "name", "status", "status_since", "latitude", "longitude", "created_at")
    copy_rows(Customer, columns, _residents(count, current.today(), current.now()))


def _residents(count: int, today: date, now: datetime) -> Iterator[tuple[object, ...]]:
    for number in range(count):
        north, east = divmod(number, _ACROSS)
        yield (f"CROWD-{number}", f"Resident {number}", "active", today, f"{14.5 + north / 1000:.6f}",
               f"{120.9 + east / 1000:.6f}", now)
