"""Input of the portal."""
from __future__ import annotations

from wtforms import EmailField, StringField
from wtforms.validators import Email, InputRequired, Length

from ispbill.core.i18n import lazy
from ispbill.web.forms import Form


class AskForm(Form):
    """Who wants to see their account."""

    account_number = StringField(
        lazy("Account number"), [InputRequired(lazy("Enter the account number; every bill shows it.")), Length(max=40)],
        description=lazy("Every bill and receipt shows it."))
    email = EmailField(lazy("E-mail address"), [
        InputRequired(lazy("Enter an e-mail address.")), Email(lazy("Enter an e-mail address.")), Length(max=254)],
        description=lazy("The one that we know of you."))
