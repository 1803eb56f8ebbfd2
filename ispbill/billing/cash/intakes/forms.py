"""Input of the pages of cash that is brought in."""
from __future__ import annotations

from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from ispbill.billing.cash.intakes.service import IntakeFacts
from ispbill.billing.cash.models import ORIGIN_LABELS
from ispbill.core.current import current
from ispbill.core.i18n import lazy
from ispbill.web.forms import Form, LocalDateField, MoneyField, options


class IntakeForm(Form):
    """How much came into the office, and from where."""

    amount = MoneyField(lazy("Amount"), [InputRequired(lazy("Enter the amount."))])
    came_on = LocalDateField(lazy("Came on"), default=lambda: current.today())
    origin = SelectField(lazy("From"), choices=options(ORIGIN_LABELS.items()))
    reference = StringField(lazy("Number of the slip"), [Length(max=100)],
                            description=lazy("Of the withdrawal slip or the cheque. The owner's money needs none."))
    note = TextAreaField(lazy("Note"), [Length(max=500)])

    @property
    def facts(self) -> IntakeFacts:
        """What was entered, as the verb takes it."""
        return IntakeFacts(amount_minor=self.amount.data, origin=self.origin.data, reference=self.reference.data,
                           came_on=self.came_on.data, note=self.note.data)


class CancelForm(Form):
    """Why it is cancelled."""

    reason = StringField(lazy("Reason"), [InputRequired(lazy("Say why, such as: it was never drawn.")),
                                          Length(max=500)], description=lazy("Kept with the record."))
