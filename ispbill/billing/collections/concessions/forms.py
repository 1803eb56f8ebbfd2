"""Input of promises, disputes and holds."""
from __future__ import annotations

from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from ispbill.web.forms import Form, IdField, LocalDateField, MoneyField

_WHY = "Say why: whoever looks later will want to know."


class PromiseForm(Form):
    """By when a customer will pay how much."""

    until_on = LocalDateField("Pays by", [InputRequired("Say by which day.")])
    amount = MoneyField("Amount", description="Empty for all that is overdue")
    note = StringField("Note", [Length(max=500)], description="Such as what they wait for")


class DisputeForm(Form):
    """What of an invoice is contested, and why."""

    line_id = IdField("What is contested")
    reason = TextAreaField("Reason", [InputRequired(_WHY), Length(max=500)])


class OutcomeForm(Form):
    """How a dispute ended."""

    outcome = TextAreaField("Outcome", [InputRequired("Say what was found."), Length(max=500)])


class HoldForm(Form):
    """Up to when a customer is left alone, and why."""

    until_on = LocalDateField("Up to", [InputRequired("Say up to which day.")])
    reason = TextAreaField("Reason", [InputRequired(_WHY), Length(max=500)])
