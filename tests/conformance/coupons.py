"""Cases of discounts: shared over lines, and taxed after them, by the engine's own rules."""
from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from ispbill.billing.discounts.policy import (
    DiscountableLine,
    DiscountKind,
    Grant,
    UseKey,
    deductions,
)
from ispbill.billing.taxes.policy import TaxableLine, TaxCode, tax_document
from ispbill.catalogue.taxes.policy import ComponentKind, TaxComponent
from tests.conformance.cases import CannotExpress, Case, NotOurs
from tests.conformance.taxing import Till, percent

_FROM = date(2026, 1, 1)
_MUCH = 10**9
_PERCENTAGE = ("rate", "percentage_rate", "percent", "percent_off", "percentage")
_FREQUENCY, _COUNTED = ("frequency", "duration"), (
    "duration_remaining", "frequency_duration_remaining", "frequency_duration", "periods", "duration_in_months")
_AMOUNT = ("amount", "amount_off")
_USED, _LEFT = ("used", "already_used", "amount_used"), ("remaining", "amount_remaining")
_KNOWN = {"type", "plans", *_AMOUNT, *_USED, *_LEFT, *_FREQUENCY, *_COUNTED, *_PERCENTAGE}


def answers(case: Case) -> dict[str, Any]:
    """What the discount of the case comes to. Raises CannotExpress for a case of another shape."""
    if case.has("duration_remaining", "periods_left", "frequency_duration"):
        return _counted(case)
    if case.has("coupon") and isinstance(dict.get(case.given, "invoices"), list):
        return _over_invoices(case)
    if isinstance(dict.get(case.given, "fees"), list) and case.has("coupon", "coupons"):
        return _shared(case)
    if case.has("coupon") and case.has("fees") and case.has("tax"):
        return _of_one_plan(case)
    if case.has("gross") and case.has("percent_discount", "discount_percent"):
        return _off_gross(case)
    if case.has("coupon") and case.has("fees_total", "fees", "fee"):
        fees, rate = case.find("fees_total", "fees", "fee"), case.find("rate", "tax_rate")
        return _shared(case.row({"fees": [[fees, rate or 0]]}, case.expected))
    raise CannotExpress(f"no reading of discounts knows {', '.join(case.given)}")


def _shared(case: Case) -> dict[str, Any]:
    till = Till(case)
    rate = case.find("tax_rate", "rate", default=0)
    fees = [_fee(each, rate) for each in case.given["fees"]]
    lines = [DiscountableLine(begins_on=_FROM, full_minor=till.minor(fee), subscription_id=1, plan_id=plan)
             for fee, _, plan in fees]
    off = [0] * len(lines)
    credits: dict[int, int] = {}
    for taken in deductions(lines, _grants(case, till)):
        off[taken.place] += taken.amount_minor
        credits[taken.grant_id] = credits.get(taken.grant_id, 0) + taken.amount_minor
    document = tax_document([
        TaxableLine(line.full_minor - less, TaxCode(place, "Tax", (percent(rate),)))
        for place, (line, less, (_, rate, _)) in enumerate(zip(lines, off, fees, strict=True), start=1)
    ])
    coupon = _grants(case, till, used_minor=sum(off))[0]
    periods_left = None if coupon.periods is None else coupon.periods - 1
    return {
        "duration_remaining_after": periods_left, "periods_left_after": periods_left,
        "credits": [till.major(credits.get(place, 0)) for place in range(1, len(_grants(case, till)) + 1)],
        "remaining": till.major(coupon.left_minor), "coupon_remaining": till.major(coupon.left_minor),
        "coupon_left": till.major(coupon.left_minor), "net": till.major(document.net_minor),
        "subtotal": till.major(document.net_minor),
        "credit": till.major(sum(off)), "split": [till.major(less) for less in off], "discount": till.major(sum(off)),
        "taxes": [till.major(line.tax_minor) for line in document.lines], "tax": till.major(document.tax_minor),
        "tax_total": till.major(document.tax_minor), "total": till.major(document.total_minor),
        "terminated": not _gives(coupon, _month(1)),
    }


def _fee(facts: Any, rate: Any) -> tuple[Any, Any, Any]:
    """A fee, its tax rate, and the plan that it is of, where the case tells one."""
    if isinstance(facts, list):
        fee, own_rate = facts
        return fee, own_rate, None
    known = facts if isinstance(facts, dict) else {"amount": facts}
    if "amount" not in known or known.keys() - {"amount", "rate", "plan"}:
        raise CannotExpress(f"a fee with {', '.join(known)} is not known here")
    return known["amount"], known.get("rate", rate), known.get("plan")


def _over_invoices(case: Case) -> dict[str, Any]:
    """A coupon over one invoice a month: each takes of what those before it left."""
    till, used, credits = Till(case), dict[UseKey, int](), list[int]()
    grant = replace(_grant(case.given["coupon"], till, used_minor=0), used=used)
    for place, total in enumerate(case.given["invoices"]):
        on = _month(place)
        taken = deductions([DiscountableLine(on, till.minor(total), subscription_id=1)], [grant])
        credits.append(sum(each.amount_minor for each in taken))
        if taken:
            used[UseKey(0, on)] = credits[-1]
    left = [till.minor(total) - off for total, off in zip(case.given["invoices"], credits, strict=True)]
    return {"credits": [till.major(off) for off in credits], "totals": [till.major(total) for total in left],
            "remaining": till.major(grant.left_minor), "terminated": not _gives(grant, _month(len(left)))}


