"""What publishers call the same thing: their names for what a case gives, under the names that readings ask for."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_SAME = {
    "start_date": "start", "bill_cycle_day": "bcd", "billing_cycle_day": "bcd", "proration": "option",
    "vat_rate": "tax_rate", "tax_percent": "tax_rate", "reverse_charge": "exempt",
    "old_price": "old", "old_amount": "old", "new_price": "new", "new_amount": "new",
    "percent_off": "percent_discount", "amount_off": "fixed_discount", "duration_in_months": "discount_periods",
    "included_gb": "included", "included_units": "included", "used_gb": "usage", "used": "usage",
    "runs_per_local_day": "runs_per_day", "overage_per_gb": "price", "overage_price": "price", "overage_rate": "price",
}
# How many, and of what: a period in two values.
_LENGTHS = (("period", "period_unit"), ("interval_count", "interval"), ("interval_length", "interval_unit"))


def usual(given: Mapping[str, Any]) -> dict[str, Any]:
    """The values under their usual names, without those that say nothing; one whose usual name is taken stays."""
    found = {name if _SAME.get(name, name) in given else _SAME.get(name, name): value for name, value in given.items()
             if value is not None}
    for count, unit in _LENGTHS:
        if count in found and unit in found:
            found["period"] = f"{found.pop(count)} {found.pop(unit)}"
    if "billing_cycle_anchor" in found:
        anchor = str(found.pop("billing_cycle_anchor"))
        found = {"start": anchor, "anchor_day": int(anchor[8:10]), **found}
    return found
