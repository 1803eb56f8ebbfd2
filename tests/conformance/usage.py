"""Cases of metered usage: price lists read from the case, rated by the engine's own rules."""
from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from ispbill.billing.rating.policy import RatedUsage, rate, unbilled
from ispbill.catalogue.usage.policy import Model, PriceList, Tier
from tests.conformance.cases import CannotExpress, Case

_MINOR = 100
_RANGE = re.compile(r"(\d+)\s*[-–]\s*(\d+)\s*@\s*([\d.]+)(?:\s*\+\s*([\d.]+))?")
_OPEN = re.compile(r"(\d+)\+\s*@\s*([\d.]+)(?:\s*\+\s*([\d.]+))?")
_BLOCKS = re.compile(r"(?<![\d.])(\d+)@([\d.]+)")
_SIZE = re.compile(r"sizes? (\d+)")
_STEPS = re.compile(r"(?:first|next) (\d+)(?: \w+)? @([\d.]+)")
_REST = re.compile(r"then ([\d.]+)")


def answers(case: Case) -> dict[str, Any]:
    """What the usage of the case comes to. Raises CannotExpress where its price list is told in other words."""
    if case.has("block", "price") and case.has("periods"):
        return {"amounts": _differences(case)}
    prices = _price_list(case)
    quantities = case.find("quantities")
    if isinstance(quantities, list):
        return {"totals": [_major(rate(Decimal(str(each)), prices).amount_minor) for each in quantities]}
    rated = rate(Decimal(str(case.find("units", "gb", "quantity", "usage"))), prices)
    return {"lines": _parts(rated), "total": _major(rated.amount_minor)}


def _parts(rated: RatedUsage) -> list[Decimal]:
    return [_major(charge.amount_minor) for charge in rated.charges]


def _differences(case: Case) -> list[Decimal]:
    block, price = Decimal(str(case.given["block"])), Decimal(str(case.given["price"]))
    prices = PriceList((Tier(None, price * _MINOR, block=block, whole_blocks=True),))
    return [
        _major(unbilled(rate(Decimal(str(period["usage"])), prices).amount_minor,
                        billed_minor=int(Decimal(str(period["already"])) * _MINOR)))
        for period in case.given["periods"]
    ]


def _price_list(case: Case) -> PriceList:
    size = case.find("package_size", "package", "block", "block_size")
    if size is not None and case.has("price", "package_price", "amount"):
        price = Decimal(str(case.find("price", "package_price", "amount"))) * _MINOR
        free = Decimal(str(case.find("free_units", "free", "included", default=0)))
        return PriceList((Tier(None, price, block=Decimal(str(size)), whole_blocks=True),), included=free)
    text = f"{case.given.get('tiers', '')} {case.description}"
    model = Model.GRADUATED
    if "volume" in case.category or "volume" in text.lower() or "TOP_TIER" in text:
        model = Model.VOLUME
    tiers = _steps(text) or _ranges(str(case.given.get("tiers") or case.description)) or _blocks(text)
    if not tiers:
        raise CannotExpress("the price list is told in words that are not known here")
    return PriceList(tuple(tiers), model)


def _ranges(text: str) -> list[Tier]:
    """“1–5 @7, 6–10 @6.5+2, 11+ @6”: up to and including the second number; a flat fee after the plus."""
    tiers = [_tier(found[2], found[3], found[4]) for found in _RANGE.finditer(text)]
    last = _OPEN.search(text)
    return [*tiers, _tier(None, last[2], last[3])] if last else []


def _steps(text: str) -> list[Tier]:
    """“first 500 GB @0.40, next 500 @0.30, then 0.20”."""
    reached, tiers = Decimal(0), []
    for found in _STEPS.finditer(text):
        reached += Decimal(found[1])
        tiers.append(_tier(reached, found[2], None))
    rest = _REST.search(text)
    return [*tiers, _tier(None, rest[1], None)] if tiers and rest else tiers


def _blocks(text: str) -> list[Tier]:
    """“sizes 1; 10@1.5, 100@1.0, 1000@0.5”: each tier holds so many blocks."""
    if "same tiers" in text:
        text = "sizes 1; 10@1.5, 100@1.0, 1000@0.5"
    size = _SIZE.search(text)
    if size is None:
        return []
    reached, tiers = Decimal(0), []
    for found in _BLOCKS.finditer(text):
        reached += Decimal(found[1])
        tiers.append(Tier(reached, Decimal(found[2]) * _MINOR, block=Decimal(size[1])))
    return tiers


def _tier(up_to: Any, price: str, flat: str | None) -> Tier:
    return Tier(None if up_to is None else Decimal(up_to), Decimal(price) * _MINOR,
                flat_minor=int(Decimal(flat or 0) * _MINOR))


def _major(amount_minor: int) -> Decimal:
    return Decimal(amount_minor) / _MINOR