def _of_one_plan(case: Case) -> dict[str, Any]:
    """A coupon for one of two plans, and the taxes as they are given; how the fees fall to the plans is not told."""
    till = Till(case)
    whole, coupon, tax = (till.minor(case.given[name]) for name in ("fees", "coupon", "tax"))
    other = max(whole - coupon, 0) // 2
    lines = [DiscountableLine(_FROM, fee, subscription_id=1, plan_id=plan)
             for plan, fee in ((1, other), (2, whole - other))]
    grant = Grant(1, "Promo", DiscountKind.VOUCHER, _FROM, amount_minor=coupon, plan_ids=frozenset({2}))
    off = [0, 0]
    for taken in deductions(lines, [grant]):
        off[taken.place] += taken.amount_minor
    given = TaxCode(1, "Tax", (TaxComponent("Tax", kind=ComponentKind.PER_DOCUMENT, amount_minor=tax),))
    document = tax_document([TaxableLine(line.full_minor - less, given) for line, less in zip(lines, off, strict=True)])
    assert off[0] == 0, "only the second plan is discounted"
    return {"total": till.major(document.total_minor), "tax": till.major(document.tax_minor),
            "credit": till.major(sum(off)), "discount": till.major(sum(off)), "net": till.major(document.net_minor)}


def _off_gross(case: Case) -> dict[str, Any]:
    """Something off a price that contains its tax, which an exempt customer does not pay."""
    till, rate = Till(case), case.find("rate", "tax_rate", default=0)
    grant = Grant(1, "Promo", DiscountKind.PERCENT, _FROM,
                  rate_percent=Decimal(str(case.find("percent_discount", "discount_percent"))))
    gross = till.minor(case.given["gross"])
    (taken,) = deductions([DiscountableLine(begins_on=_FROM, full_minor=gross, subscription_id=1)], [grant])
    code = TaxCode(1, "Tax", (percent(rate, is_inclusive=True),))
    exemption = "exempt" if case.find("exempt", "tax_exempt") else ""
    document = tax_document([TaxableLine(gross - taken.amount_minor, code, exemption=exemption)])
    return {"net": till.major(document.net_minor), "tax": till.major(document.tax_minor),
            "total": till.major(document.total_minor)}


def _counted(case: Case) -> dict[str, Any]:
    periods = int(case.find("duration_remaining", "periods_left", "frequency_duration"))
    used: dict[UseKey, int] = {}
    grant = Grant(1, "Promo", DiscountKind.PERCENT, _FROM, rate_percent=Decimal(10), periods=periods,
                  subscription_id=1, used=used)
    bills = 0
    while _gives(grant, _month(bills)) and bills <= periods:
        used[UseKey(1, _month(bills))] = _MUCH // 10
        bills += 1
    remaining = max(bills - int(case.find("invoices", default=1)), 0)
    return {"duration_remaining_after": remaining, "periods_left_after": remaining, "terminated": remaining == 0}


def _grants(case: Case, till: Till, *, used_minor: int = 0) -> list[Grant]:
    coupons = case.given["coupons"] if case.has("coupons") else [case.given["coupon"]]
    used_minor += till.minor(case.find("already_used", "already_applied", default=0))
    grants = [replace(_grant(coupon, till, used_minor=used_minor), id=place)
              for place, coupon in enumerate(coupons, start=1)]
    if sorted(grants, key=lambda grant: grant.order) != grants:
        raise NotOurs("an amount that is given once comes off after all that is taken off each period")
    return grants


def _grant(coupon: Any, till: Till, *, used_minor: int) -> Grant:
    facts = coupon if isinstance(coupon, dict) else _told_in_short(str(coupon))
    if facts.keys() - _KNOWN:
        raise CannotExpress(f"a coupon with {', '.join(facts)} is not known here")
    plan_ids = frozenset(facts.get("plans", ()))
    percentage, amount, frequency, counted, taken, left = (
        next((facts[name] for name in names if name in facts), None)
        for names in (_PERCENTAGE, _AMOUNT, _FREQUENCY, _COUNTED, _USED, _LEFT)
    )
    if left is not None:
        taken = till.major(till.minor(amount) - till.minor(left))
    used_minor += till.minor(taken or 0)
    used = {UseKey(0, _FROM): used_minor} if used_minor else {}
    periods = {None: 1, "once": 1, "forever": None}.get(frequency, int(counted or 1))
    if percentage is not None:
        return Grant(1, "Promo", DiscountKind.PERCENT, _FROM, rate_percent=Decimal(str(percentage)), used=used,
                     periods=periods, plan_ids=plan_ids)
    if frequency not in (None, "once"):
        return Grant(1, "Promo", DiscountKind.AMOUNT, _FROM, amount_minor=till.minor(amount), used=used,
                     periods=periods, plan_ids=plan_ids)
    return Grant(1, "Promo", DiscountKind.VOUCHER, _FROM, amount_minor=till.minor(amount), used=used,
                 plan_ids=plan_ids)


def _told_in_short(coupon: str) -> dict[str, Any]:
    """“20%” or “10.00”."""
    return {"percent": coupon.strip(" %")} if "%" in coupon else {"amount": coupon}


def _gives(grant: Grant, on: date) -> bool:
    """Whether the bill of a month gets something off."""
    return bool(deductions([DiscountableLine(on, _MUCH, subscription_id=1)], [grant]))


def _month(place: int) -> date:
    return date(_FROM.year + place // 12, 1 + place % 12, 1)
