"""The classes of age and the states by which people look for who owes. Pure."""
from __future__ import annotations

from enum import StrEnum

from ispbill.core.i18n import lazy

# Ends of the classes of age, in days past the due day; older than the last is a class of its own.
AGE_LIMITS = (30, 60, 90)
AGES = {"30": lazy("1–30 days"), "60": lazy("31–60 days"), "90": lazy("61–90 days"), "over": lazy("Over 90 days")}


class Age(StrEnum):
    """How long the oldest invoice has been late."""

    UP_TO_30 = "30"
    UP_TO_60 = "60"
    UP_TO_90 = "90"
    OVER = "over"


class State(StrEnum):
    """What holds the steps towards a customer off, or what they have led to."""

    PROMISE = "promise"
    DISPUTE = "dispute"
    HOLD = "hold"
    SUSPENDED = "suspended"
    TROUBLE = "trouble"


STATES = {State.PROMISE: lazy("With a promise"), State.DISPUTE: lazy("With a dispute"), State.HOLD: lazy("On hold"),
          State.SUSPENDED: lazy("Suspended"), State.TROUBLE: lazy("Could not be acted on")}


def days_of(age: str) -> tuple[int, int | None]:
    """The first and the last day past due of a class of age; the last class has no end."""
    place = list(AGES).index(age)
    first = 1 if place == 0 else AGE_LIMITS[place - 1] + 1
    return first, AGE_LIMITS[place] if place < len(AGE_LIMITS) else None
