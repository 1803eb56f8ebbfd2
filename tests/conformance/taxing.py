"""Cases of taxes: documents taxed by the engine's own rules."""
from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import Any

from ispbill.billing.taxes.policy import (
    Rounding,
    TaxableLine,
    TaxCode,
    TaxedDocument,
    tax_document,
)
from ispbill.catalogue.taxes.policy import TaxComponent, TaxVersion, spans
from ispbill.core.money import scale, split_by_weights, to_cash, to_major, to_minor
from ispbill.core.periods import Period
from tests.conformance.books import Account
from tests.conformance.cases import Cadence, CannotExpress, Case, NotOurs, after, amount, currency_of, day
from tests.conformance.story import Story, Terms
from tests.conformance.wording import unused_days

_PERCENTS = re.compile(r"([\d.]+) ?%")
# What is asked in the end, where the total is before what is withheld.
_PAYABLE = {"payable", "amount_due", "net_payable", "amount_payable"}
# A day from which to tell what has no date of its own.
_SOME_DAY = date(2025, 6, 1)


class Till:
    """Taxes in the currency of a case; amounts in major units."""

    def __init__(self, case: Case) -> None:
        self.currency = currency_of(case)

    def minor(self, text: Any) -> int:
        """An amount in minor units."""
        return to_minor(amount(text), self.currency)

    def major(self, amount_minor: int) -> Decimal:
        """An amount in major units."""
        return to_major(amount_minor, self.currency)

    def taxed(self, amounts: list[Any], *parts: TaxComponent, rounding: str = Rounding.LINE) -> TaxedDocument:
        """Some lines with one tax, as a document."""
        code = TaxCode(1, "Tax", parts)
        return tax_document([TaxableLine(self.minor(each), code) for each in amounts], rounding=rounding)


def percent(rate: Any, **facts: Any) -> TaxComponent:
    """A percentage."""
    return TaxComponent("Tax", rate_percent=amount(str(rate).replace("%", "")), **facts)


def answers(case: Case) -> dict[str, Any]:
    """What the taxes of the case come to. Raises CannotExpress for a case of another shape."""
    till = Till(case)
    for name in ("fees", "lines"):
        if _has_rates(dict.get(case.given, name)) and not case.has("schedule"):
            return _by_fees(case, till, name)
    for names, read in _READINGS:
        if all(case.has(*name.split("|")) for name in names):
            return read(case, till)
    raise CannotExpress(f"no reading of taxes knows {', '.join(case.given)}")


def _fixed_and_percent(case: Case, till: Till) -> dict[str, Any]:
    fixed = {"name": "Fee", "kind": "per_unit", "amount_minor": till.minor(case.given["fixed"])}
    base, rate = case.given["base"], case.given["percent"]
    if case.has("division"):
        parts = percent(case.given["division"], kind="division"), TaxComponent(**fixed), percent(rate)
        document = till.taxed([base], *parts)
        return _sums(document, till) | {"taxes": [till.major(part.tax_minor) for part in document.lines[0].taxes]}
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


def _has_rates(fees: Any) -> bool:
    """Whether it is a list of amounts that each may have a rate of their own."""
    return isinstance(fees, list) and bool(fees) and all(isinstance(each, list | dict) for each in fees)


def _included(case: Case, till: Till) -> dict[str, Any]:
    gross = case.given["gross"]
    code = TaxCode(1, "Tax", (percent(_rate(case), is_inclusive=True, kind=_kind(case)),))
    exemption = "exempt" if case.find("exempt", "tax_exempt") else ""
    return _sums(tax_document([TaxableLine(till.minor(each), code, exemption=exemption)
                               for each in (gross if isinstance(gross, list) else [gross])]), till)


def _by_quantity(case: Case, till: Till) -> dict[str, Any]:
    """So many at a unit price."""
    if not case.category.startswith("tax"):
        raise CannotExpress(f"no reading of taxes knows a price and a quantity in “{case.category}”")
    quantity = Decimal(str(case.find("quantity", "units")))
    price = amount(case.find("unit_price", "price", "unit_amount")) * quantity
    return _sums(till.taxed([price], percent(_rate(case), is_inclusive=_is_inclusive(case))), till)


def _added(case: Case, till: Till) -> dict[str, Any]:
    part = percent(_rate(case), kind=_kind(case), is_inclusive=_is_inclusive(case))
    if case.find("exempt", "tax_exempt"):
        return _exempt(case, till)
    document = till.taxed([case.find("net", "base")], part)
    found = _sums(document, till)
    unused = unused_days(case)
    if unused is None:
        return found | {"credit_note": found["total"], "invoice_tax": found["tax"]}
    return _credited(case, *unused)


