"""What people enter about discounts."""
from __future__ import annotations

from datetime import date, timedelta

from wtforms import IntegerField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from ispbill.billing.discounts.policy import DiscountKind, Terms, rate_of
from ispbill.billing.discounts.service import Scope
from ispbill.core.i18n import lazy
from ispbill.web.forms import Form, IdField, LocalDateField, MoneyField, options

KIND_LABELS = {
    DiscountKind.PERCENT.value: lazy("Percent off each period"),
    DiscountKind.AMOUNT.value: lazy("Amount off each period"),
    DiscountKind.VOUCHER.value: lazy("Voucher: an amount until it is used up"),
}


class DiscountForm(Form):
    """A new discount."""

    name = StringField(lazy("Name"), [InputRequired(lazy("Give the discount a name, such as Loyalty 10 %."))])
    kind = RadioField(lazy("What it gives"), choices=options(KIND_LABELS.items()), default=DiscountKind.PERCENT.value)
    rate_percent = StringField(lazy("Percent"))
    amount = MoneyField(lazy("Amount"))
    periods = IntegerField(lazy("Periods"), [Optional()])
    rank = IntegerField(lazy("Order"), [Optional()], default=0)
    plan_ids = SelectMultipleField(lazy("Plans"), coerce=int, choices=[], widget=ListWidget(prefix_label=False),
                                   option_widget=CheckboxInput())
    offered_from = LocalDateField(lazy("Can be granted from"))
    offered_last = LocalDateField(lazy("Can be granted until"))
    description = TextAreaField(lazy("Description"))

    def terms(self) -> Terms:
        """What was entered. Raises Invalid for what is no percentage."""
        is_rate = self.kind.data == DiscountKind.PERCENT
        return Terms(
            name=self.name.data or "", kind=self.kind.data, amount_minor=self.amount.data or 0,
            **({"rate_percent": rate_of(self.rate_percent.data or "")} if is_rate else {}),
            periods=self.periods.data, rank=self.rank.data or 0, offered_from=self.offered_from.data,
            offered_until=_day_after(self.offered_last.data), description=self.description.data or "",
        )


class GrantForm(Form):
    """A discount for a customer."""

    discount_id = IdField(lazy("Discount"), [InputRequired(lazy("Choose a discount."))])
    subscription_id = IdField(lazy("For"))
    starts_on = LocalDateField(lazy("From"), [InputRequired(lazy("Say from which day."))])
    last_day = LocalDateField(lazy("Last day"))
    reason = StringField(lazy("Reason"))

    def scope(self) -> Scope:
        """What was entered."""
        return Scope(
            starts_on=self.starts_on.data, ends_on=_day_after(self.last_day.data),
            subscription_id=self.subscription_id.data, reason=self.reason.data or "",
        )


class EndForm(Form):
    """From which day on it applies no more."""

    on = LocalDateField(lazy("Not any more from"), [InputRequired(lazy("Say from which day."))])


def _day_after(day: date | None) -> date | None:
    return None if day is None else day + timedelta(days=1)
