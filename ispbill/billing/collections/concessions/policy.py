"""What a promise, a dispute and a hold must be like. Pure; days are local, a last day is included."""
from __future__ import annotations

from datetime import date, timedelta

from ispbill.core.errors import Conflict, Invalid
from ispbill.core.i18n import gettext as _

# A hold is to be looked at again; whoever needs longer places another.
LONGEST_HOLD_DAYS = 180
LONGEST_WORDS = 500


def check_promise(
    until_on: date, *, amount_minor: int | None, owed_minor: int, today: date, longest_days: int
) -> None:
    """Raises unless something is owed, and both day and amount lie within what the company allows."""
    if owed_minor <= 0:
        raise Conflict(_("Nothing payable is overdue, so there is nothing to promise."))
    if until_on < today:
        raise Invalid(_("The day has passed already."), field="until_on")
    if until_on > today + timedelta(days=longest_days):
        raise Invalid(_("A promise lasts at most %(longest_days)s days here.", longest_days=longest_days),
                      field="until_on")
    if amount_minor is not None and not 0 < amount_minor <= owed_minor:
        raise Invalid(_("The amount is more than zero and at most what is overdue."), field="amount")


def check_dispute(reason: str, *, is_held: bool) -> None:
    """Raises Invalid without a reason, Conflict where the same is held already."""
    said(reason, field="reason")
    if is_held:
        raise Conflict(_("This is disputed already. Close that dispute first."))


def check_hold(until_on: date, *, today: date) -> None:
    """Raises Invalid for a day in the past, or further away than a hold may reach."""
    if until_on < today:
        raise Invalid(_("The day has passed already."), field="until_on")
    if until_on > today + timedelta(days=LONGEST_HOLD_DAYS):
        raise Invalid(_("A hold lasts at most %(longest_hold_days)s days.", longest_hold_days=LONGEST_HOLD_DAYS),
                      field="until_on")


def said(words: str, *, field: str) -> str:
    """Words without outer blanks. Raises Invalid where there are none or too many."""
    text = words.strip()
    if not text:
        raise Invalid(_("Say why: whoever looks later will want to know."), field=field)
    if len(text) > LONGEST_WORDS:
        raise Invalid(_("Write at most %(longest_words)s characters.", longest_words=LONGEST_WORDS), field=field)
    return text