def _priced(case: Case, till: Till) -> dict[str, Any]:
    """A price, of which the case says in other words whether it contains its tax."""
    if not case.category.startswith("tax"):
        raise CannotExpress(f"no reading of taxes knows a price and a rate in “{case.category}”")
    return _added(case.row({"net": case.find("price", "amount")}, case.expected), till)


def _exempt(case: Case, till: Till) -> dict[str, Any]:
    """A customer who owes no tax: by the books of a company, from a charge that bears it."""
    account = Account()
    account.exempts(on=_SOME_DAY)
    account.owe([amount(case.find("net", "base"))], on=_SOME_DAY, tax=Decimal(str(_rate(case))))
    net = till.major(till.minor(case.find("net", "base")))
    return {"net": net, "base": net, "tax": account.balance() - net, "total": account.balance()}


def _withheld(case: Case, till: Till) -> dict[str, Any]:
    """A tax on top, and parts of the price that the customer keeps back for the state."""
    rates = case.find("withholdings", "withholding", "withheld_rate", "withholding_rate")
    held = [percent(f"-{str(rate).removeprefix('-')}") for rate in (rates if isinstance(rates, list) else [rates])]
    document = till.taxed([case.find("net", "base")], percent(_rate(case)), *held)
    added, *kept = (till.major(part.tax_minor) for part in document.lines[0].taxes)
    withheld = -sum(kept)
    payable = till.major(document.total_minor)
    total = payable + (withheld if _PAYABLE & case.expected.keys() else 0)
    return _sums(document, till) | dict.fromkeys(_PAYABLE, payable) | {
        "total": total, "tax": added, "withheld": withheld, "withholding": withheld, "taxes": [added, *kept],
    }


def _credited(case: Case, unused: int, of: int) -> dict[str, Any]:
    """A period that is billed and then ended: the credit for the days that are left of it."""
    story = Story()
    story.begin(amount(case.find("net", "base")), on=_SOME_DAY,
                terms=Terms(Cadence("day", of), tax=Decimal(str(_rate(case)))))
    billed = story.bill(_SOME_DAY)
    end_on = _SOME_DAY + timedelta(days=of - unused)
    story.end(on=end_on)
    credit = story.bill(end_on)
    note = {"net": -credit.net, "tax": -credit.tax, "total": -credit.total}
    return {**note, "credit_note": note, "invoice_tax": billed.tax}


def _cash(case: Case, till: Till) -> dict[str, Any]:
    """A total as cash can pay it."""
    exact = till.minor(case.find("total", "amount", "value", "due", "net"))
    step = till.minor(case.find("cash_rounding", "cash_step", "step", "precision", "increment", "rounding"))
    method = str(case.find("method", "rounding_method", default="half-up")).upper().replace("_", "-")
    if method != "HALF-UP":
        raise NotOurs(f"cash is rounded to the nearest coin, halves up, and not {method}")
    paid = to_cash(exact, step)
    found = dict.fromkeys(("rounded", "total", "due", "cash_total", "payable"), till.major(paid))
    return found | dict.fromkeys(("rounding", "difference", "adjustment", "rounding_line"), till.major(paid - exact))


def _several(case: Case, till: Till) -> dict[str, Any]:
    rate = _rate(case)
    by_line = till.taxed(case.given["nets"], percent(rate))
    whole = till.taxed(case.given["nets"], percent(rate), rounding=Rounding.DOCUMENT)
    return _sums(by_line, till) | {
        "invoice_total": till.major(whole.total_minor), "sum_of_rounded": till.major(by_line.total_minor),
        "taxes": [till.major(line.tax_minor) for line in by_line.lines]}


def _by_rates(case: Case, till: Till) -> dict[str, Any]:
    """One price with several percentages: beside each other, or each on top of those before it."""
    is_inclusive = case.has("gross") or case.says("included", "inclusive")
    is_compound = bool(case.find("compound", default=case.says("compound")))
    kind = _kind(case)
    both = {raises: _each_tax(till.taxed([case.find("gross", "net", "base")], *(
        percent(rate, kind=kind, is_inclusive=is_inclusive, raises_next=raises) for rate in case.given["rates"]
    )), till) for raises in (False, True)}
    return both[is_compound] | {"separate_total": both[False]["total"], "compound": both[True]}


def _each_tax(document: TaxedDocument, till: Till) -> dict[str, Any]:
    """The sums of a document of one line, and each of its taxes."""
    return _sums(document, till) | {"taxes": [till.major(part.tax_minor) for part in document.lines[0].taxes],
                                    "tax_total": till.major(document.tax_minor)}


def _by_parts(case: Case, till: Till) -> dict[str, Any]:
    """One price with several taxes, each of which says whether it bears, or is borne by, the others."""
    taxes = [each if isinstance(each, dict) else _tax_in_words(str(each)) for each in case.given["taxes"]]
    is_any = any(each.get("compound") for each in taxes)
    parts = (_part(each, till, is_any) for each in taxes)
    return _each_tax(till.taxed([case.find("net", "base", "gross", "price")], *parts), till)


