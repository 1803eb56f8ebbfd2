"""Input of signing in."""
from __future__ import annotations

from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from ispbill.accounts.policy import LONGEST_PASSWORD
from ispbill.core.i18n import lazy
from ispbill.web.forms import Form


class SignInForm(Form):
    """E-mail address and password."""

    email = StringField(
        lazy("E-mail address"), [InputRequired(lazy("Enter your e-mail address.")), Length(max=254)],
        render_kw={"type": "email", "autocomplete": "username", "autofocus": True},
    )
    password = PasswordField(
        lazy("Password"), [InputRequired(lazy("Enter your password.")), Length(max=LONGEST_PASSWORD)],
        render_kw={"autocomplete": "current-password"},
    )
    next = HiddenField()
