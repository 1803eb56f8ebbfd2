"""A short random life of three companies, the same each time. The long one is played by hand: scripts/simulate."""
from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest

from ispbill.core.db import db
from ispbill.subscriptions.models import SubscriptionComponent
from tests.scenarios.simulation import timeline
from tests.scenarios.simulation.chance import Idle
from tests.scenarios.simulation.companies import open_companies
from tests.scenarios.simulation.lines import subscribe
from tests.scenarios.simulation.moves import Move
from tests.scenarios.simulation.timeline import Broken, Timeline


def test_whatever_happens_the_books_hold_and_nothing_is_charged_twice(context: None) -> None:
    life = Timeline(1, open_companies(3))
    life.play(60)
    assert len({name for name, _ in life.counts}) > 25, "a short life has most of what can happen"


def test_the_same_seed_is_the_same_life(context: None) -> None:
    first, second = Timeline(7, open_companies(1)), Timeline(7, open_companies(1))
    for life in (first, second):
        life.play(8)
    assert first.counts == second.counts and first.now == second.now


def test_a_fault_is_found_and_the_message_leads_back_to_it(context: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline, "MOVES", (Move(subscribe, 1), Move(forget_a_month, 1)))
    with pytest.raises(Broken, match=r"seed 3, step \d+, Asia/Manila 1, .* forget_a_month .*component \d+ is charged"):
        Timeline(3, open_companies(1)).play(30)


def forget_a_month(dice: Random) -> None:
    """A fault: days are noted as billed that stand on no invoice."""
    part = db.session.query(SubscriptionComponent).order_by(SubscriptionComponent.id).first()
    if part is None:
        raise Idle
    part.billed_until += timedelta(days=30)
