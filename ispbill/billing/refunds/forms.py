"""Input of the refunds' pages. A form reads; the rules are the verbs'."""
from __future__ import annotations

from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from ispbill.billing.payments.models import MONEY_METHODS, PaymentMethod
from ispbill.billing.refunds.service import RefundFacts
from ispbill.core.current import current
from ispbill.core.i18n import lazy
from ispbill.web.forms import Form, LocalDateField, MoneyField, options
from ispbill.web.once.pages import sent_key


class RefundForm(Form):
    """What is paid back. Each page carries a key of its own, so that sending it twice pays once."""

    amount = MoneyField(lazy("Amount to pay back"), [InputRequired(lazy("Enter the amount to pay back."))])
    method = SelectField(lazy("Paid by"), choices=options(MONEY_METHODS.items()), default=PaymentMethod.CASH)
    reference = StringField(lazy("Reference"), [Length(max=100)], description=lazy(
            "Of the transfer or cheque. Cash needs none."))
    refunded_on = LocalDateField(lazy("Paid back on"))
    reason = StringField(lazy("Reason"), [InputRequired(lazy("Say why, such as: moved away.")), Length(max=500)],
                         description=lazy("Kept with the refund."))

    @classmethod
    def for_viewer(cls, *, most_minor: int) -> RefundForm:
        """The form with all the credit filled in; the day can be chosen only by who may backdate."""
        form = cls(data={"amount": most_minor or None, "refunded_on": current.today()})
        if not current.actor.may("backdate_payment"):
            del form.refunded_on
        return form

    def facts(self, customer_id: int, *, payment_id: int | None, credit_note_id: int | None) -> RefundFacts:
        """What was entered, as the verb takes it."""
        return RefundFacts(
            customer_id=customer_id, amount_minor=self.amount.data, method=self.method.data,
            reason=self.reason.data, reference=self.reference.data, payment_id=payment_id,
            refunded_on=self.refunded_on.data if "refunded_on" in self else None, credit_note_id=credit_note_id,
            idempotency_key=sent_key(),
        )


class CancelForm(Form):
    """Why a refund is cancelled."""

    reason = StringField(lazy("Reason"),
                         [InputRequired(lazy("Say why, such as: the cheque was never cashed.")), Length(max=500)],
                         description=lazy("Kept with the refund."))