def _tax_in_words(told: str) -> dict[str, Any]:
    """“12”, “12 %”, “4 % included” or “4 % in the base of the next”."""
    found = re.fullmatch(r"(-?[\d.]+) ?%?(?: ?\(?(.+?)\)?)?", told.strip())
    if found is None or (found[2] and not re.search(r"base|incl", found[2])):
        raise CannotExpress(f"the tax “{told}” is told in words that are not known here")
    bears = {"include_base_amount": True} if "base" in (found[2] or "") else {"price_include": True}
    return {"rate": found[1], **(bears if found[2] else {})}


def _part(facts: dict[str, Any], till: Till, is_any_compound: bool) -> TaxComponent:
    """One of several taxes: a percentage, or a fixed amount; in Odoo's words or in plain ones."""
    facts = {_TAX_FACTS.get(name, name): value for name, value in facts.items()}
    kinds = [name for name in ("fixed", "percent", "division") if name in facts]
    if len(kinds) == 1:
        facts = {"type": kinds[0], "rate": facts.pop(kinds[0]), **facts}
    kind, figure = facts.get("type", "percent"), facts.get("rate", facts.get("amount"))
    known = {"name", "type", "rate", "amount", "include_base_amount", "compound", "is_inclusive", "price_include"}
    if facts.keys() - known or figure is None or kind not in ("percent", "fixed", "division"):
        raise CannotExpress(f"a tax with {', '.join(facts)} is not known here")
    bearing = {"is_inclusive": bool(facts.get("is_inclusive") or facts.get("price_include")),
               "raises_next": is_any_compound or bool(facts.get("include_base_amount")),
               "ignores_previous": is_any_compound and not facts.get("compound")}
    if kind == "fixed":
        return TaxComponent("Tax", kind="per_unit", amount_minor=till.minor(figure), **bearing)
    return percent(figure, kind=kind, **bearing)


_TAX_FACTS = {"include_base": "include_base_amount", "in_base": "include_base_amount", "included": "price_include"}


def _by_fees(case: Case, till: Till, name: str) -> dict[str, Any]:
    """Fees that each have a rate of their own."""
    fees = [_fee_and_rate(each) if isinstance(each, dict) else each for each in case.given[name]]
    document = tax_document([TaxableLine(till.minor(fee), TaxCode(place, "Tax", (percent(each),)))
                             for place, (fee, each) in enumerate(fees, start=1)])
    return _sums(document, till) | {"taxes": [till.major(line.tax_minor) for line in document.lines],
                                    "tax_total": till.major(document.tax_minor)}


def _fee_and_rate(facts: dict[str, Any]) -> list[Any]:
    fee, rate = (next((facts[name] for name in names if name in facts), None)
                 for names in (("net", "amount", "fee"), ("rate", "tax_rate")))
    if len(facts) != 2 or fee is None or rate is None:
        raise CannotExpress(f"a fee with {', '.join(facts)} is not known here")
    return [fee, rate]


def _shares(case: Case, till: Till) -> dict[str, Any]:
    told = [Fraction(str(each)) for each in case.find("weights", default=[1] * int(case.find("parts", default=1)))]
    weights = [int(each * lcm(*(each.denominator for each in told))) for each in told]
    whole = till.minor(case.find("total", "amount"))
    return {"shares": [till.major(share) for share in split_by_weights(whole, weights)]}


def _in_two(case: Case, till: Till) -> dict[str, Any]:
    """A whole in two parts, the second of which is what the first leaves."""
    first, whole = _first_part(case)
    shares = split_by_weights(till.minor(case.find("total", "amount", "plan_amount")), [first, whole - first])
    one, other = map(till.major, shares)
    return {"shares": [one, other], "parts": [one, other], "first": one, "second": other, "sum": one + other}


def _first_part(case: Case) -> tuple[int, int]:
    if case.has("split_at"):
        start, at, end = (day(each).toordinal() for each in (
            case.given["period"][0], case.given["split_at"], case.given["period"][1]))
        return at - start, end - start
    told = case.find("first_days", "first_part", "first_share", "first")
    share = Fraction(str(told)) / Fraction(str(case.find("days", "period_days", default=1)))
    if not 0 < share < 1:
        raise CannotExpress(f"“{told}” is no part of it")
    return share.numerator, share.denominator


