"""Builders of debts: an invoice of a moment, the collections round of a day, what it did."""
from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from ispbill.billing.collections import queries
from ispbill.billing.collections.concessions import service as concessions
from ispbill.billing.collections.fees import service as fees
from ispbill.billing.collections.models import (
    CollectionAction,
    CollectionCutoff,
    CollectionEpisode,
    CollectionHold,
    CollectionStep,
    NoCutDay,
)
from ispbill.billing.collections.rounds import service as rounds
from ispbill.billing.collections.tasks import service as tasks
from ispbill.billing.invoices.models import Invoice
from ispbill.core.current import at, current
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers import service as customers
from ispbill.customers.models import Customer
from tests.make import bills

MANILA = ZoneInfo("Asia/Manila")


def morning(day: date) -> Any:
    """Nine o'clock of a day in Manila, as the clock to stand at."""
    return at(datetime.combine(day, time(9), MANILA))


def go_round() -> None:
    """Today's round, in as many transactions as it takes."""
    with unit_of_work():
        rounds.begin(current.today())
    while True:
        with unit_of_work():
            if rounds.pursue_next(current.today()) is None:
                return


def round_on(day: date) -> None:
    """The round of a day."""
    with morning(day):
        go_round()


def debtor(name: str | None = None, **facts: Any) -> int:
    """A customer with an e-mail address who owes one invoice from today, due in fifteen days; the id."""
    return bills.billed(name, **{"email": "debtor@example.com", **facts}).customer_id


def status(customer_id: int) -> str:
    """How the customer stands."""
    with unit_of_work():
        return db.session.get_one(Customer, customer_id).status


def steps_taken(customer_id: int) -> list[tuple[str, date]]:
    """The names of the steps that were taken towards a customer, with their days."""
    with unit_of_work():
        rows = db.session.execute(
            select(CollectionStep.name, CollectionAction.done_on).join(CollectionStep)
            .where(CollectionAction.customer_id == customer_id).order_by(CollectionAction.id)
        )
        return [(name, done_on) for name, done_on in rows]


def cutoffs(customer_id: int) -> list[tuple[date, str | None]]:
    """The days on which a customer was cut off by collections, and how each ended."""
    with unit_of_work():
        rows = db.session.execute(
            select(CollectionCutoff.cut_on, CollectionCutoff.ending)
            .where(CollectionCutoff.customer_id == customer_id).order_by(CollectionCutoff.id)
        )
        return [(cut_on, ending) for cut_on, ending in rows]


def set_plan(**values: Any) -> None:
    """Change the collection policy of the bound company."""
    with unit_of_work():
        row = queries.policy()
        for name, value in values.items():
            setattr(row, name, value)


def set_step(name: str, **values: Any) -> int:
    """Change a step of the plan; its id."""
    with unit_of_work():
        step = db.session.scalars(select(CollectionStep).where(CollectionStep.name == name)).one()
        for field, value in values.items():
            setattr(step, field, value)
        return step.id


def furnish(word: str) -> None:
    """One of everything that collections know, each free text of it carrying a word."""
    set_step("Late fee", is_active=True, fee_flat_minor=5_000)
    with unit_of_work():
        db.session.add_all([
            CollectionStep(name=f"{word} call", action="remind", days=30, template="bill_overdue", is_active=False),
            NoCutDay(day=current.today() + timedelta(days=100), name=f"{word} fiesta"),
        ])
    with at(current.now() - timedelta(days=20)):
        owing = [bills.subscriber(f"{word} {name}", email=f"{word}-{name}@people.example")
                 for name in ("Late", "Poor", "Open")]
        bills.jobs.bill_now(current.today())
    go_round()
    with unit_of_work():
        late, poor, unpaid = (db.session.get_one(Customer, customer_id) for customer_id in owing)
        customers.restore(late, reason=f"{word} restored by hand")
        customers.restore(unpaid, reason=f"{word} restored by hand")
        concessions.lift(db.session.scalars(
            select(CollectionHold).where(CollectionHold.customer_id == unpaid.id)).one())
        concessions.promise(poor.id, until_on=current.today(), note=f"{word} salary")
        dispute = concessions.dispute(_invoice_of(late.id), reason=f"{word} was offline")
        concessions.close_dispute(dispute, outcome=f"{word} was online")
        concessions.dispute(_invoice_of(late.id), reason=f"{word} was offline again")
        concessions.lift(concessions.hold(late.id, until_on=current.today(), reason=f"{word} asked for time"))
        concessions.hold(late.id, until_on=current.today(), reason=f"{word} asked for more time")
        noted = db.session.scalars(select(CollectionAction).where(
            CollectionAction.fee_minor > 0, CollectionAction.waived_at.is_(None)).order_by(CollectionAction.id)).all()
        fees.waive(noted[0], reason=f"{word} first time")
        noted[-1].note, noted[-1].is_by_hand = f"{word} note", True
        db.session.flush()
        tasks.tell(noted[-1], note=f"{word} will pay")
        waiting = db.session.scalars(
            select(CollectionAction).where(CollectionAction.told_at.is_(None)).order_by(CollectionAction.id)).first()
        assert waiting is not None, "several steps were taken"
        waiting.is_by_hand = True
        for episode in db.session.scalars(select(CollectionEpisode)):
            episode.trouble = f"{word} trouble"


def _invoice_of(customer_id: int) -> int:
    return db.session.scalars(select(Invoice.id).where(Invoice.customer_id == customer_id)).one()
