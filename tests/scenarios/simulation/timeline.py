"""A timeline: step by step a company, a move and an instant are thrown for, and everything is looked at afterwards.

The same seed gives the same timeline. Some moves crash in the middle, as if the process had died, and are tried again.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from flask import current_app
from sqlalchemy import event

from ispbill.core.current import SYSTEM, at, bound
from ispbill.core.db import db
from ispbill.core.errors import DomainError
from ispbill.core.unit_of_work import unit_of_work
from tests.scenarios.simulation.chance import Idle
from tests.scenarios.simulation.checks import findings, state
from tests.scenarios.simulation.companies import Company
from tests.scenarios.simulation.moves import MOVES, Move, carry_out

BEGINNING = datetime(2026, 1, 5, 1, 30, tzinfo=UTC)
_JUMPS = (timedelta(0), timedelta(minutes=7), timedelta(hours=5), timedelta(hours=23), timedelta(days=1),
          timedelta(days=3), timedelta(days=9), timedelta(days=31))
_JUMP_WEIGHTS = (30, 15, 15, 10, 12, 10, 6, 2)
_CRASHES, _FRESH = 0.15, 0.6
_IDLE = "idle"


class Crash(BaseException):
    """The process died here."""


class Broken(AssertionError):
    """Something did not hold; the message says at which step."""


@dataclass(slots=True)
class Timeline:
    """Companies that live on from step to step; `counts` says what was done, refused, impossible or crashed."""

    seed: int
    companies: list[Company]
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    now: datetime = BEGINNING
    step: int = 0

    def play(self, steps: int, *, progress: Callable[[int], None] = lambda step: None) -> None:
        """Live through so many steps. Raises Broken at the first that leaves something wrong."""
        dice = Random(self.seed)
        while self.step < steps:
            self.step += 1
            self.now += dice.choices(_JUMPS, _JUMP_WEIGHTS)[0]
            company = dice.choice(self.companies)
            with current_app.app_context(), bound(company.tenant, SYSTEM), at(self.now):
                while not self._took(self._thrown(dice), company, dice):
                    pass
            progress(self.step)

    def _thrown(self, dice: Random) -> Move:
        """A move that was not made yet, while there is one, more often than the dice alone would throw it."""
        made = {name for name, _ in self.counts}
        fresh = [move for move in MOVES if move.name not in made]
        if fresh and dice.random() < _FRESH:
            return dice.choice(fresh)
        return dice.choices(MOVES, [move.weight for move in MOVES])[0]

    def _took(self, move: Move, company: Company, dice: Random) -> bool:
        """Do the move and look at everything; False where there was nothing that it could be done to."""
        try:
            outcome = _outcome(move, dice)
            if outcome.startswith(_IDLE):
                return False
            with unit_of_work():
                wrong = list(findings())
        except Exception as fault:
            raise Broken(f"{self._where(move, company)}: {type(fault).__name__}: {fault}") from fault
        if wrong:
            raise Broken(f"{self._where(move, company)} ({outcome}): {'; '.join(wrong)}")
        self.counts[move.name, outcome] += 1
        return True

    def _where(self, move: Move, company: Company) -> str:
        return f"seed {self.seed}, step {self.step}, {company.name}, {self.now:%Y-%m-%d %H:%M} UTC, {move.name}"


def _outcome(move: Move, dice: Random) -> str:
    """Do it; where it crashes first, again with the same luck."""
    luck, crash_after = dice.random(), dice.randint(1, 60) if dice.random() < _CRASHES else 0
    if not crash_after:
        return _ended(move, Random(luck))
    with unit_of_work():
        before = state()
    try:
        with _dying(after=crash_after):
            return _ended(move, Random(luck))
    except Crash:
        db.session.remove()
    with unit_of_work():
        assert not move.is_whole or state() == before, "a transaction that died left something"
    return f"{_ended(move, Random(luck))} after a crash"


def _ended(move: Move, dice: Random) -> str:
    try:
        carry_out(move, dice)
    except DomainError:
        return "refused"
    except Idle:
        return _IDLE
    return "done"


@contextmanager
def _dying(*, after: int) -> Iterator[None]:
    """Die before the statement of that number."""
    left = after

    def count(*_: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise Crash

    event.listen(db.engine, "before_cursor_execute", count)
    try:
        yield
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
