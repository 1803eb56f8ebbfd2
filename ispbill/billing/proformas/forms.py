"""Input of the proformas' pages. A form reads; the rules are the verbs'."""
from __future__ import annotations

from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from ispbill.billing.notes.forms import LinesForm
from ispbill.core.i18n import lazy
from ispbill.web.forms import Form, LocalDateField


class ProformaForm(LinesForm):
    """What is offered, and for how long."""

    valid_until = LocalDateField(lazy("Valid until"), description=lazy("Thirty days from now where empty."))
    note = TextAreaField(lazy("Note"), [Length(max=500)], description=lazy("Printed on the proforma."))


class CancelForm(Form):
    """Why a proforma is withdrawn."""

    reason = StringField(lazy("Reason"), [InputRequired(lazy("Say why it is cancelled.")), Length(max=500)],
                         description=lazy("Kept with the proforma."))
