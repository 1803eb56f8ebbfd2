"""What people enter about one-time charges."""
from __future__ import annotations

from datetime import date

from wtforms import IntegerField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired

from ispbill.billing.charges.models import ChargeKind
from ispbill.billing.charges.service import ChargeFacts
from ispbill.web.forms import Form, IdField, LocalDateField, MoneyField, options

KIND_LABELS = {
    ChargeKind.ONE_TIME.value: "One-time fee",
    ChargeKind.DEPOSIT.value: "Deposit, given back one day",
    ChargeKind.ADJUSTMENT.value: "Adjustment; below zero it is given back",
}
ALL_KIND_LABELS = {
    **KIND_LABELS, ChargeKind.DEPOSIT.value: "Deposit", ChargeKind.ADJUSTMENT.value: "Adjustment",
    ChargeKind.DEPOSIT_RETURN.value: "Deposit given back", ChargeKind.USAGE.value: "Usage",
    ChargeKind.LATE_FEE.value: "Late fee", ChargeKind.EARLY_TERMINATION.value: "Leaving early",
}


class ChargeForm(Form):
    """Something to bill once."""

    kind = RadioField("What it is", choices=options(KIND_LABELS.items()), default=ChargeKind.ONE_TIME.value)
    description = StringField("For", [InputRequired("Say what it is for.")])
    quantity = IntegerField("Quantity", [InputRequired("Enter a number.")], default=1)
    unit_price = MoneyField("Price", [InputRequired("Enter an amount.")], negative=True)
    tax_rate_id = IdField("Tax")
    subscription_id = IdField("Subscription")
    bill_on = LocalDateField("Billed from", [InputRequired("Say from which day.")])

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

    reason = TextAreaField("Reason", [InputRequired("Say why: whoever looks later will want to know.")])


class ReturnForm(Form):
    """How much of a deposit is given back."""

    amount = MoneyField("Amount", [InputRequired("Enter an amount.")])
