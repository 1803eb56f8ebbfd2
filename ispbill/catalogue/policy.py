"""Rules of the catalogue: what a plan is, which price is in force.

Plain values in and out.
"""
from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy

KINDS = ("internet", "voice", "other", "addon", "one_time")
ONE_TIME = "one_time"
UNIT_LABELS = {"month": lazy("month(s)"), "day": lazy("day(s)")}
TIMING_LABELS = {"advance": lazy("In advance: on the first day of the period"),
                 "arrears": lazy("In arrears: on the day after its last")}
_PERIODS = {("month", 1): lazy("month"), ("month", 3): lazy("quarter"), ("month", 6): lazy("half-year"),
            ("month", 12): lazy("year"), ("day", 1): lazy("day"), ("day", 7): lazy("week")}
KIND_LABELS = {"internet": lazy("Internet"), "voice": lazy("Telephone"), "other": lazy("Other service"),
               "addon": lazy("Add-on"), "one_time": lazy("One-time fee")}
LONGEST_NAME, LONGEST_DESCRIPTION = 120, 2000
LONGEST_TRIAL_DAYS = 366
_CODE = re.compile(r"[A-Z0-9][A-Z0-9._-]{0,29}")
_FASTEST_MBPS = 1_000_000


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """What a plan is, besides its prices and whether it is sold."""

    code: str
    name: str
    kind: str = "internet"
    download_mbps: int | None = None
    upload_mbps: int | None = None
    tax_rate_id: int | None = None
    description: str = ""
    period_unit: str = "month"
    period_count: int = 1
    timing: str = "advance"
    trial_days: int = 0


class PriceVersion(NamedTuple):
    """A price and the first day it is asked."""

    valid_from: date
    amount_minor: int


class Fee(NamedTuple):
    """Something of the catalogue that is charged once, with its price of a day and its tax."""

    id: int
    name: str
    amount_minor: int
    tax_rate_id: int | None


class Wanted(NamedTuple):
    """What somebody says about a line to charge; what they leave out is the catalogue's to say."""

    description: str
    unit_price_minor: int | None
    tax_rate_id: int | None

    def completed(self, fee: Fee | None) -> Wanted:
        """The line with the name, price and tax of a fee where nothing else was said."""
        if fee is None:
            return self
        price_minor = fee.amount_minor if self.unit_price_minor is None else self.unit_price_minor
        return Wanted(self.description or fee.name, price_minor, self.tax_rate_id or fee.tax_rate_id)


def checked(facts: PlanFacts) -> PlanFacts:
    """The facts as they are stored. Raises Invalid, naming the field, for a value that breaks a rule."""
    code, name = facts.code.strip().upper(), " ".join(facts.name.split())
    if not _CODE.fullmatch(code):
        raise Invalid(_("A code has 1 to 30 letters, digits, dots or dashes, such as FIBER-50."), field="code")
    if not 0 < len(name) <= LONGEST_NAME:
        raise Invalid(_("Give the plan a name of at most %(longest_name)s characters.", longest_name=LONGEST_NAME),
                      field="name")
    if facts.kind not in KINDS:
        raise Invalid(_("Choose one of the kinds."), field="kind")
    if len(facts.description) > LONGEST_DESCRIPTION:
        raise Invalid(_("A description has at most %(longest_description)s characters.",
                        longest_description=LONGEST_DESCRIPTION), field="description")
    _check_period(facts)
    for field in ("download_mbps", "upload_mbps"):
        _check_speed(getattr(facts, field), field=field, kind=facts.kind)
    return replace(facts, code=code, name=name)


def period_label(unit: str, count: int) -> str:
    """How long a period is, as people say it: “month”, “quarter”, “2 weeks”, “10 days”."""
    if (unit, count) in _PERIODS:
        return str(_PERIODS[unit, count])
    if unit == "month":
        return _("%(count)s months", count=count)
    return _("%(count)s weeks", count=count // 7) if count % 7 == 0 else _("%(count)s days", count=count)


def billed_label(kind: str, unit: str, count: int) -> str:
    """How often a price is asked: “each quarter”, “once”."""
    return _("once") if kind == ONE_TIME else _("each %(period)s", period=period_label(unit, count))


def price_in_force(versions: Iterable[PriceVersion], *, on: date) -> int | None:
    """The amount of the newest version that has begun by a day, in minor units; None before the first."""
    begun = [version for version in versions if version.valid_from <= on]
    return max(begun).amount_minor if begun else None


def check_kind(before: str, after: str) -> None:
    """Refuse to make a fee of what people may have subscribed to, or the reverse. Raises Invalid."""
    if (before == ONE_TIME) != (after == ONE_TIME):
        raise Invalid(_("A one-time fee stays one, and a plan stays a plan. Add another instead."), field="kind")


def _check_period(facts: PlanFacts) -> None:
    most = {"month": 60, "day": 366}.get(facts.period_unit)
    if most is None:
        raise Invalid(_("A period is counted in months or in days."), field="period_unit")
    if not 0 < facts.period_count <= most:
        raise Invalid(_("A period has 1 to %(most)s %(period_unit)ss.", most=most, period_unit=facts.period_unit),
                      field="period_count")
    if facts.timing not in ("advance", "arrears"):
        raise Invalid(_("A plan is billed in advance or in arrears."), field="timing")
    if facts.trial_days and facts.kind == ONE_TIME:
        raise Invalid(_("A one-time fee has no free trial."), field="trial_days")
    if not 0 <= facts.trial_days <= LONGEST_TRIAL_DAYS:
        raise Invalid(_("A trial has at most %(longest_trial_days)s days; 0 where there is none.",
                        longest_trial_days=LONGEST_TRIAL_DAYS), field="trial_days")


def _check_speed(mbps: int | None, *, field: str, kind: str) -> None:
    if mbps is None:
        return
    if kind in ("voice", "other", ONE_TIME):
        raise Invalid(_("Only a line to the internet, or an add-on to it, has a speed."), field=field)
    if not 0 < mbps <= _FASTEST_MBPS:
        raise Invalid(_("Give the speed in Mbps, as a whole number above 0."), field=field)
