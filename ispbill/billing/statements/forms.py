"""Input of the statements' pages."""
from __future__ import annotations

from wtforms import StringField
from wtforms.validators import Email, InputRequired, Length

from ispbill.web.forms import Form, LocalDateField


class SendForm(Form):
    """Where a statement is sent, and from when to when it reaches."""

    since = LocalDateField("From", [InputRequired("Say from which day.")])
    until = LocalDateField("To", [InputRequired("Say to which day.")])
    recipient = StringField("E-mail", [InputRequired("Enter an e-mail address."), Email("Enter an e-mail address."),
                                       Length(max=254)])
