"""Verbs of metered usage: record it, and rate the periods that are over. What is rated becomes charges.

Rules to keep: a period is charged the difference between what it comes to and what it was charged before. What is used
before the first day that is charged, such as in a free trial, is recorded and rated as a period that comes to nothing.
A reading is a use of what is charged on its day when it is rated, whatever was charged when it was recorded.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert

from ispbill.audit import service as audit
from ispbill.billing.charges import service as charges
from ispbill.billing.charges.models import ChargeKind
from ispbill.billing.charges.service import ChargeFacts
from ispbill.billing.metering import queries
from ispbill.billing.metering.models import UsageRating, UsageRecord
from ispbill.billing.metering.policy import (
    Usage,
    UsagePrices,
    amount_of,
    checked,
    described,
    ended_periods,
    in_force,
    read_rows,
)
from ispbill.core.bulk import any_key, copy_rows
from ispbill.core.current import current
from ispbill.core.db import AnyRow, db
from ispbill.core.errors import Conflict, Invalid, InvalidRows
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import ngettext
from ispbill.core.periods import Period, period_from, periods_within, within
from ispbill.core.tables import RowError, read_table
from ispbill.subscriptions import service as subscriptions
from ispbill.subscriptions.models import SubscriptionComponent
from ispbill.subscriptions.policy import Pause, billable_spans
from ispbill.subscriptions.queries import dates_of, pauses_of


class _Context(NamedTuple):
    """What ratings are found with: price lists by plan, pauses by subscription, the company's proration."""

    lists: Mapping[int, list[UsagePrices]]
    pauses: Mapping[int, tuple[Pause, ...]]
    proration: str


class _Placed(NamedTuple):
    """A reading, and what is charged by it."""

    part: SubscriptionComponent
    usage: Usage


_RECORD_COLUMNS = ("component_id", "used_on", "quantity", "source", "recorded_by", "recorded_at")


@dataclass(frozen=True, slots=True)
class UsageImport:
    """What a file brought; with errors nothing was recorded."""

    created: int = 0
    unchanged: int = 0
    errors: list[RowError] = field(default_factory=list)


def record(usages: Sequence[Usage]) -> int:
    """Record usage, all of it or nothing; how many were new: a known source counts once.

    Raises InvalidRows, with what is wrong in each: a quantity or a day that cannot be, a source that stands twice with
    different readings, or nothing of the subscription that is charged by use.
    """
    placed, refused = _placed(usages)
    if refused:
        raise InvalidRows(ngettext("Nothing is recorded: %(num)s reading is wrong.",
                                   "Nothing is recorded: %(num)s readings are wrong.", len(refused)),
                          "records", refused)
    return _write(placed)


def record_one(usage: Usage) -> int:
    """Record a reading. Raises Invalid, naming its field, for what `record` refuses; Conflict for a known source."""
    placed, refused = _placed([usage])
    if refused:
        raise refused[0]
    if not placed:
        raise Conflict(_("A reading with this source is recorded already."), field="source")
    return _write(placed)


def import_list(content: bytes) -> UsageImport:
    """Record the usage of a file. Nothing is recorded where a line is wrong; then every fault is said."""
    rows, errors = read_rows(read_table(content))
    placed, refused = _placed([usage for _row, usage in rows])
    for place, refusal in refused.items():
        row, _usage = rows[place]
        row.refuse("subscription" if refusal.field == "subscription_id" else refusal.field or "", refusal.message,
                   _("Mend the value."))
        errors += row.errors
    if errors:
        return UsageImport(errors=sorted(errors, key=lambda error: error.line))
    return UsageImport(created=_write(placed), unchanged=len(rows) - len(placed))


def rate_ended(*, by: date) -> int:
    """Rate every period that is over by a day, and those that come to something else since; how many charges that made.

    Whoever bills calls it first. Safe to repeat: it adds what is missing.
    """
    return _rate(by) if queries.is_anything_metered() else 0


@contextmanager
def foreseen(*, by: date, customers: queries.Customers) -> Iterator[None]:
    """The same for some customers and for as long as the block lasts: then it is undone."""
    if not queries.is_anything_metered():
        yield
        return
    attempt = db.session.begin_nested()
    try:
        _rate(by, customers)
        yield
    finally:
        attempt.rollback()


def _placed(usages: Sequence[Usage]) -> tuple[list[_Placed], dict[int, Invalid]]:
    """What is new of some usage, each with what is charged by it; and what is to be refused, by its place."""
    known, today = queries.known_sources({usage.source.strip() for usage in usages}), current.today()
    parts = queries.metered_parts({usage.subscription_id for usage in usages})
    first: dict[str, Usage] = {}
    placed: dict[str, _Placed] = {}
    refused: dict[int, Invalid] = {}
    for place, given in enumerate(usages):
        try:
            usage = checked(given, today=today)
            if first.setdefault(usage.source, usage) != usage:
                raise Invalid(_("Another reading of this list has the same source and says otherwise."), field="source")
            if usage.source not in known:
                placed[usage.source] = _Placed(_part(parts.get(usage.subscription_id, []), usage), usage)
        except Invalid as refusal:
            refused[place] = refusal
    return list(placed.values()), refused


