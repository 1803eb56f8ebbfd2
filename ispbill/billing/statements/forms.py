"""Input of the statements' pages."""
from __future__ import annotations

from wtforms import StringField
from wtforms.validators import Email, InputRequired, Length

from ispbill.core.i18n import lazy
from ispbill.web.forms import Form, LocalDateField


class SendForm(Form):
    """Where a statement is sent, and from when to when it reaches."""

    since = LocalDateField(lazy("From"), [InputRequired(lazy("Say from which day."))])
    until = LocalDateField(lazy("To"), [InputRequired(lazy("Say to which day."))])
    recipient = StringField(lazy("E-mail"), [InputRequired(lazy("Enter an e-mail address.")), Email(lazy(
            "Enter an e-mail address.")),
                                       Length(max=254)])
