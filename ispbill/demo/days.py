"""Playing a company's months day by day: the real schedule by night and in the morning, then the staff's day.

Safe to stop anywhere: the registry knows the last day billed, and a day's work looks at what is there.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import partial

from ispbill import schedule
from ispbill.core.current import SYSTEM, at, bound
from ispbill.core.unit_of_work import unit_of_work
from ispbill.demo import cash, collecting, desk, prepaid, subscribers
from ispbill.demo.company import DemoCompany
from ispbill.demo.population import Subscriber
from ispbill.jobs.draining import drain
from ispbill.tenancy import registry

Progress = Callable[[int], None]
_TICKS = tuple(entry.tick for entry in schedule.ENTRIES)
_TOGETHER = 25
# Checking the books takes longer than a day's bills, and one check looks at every row there is.
_PROVEN = timedelta(days=7)


def take_over(company: DemoCompany, *, progress: Progress) -> None:
    """Bring the company's old subscribers into the books on the eve of the first day."""
    eve = company.opening(company.span.first_on - timedelta(days=1))
    for people in _groups(company.old_people):
        with bound(company.tenant, SYSTEM), at(eve), unit_of_work():
            subscribers.take_over(company, people)
        progress(len(people))


def play(company: DemoCompany, *, now: datetime, progress: Progress) -> None:
    """Every day from where the company stands to the last one of its span, none of it in the future."""
    first_on = registry.by_code(company.tenant.code).billed_on or company.span.first_on
    progress((first_on - company.span.first_on).days)
    for day in _days(first_on, company.span.last_on):
        if company.midnight(day) <= now:
            with at(company.midnight(day)):
                drain(_TICKS, only={company.tenant.code})
        if day > company.span.last_on - _PROVEN and company.proof(day) <= now:
            with at(company.proof(day)):
                drain((schedule.check_books,), only={company.tenant.code})
        if company.closing(day) <= now:
            with at(company.opening(day)):
                drain((schedule.collect,), only={company.tenant.code})
            drain((partial(_work, company, day),), only={company.tenant.code})
        progress(1)


def _work(company: DemoCompany, day: date) -> None:
    """What the staff does on one day, in one transaction."""
    with bound(company.tenant, SYSTEM), at(company.opening(day)), unit_of_work():
        cash.open_drawers(company, day)
        cash.bring_to_bank(company, day)
        subscribers.welcome(company, day)
        subscribers.install(company, day)
        prepaid.renew(company, day)
        owing = collecting.accounts(company)
        collecting.take_payments(company, day, owing)
        collecting.concede(company, day)
        collecting.correct(company, day)
        subscribers.part(company, day)
        desk.work(company, day)
        cash.close_drawers(company, day)


def _days(first_on: date, last_on: date) -> list[date]:
    return [first_on + timedelta(days=count) for count in range((last_on - first_on).days + 1)]


def _groups(people: Sequence[Subscriber]) -> list[Sequence[Subscriber]]:
    return [people[start:start + _TOGETHER] for start in range(0, len(people), _TOGETHER)]
