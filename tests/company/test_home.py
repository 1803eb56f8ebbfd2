"""A company moves to another time zone without a day billed twice or never; its currency stays once it has begun."""
from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from ispbill import schedule
from ispbill.audit.models import AuditEntry
from ispbill.billing.invoices.models import Invoice
from ispbill.company.home import service
from ispbill.core.current import SYSTEM, TenantRef, acting_as, at, bound, current
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Forbidden, Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.jobs.draining import drain
from ispbill.tenancy import registry
from tests.make import offers
from tests.make.browsers import signed_in


def live(tenant: TenantRef, since: datetime, until: datetime) -> None:
    """Ask the schedule every six hours."""
    while since <= until:
        with at(since), bound(None, SYSTEM):
            drain([schedule.bill_due_tenants], only=[tenant.code])
        since += timedelta(hours=6)


def move(tenant: TenantRef, timezone: str, *, currency: str | None = None) -> TenantRef:
    """The company as it is known after the move."""
    with unit_of_work():
        service.move(timezone=timezone, currency=currency or tenant.currency)
    return registry.by_code(tenant.code)


@pytest.mark.parametrize("timezone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "America/Chicago"])
@pytest.mark.parametrize("hour", [0, 3, 12, 15, 16, 23])
def test_after_a_move_each_period_is_billed_once(tenant: TenantRef, timezone: str, hour: int) -> None:
    with unit_of_work():
        offers.subscribe(plans=[(offers.plan(100_000), 1, None)], start_on=current.today(), anchor_day=10)
    moved_at = datetime(2026, 4, 9, hour, 30, tzinfo=UTC)
    live(tenant, datetime(2026, 3, 10, 4, tzinfo=UTC), datetime(2026, 3, 10, 12, tzinfo=UTC))
    live(tenant, datetime(2026, 4, 8, 12, tzinfo=UTC), moved_at)
    with at(moved_at):
        moved = move(tenant, timezone)
    live(moved, moved_at, datetime(2026, 4, 13, 0, tzinfo=UTC))
    live(moved, datetime(2026, 5, 12, 0, tzinfo=UTC), datetime(2026, 5, 12, 12, tzinfo=UTC))
    with unit_of_work():
        totals = list(db.session.scalars(select(Invoice.total_minor).order_by(Invoice.id)))
    assert totals == [100_000] * 3
    assert registry.by_code(tenant.code).billed_on is not None


def test_the_move_is_recorded_with_both_sides(tenant: TenantRef) -> None:
    assert move(tenant, "Asia/Tokyo").timezone == "Asia/Tokyo"
    with unit_of_work():
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "moved")).one()
        assert (entry.before["timezone"], entry.after["timezone"]) == ("Asia/Manila", "Asia/Tokyo")


def test_the_currency_changes_only_while_there_is_no_amount(tenant: TenantRef) -> None:
    assert move(tenant, "Asia/Manila", currency="usd").currency == "USD"
    with unit_of_work():
        offers.plan(100_000)
    with pytest.raises(Conflict, match="stays the currency"):
        move(tenant, "Asia/Manila", currency="EUR")
    for zone, currency in (("Mars/Olympus", "PHP"), ("Asia/Manila", "XXX")):
        with pytest.raises(Invalid):
            move(tenant, zone, currency=currency)


def test_nobody_but_the_owner_moves_it(app: Flask, tenant: TenantRef) -> None:
    with pytest.raises(Forbidden), acting_as(replace(SYSTEM, is_owner=False)):
        move(tenant, "Asia/Tokyo")
    browser = signed_in(app, tenant)
    assert browser.get("/settings/home").status_code == 200
    assert browser.post("/settings/home", {"timezone": "Asia/Tokyo", "currency": "nope"}).status_code == 422
    assert browser.post("/settings/home", {"timezone": "Asia/Tokyo", "currency": "PHP"}).status_code == 302
    assert "Asia/Tokyo" in browser.get("/settings").text
