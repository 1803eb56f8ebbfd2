"""What the words of a case mean when it is told as a story: its fractions, its ends, when it is billed."""
from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.conformance.cases import CannotExpress, Case
from tests.conformance.naming import is_day

_UNUSED = re.compile(r"(\d+) unused days of (\d+)|(\d+)/(\d+)")


def fraction_of(case: Case, *names: str) -> Fraction:
    """A part of a period, as a fraction. Raises CannotExpress for another word."""
    told = str(case.find(*names))
    try:
        return Fraction(told)
    except (ValueError, ZeroDivisionError) as error:
        raise CannotExpress(f"“{told}” is no part of a period") from error


def is_by_calendar(case: Case) -> bool:
    """Lago's plans turn on the first of the month, unless the case says they turn on the day they began; OCA's where
    their rule says that they end with the month.
    """
    if "lastday" in str(case.find("rule", "period", "interval", default="")).replace("_", ""):
        return True
    return "calendar" in case.conventions.get("proration", "") and case.has("start") and not case.says("anniv")


def is_in_arrears(case: Case) -> bool:
    """Whether periods are billed when they are over."""
    if case.has("pay_in_advance"):
        return case.given["pay_in_advance"] is False
    if case.has("mode"):
        return _is_mode_of_arrears(str(case.given["mode"]).lower())
    if case.says("in advance"):
        return False
    ends_unbilled = case.has("terminate", "cancel", "billable_days") and not case.has("billed", "old", "paid", "policy")
    ends_unbilled = ends_unbilled and not {"lines", "credit_note", "repair"} & case.expected.keys()
    return case.category == "arrears" or case.says("arrears") or ends_unbilled


def _is_mode_of_arrears(mode: str) -> bool:
    if not re.match(r"(in[ _-])?(arrear|post|advance|pre)", mode):
        raise CannotExpress(f"“{mode}” is neither in advance nor in arrears")
    return "arrear" in mode or mode.startswith("post")


def is_fixed_30(case: Case) -> bool:
    """Whether each month counts thirty days."""
    return case.says("fixed_days=30", "30/360") or "fixed_30" in case.conventions.get("proration", "")


def is_inclusive(case: Case) -> bool:
    """Whether the case's ends are days still served."""
    return "inclusive" in case.conventions.get("interval", "") or "periods_inclusive" in case.expected


def rate_of(case: Case) -> Decimal | None:
    """The tax that is added, in percent."""
    found = case.find("tax_rate", "rate")
    return None if found is None else Decimal(str(found))


def unused_days(case: Case) -> tuple[int, int] | None:
    """How many days of how many a period is not used."""
    if case.has("unused_days") and case.has("period_days"):
        return int(case.given["unused_days"]), int(case.given["period_days"])
    found = _UNUSED.search(str(case.given["unused"])) if case.has("unused") else re.search(
        r"(\d+) unused days of (\d+)", case.description
    )
    if found is None:
        return None
    values = [int(value) for value in found.groups() if value]
    return values[0], values[1]


def span_of(case: Case, *names: str) -> Any:
    """The first of these that is two days: a beginning and an end."""
    return next((case.given[name] for name in names if is_span(case.given.get(name))), None)


def is_span(value: Any) -> bool:
    """Whether a value is two days."""
    return isinstance(value, list) and len(value) == 2 and all(map(is_day, value))
