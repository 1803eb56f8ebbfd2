"""What a bundle may be. Plain values in and out; prices in minor units."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.money import LARGEST_MINOR

LONGEST_NAME, MOST_PARTS, MOST_QUANTITY = 120, 10, 1000


@dataclass(frozen=True, slots=True)
class PartFacts:
    """A plan in a bundle, how many, and at which price each (None: the plan's own)."""

    plan_id: int
    quantity: int = 1
    unit_price_minor: int | None = None


def bundle_name(text: str) -> str:
    """The name as it is stored. Raises Invalid when it is empty or too long."""
    name = " ".join(text.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise Invalid(_("Give the bundle a name of at most %(longest_name)s characters.", longest_name=LONGEST_NAME),
                      field="name")
    return name


def check_parts(parts: Sequence[PartFacts]) -> None:
    """Raises Invalid unless there are two plans or more, each once, in a sensible number and at a price."""
    if not 2 <= len(parts) <= MOST_PARTS:
        raise Invalid(_("A bundle has 2 to %(most_parts)s plans.", most_parts=MOST_PARTS), field="plan_1")
    for place, part in enumerate(parts, start=1):
        if any(part.plan_id == other.plan_id for other in parts[: place - 1]):
            raise Invalid(_("Each plan stands once; give a quantity instead."), field=f"plan_{place}")
        if not 1 <= part.quantity <= MOST_QUANTITY:
            raise Invalid(_("A quantity lies between 1 and %(most_quantity)s.", most_quantity=MOST_QUANTITY),
                          field=f"quantity_{place}")
        if part.unit_price_minor is not None and not 0 <= part.unit_price_minor <= LARGEST_MINOR // MOST_QUANTITY:
            raise Invalid(_("A price is zero or more."), field=f"price_{place}")
