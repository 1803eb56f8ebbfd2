"""What a promise, a dispute and a hold must be like. Pure; days are local, a last day is included."""
from __future__ import annotations

from datetime import date, timedelta

from ispbill.core.errors import Conflict, Invalid

# A hold is to be looked at again; whoever needs longer places another.
LONGEST_HOLD_DAYS = 180
LONGEST_WORDS = 500


def check_promise(
    until_on: date, *, amount_minor: int | None, owed_minor: int, today: date, longest_days: int
) -> None:
    """Raises unless something is owed, and both day and amount lie within what the company allows."""
    if owed_minor <= 0:
        raise Conflict("Nothing payable is overdue, so there is nothing to promise.")
    if until_on < today:
        raise Invalid("The day has passed already.", field="until_on")
    if until_on > today + timedelta(days=longest_days):
        raise Invalid(f"A promise lasts at most {longest_days} days here.", field="until_on")
    if amount_minor is not None and not 0 < amount_minor <= owed_minor:
        raise Invalid("The amount is more than zero and at most what is overdue.", field="amount")


def check_dispute(reason: str, *, is_held: bool) -> None:
    """Raises Invalid without a reason, Conflict where the same is held already."""
    said(reason, field="reason")
    if is_held:
        raise Conflict("This is disputed already. Close that dispute first.")


def check_hold(until_on: date, *, today: date) -> None:
    """Raises Invalid for a day in the past, or further away than a hold may reach."""
    if until_on < today:
        raise Invalid("The day has passed already.", field="until_on")
    if until_on > today + timedelta(days=LONGEST_HOLD_DAYS):
        raise Invalid(f"A hold lasts at most {LONGEST_HOLD_DAYS} days.", field="until_on")


def said(words: str, *, field: str) -> str:
    """Words without outer blanks. Raises Invalid where there are none or too many."""
    text = words.strip()
    if not text:
        raise Invalid("Say why: whoever looks later will want to know.", field=field)
    if len(text) > LONGEST_WORDS:
        raise Invalid(f"Write at most {LONGEST_WORDS} characters.", field=field)
    return text
