"""What a credit note takes back: parts of billed lines, capped by what is left of them. Pure; amounts in minor units.

A part bears the same part of the line's tax; the last part takes the whole rest, so that all parts sum to the line.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ispbill.billing.invoices.policy import InvoiceDraft, total
from ispbill.billing.lines.policy import PLAIN, Extras, LineDraft, Tax, capped
from ispbill.billing.pricing.policy import rounding_line
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.money import scale, to_cash
from ispbill.core.periods import Period


class Creditable(NamedTuple):
    """A line of an issued document, and what no credit has taken back of it yet.

    `is_gross`: the amounts contain the tax. `is_offset`: the document itself gave a part of it back, as a change of
    plan does, or a deposit was given back; that part is not left. `left_days`: the stretches of its period that no
    credit has given back.
    """

    id: int
    subscription_id: int | None
    component_id: int | None
    description: str
    period: Period | None
    quantity: int
    unit_price_minor: int
    amount_minor: int
    tax_minor: int
    left_minor: int
    left_tax_minor: int
    is_gross: bool
    tax: Tax | None
    account: str
    left: Extras = PLAIN
    is_offset: bool = False
    left_days: tuple[Period, ...] = ()

    @property
    def left_total_minor(self) -> int:
        """What is left of it with its tax."""
        return self.left_minor if self.is_gross else self.left_minor + self.left_tax_minor - self.left.inclusive_minor


class Take(NamedTuple):
    """How much of a line is taken back: an amount as the line has it, units, days, or all that is left."""

    amount_minor: int | None = None
    quantity: int | None = None
    days: int | None = None


def credit_draft(
    customer_id: int, lines: Sequence[Creditable], takes: Mapping[int, Take], *, bills_again: bool = False,
    cash_step_minor: int = 0, rounded_minor: int = 0,
) -> InvoiceDraft:
    """The credit note for parts of some lines, by line id. With `bills_again` whole lines may be billed anew.

    It is rounded to what cash can pay, but for the last one, which takes the whole rest of the document;
    `rounded_minor` is what earlier ones took back of it beyond their lines.

    Raises Invalid for more than is left of a line, Conflict where nothing is left or a line that is to be billed
    again would be credited in part.
    """
    known = {line.id: line for line in lines}
    if not takes.keys() <= known.keys():
        raise Invalid(_("A line is not of this document."))
    parts = [(known[key], part_of(known[key], take)) for key, take in takes.items()]
    drafts = [_line(line, part, take=takes[line.id], keeps_period=bills_again) for line, part in parts if part]
    whole = [line.id for line, part in parts
             if part == line.left_minor and not line.is_offset and len(line.left_days) <= 1]
    if bills_again and len(whole) < len(parts):
        raise Conflict(_("Only lines that are credited in full can be billed again."))
    asked_minor = -total(customer_id, drafts).total_minor
    lines_minor = sum(line.left_total_minor for line in lines)
    left_minor = lines_minor - rounded_minor
    amount_minor = left_minor if asked_minor == lines_minor else _in_cash(asked_minor, left_minor, cash_step_minor)
    if not 0 < amount_minor <= left_minor:
        raise Conflict(_("There is nothing to credit.") if amount_minor <= 0
                       else _("That is more than is left of the document."))
    if amount_minor != asked_minor:
        drafts.append(rounding_line(asked_minor - amount_minor))
    return total(customer_id, drafts, released=whole if bills_again else ())


def offset(charged: Sequence[Creditable], given_back: Sequence[Creditable]) -> list[Creditable]:
    """What is left of a document's charges once the credits on it are taken off, those of the same tax first.

    A credit is negative; what no charge has room for is ignored: nothing can be left of such a document.
    """
    lines = list(charged)
    for credit in given_back:
        wanted_minor = -credit.left_total_minor
        for index in sorted(range(len(lines)), key=lambda place: lines[place].tax != credit.tax):
            taken_minor = min(wanted_minor, lines[index].left_total_minor)
            if taken_minor > 0:
                lines[index] = _lessened(lines[index], taken_minor)
                wanted_minor -= taken_minor
    return lines


def unreturned(line: Creditable, returned_minor: int) -> Creditable:
    """What is left of a deposit's line beside what of the deposit is given back, by credit notes or otherwise."""
    if not returned_minor or not line.left_minor:
        return line
    beyond_minor = max(line.left_minor - (line.amount_minor - returned_minor), 0)
    return _lessened(line, scale(line.left_total_minor, beyond_minor, line.left_minor))


