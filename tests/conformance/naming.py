"""What publishers call the same thing: their names for what a case gives, under the names that readings ask for."""
from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_SAME = {
    "start_date": "start", "subscription_at": "start", "service_start": "start", "subscribed_on": "start",
    "first_bcd": "start", "expires_at": "expiry", "expires_on": "expiry", "net_payment_term": "net_days",
    "finalized_at": "issued_on", "issue_date": "issued_on", "issuing_date": "issued_on", "issued_at": "issued_on",
    "bill_cycle_day": "bcd", "billing_cycle_day": "bcd", "proration": "option",
    "vat_rate": "tax_rate", "tax_percent": "tax_rate", "reverse_charge": "exempt",
    "old_price": "old", "old_amount": "old", "new_price": "new", "new_amount": "new",
    "percent_off": "percent_discount", "amount_off": "fixed_discount", "duration_in_months": "discount_periods",
    "included_gb": "included", "included_units": "included", "used_gb": "usage", "used": "usage",
    "late_fee_percent": "percent", "late_fee_amount": "flat", "late_fee_flat": "flat",
    "reminders": "days", "reminder_days": "days", "days_after": "days", "due_in": "net_days",
    "until": "target", "change_date": "change_at",
    "trial_period": "trial_days", "trial_period_days": "trial_days", "free_trial_days": "trial_days",
    "frequency": "period", "amount_paid": "paid", "min_amount": "minimum", "old_quantity": "quantity",
    "percents": "rates", "seats": "quantity", "new_seats": "new_quantity", "upgrade": "change", "downgrade": "change",
    "runs_per_local_day": "runs_per_day", "overage_per_gb": "price", "overage_price": "price", "overage_rate": "price",
}
_LENGTHS_IN_DAYS = {"month_days", "period_days", "days_in_period", "total_days", "quarter_days", "year_days"}
_SHARE = re.compile(r"(\d+) ?/ ?(\d+)")
_BEFORE_AND_AFTER = 2
_A_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
# How many, and of what: a period in two values.
_LENGTHS = (("period", "period_unit"), ("interval_count", "interval"), ("interval_length", "interval_unit"),
            ("interval", "rule"), ("interval", "period"))


def usual(given: Mapping[str, Any]) -> dict[str, Any]:
    """The values under their usual names, without those that say nothing; one whose usual name is taken stays."""
    found = {name if _SAME.get(name, name) in given else _SAME.get(name, name): value for name, value in given.items()
             if value is not None}
    for count, unit in _LENGTHS:
        if unit in found and str(found.get(count, "")).isdecimal():
            found["period"] = f"{found.pop(count)} {found.pop(unit)}"
    if "billing_cycle_anchor" in found:
        anchor = str(found.pop("billing_cycle_anchor"))
        found = {"anchor_day": int(anchor[8:10]), **({} if "created" in found else {"start": anchor}), **found}
    if isinstance(found.get("base"), dict) and not found["base"].keys() & (found.keys() - {"amount"}):
        base = dict(found["base"])
        found |= {"base": base.pop("amount", None), **base}
    return _of_changes(_of_days(found))


def _of_days(found: dict[str, Any]) -> dict[str, Any]:
    """So many days that are billed, of so many: “25/28”, or each by itself."""
    share = _SHARE.fullmatch(str(found.get("days")))
    if share is not None:
        rest = {name: value for name, value in found.items() if name != "days"}
        return {**rest, "billable_days": int(share[1]), "period_days": int(share[2])}
    if isinstance(found.get("days"), int) and _LENGTHS_IN_DAYS & found.keys() and "first_days" not in found:
        found["billable_days"] = found.pop("days")
    return found


def _of_changes(found: dict[str, Any]) -> dict[str, Any]:
    """What is asked before and after a change, and when: from a price to a price, from a number to a number."""
    if {"from", "to"} <= found.keys() and not any(is_day(found[name]) for name in ("from", "to")):
        found = {"old": found["from"], "new": found["to"],
                 **{name: value for name, value in found.items() if name not in ("from", "to")}}
    if is_day(found.get("change")):
        found["change_at"] = found.pop("change")
    if "change_at" in found and isinstance(found.get("quantity"), list) and len(found["quantity"]) == _BEFORE_AND_AFTER:
        found["quantity"], found["new_quantity"] = found["quantity"]
    if {"new_quantity", "change_at"} <= found.keys():
        found["events"] = [{"at": found.pop("change_at"), "quantity": found.pop("new_quantity")}]
    return found


def is_day(value: Any) -> bool:
    """Whether a value is a day, or a moment of one."""
    return isinstance(value, str) and _A_DAY.match(value) is not None
