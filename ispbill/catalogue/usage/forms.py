"""What people enter about usage prices: up to five steps, those without a price left out."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from wtforms import BooleanField, DecimalField, SelectField, StringField
from wtforms.validators import InputRequired, Optional

from ispbill.catalogue.usage.policy import Model, PriceList, Tier, UsageFacts
from ispbill.core.i18n import lazy
from ispbill.core.money import exponent
from ispbill.web.forms import Form, LocalDateField, MoneyField, options

MODEL_LABELS = {
    Model.GRADUATED.value: lazy("Each unit at the price of its own step"),
    Model.VOLUME.value: lazy("All units at the price of the step that the whole falls in"),
}
MOST_STEPS = 5
_NAMES = ("up_to", "price", "flat", "block", "whole_blocks")


class UsageForm(Form):
    """A price list for usage."""

    valid_from = LocalDateField(lazy("From"), [InputRequired(lazy("Say from which day."))])
    unit = StringField(lazy("Counted in"), [InputRequired(lazy("Say what is counted, such as GB or minutes."))])
    included = DecimalField(lazy("Included"), [Optional()], places=None)
    minimum = MoneyField(lazy("A period costs at least"))
    model = SelectField(lazy("Steps"), choices=options(MODEL_LABELS.items()))

    def facts(self, currency: str) -> UsageFacts:
        """What was entered; prices of a unit in minor units of the currency."""
        tiers = tuple(self._tier(number, currency) for number in numbers() if self[f"price_{number}"].data is not None)
        return UsageFacts(
            prices=PriceList(tiers, self.model.data, self.included.data or Decimal(0)), unit=self.unit.data or "",
            valid_from=self.valid_from.data, minimum_minor=self.minimum.data or 0,
        )

    def steps(self) -> Iterable[Sequence[Any]]:
        """The fields of each step, as the page draws them."""
        return [[self[f"{name}_{number}"] for name in _NAMES] for number in numbers()]

    def _tier(self, number: int, currency: str) -> Tier:
        up_to, price, flat, block, whole_blocks = (self[f"{name}_{number}"].data for name in _NAMES)
        return Tier(up_to, price.scaleb(exponent(currency)), flat or 0, block or Decimal(1), whole_blocks)


def numbers() -> range:
    """The numbers of the steps a list can be entered with."""
    return range(1, MOST_STEPS + 1)


def _add_steps() -> None:
    for number in numbers():
        fields = {
            "up_to": DecimalField(lazy("Up to"), [Optional()], places=None),
            "price": DecimalField(lazy("Price of a block"), [Optional()], places=None),
            "flat": MoneyField(lazy("Fee for the step")),
            "block": DecimalField(lazy("Units in a block"), [Optional()], places=None),
            "whole_blocks": BooleanField(lazy("A block that is begun is charged")),
        }
        for name, field in fields.items():
            setattr(UsageForm, f"{name}_{number}", field)


_add_steps()
