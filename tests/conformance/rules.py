"""Rules that a case states in words: each is tried at a company, and is answered as it is stated where it holds."""
from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from ispbill.core.errors import Conflict
from tests.conformance.books import Account
from tests.conformance.cases import CannotExpress
from tests.conformance.story import Story, Terms

_ON, _PRICE = date(2026, 1, 1), Decimal(31)


def held(rule: str) -> str:
    """The rule, where it holds; otherwise what is so instead. Raises CannotExpress for a rule that nobody can try."""
    for words, holds in _RULES:
        if words.search(rule):
            return rule if holds() else f"not so: {rule}"
    raise CannotExpress(f"no way to try whether “{rule}”")


def _repaired_first() -> bool:
    """An invoice of which a later document took a part back is voided after that document, not before."""
    story, end_on = Story(), _ON + timedelta(days=10)
    story.begin(_PRICE, on=_ON, terms=Terms())
    story.bill(_ON)
    story.end(on=end_on)
    story.bill(end_on)
    is_refused = _is_refused(lambda: story.void_oldest(on=end_on))
    story.void_newest(on=end_on)
    story.void_oldest(on=end_on)
    return is_refused


def _paid_first() -> bool:
    """An invoice that was paid is voided once the money is paid back, not before."""
    account, later = Account(), _ON + timedelta(days=1)
    account.owe([_PRICE], on=_ON)
    account.pay(_PRICE, on=later)
    is_refused = _is_refused(lambda: account.void_newest(on=later))
    account.refund(_PRICE, on=later, unapplies=True)
    account.void_newest(on=later)
    return is_refused and account.balance() == 0


def _is_refused(act: Callable[[], object]) -> bool:
    try:
        act()
    except Conflict:
        return True
    return False


_RULES = (
    (re.compile(r"repaired invoice.* before", re.I), _repaired_first),
    (re.compile(r"paid invoice.* until refunded", re.I), _paid_first),
)
