"""Cases of taxes: documents taxed by the engine's own rules."""
from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from ispbill.billing.taxes.policy import (
    CreditState,
    Rounding,
    TaxableLine,
    TaxCode,
    TaxedDocument,
    credited_tax,
    tax_document,
)
from ispbill.catalogue.taxes.policy import TaxComponent, TaxVersion, spans
from ispbill.core.money import scale, split_by_weights, to_major, to_minor
from ispbill.core.periods import Period
from tests.conformance.cases import CannotExpress, Case, day

_PERCENTS = re.compile(r"([\d.]+) ?%")
_UNUSED = re.compile(r"(\d+) unused days of (\d+)")


class Till:
    """Taxes in the currency of a case; amounts in major units."""

    def __init__(self, case: Case) -> None:
        self.currency = "JPY" if "zero_decimal" in case.category or case.says("zero-decimal") else "USD"
        if case.says("three-decimal") or "three_decimal" in case.category:
            self.currency = "KWD"

    def minor(self, text: Any) -> int:
        """An amount in minor units."""
        return to_minor(Decimal(str(text)), self.currency)

    def major(self, amount_minor: int) -> Decimal:
        """An amount in major units."""
        return to_major(amount_minor, self.currency)

    def taxed(self, amounts: list[Any], *parts: TaxComponent, rounding: str = Rounding.LINE) -> TaxedDocument:
        """Some lines with one tax, as a document."""
        code = TaxCode(1, "Tax", parts)
        return tax_document([TaxableLine(self.minor(each), code) for each in amounts], rounding=rounding)


def percent(rate: Any, **facts: Any) -> TaxComponent:
    """A percentage."""
    return TaxComponent("Tax", rate_percent=Decimal(str(rate)), **facts)


def answers(case: Case) -> dict[str, Any]:
    """What the taxes of the case come to. Raises CannotExpress for a case of another shape."""
    till = Till(case)
    for names, read in _READINGS:
        if all(case.has(*name.split("|")) for name in names):
            return read(case, till)
    raise CannotExpress(f"no reading of taxes knows {', '.join(case.given)}")


def _fixed_and_percent(case: Case, till: Till) -> dict[str, Any]:
    fixed = {"name": "Fee", "kind": "per_unit", "amount_minor": till.minor(case.given["fixed"])}
    base, rate = case.given["base"], case.given["percent"]
    compound = till.taxed([base], TaxComponent(**fixed, raises_next=True), percent(rate))
    return {
        "separate_total": till.major(till.taxed([base], TaxComponent(**fixed), percent(rate)).total_minor),
        "compound": {"taxes": [till.major(part.tax_minor) for part in compound.lines[0].taxes],
                     "total": till.major(compound.total_minor)},
    }


def _included_and_added(case: Case, till: Till) -> dict[str, Any]:
    parts = percent(case.given["included"], is_inclusive=True), percent(case.given["excluded"])
    document = till.taxed([case.given["gross"]], *parts)
    included, added = (till.major(part.tax_minor) for part in document.lines[0].taxes)
    return {"base": till.major(document.net_minor), "tax_included": included, "tax_excluded": added,
            "total": till.major(document.total_minor)}


def _included(case: Case, till: Till) -> dict[str, Any]:
    document = till.taxed([case.given["gross"]], percent(_rate(case), is_inclusive=True))
    return _sums(document, till)


def _added(case: Case, till: Till) -> dict[str, Any]:
    part = percent(_rate(case), kind="division") if "division" in case.category else percent(_rate(case))
    document = till.taxed([case.find("net", "base")], part)
    found = _sums(document, till)
    unused = _UNUSED.search(case.description) or re.search(r"(\d+)/(\d+)", str(case.given.get("unused", "")))
    if unused is None:
        return found | {"credit_note": found["total"], "invoice_tax": found["tax"]}
    return _credited(document, int(unused[1]), int(unused[2]), till) | {"invoice_tax": found["tax"]}


def _credited(document: TaxedDocument, unused: int, of: int, till: Till) -> dict[str, Any]:
    net_minor = scale(document.net_minor, unused, of)
    tax_minor = credited_tax(CreditState(document.net_minor, document.tax_minor), net_minor)
    note = {"net": till.major(net_minor), "tax": till.major(tax_minor), "total": till.major(net_minor + tax_minor)}
    return {**note, "credit_note": note}


def _several(case: Case, till: Till) -> dict[str, Any]:
    rate = _rate(case)
    by_line = till.taxed(case.given["nets"], percent(rate))
    whole = till.taxed(case.given["nets"], percent(rate), rounding=Rounding.DOCUMENT)
    return {"invoice_total": till.major(whole.total_minor), "sum_of_rounded": till.major(by_line.total_minor),
            "total": till.major(by_line.total_minor)}


def _shares(case: Case, till: Till) -> dict[str, Any]:
    weights = [int(Decimal(str(each)) * 100) for each in case.given["weights"]]
    return {"shares": [till.major(share) for share in split_by_weights(till.minor(case.given["total"]), weights)]}


def _half_up(case: Case, till: Till) -> dict[str, Any]:
    values = {"half_up": case.given["value"], "half_up2": case.expected.get("value2", case.given["value"])}
    return {name: till.major(scale(1, *(Decimal(str(value)) * 100).as_integer_ratio()))
            for name, value in values.items()}


def _dated(case: Case, till: Till) -> dict[str, Any]:
    """A tax that changes inside a period: each part of the period with what is asked in it."""
    versions = [TaxVersion(day(each["from_"]), (TaxComponent("Tax", kind="per_document",
                                                             amount_minor=till.minor(each["amount"])),))
                for each in case.given["taxes"]]
    parts = spans(versions, Period(*map(day, case.given["period"])))
    shares = split_by_weights(till.minor(case.given["net"]), [part.period.days for part in parts])
    document = tax_document([TaxableLine(share, TaxCode(place, "Tax", part.components))
                             for place, (share, part) in enumerate(zip(shares, parts, strict=True), start=1)])
    return _sums(document, till)


def _rounding_modes(case: Case, till: Till) -> dict[str, Any]:
    rates = _PERCENTS.findall(case.description)
    if not rates:
        raise CannotExpress("the case does not say which taxes")
    *first, last = rates
    is_compound = "compound" in case.description
    parts = [*(percent(rate, raises_next=is_compound, ignores_previous=is_compound) for rate in first), percent(last)]
    modes = {"per_line": Rounding.LINE, "globally": Rounding.DOCUMENT, "per_document": Rounding.DOCUMENT}
    return {name: till.major(till.taxed(case.given["lines"], *parts, rounding=mode).tax_minor)
            for name, mode in modes.items()}


def _sums(document: TaxedDocument, till: Till) -> dict[str, Any]:
    return {"base": till.major(document.net_minor), "net": till.major(document.net_minor),
            "tax": till.major(document.tax_minor), "total": till.major(document.total_minor)}


def _rate(case: Case) -> Any:
    rate = case.find("rate", "tax_rate")
    if rate is None:
        raise CannotExpress("the case names no rate")
    return rate


_READINGS: list[tuple[tuple[str, ...], Callable[[Case, Till], dict[str, Any]]]] = [
    (("base", "fixed", "percent"), _fixed_and_percent),
    (("gross", "included", "excluded"), _included_and_added),
    (("total", "weights"), _shares),
    (("value",), _half_up),
    (("net", "period", "taxes"), _dated),
    (("gross", "rate|tax_rate"), _included),
    (("nets", "rate|tax_rate"), _several),
    (("net|base", "rate|tax_rate"), _added),
    (("lines",), _rounding_modes),
]
