"""Input of the payments' pages. A form reads; the rules are the verbs'."""
from __future__ import annotations

from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from ispbill.billing.payments.models import METHOD_LABELS, PaymentMethod
from ispbill.billing.payments.service import Receipt
from ispbill.core.current import current
from ispbill.core.i18n import lazy
from ispbill.web.forms import Form, LocalDateField, MoneyField, options
from ispbill.web.once.pages import sent_key

# While it is typed, the page is asked what the amount would settle and what goes back of the cash given; these fields
# send one another and nothing else. Only for cash it asks what was given.
_FORESEE = {"hx-get": "", "hx-trigger": "input changed delay:300ms", "hx-target": "#settles", "hx-select": "#settles",
            "hx-swap": "outerHTML", "hx-include": "[name=amount],[name=given],[name=method]",
            "hx-sync": "closest form:replace", "hx-select-oob": "#change"}
_FORESEE_FOR_METHOD = {**_FORESEE, "hx-select-oob": "#cash"}


class RecordForm(Form):
    """Money that came in. Each page carries a key of its own, so that sending it twice records once."""

    amount = MoneyField(lazy("Amount received"), [InputRequired(lazy("Enter the amount that came in."))],
                        render_kw=_FORESEE)
    method = SelectField(lazy("Method"), choices=options(METHOD_LABELS.items()), default=PaymentMethod.CASH,
                         render_kw=_FORESEE_FOR_METHOD)
    given = MoneyField(lazy("Cash given"), [Optional()], render_kw=_FORESEE,
                       description=lazy("To find the change, if you like. It is not kept."))
    reference = StringField(lazy("Reference"), [Length(max=100)],
                            description=lazy("Of the transfer, card slip, cheque or tax certificate. Cash needs none."))
    received_on = LocalDateField(lazy("Received on"))
    note = TextAreaField(lazy("Note"), [Length(max=500)], description=lazy("Printed on the receipt."))

    @classmethod
    def for_viewer(cls, *, expected_minor: int) -> RecordForm:
        """The form with what is expected filled in; the day can be chosen only by who may backdate."""
        form = cls(data={"amount": expected_minor or None, "received_on": current.today()})
        if not current.actor.may("backdate_payment"):
            del form.received_on
        return form

    def receipt(self, customer_id: int) -> Receipt:
        """What was entered, as the verb takes it."""
        return Receipt(
            customer_id=customer_id, amount_minor=self.amount.data, method=self.method.data,
            reference=self.reference.data, note=self.note.data,
            received_on=self.received_on.data if "received_on" in self else None,
            idempotency_key=sent_key(),
        )


class ReverseForm(Form):
    """Why a payment is reversed."""

    reason = StringField(lazy("Reason"),
                         [InputRequired(lazy("Say why, such as: the cheque bounced.")), Length(max=500)],
                         description=lazy("Kept with the payment and printed on its receipt."))
