"""Cases of discounts: shared over lines, and taxed after them, by the engine's own rules."""
from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from ispbill.billing.discounts.policy import (
    DiscountableLine,
    DiscountKind,
    Grant,
    UseKey,
    deductions,
    is_over,
    periods_left,
)
from ispbill.billing.taxes.policy import TaxableLine, TaxCode, tax_document
from tests.conformance.cases import CannotExpress, Case
from tests.conformance.taxing import Till, percent

_FROM, _TODAY = date(2026, 1, 1), date(2026, 3, 1)


def answers(case: Case) -> dict[str, Any]:
    """What the discount of the case comes to. Raises CannotExpress for a case of another shape."""
    if case.has("duration_remaining", "periods_left", "frequency_duration"):
        return _counted(case)
    if isinstance(case.given.get("fees"), list) and case.has("coupon"):
        return _shared(case)
    if case.has("coupon") and case.has("tax"):
        raise CannotExpress("the fees are given only as a sum: which of them the discount is for is not told")
    if case.has("fees_total") and case.has("coupon"):
        return _shared(case.row({"fees": [case.given["fees_total"]]}, case.expected))
    raise CannotExpress(f"no reading of discounts knows {', '.join(case.given)}")


def _shared(case: Case) -> dict[str, Any]:
    till = Till(case)
    fees = [each if isinstance(each, list) else [each, "0"] for each in case.given["fees"]]
    lines = [DiscountableLine(begins_on=_FROM, full_minor=till.minor(fee), subscription_id=1) for fee, _ in fees]
    off = [0] * len(lines)
    for taken in deductions(lines, [_grant(case, till)]):
        off[taken.place] += taken.amount_minor
    document = tax_document([
        TaxableLine(line.full_minor - less, TaxCode(place, "Tax", (percent(rate),)))
        for place, (line, less, (_, rate)) in enumerate(zip(lines, off, fees, strict=True), start=1)
    ])
    return {
        "credit": till.major(sum(off)), "split": [till.major(less) for less in off], "discount": till.major(sum(off)),
        "taxes": [till.major(line.tax_minor) for line in document.lines], "tax": till.major(document.tax_minor),
        "tax_total": till.major(document.tax_minor), "total": till.major(document.total_minor),
        "terminated": _is_used_up(case, till, sum(off)),
    }


def _counted(case: Case) -> dict[str, Any]:
    left = int(case.find("duration_remaining", "periods_left", "frequency_duration"))
    grant = Grant(1, "Promo", DiscountKind.PERCENT, _FROM, rate_percent=Decimal(10), periods=left, subscription_id=1,
                  used={UseKey(1, _FROM): 10})
    remaining = periods_left(grant, subscription_id=1)
    return {"duration_remaining_after": remaining, "periods_left_after": remaining,
            "terminated": is_over(grant, today=_TODAY, subscription_id=1)}


def _grant(case: Case, till: Till, *, used_minor: int = 0) -> Grant:
    coupon = case.given["coupon"]
    facts = coupon if isinstance(coupon, dict) else {"type": "fixed", "amount": coupon}
    used = {UseKey(0, _FROM): used_minor} if used_minor else {}
    if str(facts.get("type", "")).startswith("percent"):
        return Grant(1, "Promo", DiscountKind.PERCENT, _FROM, rate_percent=Decimal(str(facts["rate"])), used=used)
    return Grant(1, "Promo", DiscountKind.VOUCHER, _FROM, amount_minor=till.minor(facts["amount"]), used=used)


def _is_used_up(case: Case, till: Till, off_minor: int) -> bool:
    return is_over(_grant(case, till, used_minor=off_minor), today=_TODAY)
