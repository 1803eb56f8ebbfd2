"""The rules of tickets: statuses, the clock, numbers."""
from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ispbill.core.errors import Conflict, Invalid
from ispbill.support.tickets import policy
from ispbill.support.tickets.models import TicketStatus
from ispbill.support.tickets.policy import Clock, TicketFacts

NOON = datetime(2026, 3, 10, 4, tzinfo=UTC)
CLOCK = Clock(NOON, response_hours=2, resolution_hours=24)


def after(**span: float) -> datetime:
    return NOON + timedelta(**span)


def test_every_status_has_its_way() -> None:
    assert {status for status in TicketStatus} == policy._MOVES.keys() == policy.STATUS_WORDS.keys()


@pytest.mark.parametrize(("before", "after", "allowed"), [
    ("open", "in_progress", True), ("open", "resolved", True), ("open", "closed", False),
    ("in_progress", "open", True), ("waiting", "open", False), ("waiting", "in_progress", True),
    ("resolved", "closed", True), ("resolved", "in_progress", False), ("resolved", "removed", False),
    ("closed", "open", True), ("closed", "closed", False), ("removed", "open", False),
])
def test_which_status_may_follow_which(before: str, after: str, allowed: bool) -> None:
    if allowed:
        policy.check_move(before, after)
    else:
        with pytest.raises(Conflict):
            policy.check_move(before, after)


def test_targets_are_due_so_many_hours_by_the_calendar_after_it_was_opened() -> None:
    assert CLOCK.response_due_at == after(hours=2)
    assert CLOCK.resolution_due_at == after(hours=24)
    assert not CLOCK.response_is_late(after(hours=2)) and CLOCK.response_is_late(after(hours=2, seconds=1))


def test_the_clock_stands_while_the_customer_is_waited_for() -> None:
    waiting = policy.moved(CLOCK, before="open", after="waiting", at=after(hours=1))
    assert waiting.first_response_at == after(hours=1)
    assert not waiting.resolution_is_late(after(hours=500))
    again = policy.moved(waiting, before="waiting", after="in_progress", at=after(hours=11))
    assert again.resolution_due_at == after(hours=34)
    assert again.paused_at is None and again.paused_seconds == 10 * 3600


def test_what_was_late_before_it_waited_is_late_meanwhile() -> None:
    waiting = policy.moved(CLOCK, before="open", after="waiting", at=after(hours=25))
    assert waiting.resolution_is_late(after(hours=25))


def test_resolving_while_waiting_counts_only_the_time_worked() -> None:
    waiting = policy.moved(CLOCK, before="in_progress", after="waiting", at=after(hours=1))
    done = policy.moved(waiting, before="waiting", after="resolved", at=after(hours=100))
    assert not done.resolution_is_late(after(hours=100)) and done.resolved_at == after(hours=100)


def test_a_reopened_ticket_goes_on_where_it_stopped() -> None:
    done = policy.moved(CLOCK, before="open", after="resolved", at=after(hours=20))
    closed = policy.moved(done, before="resolved", after="closed", at=after(hours=30))
    assert closed.resolved_at == after(hours=20)
    again = policy.moved(closed, before="closed", after="open", at=after(hours=120))
    assert again.resolved_at is None and again.resolution_due_at == after(hours=124)


def test_only_the_first_response_counts() -> None:
    answered = policy.responded(CLOCK, at=after(hours=1))
    assert policy.responded(answered, at=after(hours=9)).first_response_at == after(hours=1)
    assert not answered.response_is_late(after(hours=9))


@pytest.mark.parametrize(("said", "meant"), [
    ("TKT-2026-0042", "TKT-2026-0042"), ("tkt-2026-42", "TKT-2026-0042"), (" 2026-42 ", "TKT-2026-0042"),
    ("TKT-2026-123456", "TKT-2026-123456"), ("42", None), ("no light", None), ("TKT-2026-", None),
    ("tkt20260042", "TKT-2026-0042"), ("tkt 2026 42", "TKT-2026-0042"), ("20260042", None),
])
def test_a_number_is_found_as_it_is_said(said: str, meant: str | None) -> None:
    assert policy.spoken_number(said) == meant


@pytest.mark.parametrize(("facts", "field"), [
    (TicketFacts(" ", 1), "subject"), (TicketFacts("x" * 201, 1), "subject"),
    (TicketFacts("No light", None), "category_id"), (TicketFacts("No light", 1, description="x" * 5001), "description"),
])
def test_what_breaks_a_rule_is_named(facts: TicketFacts, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        policy.checked(facts)
    assert refusal.value.field == field


@pytest.mark.parametrize(("span", "words"), [
    (timedelta(seconds=59), "0 min"), (timedelta(minutes=-12), "12 min"), (timedelta(hours=3, minutes=59), "3 h"),
    (timedelta(days=2, hours=4), "2 d 4 h"), (timedelta(days=5), "5 d"),
])
def test_a_span_reads_as_people_say_it(span: timedelta, words: str) -> None:
    assert policy.span_text(span) == words
