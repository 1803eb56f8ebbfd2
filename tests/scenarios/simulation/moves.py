"""What can happen at a company, and how often. The dice alone decide what a move does, by the verbs that staff use.

A move raises what its verb raises, and Idle where there is nothing that it could be done to.
"""
from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from ispbill import schedule
from ispbill.billing.runs import jobs, queries, service
from ispbill.core.current import SYSTEM, bound, current
from ispbill.core.unit_of_work import unit_of_work
from ispbill.jobs.draining import drain
from tests.scenarios.simulation import cash, corrections, lines, money, office, prepaid

# What is not the companies' own: the platform's spares, the queue's rests.
_TICKS = [entry.tick for entry in schedule.ENTRIES if entry.tick.__module__ == schedule.__name__]


class Move(NamedTuple):
    """Something that can happen, and how often. `is_whole`: it is one transaction."""

    do: Callable[[Random], object]
    weight: int
    is_whole: bool = True

    @property
    def name(self) -> str:
        """What reports call it."""
        return self.do.__name__


def bill_by_hand(dice: Random) -> None:
    """A run for today or a day nearby, and the same again, which must add nothing."""
    on = current.today() + timedelta(days=dice.choice((0, 0, 0, 0, -2, 3)))
    jobs.bill_now(on)
    while _released(on):
        jobs.bill_now(on)
    again = jobs.bill_now(on)
    assert not again.invoices, f"a second run for {on} added {again.invoices} invoices"
    odd = [parked for parked in again.parked if "periods behind" not in str(parked["reason"])]
    assert not odd, f"customers are parked: {odd}"


def _released(on: date) -> bool:
    """Whether a bill of the run waited for being unusual; somebody looked at it, and let it go."""
    with unit_of_work():
        run = queries.of_day(on)
        if run is not None:
            for row in queries.exceptions_of(run.id):
                if row.is_unusual:
                    service.release(run, customer_id=row.customer_id)
                    return True
    return False


def live_through(dice: Random) -> None:
    """What the scheduler and the workers do now."""
    tenant = current.tenant
    with bound(None, SYSTEM):
        drain(_TICKS, only=[tenant.code])


MOVES = (
    Move(bill_by_hand, 16, is_whole=False), Move(live_through, 10, is_whole=False),
    Move(lines.subscribe, 10), Move(lines.change, 12), Move(lines.add_component, 4), Move(lines.remove_component, 3),
    Move(lines.move_anchor, 3), Move(lines.pause, 5), Move(lines.book_pause, 4), Move(lines.cancel_pause, 2),
    Move(lines.resume, 6), Move(lines.end, 4), Move(lines.keep, 5),
    Move(lines.suspend_customer, 2), Move(lines.restore_customer, 3),
    Move(money.charge_once, 5), Move(money.cancel_charge, 2), Move(money.pay, 14), Move(money.reverse, 4),
    Move(money.void, 6), Move(money.grant_discount, 2), Move(money.exempt, 1), Move(money.promise, 2),
    Move(money.unapply, 3), Move(money.apply, 3), Move(lines.merge, 1),
    Move(money.dispute, 2), Move(money.close_dispute, 1), Move(money.give_back, 2), Move(money.use, 4),
    Move(corrections.credit_note, 4), Move(corrections.debit_note, 2), Move(corrections.propose, 1),
    Move(corrections.accept, 1), Move(corrections.refund, 4), Move(corrections.cancel_refund, 1),
    Move(corrections.write_off, 2), Move(corrections.expect_again, 1), Move(corrections.waive_fee, 2),
    Move(corrections.change_tax, 1),
    Move(prepaid.load, 9), Move(prepaid.cancel_load, 2), Move(prepaid.cancel, 1), Move(prepaid.to_postpaid, 1),
    Move(prepaid.to_prepaid, 1),
    Move(office.pay_by_list, 2), Move(office.draft, 1), Move(office.issue_draft, 1), Move(office.end_discount, 1),
    Move(office.hold, 1), Move(office.lift, 1), Move(office.withdraw_promise, 1), Move(office.change_terms, 1),
    Move(office.close_books, 1),
    Move(cash.open_drawer, 4), Move(cash.take_cash, 9), Move(cash.pay_out, 2), Move(cash.hand_over, 5),
    Move(cash.sign, 5), Move(cash.withdraw, 1), Move(cash.count, 4), Move(cash.recount, 1), Move(cash.take_over, 4),
    Move(cash.bring_to_bank, 2), Move(cash.cancel_deposit, 1), Move(cash.bring_in, 2), Move(cash.cancel_intake, 1),
)


def carry_out(move: Move, dice: Random) -> None:
    """Do a move in the transaction that it is, or in those that it makes itself."""
    if not move.is_whole:
        move.do(dice)
        return
    with unit_of_work():
        move.do(dice)
