"""Input of setting a password."""
from __future__ import annotations

from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from ispbill.accounts.policy import LONGEST_PASSWORD, SHORTEST_PASSWORD
from ispbill.web.forms import Form

_HELP = f"At least {SHORTEST_PASSWORD} characters. Several words are better than signs."


class ResetForm(Form):
    """Where the link is to be sent."""

    email = StringField(
        "E-mail address", [InputRequired("Enter your e-mail address."), Length(max=254)],
        render_kw={"type": "email", "autocomplete": "username", "autofocus": True},
    )


class SetPasswordForm(Form):
    """A new password, twice."""

    password = PasswordField(
        "New password", [InputRequired("Enter a password."), Length(max=LONGEST_PASSWORD)], description=_HELP,
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField("The same again", [EqualTo("password", "The two do not match.")],
                          render_kw={"autocomplete": "new-password"})


class ChangePasswordForm(SetPasswordForm):
    """The present password and a new one."""

    present = PasswordField("Present password", [InputRequired("Enter your present password.")],
                            render_kw={"autocomplete": "current-password"})
