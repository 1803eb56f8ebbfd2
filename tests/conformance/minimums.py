"""Cases of minimum commitments: what lifts a period to its minimum, prorated as the engine prorates, and its tax."""
from __future__ import annotations

from decimal import Decimal
from typing import Any

from ispbill.billing.rating.policy import true_up
from tests.conformance.cases import CannotExpress, Case, amount
from tests.conformance.plots import ends_on, plot_of
from tests.conformance.story import Story
from tests.conformance.taxing import Till, percent

_MINIMUM = ("minimum", "minimum_commitment", "minimum_amount", "commitment")
_FEE = ("plan_amount", "subscription_fee", "base")
# What asks for the whole document, and not only for what lifts it to the minimum.
_OF_ALL = {"fees", "fees_total", "subtotal", "taxes"}
_ACTUAL = ("actual", "usage", "charged", "spent", "consumed", "usage_fees", "fees")


def answers(case: Case) -> dict[str, Any]:
    """What is billed to reach the minimum. Raises CannotExpress for a case of another shape."""
    if not case.has(*_MINIMUM) or not case.has(*_ACTUAL):
        raise CannotExpress(f"no reading of minimums knows {', '.join(case.given)}")
    till = Till(case)
    told = case.find(*_ACTUAL)
    actual = sum(map(amount, told if isinstance(told, list) else [told])) + amount(case.find(*_FEE, default=0))
    whole = amount(case.find(*_MINIMUM))
    due = _prorated(case, whole) if case.has("start", "period", "billed", "billable_days") else whole
    more = till.major(true_up(till.minor(due), actual_minor=till.minor(actual)))
    document = till.taxed([more], percent(case.find("tax_rate", "rate", default=0)))
    tax, total = till.major(document.tax_minor), till.major(document.total_minor)
    if not {"net", "tax"} & case.expected.keys() and not case.has("tax_rate", "rate"):
        total += actual
    if _OF_ALL & case.expected.keys():
        return {**dict.fromkeys(("true_up", "true_up_fee"), more), "true_up_tax": tax, "prorated_minimum": due,
                **_whole(till, [actual, more], case.find("tax_rate", "rate", default=0))}
    return dict.fromkeys(("true_up", "true_up_fee", "true_up_line", "net"), more) | {
        "prorated_minimum": due, "minimum_prorated": due, "tax": tax, "true_up_tax": tax, "total": total,
    }


def _whole(till: Till, fees: list[Decimal], rate: Any) -> dict[str, Any]:
    """The document on which what was used and what lifts it to the minimum stand, each taxed on its own line."""
    document = till.taxed(fees, percent(rate))
    return {**dict.fromkeys(("fees", "fees_total", "net", "subtotal"), till.major(document.net_minor)),
            "taxes": [till.major(line.tax_minor) for line in document.lines], "tax": till.major(document.tax_minor),
            "total": till.major(document.total_minor)}


def _prorated(case: Case, whole: Decimal) -> Decimal:
    """The part of the minimum that the days of the first period bear."""
    plot, story = plot_of(case.row({"plan_amount": whole}, case.expected)), Story()
    story.begin(whole, on=plot.start, terms=plot.terms)
    end_on = plot.end_on or ends_on(case)
    if end_on is not None:
        story.end(on=end_on, said_on=plot.start)
    first_due = story.due_on()
    assert first_due is not None, "it was begun"
    found: Decimal = story.bill(first_due).lines[0]["amount"]
    return found
