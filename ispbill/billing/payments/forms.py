"""Input of the payments' pages. A form reads; the rules are the verbs'."""
from __future__ import annotations

from typing import Any

from flask import request
from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields.core import UnboundField
from wtforms.validators import InputRequired, Length, Optional

from ispbill.billing.payments.models import METHOD_LABELS, PaymentMethod
from ispbill.billing.payments.policy import change_minor
from ispbill.billing.payments.service import Receipt
from ispbill.company import service as company
from ispbill.core.current import current
from ispbill.core.errors import Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.i18n import lazy
from ispbill.core.money import format_money, typed_minor
from ispbill.web.forms import Form, LocalDateField, MoneyField, options
from ispbill.web.once.pages import sent_key

# While it is typed, the page is asked what the amount would settle and what goes back of the cash given; these fields
# send one another and nothing else. Only for cash it asks what was given.
_FORESEE = {"hx-get": "", "hx-trigger": "input changed delay:300ms", "hx-target": "#settles", "hx-select": "#settles",
            "hx-swap": "outerHTML", "hx-include": "[name=amount],[name=given],[name=method]",
            "hx-sync": "closest form:queue last", "hx-select-oob": "#change"}
_FORESEE_FOR_METHOD = {**_FORESEE, "hx-select-oob": "#cash"}


def given_field(asking: dict[str, str]) -> UnboundField[Any]:
    """The cash that a customer gives, to find the change; `asking` is how the page asks for it while it is typed."""
    return MoneyField(lazy("Cash given"), [Optional()], render_kw=asking,
                      description=lazy("To find the change, if you like. It is not kept."))


class CashForm(Form):
    """A page on which money is taken. Of the cash that is given it says what goes back; only the amount is recorded.

    Whoever makes one of these gives it the fields `method` and `given`.
    """

    @property
    def takes_cash(self) -> bool:
        """Whether it is cash that comes in, as far as the page is filled in."""
        return "given" in self and request.args.get("method", self.method.data) == PaymentMethod.CASH

    def change(self, amount_minor: int) -> str:
        """What the cashier gives back, in a sentence; none where no cash is said to be given."""
        back_minor = self._back_minor(amount_minor)
        if back_minor is None:
            return ""
        amount = format_money(abs(back_minor), current.tenant.currency)
        if back_minor < 0:
            return _("%(amount)s is missing.", amount=amount)
        return _("Give back %(amount)s.", amount=amount) if back_minor else _("Nothing goes back.")

    def require_given(self, amount_minor: int) -> None:
        """Raises Invalid where less cash was given than the amount."""
        if (self._back_minor(amount_minor) or 0) < 0:
            raise Invalid(self.change(amount_minor), field="given")

    def gives_back(self, amount_minor: int) -> bool:
        """Whether more cash was given than the amount."""
        return (self._back_minor(amount_minor) or 0) > 0

    def _back_minor(self, amount_minor: int) -> int | None:
        given_minor = typed(self.given) if self.takes_cash else 0
        if not (given_minor and amount_minor):
            return None
        return change_minor(given_minor, amount_minor, step_minor=company.settings().cash_step_minor)


def typed(field: MoneyField) -> int:
    """What stands in a field of an amount, as far as it is one; htmx asks with it while it is typed."""
    if field.name not in request.args:
        return field.data or 0
    try:
        return max(typed_minor(request.args[field.name], current.tenant.currency), 0)
    except Invalid:
        return 0


class RecordForm(CashForm):
    """Money that came in. Each page carries a key of its own, so that sending it twice records once."""

    amount = MoneyField(lazy("Amount received"), [InputRequired(lazy("Enter the amount that came in."))],
                        render_kw=_FORESEE)
    method = SelectField(lazy("Method"), choices=options(METHOD_LABELS.items()), default=PaymentMethod.CASH,
                         render_kw=_FORESEE_FOR_METHOD)
    given = given_field(_FORESEE)
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
