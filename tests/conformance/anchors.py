"""Cases of billing days: which of them a day bills; by the runs of a company with a customer of each."""
from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tests.conformance.cases import CannotExpress, Case
from tests.conformance.story import Story, Terms

_DAYS = ("anchor_days", "anniversary_days", "billing_days", "bcds", "anchors", "anniversaries")
_TODAY = ("today", "on", "date", "day")


def answers(case: Case) -> dict[str, Any]:
    """Which billing days a day bills. Raises CannotExpress for a case of another shape."""
    today = case.days(*_TODAY)
    anchors = case.find(*_DAYS)
    if today is None or not isinstance(anchors, list):
        raise CannotExpress(f"no reading of billing days knows {', '.join(case.given)}")
    billed = {int(anchor): _is_billed(int(anchor), today) for anchor in anchors}
    due: list[Any] = [anchor for anchor, is_billed in billed.items() if is_billed]
    asked = next((value for name, value in case.expected.items() if name in _DUE), None)
    if isinstance(asked, list) and asked and all(isinstance(each, bool) for each in asked):
        due = list(billed.values())
    return dict.fromkeys(_DUE, due)


def _is_billed(anchor: int, today: date) -> bool:
    """Whether a day bills who has been served for a while with this billing day."""
    story, since = Story(), today - timedelta(days=40)
    story.begin(Decimal(100), on=since, terms=Terms(anchor=anchor))
    for on in (since, today - timedelta(days=1)):
        story.bill(on)
    return bool(story.bill(today).lines)


_DUE = ("due", "due_anchor_days", "due_days", "billed", "is_due", "billed_anchor_days")
