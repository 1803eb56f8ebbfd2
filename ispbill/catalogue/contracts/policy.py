"""What a contract may be. Plain values in and out."""
from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.money import LARGEST_MINOR

MOST_MONTHS = 120


@dataclass(frozen=True, slots=True)
class ContractFacts:
    """Months promised, and what leaving before costs: an amount (which may decline), a part of what is left, a cap."""

    months: int
    fixed_minor: int = 0
    is_declining: bool = False
    remaining_percent: Decimal = Decimal(0)
    most_minor: int | None = None


def checked(facts: ContractFacts) -> ContractFacts:
    """The facts as they are stored. Raises Invalid, naming the field."""
    if not 1 <= facts.months <= MOST_MONTHS:
        raise Invalid(_("A contract lasts 1 to %(most_months)s months.", most_months=MOST_MONTHS), field="months")
    if not 0 <= facts.fixed_minor <= LARGEST_MINOR:
        raise Invalid(_("A fee is zero or more."), field="fixed")
    percent = facts.remaining_percent
    if not (percent.is_finite() and 0 <= percent <= 100):
        raise Invalid(_("A part of what is left lies between 0 and 100 percent."), field="remaining_percent")
    return facts