def part_of(line: Creditable, take: Take) -> int:
    """What a take comes to, in the terms of the line's amount. Raises Invalid, with the line's field."""
    if take.amount_minor is not None:
        if not 0 < take.amount_minor <= line.left_minor:
            raise Invalid(_("That is more than is left of the line, what this document gave back taken off.")
                          if line.is_offset else _("That is more than is left of the line."),
                          field=f"amount_{line.id}")
        return take.amount_minor
    if take.quantity is not None:
        if not 0 < take.quantity <= line.quantity:
            raise Invalid(_("The line has %(quantity)s.", quantity=line.quantity), field=f"quantity_{line.id}")
        return min(scale(line.amount_minor, take.quantity, line.quantity), line.left_minor)
    if take.days is not None:
        if line.period is None or not 0 < take.days <= line.period.days:
            raise Invalid(_("The line does not have so many days."), field=f"days_{line.id}")
        return min(scale(line.amount_minor, take.days, line.period.days), line.left_minor)
    return line.left_minor


def _in_cash(asked_minor: int, left_minor: int, step_minor: int) -> int:
    """The amount as cash can pay it: rounding alone does not pass what is left."""
    amount_minor = to_cash(asked_minor, step_minor)
    return left_minor if 0 < amount_minor - left_minor < step_minor else amount_minor


def _lessened(line: Creditable, total_minor: int) -> Creditable:
    """The line without a part of what is left of it, which bears the same part of amount, tax and discount."""
    whole_minor = line.left_total_minor
    tax_minor = scale(line.left_tax_minor, total_minor, whole_minor)
    extras = PLAIN if line.left is PLAIN else line.left.part(total_minor, whole_minor, tax_minor=tax_minor)
    apart_minor = 0 if line.is_gross else tax_minor - extras.inclusive_minor
    return line._replace(
        left_minor=line.left_minor - (total_minor - apart_minor), left_tax_minor=line.left_tax_minor - tax_minor,
        left=PLAIN if extras is PLAIN else line.left.less(extras), is_offset=True,
    )


def _line(line: Creditable, part_minor: int, *, take: Take, keeps_period: bool) -> LineDraft:
    tax_minor = line.left_tax_minor if part_minor == line.left_minor else _share_of_tax(line, part_minor)
    period = next(iter(line.left_days), None) if keeps_period else None
    extras = PLAIN if line.left is PLAIN else line.left.part(part_minor, line.left_minor, tax_minor=tax_minor)
    contained_minor = tax_minor if line.is_gross else extras.inclusive_minor
    return LineDraft(
        line.subscription_id, line.component_id, f"Credit: {line.description}", _arithmetic(line, take, part_minor),
        period and period.start, period and period.end, line.quantity, line.unit_price_minor, -part_minor,
        -(part_minor - contained_minor), -tax_minor, line.account, None, line.id, line.tax,
        PLAIN if extras is PLAIN else extras.negated(),
    )


def _share_of_tax(line: Creditable, part_minor: int) -> int:
    return min(scale(line.tax_minor, part_minor, line.amount_minor), line.left_tax_minor)


def _arithmetic(line: Creditable, take: Take, part_minor: int) -> str:
    if take.days is not None and line.period is not None:
        return capped(f"{take.days} of {line.period.days} days", part_minor,
                      computed_minor=scale(line.amount_minor, take.days, line.period.days))
    if take.quantity is not None:
        return capped(f"{take.quantity} of {line.quantity}", part_minor,
                      computed_minor=scale(line.amount_minor, take.quantity, line.quantity))
    return ""
