"""Input of promises, disputes and holds."""
from __future__ import annotations

from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from ispbill.core.i18n import lazy
from ispbill.web.forms import Form, IdField, LocalDateField, MoneyField

_WHY = lazy("Say why: whoever looks later will want to know.")


class PromiseForm(Form):
    """By when a customer will pay how much."""

    until_on = LocalDateField(lazy("Pays by"), [InputRequired(lazy("Say by which day."))])
    amount = MoneyField(lazy("Amount"), description=lazy("Empty for all that is overdue"))
    note = StringField(lazy("Note"), [Length(max=500)], description=lazy("Such as what they wait for"))


class DisputeForm(Form):
    """What of an invoice is contested, and why."""

    line_id = IdField(lazy("What is contested"))
    reason = TextAreaField(lazy("Reason"), [InputRequired(_WHY), Length(max=500)])


class OutcomeForm(Form):
    """How a dispute ended."""

    outcome = TextAreaField(lazy("Outcome"), [InputRequired(lazy("Say what was found.")), Length(max=500)])


class HoldForm(Form):
    """Up to when a customer is left alone, and why."""

    until_on = LocalDateField(lazy("Up to"), [InputRequired(lazy("Say up to which day."))])
    reason = TextAreaField(lazy("Reason"), [InputRequired(_WHY), Length(max=500)])
