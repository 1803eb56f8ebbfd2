"""Input of accounting periods."""
from __future__ import annotations

from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from ispbill.core.i18n import lazy
from ispbill.web.forms import Form, LocalDateField


class CloseForm(Form):
    """Up to which day the books are closed."""

    last_day = LocalDateField(lazy("Last day to close"), [InputRequired(lazy("Choose a day."))])


class ReopenForm(Form):
    """From which day they are open again, and why."""

    first_day = LocalDateField(lazy("First day to open"), [InputRequired(lazy("Choose a day."))])
    reason = TextAreaField(lazy("Reason"), [InputRequired(lazy("Say why: the record keeps it.")), Length(max=500)])
