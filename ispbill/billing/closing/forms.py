"""Input of accounting periods."""
from __future__ import annotations

from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from ispbill.web.forms import Form, LocalDateField


class CloseForm(Form):
    """Up to which day the books are closed."""

    last_day = LocalDateField("Last day to close", [InputRequired("Choose a day.")])


class ReopenForm(Form):
    """From which day they are open again, and why."""

    first_day = LocalDateField("First day to open", [InputRequired("Choose a day.")])
    reason = TextAreaField("Reason", [InputRequired("Say why: the record keeps it."), Length(max=500)])
