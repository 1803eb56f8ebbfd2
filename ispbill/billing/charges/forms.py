"""What people enter about one-time charges."""
from __future__ import annotations

from datetime import date

from wtforms import IntegerField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired

from ispbill.billing.charges.models import ChargeKind
from ispbill.billing.charges.service import ChargeFacts
from ispbill.core.i18n import lazy
from ispbill.web.forms import Form, IdField, LocalDateField, MoneyField, options

KIND_LABELS = {
    ChargeKind.ONE_TIME.value: lazy("One-time fee"),
    ChargeKind.DEPOSIT.value: lazy("Deposit, given back one day"),
    ChargeKind.ADJUSTMENT.value: lazy("Adjustment; below zero it is given back"),
}
ALL_KIND_LABELS = {
    **KIND_LABELS, ChargeKind.DEPOSIT.value: lazy("Deposit"), ChargeKind.ADJUSTMENT.value: lazy("Adjustment"),
    ChargeKind.DEPOSIT_RETURN.value: lazy("Deposit given back"), ChargeKind.USAGE.value: lazy("Usage"),
    ChargeKind.LATE_FEE.value: lazy("Late fee"), ChargeKind.EARLY_TERMINATION.value: lazy("Leaving early"),
}


class ChargeForm(Form):
    """Something to bill once."""

    kind = RadioField(lazy("What it is"), choices=options(KIND_LABELS.items()), default=ChargeKind.ONE_TIME.value)
    description = StringField(lazy("For"), [InputRequired(lazy("Say what it is for."))])
    quantity = IntegerField(lazy("Quantity"), [InputRequired(lazy("Enter a number."))], default=1)
    unit_price = MoneyField(lazy("Price"), [InputRequired(lazy("Enter an amount."))], negative=True)
    tax_rate_id = IdField(lazy("Tax"))
    subscription_id = IdField(lazy("Subscription"))
    bill_on = LocalDateField(lazy("Billed from"), [InputRequired(lazy("Say from which day."))])

    def facts(self, customer_id: int, *, bill_on: date) -> ChargeFacts:
        """What was entered."""
        return ChargeFacts(
            customer_id=customer_id, description=self.description.data or "", kind=ChargeKind(self.kind.data),
            unit_price_minor=self.unit_price.data or 0, quantity=self.quantity.data or 0,
            tax_rate_id=self.tax_rate_id.data, subscription_id=self.subscription_id.data,
            bill_on=self.bill_on.data or bill_on,
        )


class ReasonForm(Form):
    """Why it is not billed."""

    reason = TextAreaField(lazy("Reason"), [InputRequired(lazy("Say why: whoever looks later will want to know."))])


class ReturnForm(Form):
    """How much of a deposit is given back."""

    amount = MoneyField(lazy("Amount"), [InputRequired(lazy("Enter an amount."))])