def _part(parts: Sequence[SubscriptionComponent], usage: Usage) -> SubscriptionComponent:
    """What a reading is a use of: what is charged on its day or, before anything is, what is charged first."""
    for part in parts:
        if part.start_on <= usage.used_on and (part.end_on is None or usage.used_on < part.end_on):
            return part
    first = min(parts, key=lambda part: part.start_on, default=None)
    if first is not None and usage.used_on < first.start_on and first.subscription.serves(usage.used_on):
        return first
    raise Invalid(_("Nothing of subscription %(subscription_id)s is charged by use on %(used_on)s.",
                    subscription_id=usage.subscription_id, used_on=usage.used_on),
                  field="subscription_id")


def _write(placed: Sequence[_Placed]) -> int:
    author, now = current.actor.name, current.now()
    copy_rows(UsageRecord, _RECORD_COLUMNS, (
        (part.id, usage.used_on, usage.quantity, usage.source, author, now) for part, usage in placed
    ))
    if placed:
        audit.note("recorded", entity="usage_records", label=f"{len(placed)} readings", after={"count": len(placed)})
    return len(placed)


def _rate(by: date, customers: queries.Customers | None = None) -> int:
    _place_anew(customers)
    _begin_free(customers)
    fresh = _begin(by, customers)
    late = [rating for rating in queries.open_ratings(customers) if rating not in fresh]
    ratings = [*fresh, *late]
    if not ratings:
        return 0
    keys = [rating.id for rating in ratings]
    _mark(keys)
    quantities = queries.quantities(keys)
    parts = queries.parts_of({rating.component_id for rating in ratings})
    context = _Context(
        queries.price_lists({row.SubscriptionComponent.plan_id for row in parts.values()}),
        pauses_of({row.SubscriptionComponent.subscription_id for row in parts.values()}),
        subscriptions.terms().proration,
    )
    facts = [
        fact for rating in ratings
        for fact in _rated(rating, quantities.get(rating.id, Decimal(0)), parts[rating.component_id], context)
    ]
    charges.add_all(facts)
    return len(facts)


def _place_anew(customers: queries.Customers | None) -> None:
    """What was recorded before a change of its day, or of days before it, is a use of what is charged since, or of
    nothing.
    """
    moved = queries.misplaced(customers)
    db.session.execute(
        update(UsageRecord).where(UsageRecord.id == moved.c.id)
        .values(component_id=func.coalesce(moved.c.component_id, UsageRecord.component_id), rating_id=None)
        .execution_options(synchronize_session=False)
    )


def _begin_free(customers: queries.Customers | None) -> None:
    """A period of its own for what was used before the first day that is charged."""
    free = queries.used_before_charged(customers)
    columns = ["component_id", "period_start", "period_end"]
    db.session.execute(insert(UsageRating).from_select(columns, free).on_conflict_do_nothing())


def _begin(by: date, customers: queries.Customers | None) -> list[UsageRating]:
    """Periods that are over; what is begun elsewhere at this moment, by a run or to foresee one, stays as it is."""
    periods = [
        {"component_id": part.id, "period_start": period.span.start, "period_end": period.span.end}
        for part, rated_until in queries.due_parts(by, customers)
        for period in ended_periods(dates_of(part, ()), rated_until=rated_until, by=by)
    ]
    begin = insert(UsageRating).on_conflict_do_nothing().returning(UsageRating)
    return list(db.session.scalars(begin, periods)) if periods else []


def _rated(rating: UsageRating, quantity: Decimal, row: AnyRow, context: _Context) -> list[ChargeFacts]:
    """What is still to be charged of a period; nothing where it comes to what it was charged."""
    part: SubscriptionComponent = row.SubscriptionComponent
    prices = in_force(context.lists.get(part.plan_id, []), rating.period_start)
    rating.quantity = quantity
    if prices is None or rating.period_start < part.start_on:
        return []
    span = Period(rating.period_start, rating.period_end)
    dates = dates_of(part, ())._replace(pauses=context.pauses.get(part.subscription_id, ()))
    served_until = max(span.start, min(span.end, dates.end_on or span.end))
    period = period_from(dates.schedule, span.start).ending_by(served_until)
    charged = list(periods_within(dates.schedule, within(billable_spans(dates), span)))
    amount_minor = amount_of(quantity, prices, period, charged=charged, proration=context.proration)
    missing_minor = amount_minor - rating.amount_minor
    if missing_minor == 0:
        return []
    rating.amount_minor, rating.charge_count = amount_minor, rating.charge_count + 1
    return [ChargeFacts(
        customer_id=row.customer_id, subscription_id=part.subscription_id, kind=ChargeKind.USAGE,
        description=described(row.plan_name, quantity, prices.unit, span)[:charges.LONGEST_DESCRIPTION],
        unit_price_minor=missing_minor, tax_rate_id=row.tax_rate_id, bill_on=rating.period_end,
        source=f"usage:{rating.id}:{rating.charge_count}",
    )]


def _mark(rating_ids: Sequence[int]) -> None:
    """The usage in these periods is rated. What arrives from now on is not, and is counted by the next run."""
    db.session.execute(
        update(UsageRecord).where(
            UsageRating.id == any_key(rating_ids), UsageRecord.rating_id.is_(None), queries.lies_in(),
        ).values(rating_id=UsageRating.id).execution_options(synchronize_session=False)
    )
