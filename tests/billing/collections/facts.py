"""Facts of an account and a plan, as short as a table of cases wants them."""
from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from ispbill.billing.collections.policy import Account, Action, Debt, Done, Plan, Step

REMINDER = Step(1, "Reminder", Action.REMIND, -3)
DUE = Step(2, "Due today", Action.REMIND, 0)
NOTICE = Step(3, "Overdue notice", Action.REMIND, 1)
FEE = Step(4, "Late fee", Action.FEE, 3, fee_flat_minor=500, fee_percent=Decimal("2.5"))
SUSPENSION = Step(5, "Suspension", Action.SUSPEND, 5)
TERMINATION = Step(6, "Termination", Action.TERMINATE, 60)
ALL_STEPS = (REMINDER, DUE, NOTICE, FEE, SUSPENSION, TERMINATION)


def day(text: str) -> date:
    """“03-10” is the tenth of March 2026."""
    return date.fromisoformat(text if len(text) > 5 else f"2026-{text}")


def debt(due: str, open_minor: int = 100_000, *, issued: str | None = None, key: int = 1, **facts: Any) -> Debt:
    """An open invoice, issued fifteen days before it is due unless said otherwise, handed over on issue."""
    due_on = day(due)
    issued_on = day(issued) if issued else due_on - timedelta(days=15)
    return Debt(key, f"INV-{key}", issued_on, due_on, open_minor, **{"handed_over_on": issued_on, **facts})


def account(on: str, *debts: Debt, status: str = "active", **facts: Any) -> Account:
    """A customer on a day; `done` maps pairs of step and invoice keys to days."""
    done = {key: Done(1, day(text)) for key, text in facts.pop("done", {}).items()}
    return Account(1, day(on), status, day("01-01"), debts=debts, done=done, **facts)


def plan(*steps: Step, **facts: Any) -> Plan:
    """A plan; with all six steps where none are named."""
    return Plan(steps=steps or ALL_STEPS, **facts)
