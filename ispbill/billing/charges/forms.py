"""What people enter about one-time charges."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType

from wtforms import IntegerField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired

from ispbill.billing.charges.models import ChargeKind
from ispbill.billing.charges.service import ChargeFacts
from ispbill.catalogue.policy import Fee, Wanted
from ispbill.catalogue.taxes.forms import LineTaxField
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.web.forms import Form, IdField, LocalDateField, MoneyField, options
from ispbill.web.once.pages import sent_key

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
    """Something to bill once. Each page carries a key of its own, so that sending it twice charges once."""

    fees: Mapping[int, Fee] = MappingProxyType({})
    item_id = IdField(lazy("From the catalogue"),
                      description=lazy("What is left empty below is as the catalogue says."))
    kind = RadioField(lazy("What it is"), choices=options(KIND_LABELS.items()), default=ChargeKind.ONE_TIME.value)
    description = StringField(lazy("For"))
    quantity = IntegerField(lazy("Quantity"), [InputRequired(lazy("Enter a number."))], default=1)
    unit_price = MoneyField(lazy("Price"), negative=True)
    tax_rate_id = LineTaxField(lazy("Tax"))
    subscription_id = IdField(lazy("Subscription"))
    bill_on = LocalDateField(lazy("Billed from"), [InputRequired(lazy("Say from which day."))])

    def offer_items(self, fees: Sequence[Fee]) -> None:
        """Set the choices: what the catalogue charges once."""
        self.fees = {fee.id: fee for fee in fees}
        self.item_id.offer([(fee.id, fee.name) for fee in fees], empty=_("Nothing: written by hand"))

    def facts(self, customer_id: int, *, bill_on: date) -> ChargeFacts:
        """What was entered, completed from the catalogue."""
        fee, key = self.fees.get(self.item_id.data or 0), sent_key()
        # What is only preselected yields to the catalogue's tax, and to a deposit, which bears none.
        yields = fee is not None or self.kind.data == ChargeKind.DEPOSIT
        tax_rate_id = self.tax_rate_id.chosen if yields else self.tax_rate_id.data
        line = Wanted(self.description.data or "", self.unit_price.data, tax_rate_id).completed(fee)
        return ChargeFacts(
            customer_id=customer_id, description=line.description, kind=ChargeKind(self.kind.data),
            unit_price_minor=line.unit_price_minor or 0, quantity=self.quantity.data or 0,
            tax_rate_id=line.tax_rate_id, subscription_id=self.subscription_id.data,
            bill_on=self.bill_on.data or bill_on,
            source=f"page:{key}" if key else None,
        )


class ReasonForm(Form):
    """Why it is not billed."""

    reason = TextAreaField(lazy("Reason"), [InputRequired(lazy("Say why: whoever looks later will want to know."))])


class ReturnForm(Form):
    """How much of a deposit is given back."""

    amount = MoneyField(lazy("Amount"), [InputRequired(lazy("Enter an amount."))])
