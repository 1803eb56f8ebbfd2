"""Which steps are due on a day, and which comes next. Pure; each step once per invoice or per episode.

Of several reminders that have become due at once only the latest is sent: nobody gets five letters on one morning.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from ispbill.billing.collections.entitlement.policy import upcoming_cut_day
from ispbill.billing.collections.policy import (
    ONE_DAY,
    Account,
    Action,
    CountedFrom,
    Debt,
    Done,
    DueStep,
    Plan,
    Step,
    day_reached,
)
from ispbill.billing.rating.policy import LateFee, late_fee


@dataclass(frozen=True, slots=True)
class NextStep:
    """What comes next if nothing is paid, and on which day."""

    step: Step
    on: date


def due_steps(account: Account, plan: Plan) -> list[DueStep]:
    """The steps to take on the account's day, suspension excepted: that is the entitlement's to say."""
    if account.status in ("lead", "terminated"):
        return []
    due = list(_reminders_of_invoices(account, plan))
    if account.held_until is None:
        due += _reminders_of_episode(account, plan)
        due += _fees(account, plan)
        due += _termination(account, plan)
    return due


def next_step(account: Account, plan: Plan) -> NextStep | None:
    """The first step after the account's day if nothing is paid and nothing else happens; None where none comes."""
    return next(foresee(account, plan), None)


def foresee(account: Account, plan: Plan) -> Iterator[NextStep]:
    """Every step after the account's day if nothing is paid, in order; a repeated step is foreseen once more."""
    suspension = plan.step(Action.SUSPEND)
    for day in sorted(_moments(account, plan)):
        account = replace(account, on=day)
        if suspension and upcoming_cut_day(account, plan) == day and account.status == "active":
            yield NextStep(suspension, day)
            account = replace(account, status="suspended", cut_by_us_on=day)
        for due in due_steps(account, plan):
            yield NextStep(due.step, day)
            done = {**account.done, (due.step.id, due.invoice_id): Done(due.occurrence, day)}
            account = replace(account, done=done, status=_status_after(due, account))


def _status_after(due: DueStep, account: Account) -> str:
    return "terminated" if due.step.action == Action.TERMINATE else account.status


def _moments(account: Account, plan: Plan) -> set[date]:
    """The days after the account's day on which anything can become due."""
    days = {plan.day_of(step, debt) for step in plan.steps for debt in account.debts} | {account.on + ONE_DAY}
    days |= {last + ONE_DAY for debt in account.debts for last in (debt.due_on, plan.last_day(debt))}
    days |= {done.last_on + timedelta(days=step.repeat_every_days) for step in plan.steps if step.repeat_every_days
             for (step_id, _), done in account.done.items() if step_id == step.id}
    days |= {span.end for span in (*account.promises, *account.holds)}
    days |= {part.end for debt in account.debts for part in debt.disputes}
    days |= {debt.handed_over_on + timedelta(days=plan.notice_days) for debt in account.debts if debt.handed_over_on}
    days |= {plan.calendar.first_cut_day(day, account.areas) for day in days}
    return {day for day in days if day > account.on}


def _reminders_of_invoices(account: Account, plan: Plan) -> Iterator[DueStep]:
    """The latest reminder that has come for each invoice; one before the due day has no use after it."""
    steps = [step for step in plan.steps if step.action == Action.REMIND and step.is_for_invoice]
    for debt in account.debts:
        if not debt.payable_minor(account.on):
            continue
        come = [(plan.day_of(step, debt), step) for step in steps if _is_in_time(step, debt, account.on)]
        yield from _latest(account, [(day, step) for day, step in come if day <= account.on], debt)


def _is_in_time(step: Step, debt: Debt, on: date) -> bool:
    return step.counted_from == CountedFrom.ISSUE or on <= debt.due_on


def _reminders_of_episode(account: Account, plan: Plan) -> Iterator[DueStep]:
    steps = [step for step in plan.steps if step.action == Action.REMIND and not step.is_for_invoice]
    come = [(day, step) for step in steps if (day := day_reached(account, plan, step)) is not None]
    yield from _latest(account, [(day, step) for day, step in come if day <= account.on], None)


def _latest(account: Account, come: Iterable[tuple[date, Step]], debt: Debt | None) -> Iterator[DueStep]:
    latest = max(come, key=lambda pair: (pair[0], pair[1].id), default=None)
    if latest is not None:
        yield from _once(account, latest[1], debt)


def _fees(account: Account, plan: Plan) -> Iterator[DueStep]:
    """Every fee whose day has come, once for each invoice that is late, of what is payable of it but for fees."""
    steps = [step for step in plan.steps if step.action == Action.FEE]
    overdue = account.overdue(plan)
    if sum(debt.payable_minor(account.on) for debt in overdue) < plan.minimum_minor:
        return
    for debt in overdue:
        feeable_minor = debt.feeable_minor(account.on)
        for step in steps:
            fee_minor = late_fee(feeable_minor, LateFee(step.fee_percent, step.fee_flat_minor))
            if fee_minor and plan.day_of(step, debt) <= account.on:
                yield from _once(account, step, debt, fee_minor)


def _termination(account: Account, plan: Plan) -> Iterator[DueStep]:
    step = plan.step(Action.TERMINATE)
    reached = day_reached(account, plan, step) if step else None
    if step is not None and reached is not None:
        free = max(reached, account.free_from or reached)
        if plan.calendar.first_cut_day(free, account.areas) <= account.on and not _is_no_cut(account, plan):
            yield from _once(account, step, None)


def _is_no_cut(account: Account, plan: Plan) -> bool:
    return plan.calendar.is_no_cut(account.on, account.areas)


def _once(account: Account, step: Step, debt: Debt | None, fee_minor: int = 0) -> Iterator[DueStep]:
    invoice_id = debt.invoice_id if debt is not None else None
    done = account.done.get((step.id, invoice_id))
    if step.is_owed_again(done, on=account.on):
        yield DueStep(step, invoice_id, done.times + 1 if done else 1, fee_minor)
