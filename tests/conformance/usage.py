"""Cases of metered usage: price lists read from the case, rated by the engine's own rules."""
from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import cycle
from typing import Any

from ispbill.billing.metering.policy import UsagePrices, amount_of
from ispbill.billing.rating.policy import rate, unbilled
from ispbill.catalogue.usage.policy import Model, PriceList, Tier
from ispbill.core.money import exponent
from ispbill.core.periods import period_from
from ispbill.subscriptions.policy import Start, schedule_from
from tests.conformance.cases import CannotExpress, Case, NotOurs
from tests.conformance.taxing import Till

_RANGE = re.compile(r"(\d+)\s*[-–]\s*(\d+)\s*@\s*([\d.]+)(?:\s*\+\s*([\d.]+))?")
_OPEN = re.compile(r"(\d+)\+\s*@\s*([\d.]+)(?:\s*\+\s*([\d.]+))?")
_BLOCKS = re.compile(r"(?<![\d.])(\d+)@([\d.]+)")
# What a tier tells that is a list: up to where, at which price, with which fee.
_PLACES = ("up_to", "price", "flat")
_PACKAGE_PRICE = ("price", "package_price", "package_amount", "amount", "unit_amount")
_SIZE = re.compile(r"(?:sizes?|blocks? of) (\d+(?:(?:, ?| ?/ ?| and )\d+)*)")
_PACKAGES = re.compile(r"(?:packages?|blocks?|packs?) of (\d+)(?: \w+)? ?(?:@|for|at) ?([\d.]+)", re.I)
_FIRST_FREE = re.compile(r"(?:first (\d+)(?: \w+)? (?:are )?free|(\d+)(?: \w+)? free)", re.I)
_STEPS = re.compile(r"(?:first|next) (\d+)(?: (?!blocks?\b)\w+)? @ ?([\d.]+)")
_REST = re.compile(r"then (?:@ ?)?([\d.]+)")


def answers(case: Case) -> dict[str, Any]:
    """What the usage of the case comes to. Raises CannotExpress where its price list is told in other words."""
    if "percentile" in case.category:
        raise NotOurs("what is used is summed; no part of the samples is left out")
    if "percent" in case.category:
        raise NotOurs("usage is rated by quantities, not by the amounts of what was bought")
    till = Till(case)
    if case.has("block") and case.has("price") and case.has("periods", "already"):
        amounts = _differences(case, till)
        return {"amounts": amounts, "amount": amounts[-1]}
    prices = _in_minor(_price_list(case), till)
    quantities = case.find("quantities")
    if isinstance(quantities, list):
        return {"totals": [till.major(rate(_priced(each, prices), prices).amount_minor) for each in quantities]}
    units = _priced(_units(case), prices)
    if case.has("start"):
        return {"total": till.major(_first_period(case, units, prices))}
    rated = rate(units, prices)
    return {"lines": [till.major(charge.amount_minor) for charge in rated.charges],
            "total": till.major(rated.amount_minor), "amount": till.major(rated.amount_minor)}


def _priced(units: Any, prices: PriceList) -> Decimal:
    """So many units. Raises CannotExpress for more than the price list tells a price for."""
    most = prices.tiers[-1].up_to
    if most is not None and Decimal(str(units)) > most:
        raise CannotExpress(f"the price list does not say what more than {most} cost")
    return Decimal(str(units))


def _units(case: Case) -> Decimal:
    readings = case.find("readings")
    if isinstance(readings, list):
        return sum((Decimal(str(each)) for each in readings), Decimal(0))
    units = case.find("units", "gb", "quantity", "usage", "minutes", "mb")
    if units is None:
        raise CannotExpress("no reading of usage finds how much was used")
    return Decimal(str(units))


def _first_period(case: Case, units: Decimal, prices: PriceList) -> int:
    """What a first period comes to, which has its part of what is included."""
    start = case.days("start") or date.min
    anchor_day = int(case.find("anchor_day", "bcd", default=start.day))
    schedule = schedule_from(Start(start, anchor_day), unit="month", count=1)
    period = period_from(schedule, start)
    return amount_of(units, UsagePrices(start, prices, "", 0), period, charged=[period], proration="actual")


def _differences(case: Case, till: Till) -> list[Decimal]:
    block, price = Decimal(str(case.given["block"])), Decimal(str(case.given["price"]))
    prices = _in_minor(PriceList((Tier(None, price, block=block, whole_blocks=True),)), till)
    periods = case.find("periods") or [{"usage": _units(case), "already": case.given["already"]}]
    if any(period.keys() != {"usage", "already"} for period in periods):
        raise CannotExpress("each period tells what was used in it and what is billed already, and nothing else")
    return [
        till.major(unbilled(rate(Decimal(str(period["usage"])), prices).amount_minor,
                            billed_minor=till.minor(period["already"])))
        for period in periods
    ]


def _in_minor(prices: PriceList, till: Till) -> PriceList:
    """A list of prices in major units, as cases tell them, in minor units, of which a price may be a part."""
    unit = Decimal(10) ** exponent(till.currency)
    return prices._replace(tiers=tuple(
        tier._replace(price_minor=tier.price_minor * unit, flat_minor=int(tier.flat_minor * unit))
        for tier in prices.tiers
    ))


