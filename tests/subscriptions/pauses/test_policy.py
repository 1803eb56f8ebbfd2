"""When service may stop, and until when it stands still. Today is 10 March 2026."""
from __future__ import annotations

from datetime import date

import pytest

from ispbill.core.errors import Conflict, Invalid
from ispbill.core.periods import LAST_DAY, Period
from ispbill.subscriptions.pauses.policy import (
    check_booked,
    check_pause,
    check_resume,
    is_served_again,
    served_again_on,
)

TODAY = date(2026, 3, 10)
SERVED = Period(date(2026, 1, 1), date(2026, 12, 1))
BOOKED = Period(date(2026, 5, 1), date(2026, 5, 16))
OPEN = Period(date(2026, 3, 1), LAST_DAY)


def checked(start: date, end: date = LAST_DAY, *others: Period, served: Period = SERVED) -> None:
    check_pause(Period(start, end), others, served=served, today=TODAY)


@pytest.mark.parametrize(("start", "end"), [
    (TODAY, LAST_DAY), (date(2026, 2, 1), LAST_DAY), (date(2026, 6, 1), LAST_DAY), (TODAY, date(2026, 3, 11)),
    (date(2026, 4, 20), date(2026, 5, 1)), (date(2026, 5, 16), date(2026, 6, 1)), (date(2026, 2, 1), date(2026, 2, 9)),
])
def test_service_stops_on_days_gone_or_to_come_beside_what_is_booked(start: date, end: date) -> None:
    checked(start, end, BOOKED)


def test_what_stops_at_once_may_lie_over_what_is_booked_for_nobody_knows_its_end() -> None:
    checked(TODAY, LAST_DAY, BOOKED)
    begins = date(2026, 4, 1)
    checked(begins, LAST_DAY, BOOKED._replace(start=date(2026, 4, 10)), served=Period(begins, LAST_DAY))


@pytest.mark.parametrize(("start", "end", "other", "words"), [
    (date(2026, 5, 15), date(2026, 6, 1), BOOKED, "from 1 May 2026 to 15 May 2026 already"),
    (date(2026, 4, 1), date(2026, 5, 2), BOOKED, "Choose other days"),
    (date(2026, 4, 1), LAST_DAY, BOOKED, "Choose other days"),
    (date(2026, 6, 1), date(2026, 6, 5), OPEN, "until somebody resumes it"),
    (TODAY, LAST_DAY, Period(date(2026, 7, 1), LAST_DAY), "from 1 Jul 2026 on already"),
    (date(2026, 2, 1), LAST_DAY, Period(date(2026, 2, 10), date(2026, 2, 20)), "Choose other days"),
])
def test_days_on_which_it_stands_still_already_are_refused(start: date, end: date, other: Period, words: str) -> None:
    with pytest.raises(Conflict, match=words) as refusal:
        checked(start, end, other)
    assert refusal.value.field == "on"


@pytest.mark.parametrize(("start", "end", "field"), [
    (date(2025, 12, 31), LAST_DAY, "on"), (date(2026, 12, 1), LAST_DAY, "on"), (TODAY, TODAY, "until"),
    (TODAY, date(2026, 3, 1), "until"), (TODAY, date(2027, 3, 13), "until"),
])
def test_it_stops_while_it_is_served_and_for_a_year_at_the_most(start: date, end: date, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        checked(start, end)
    assert refusal.value.field == field


def test_nobody_books_more_than_a_year_ahead() -> None:
    with pytest.raises(Invalid, match="within a year"):
        checked(date(2027, 3, 12), served=Period(date(2026, 1, 1), LAST_DAY))


@pytest.mark.parametrize("on", [date(2026, 1, 14), date(2026, 3, 11)])
def test_service_resumes_within_the_suspension(on: date) -> None:
    with pytest.raises(Invalid):
        check_resume(on=on, suspended_on=date(2026, 1, 15), today=TODAY)


def test_what_has_begun_or_came_with_the_customer_is_not_cancelled() -> None:
    check_booked(date(2026, 3, 11), follows_customer=False, today=TODAY)
    with pytest.raises(Conflict, match="Resume"):
        check_booked(TODAY, follows_customer=False, today=TODAY)
    with pytest.raises(Conflict, match="Restore the customer"):
        check_booked(date(2026, 3, 11), follows_customer=True, today=TODAY)


def test_pauses_that_follow_each_other_are_one_standstill() -> None:
    after = Period(BOOKED.end, date(2026, 6, 1))
    assert served_again_on([after, BOOKED], date(2026, 5, 3)) == date(2026, 6, 1)
    assert served_again_on([BOOKED], TODAY) == TODAY
    assert served_again_on([OPEN], TODAY) == LAST_DAY


@pytest.mark.parametrize(("until", "is_served"), [
    (date(2026, 3, 9), False), (TODAY, False), (date(2026, 3, 20), False), (date(2026, 3, 21), True),
])
def test_there_is_service_before_an_end_where_a_day_is_left_that_does_not_pause(until: date, is_served: bool) -> None:
    assert is_served_again([Period(date(2026, 3, 1), date(2026, 3, 20))], until=until, today=TODAY) is is_served
