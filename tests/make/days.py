"""Days on which things happen: the clock stands at noon in Manila, and a billing of the day adds nothing twice."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime

from sqlalchemy import select

from ispbill.billing.invoices.models import Invoice, InvoiceLine
from ispbill.billing.runs import jobs
from ispbill.core.current import at
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work


@contextmanager
def noon(on: date) -> Iterator[None]:
    """Noon of a day in Manila."""
    with at(datetime(on.year, on.month, on.day, 4, tzinfo=UTC)):
        yield


@contextmanager
def work(on: date) -> Iterator[None]:
    """A piece of work on a day."""
    with noon(on), unit_of_work():
        yield


def billed(on: date) -> Sequence[InvoiceLine]:
    """Bill a day, and then once more; the lines that the first billing added. The second adds nothing."""
    with noon(on):
        with unit_of_work():
            before = db.session.scalar(select(InvoiceLine.id).order_by(InvoiceLine.id.desc()).limit(1)) or 0
        jobs.bill_now(on)
        assert jobs.bill_now(on).invoices == 0, "nothing more to bill"
        with unit_of_work():
            return db.session.scalars(
                select(InvoiceLine).where(InvoiceLine.id > before).order_by(InvoiceLine.id)
            ).all()


def newest() -> Invoice:
    """The document that was issued last."""
    return db.session.scalars(select(Invoice).order_by(Invoice.id.desc()).limit(1)).one()
