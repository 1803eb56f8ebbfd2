"""The words of a trace: steps in the order in which they lead to what is asked about. Pure; ready to be read."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from ispbill.core import formats


class Topic(StrEnum):
    """What a step of a trace is about."""

    SUBJECT = "subject"
    PRICE = "price"
    PERIOD = "period"
    USAGE = "usage"
    DISCOUNT = "discount"
    TAX = "tax"
    AMOUNT = "amount"
    DOCUMENT = "document"
    CORRECTION = "correction"
    VERDICT = "verdict"
    EPISODE = "episode"
    DEBT = "debt"
    ACTION = "action"
    CONSIDERED = "considered"
    ENDING = "ending"


class Kind(StrEnum):
    """What a step refers to."""

    CUSTOMER = "customer"
    SUBSCRIPTION = "subscription"
    PLAN = "plan"
    INVOICE = "invoice"
    RUN = "billing_run"
    PAYMENT = "payment"
    MESSAGE = "message"


class Fact(NamedTuple):
    """Something known, and the row it stands in, where that has a page."""

    label: str
    value: str
    kind: Kind | None = None
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the reasoning: what it is about, what it says in short, the facts behind it."""

    topic: Topic
    title: str
    facts: Sequence[Fact] = ()


@dataclass(frozen=True, slots=True)
class Manner:
    """How values are written: the currency of amounts, the time zone of instants."""

    currency: str
    zone: ZoneInfo


def day(value: date) -> str:
    """A day as people write it."""
    return formats.short_date(value)


def days(start: date, end: date) -> str:
    """Half-open days as people write them: the last one is the day before the end."""
    last = date.fromordinal(end.toordinal() - 1)
    return day(start) if start == last else f"{day(start)} – {day(last)}"


def instant(value: datetime, manner: Manner) -> str:
    """An instant by the company's clock."""
    local = value.astimezone(manner.zone)
    return f"{day(local.date())}, {local:%H:%M}"
