"""What people enter about bundles."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from wtforms import IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional

from ispbill.catalogue.bundles.policy import PartFacts
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.web.forms import Form, IdField, MoneyField

MOST_ROWS = 5


class BundleForm(Form):
    """A name and up to five plans; a row without a plan is no part."""

    name = StringField(lazy("Name"), [InputRequired(lazy("Give the bundle a name, such as Fibre and phone."))])
    description = TextAreaField(lazy("Description"))
    plan_1 = IdField(lazy("Plan"))
    quantity_1 = IntegerField(lazy("Quantity"), [Optional()])
    price_1 = MoneyField(lazy("Price each"))
    plan_2 = IdField(lazy("Plan"))
    quantity_2 = IntegerField(lazy("Quantity"), [Optional()])
    price_2 = MoneyField(lazy("Price each"))
    plan_3 = IdField(lazy("Plan"))
    quantity_3 = IntegerField(lazy("Quantity"), [Optional()])
    price_3 = MoneyField(lazy("Price each"))
    plan_4 = IdField(lazy("Plan"))
    quantity_4 = IntegerField(lazy("Quantity"), [Optional()])
    price_4 = MoneyField(lazy("Price each"))
    plan_5 = IdField(lazy("Plan"))
    quantity_5 = IntegerField(lazy("Quantity"), [Optional()])
    price_5 = MoneyField(lazy("Price each"))

    def offer(self, plans: Sequence[tuple[int, str]]) -> None:
        """The plans that can be parts."""
        for plan, *_others in self.rows():
            plan.offer(plans, empty=_("None"))

    def rows(self) -> Iterator[tuple[Any, Any, Any]]:
        """The fields of each row."""
        for number in range(1, MOST_ROWS + 1):
            yield self[f"plan_{number}"], self[f"quantity_{number}"], self[f"price_{number}"]

    def parts(self) -> list[PartFacts]:
        """What was entered."""
        return [
            PartFacts(plan.data, 1 if quantity.data is None else quantity.data, price.data)
            for plan, quantity, price in self.rows() if plan.data
        ]