def _price_list(case: Case) -> PriceList:
    """The price list of a case, in major units."""
    size = case.find("package_size", "package", "block", "block_size") or _divided_by(case)
    if size is not None and case.has(*_PACKAGE_PRICE):
        price = Decimal(str(case.find(*_PACKAGE_PRICE)))
        return PriceList((Tier(None, price, block=Decimal(str(size)), whole_blocks=True),), included=_free(case))
    listed = case.find("tiers", "blocks")
    text = f"{'' if listed is None else listed} {case.description}"
    is_volume = "volume" in case.category or "volume" in text.lower() or case.says("top_tier", "volume")
    model = Model.VOLUME if is_volume else Model.GRADUATED
    if not is_volume:
        case.says("all_tiers", "graduated")
    if isinstance(listed, list) and all(isinstance(tier, dict | list) for tier in listed):
        named = [tier if isinstance(tier, dict) else dict(zip(_PLACES, tier, strict=False)) for tier in listed]
        return PriceList(tuple(_listed(named)), model, included=_free(case))
    if listed is None and case.has("price", "unit_price", "unit_amount"):
        price = Decimal(str(case.find("price", "unit_price", "unit_amount")))
        return PriceList((Tier(None, price),), included=_free(case))
    ranges = _ranges(str(case.given.get("tiers") or case.description))
    tiers = _steps(text) or ranges or _blocks(text)
    packages = _PACKAGES.search(text)
    if tiers:
        return PriceList(tuple(tiers), model)
    if packages and "package" in case.category:
        return PriceList((_tier(None, packages[2], None, packages[1]),), included=_free(case))
    before = _told_before(case, text)
    return PriceList(tuple(before), model)


def _divided_by(case: Case) -> Any:
    """How many units are one, rounded up, where a quantity is transformed (Stripe)."""
    transformed = case.find("transform_quantity")
    if transformed is None:
        return None
    if transformed.get("round") != "up" or transformed.keys() != {"divide_by", "round"}:
        raise CannotExpress("a quantity is divided, and rounded up")
    return transformed["divide_by"]


def _free(case: Case) -> Decimal:
    told = case.find("free_units", "free", "included")
    if told is None:
        words = _FIRST_FREE.search(case.description)
        told = (words[1] or words[2]) if words else 0
    return Decimal(str(told))


def _listed(tiers: list[dict[str, Any]]) -> Iterator[Tier]:
    """Tiers as objects: up to a bound (Stripe, Lago), or so many blocks of a size (Kill Bill)."""
    reached = Decimal(0)
    for facts in tiers:
        rest = dict(facts)
        size = _popped(rest, "size", "block_size", "block", "package_size")
        up_to, most = _popped(rest, "up_to", "to_value", "to"), _popped(rest, "max", "max_blocks")
        price = _popped(rest, "price", "unit_amount", "per_unit_amount", "unit_price", "amount")
        flat = _popped(rest, "flat_amount", "flat", "flat_fee")
        if rest.keys() - {"from", "from_value"} or price is flat is None:
            raise CannotExpress(f"a tier with {', '.join(facts)} is not known here")
        reached = Decimal(most) * Decimal(size or 1) + reached if most else Decimal(up_to or 0)
        yield _tier(reached or None, price or "0", flat, size)


def _popped(facts: dict[str, Any], *names: str) -> str | None:
    found = [facts.pop(name) for name in names if name in facts]
    return str(found[0]) if found and str(found[0]) not in ("None", "inf", "infinity", "-1") else None


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


def _told_before(case: Case, text: str) -> list[Tier]:
    """The tiers of the nearest case before it, where it says that it takes the same again."""
    for other in case.before if re.search(r"same (tiers|prices|price list|blocks)", text) else ():
        told = f"{dict.get(other.given, 'tiers', '')} {other.description}"
        tiers = _steps(told) or _ranges(told) or _blocks(told)
        if tiers:
            return tiers
    raise CannotExpress("the price list is told in words that are not known here")


def _blocks(text: str) -> list[Tier]:
    """“sizes 1; 10@1.5, 100@1.0, 1000@0.5”: each tier holds so many blocks, of one size or each of its own."""
    sizes, blocks = re.findall(r"\d+", " ".join(_SIZE.findall(text))), _BLOCKS.findall(text)
    if not sizes or not blocks:
        return []
    if len(sizes) not in (1, len(blocks)):
        raise CannotExpress("each tier has a size of its own, or all have one")
    reached, tiers = Decimal(0), []
    for (most, price), each in zip(blocks, cycle(sizes), strict=False):
        reached += Decimal(most) * Decimal(each)
        tiers.append(_tier(reached, price, None, each))
    return tiers


def _tier(up_to: Any, price: str, flat: str | None, size: str | None = None) -> Tier:
    # In major units until the list is whole: a fee may be a part of one then.
    fee: Any = Decimal(flat or 0)
    return Tier(None if up_to is None else Decimal(up_to), Decimal(price), fee, Decimal(size or 1),
                whole_blocks=size is not None)
