"""Opens a company on the server that the environment names and bills it, however often the server goes away meanwhile.

It says when a chunk is done, and at last what there is; as the schedule does, it begins a run again that broke off.
"""
from __future__ import annotations

import time
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from ispbill.app import create_app
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.runs import jobs, service
from ispbill.config import load
from ispbill.core.current import SYSTEM, at, bound
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from ispbill.tenancy import installing
from tests.make import offers
from tests.make.tenants import open_company
from tests.scenarios.simulation.checks import findings

TODAY, SUBSCRIBERS, CHUNK = date(2026, 3, 10), 60, 3


def main() -> None:
    """Fill, bill, tell."""
    settings = load()
    installing.prepare_database(settings)
    with create_app(settings).app_context(), at(datetime(2026, 3, 10, 4, tzinfo=UTC)), bound(open_company(), SYSTEM):
        with unit_of_work():
            plan = offers.plan(100_000, tax=offers.tax())
            for _ in range(SUBSCRIBERS):
                offers.subscribe(plans=[(plan, 1, None)], start_on=TODAY)
        service.CHUNK_SIZE = CHUNK
        broken = bill()
        with unit_of_work():
            count = db.session.scalars(select(func.count()).select_from(Invoice)).one()
            print("broken", broken, "invoices", count, "findings", *findings(), flush=True)


def bill() -> int:
    """Bill until it is done; how often it broke off."""
    broken = 0
    while True:
        try:
            jobs.bill_now(TODAY, progress=tell)
            return broken
        except DBAPIError:
            db.session.remove()
            broken += 1
            time.sleep(0.3)


def tell(*_: Any) -> None:
    """Say that a chunk is done, and leave time to be hit."""
    print("chunk", flush=True)
    time.sleep(0.05)


if __name__ == "__main__":
    main()
