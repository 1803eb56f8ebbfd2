"""Input of the proformas' pages. A form reads; the rules are the verbs'."""
from __future__ import annotations

from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from ispbill.billing.notes.forms import LinesForm
from ispbill.web.forms import Form, LocalDateField


class ProformaForm(LinesForm):
    """What is offered, and for how long."""

    valid_until = LocalDateField("Valid until", description="Thirty days from now where empty.")
    note = TextAreaField("Note", [Length(max=500)], description="Printed on the proforma.")


class CancelForm(Form):
    """Why a proforma is withdrawn."""

    reason = StringField("Reason", [InputRequired("Say why it is cancelled."), Length(max=500)],
                         description="Kept with the proforma.")