def _tax_as_told(case: Case, till: Till) -> dict[str, Any]:
    """Charges, and a tax that is told as an amount of the document."""
    if not case.category.startswith("tax"):
        raise CannotExpress(f"no reading of taxes knows a net and a tax in “{case.category}”")
    nets = case.given["net"] if isinstance(case.given["net"], list) else [case.given["net"]]
    told = TaxComponent("Tax", kind="per_document", amount_minor=till.minor(case.given["tax"]))
    return _sums(till.taxed(nets, told), till)


def _half_up(case: Case, till: Till) -> dict[str, Any]:
    values = {"half_up": case.given["value"], "half_up2": case.expected.get("value2", case.given["value"])}
    exact = {name: Decimal(str(value)) * 100 for name, value in values.items()}
    return {name: till.major(scale(-1 if value < 0 else 1, *abs(value).as_integer_ratio()))
            for name, value in exact.items()}


def _dated(case: Case, till: Till) -> dict[str, Any]:
    """A tax that changes inside a period: each part of the period with what is asked in it."""
    versions = list(_versions(case.find("taxes", "rates"), till))
    parts = spans(versions, Period(*map(day, case.given["period"])))
    shares = split_by_weights(till.minor(case.given["net"]), [part.period.days for part in parts])
    document = tax_document([TaxableLine(share, TaxCode(place, "Tax", part.components))
                             for place, (share, part) in enumerate(zip(shares, parts, strict=True), start=1)])
    return _sums(document, till)


def _versions(taxes: list[dict[str, Any]], till: Till) -> Iterator[TaxVersion]:
    """What is asked from which day on; nothing from the day after the last on which a tax is said to be asked."""
    begin = {day(each["from_"]) for each in taxes}
    for each in taxes:
        if each.keys() - {"from_", "to", "rate", "amount"}:
            raise CannotExpress(f"a tax with {', '.join(each)} is not known here")
        part = percent(each["rate"]) if "rate" in each else TaxComponent(
            "Tax", kind="per_document", amount_minor=till.minor(each["amount"]))
        yield TaxVersion(day(each["from_"]), (part,))
        if each.get("to") and after(day(each["to"])) not in begin:
            yield TaxVersion(after(day(each["to"])), ())


def _rounding_modes(case: Case, till: Till) -> dict[str, Any]:
    told = case.find("rate", "tax_rate")
    rates = case.find("rates") or (_PERCENTS.findall(case.description) if told is None else [str(told)])
    if not rates:
        raise CannotExpress("the case does not say which taxes")
    *first, last = rates
    is_compound = bool(case.find("compound", default="compound" in case.description))
    parts = [*(percent(rate, raises_next=is_compound, ignores_previous=is_compound) for rate in first), percent(last)]
    modes = {"per_line": Rounding.LINE, "globally": Rounding.DOCUMENT, "per_document": Rounding.DOCUMENT}
    return {name: till.major(till.taxed(case.given["lines"], *parts, rounding=mode).tax_minor)
            for name, mode in modes.items()}


def _sums(document: TaxedDocument, till: Till) -> dict[str, Any]:
    return {"base": till.major(document.net_minor), "net": till.major(document.net_minor),
            "tax": till.major(document.tax_minor), "total": till.major(document.total_minor)}


def _kind(case: Case) -> str:
    """How the rate is meant: of the net, or of what is paid."""
    return "division" if "division" in case.category else "percent"


def _is_inclusive(case: Case) -> bool:
    """Whether the price is said to contain its tax."""
    return bool(case.find("inclusive", "is_inclusive", "tax_inclusive", "price_include", default=False))


def _rate(case: Case) -> Any:
    rate = case.find("rate", "tax_rate")
    if rate is None:
        raise CannotExpress("the case names no rate")
    return rate


_READINGS: list[tuple[tuple[str, ...], Callable[[Case, Till], dict[str, Any]]]] = [
    (("base", "fixed", "percent"), _fixed_and_percent),
    (("gross", "included", "excluded"), _included_and_added),
    (("total|amount", "weights|parts"), _shares),
    (("total|amount|plan_amount", "first_days|first_part|first_share|first|split_at"), _in_two),
    (("net", "period", "taxes|rates"), _dated),
    (("net|base|gross", "rates"), _by_rates),
    (("total|amount|value|due|net", "cash_rounding|cash_step|step|precision|increment|rounding"), _cash),
    (("value",), _half_up),
    (("net|base|gross|price", "taxes"), _by_parts),
    (("gross", "rate|tax_rate"), _included),
    (("nets", "rate|tax_rate"), _several),
    (("net|base", "rate|tax_rate", "withholdings|withholding|withheld_rate|withholding_rate"), _withheld),
    (("unit_price|price|unit_amount", "quantity|units", "rate|tax_rate"), _by_quantity),
    (("net|base", "rate|tax_rate"), _added),
    (("price|amount", "rate|tax_rate"), _priced),
    (("net", "tax"), _tax_as_told),
    (("lines",), _rounding_modes),
]
